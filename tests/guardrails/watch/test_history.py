"""What the log tells of earlier checks: the last one to compare with, since when, and whether it is still whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrails.audit.chain import Head
from guardrails.audit.writer import append
from guardrails.engine.gate import find_comparable, findings_digest
from guardrails.model import Report
from guardrails.watch import history
from guardrails.watch.history import read_history
from guardrails.wording.shown_text import utc
from reports import ALLOWED, FAILED

START = 1_790_000_000.0


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("guardrails.audit.writer.time.time", lambda: START)
    return tmp_path / "state/audit.jsonl"


def add(log: Path, report: Report, at: float, **changes: Any) -> Head:
    said = {
        "kind": "check",
        "environment": "prod",
        "moment": "standing",
        "judged_at": utc(START + at),
        "exit_code": report.exit_code,
        "left_out": [],
        "candidate": None,
        "errors": list(report.errors),
        "findings_digest": findings_digest(report),
        "found": find_comparable(report),
    }
    return append(str(log), {**said, **changes})


def test_without_a_log_there_is_no_history(log: Path) -> None:
    assert read_history(str(log), "prod", None) == history.History()


def test_since_when_in_a_row(log: Path) -> None:
    for at, report in enumerate((FAILED, ALLOWED, FAILED, FAILED)):
        add(log, report, at * 60.0)
    found = read_history(str(log), "prod", None)
    assert found.last
    (key,) = (one.key for one in found.last.seen)
    assert (found.last.at, found.since[key], found.verdict_since, found.last_allow) == (
        START + 180, START + 120, START + 120, START + 60,
    )  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"environment": "dev"},
        {"kind": "run"},
        {"moment": "promote"},
        {"left_out": ["links"]},
        {"candidate": "a" * 40},
        {"judged_at": utc(START + 86_400)},
        {"found": [{"policy": 5}]},
        {"found": "nonsense"},
        {"findings_digest": None, "found": None},
    ],
)
def test_only_what_can_be_compared_counts(log: Path, changes: dict[str, Any]) -> None:
    add(log, ALLOWED, 0)
    add(log, FAILED, 60, **changes)
    found = read_history(str(log), "prod", None)
    assert found.last
    assert (found.last.verdict, found.last.at) == ("allow", START)


def test_a_log_that_is_no_more_what_it_was(log: Path) -> None:
    first, second = (add(log, ALLOWED, at) for at in (0.0, 60.0))
    whole = log.read_bytes()
    assert read_history(str(log), "prod", second).problem == ""
    log.write_bytes(whole.splitlines(keepends=True)[0])
    assert "was cut: it had 2 records" in read_history(str(log), "prod", second).problem
    assert read_history(str(log), "prod", first).problem == ""
    log.unlink()
    add(log, FAILED, 0)
    assert "record 1 of the audit log" in read_history(str(log), "prod", first).problem
    log.unlink()
    assert read_history(str(log), "prod", second).problem == f"the audit log {log} is gone"
    log.mkdir()
    assert "no regular file" in read_history(str(log), "prod", second).problem


def test_it_looks_back_a_while_and_no_further(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "WINDOW", 2)
    for at in range(4):
        add(log, FAILED, at * 60.0)
    assert read_history(str(log), "prod", None).verdict_since == START + 120
