"""What is packed into a page comes out of it again, and what is no report is one clear line."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from guardrails.errors import UsageError
from guardrails.model import Outcome
from guardrails.reporters import json_report
from guardrails.reporters.page.page import render_page
from guardrails.reporters.page.page_data import data_of_moves, data_of_report, pack_data, read_data
from guardrails.safety import secret_hints
from reports import FAILED, FINDING, decision, weighed

MOVES: dict[str, Any] = {"environment": "prod", "moves": [], "gaps": [], "exit_code": 0}
MARK = '<script type="application/gzip;base64" id="data">'
NOTHING = "holds no report"


def test_a_page_gives_back_its_data_and_is_the_same_when_shown_anew() -> None:
    data = data_of_report(FAILED, moment="standing")
    page = render_page(data)
    assert read_data(page, "page.html") == data
    assert render_page(read_data(page, "page.html")) == page
    assert data["report"] == json.loads(json_report.render(FAILED))


def test_a_report_and_a_history_are_shown_too() -> None:
    assert read_data(json_report.render(FAILED), "x")["report"]["verdict"] == "deny"
    assert "Guarded" in render_page(read_data(json.dumps(MOVES), "x"))
    assert read_data(json.dumps(MOVES), "x")["moves"] == data_of_moves(MOVES)["moves"]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"page": "1"}', '{"page": "1", "report": 3}', '{"results": 1}', "[" * 100_000,
        pack_data({})[:-30], pack_data({}).replace("H4sI", "AAAA"), MARK,
        f"{MARK}{base64.b64encode(gzip.compress(b'[]', mtime=0)[:-4]).decode()}</script>",
    ],
    ids=range(12),
)  # fmt: skip
def test_anything_else_is_one_line(text: str) -> None:
    with pytest.raises(UsageError, match=NOTHING):
        read_data(text, "file")


@pytest.mark.parametrize("odd", [None, 7, "text", [], {}, [None, 7, "text", []], {"x": [{}]}, True])
def test_values_that_do_not_fit_are_left_out(odd: Any) -> None:
    """Another version, or somebody else, may have written anything: the page shows what it can, and never allows."""
    whole = data_of_report(FAILED, moment="standing") | {
        "log": {"verdicts": [{}]},
        "moves": MOVES,
        "plan": {"steps": [{}]},
    }
    for part in ("report", "log", "moves", "plan"):
        for name in whole[part]:
            assert "<h1>Allow" not in render_page({**whole, part: {**whole[part], name: odd}})
    for name in whole:
        render_page({**whole, name: odd})
    (result, *_) = whole["report"]["results"]
    for name in result:
        assert "<h1>Deny" in render_page({**whole, "report": {**whole["report"], "results": [{**result, name: odd}]}})


def test_no_secret_is_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_hints, "_hidden", {"canary-of-the-caller"})
    said = "https://me:canary-of-an-address@example.org/ token=canary-of-a-token canary-of-the-caller"
    finding = FINDING.replaced(observed=said, remediation=said, message=said, path=said)
    log = {"verdicts": [{"errors": [said], "blocking": [said]}], "problem": said, "total": 1, "deployments": []}
    moves = {**MOVES, "gaps": [{"text": said}]}
    report = weighed(decision("a", Outcome.FAIL, finding), errors=[said])
    data = data_of_report(report, moment="standing", log=log, moves=moves)
    assert "canary" not in json.dumps(data) + render_page(data)
    given = json_report.render(report).replace("***", "token=canary")
    assert "canary" not in json.dumps(read_data(given, "older.json"))


def test_a_page_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    kept = Path(__file__).parents[3] / "reports/page-1.html"
    data = read_data(kept.read_text(encoding="utf-8"), kept.name)
    assert data["page"] == "1"
    page = render_page(data)
    assert data["report"]["results"][0]["findings"][0]["remediation"] in page
    assert "Timeline of verdicts" in page
