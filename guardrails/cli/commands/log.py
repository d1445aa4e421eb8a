"""`guardrails log`: show the audit log, or verify that it is whole."""

from __future__ import annotations

import json
import os
import sys
import time

from guardrails import config
from guardrails.cli import request_options, terminal
from guardrails.config.settings import log_of
from guardrails.exit_codes import UNDECIDED
from guardrails.request import find_environment
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from guardrails.audit.chain import Head
    from guardrails.audit.reader import Verified

_EXAMPLES = """examples:
  guardrails log show --env prod --last 20
  guardrails log show --env prod --format json
  guardrails log verify --env prod                exit code 1 when the log is missing, was cut or altered
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `log`."""
    parser.epilog = _EXAMPLES
    add, variable = parser.add_argument, os.environ.get
    does = "show: print the records, oldest first; verify: say whether all records are there, as they were written"
    add("what", choices=["show", "verify"], help=does)
    add("--env", metavar="NAME", default=variable("GUARDRAILS_ENV"), help="the environment whose log it is")
    add("--last", metavar="N", type=_count, help="show only the newest records; in text, a run counts as one")
    request_options.configure_configuration(parser)
    add("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print what was asked for; 1 when the log is not whole, 2 when it cannot be read."""
    return _show(given) if given.what == "show" else _verify(given)


def _show(given: argparse.Namespace) -> int:
    """Print the records; 2 when there is no log, or a line of it is no record."""
    from guardrails.audit import reader

    settings = config.load(given.config)
    environment = find_environment(settings, given.env)
    path = log_of(settings.audit, environment, settings.environments)
    kept: list[dict[str, Any]] = []
    broken = []
    try:
        for number, record in reader.records(path):
            if record is None:
                broken.append(number)
            elif record.get("environment") == environment.name:  # several may share a log
                kept.append(record)
    except FileNotFoundError:
        print(f"guardrails: there is no audit log {visible(path)} yet", file=sys.stderr)
        return UNDECIDED
    sys.stdout.write(_render(kept, given.last or 0, given.format))
    for number in broken[:5]:
        print(f"guardrails: {visible(path)}:{number} is no record; guardrails log verify says more", file=sys.stderr)
    return UNDECIDED if broken else 0


def _render(records: list[dict[str, Any]], last: int, form: str) -> str:
    """The newest `last` records, or all of them for 0. In text a run counts as one, so that none is cut in two."""
    from guardrails.reporters import log_report

    if form == "json":
        return json.dumps(records[-last:], indent=2) + "\n"
    entries = log_report.entries(records)[-last:]
    now = time.time() if sys.stdout.isatty() else None  # a file that keeps the text is read at another time
    return log_report.render(entries, width=terminal.width(sys.stdout), name_of=_name, now=now)


def _name(user: Any) -> str:
    """The name of a user, or the number when this machine knows none."""
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except (KeyError, OverflowError, TypeError):
        return str(user)


def _verify(given: argparse.Namespace) -> int:
    """Say whether the log is whole, and how much of it nothing would miss."""
    from guardrails.audit import reader
    from guardrails.operations.audit import read_anchor

    settings = config.load(given.config)
    environment = find_environment(settings, given.env)
    path = log_of(settings.audit, environment, settings.environments)
    anchor = read_anchor(environment)
    found = reader.verify(path, anchor)
    if given.format == "json":
        sys.stdout.write(json.dumps(_document(environment.name, path, found, anchor), indent=2) + "\n")
    else:
        sys.stdout.write("".join(f"{visible(line)}\n" for line in _sentences(path, found, anchor)))
    return 0 if found.line is None else 1


def _document(environment: str, path: str, found: Verified, anchor: Head | None) -> dict[str, Any]:
    whole = found.line is None
    return {
        "environment": environment,
        "path": path,
        "whole": whole,
        "records": found.records,
        "line": found.line,
        "problem": found.problem or None,
        "mended": list(found.mended),
        "anchor": anchor.number if anchor else None,
        "after_anchor": found.records - (anchor.number if anchor else 0) if whole else None,
    }


def _sentences(path: str, found: Verified, anchor: Head | None) -> list[str]:
    mended = [f"{path}:{line}: a torn line was mended here" for line in found.mended]
    if found.line is not None:
        return [*mended, f"{path}:{found.line}: {found.problem}"]
    after = found.records - (anchor.number if anchor else 0)
    place = f"the anchor is record {anchor.number}" if anchor else "there is no anchor yet"
    return [*mended, f"{path}: {found.records} records, whole", f"{place}; {after} after it could be cut off unseen"]


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 10**9):
        raise request_options.refusal(f"{text} is not a whole number above 0")
    return int(text)
