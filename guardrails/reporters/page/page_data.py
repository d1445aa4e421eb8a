"""What a page holds, as plain data: what it shows is made of this alone, so that a later version can show it anew.

page       the version of this shape, "1"
written_at when the page was written, RFC 3339 in UTC
moment     what was asked: standing, an operation, or `after` one
record     the number of the audit log's record of this verdict, null for what is not logged
report     the JSON report of a check, null on a page without one
plan       the JSON plan, null on a page without one
log        what `logged_verdicts` found, null where nobody looked
moves      the JSON history, null where nobody looked
drills     the JSON of drills, on a page about these alone
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import time

from guardrails.errors import UsageError
from guardrails.wording.shown_text import utc, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.model import Report
    from guardrails.operations.planning.plan import Plan

PAGE_VERSION = "1"
SIZE_LIMIT = 64 << 20  # bytes of a page, and of what is packed in one
_MARK = '<script type="application/gzip;base64" id="data">'


def data_of_report(
    report: Report,
    *,
    moment: str,
    record: int | None = None,
    plan: Plan | None = None,
    log: dict[str, Any] | None = None,
    moves: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The data of a page about a check or a plan, without secrets."""
    from guardrails.reporters import json_report, plan_report

    return without_secrets(
        {
            "page": PAGE_VERSION,
            "written_at": utc(time.time()),
            "moment": moment,
            "record": record,
            "report": json.loads(json_report.render(report)),
            "plan": None if plan is None else json.loads(plan_report.as_json(plan)),
            "log": log,
            "moves": moves,
        }
    )


def data_of_moves(moves: dict[str, Any]) -> dict[str, Any]:
    """The data of a page about a history alone: the object that `guardrails history --format json` prints."""
    return without_secrets({"page": PAGE_VERSION, "written_at": utc(time.time()), "moves": moves})


def data_of_drills(drills: dict[str, Any]) -> dict[str, Any]:
    """The data of a page about drills alone: the object that `guardrails drill --format json` prints."""
    return without_secrets({"page": PAGE_VERSION, "written_at": utc(time.time()), "drills": drills})


def read_data(text: str, name: str) -> dict[str, Any]:
    """The data of an earlier page, or of a JSON report, plan, history or drills, in a file of that name.

    Raises UsageError with one clear line for anything else.
    """
    try:
        document = json.loads(unpack_data(text) if _MARK in text else text)
    except (ValueError, RecursionError, OSError, EOFError):
        raise UsageError(f"{name} holds no report: neither a page of guardrails nor its JSON") from None
    if not isinstance(document, dict):
        raise UsageError(f"{name} holds no report: it is no JSON object")
    if "page" not in document:
        document = _wrapped(document)
    if not any(isinstance(document.get(part), dict) for part in ("report", "moves", "drills")):
        raise UsageError(f"{name} holds no report: it has neither results nor moves nor drills")
    return without_secrets(document)


def _wrapped(document: dict[str, Any]) -> dict[str, Any]:
    """The data of a page that shows one JSON document."""
    if isinstance(document.get("moves"), list):
        return {"page": PAGE_VERSION, "moves": document}
    if isinstance(document.get("drills"), list):
        return {"page": PAGE_VERSION, "drills": document}
    if isinstance(document.get("results"), list):
        return {"page": PAGE_VERSION, "moment": document.get("operation") or "standing", "report": document}
    return {"page": PAGE_VERSION}


def pack_data(data: dict[str, Any]) -> str:
    """The element that holds the data: compressed, and in letters that are no markup."""
    written = json.dumps(data, separators=(",", ":")).encode()
    return f"{_MARK}{base64.b64encode(gzip.compress(written, mtime=0)).decode()}</script>"


def unpack_data(page: str) -> str:
    """The data's JSON in a page. Raises ValueError, OSError or EOFError for what is damaged, or too large."""
    found = re.search(rf"{re.escape(_MARK)}([A-Za-z0-9+/=\s]*)</script>", page)
    if found is None:
        raise ValueError("the data is not there")
    import io
    import zlib

    try:
        with gzip.open(io.BytesIO(base64.b64decode(found[1]))) as file:
            written = file.read(SIZE_LIMIT + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(written) > SIZE_LIMIT:
        raise ValueError("the data is too large")
    return written.decode()
