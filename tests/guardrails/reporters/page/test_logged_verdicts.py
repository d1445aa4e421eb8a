"""A page's part of the audit log: the newest verdicts of one environment, and what keeps the log from telling all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from guardrails.audit.writer import append
from guardrails.reporters.page import logged_verdicts
from guardrails.reporters.page.logged_verdicts import read_verdicts


@pytest.fixture
def log(tmp_path: Path) -> Path:
    tmp_path.chmod(0o700)
    return tmp_path / "log.jsonl"


def add(log: Path, environment: str = "prod", kind: str = "check", **said: Any) -> None:
    append(str(log), {"environment": environment, "kind": kind, **said})


def test_verdicts_and_deployments_of_one_environment(log: Path) -> None:
    add(log, verdict="allow", exit_code=0, blocking=[])
    add(log, "dev", verdict="deny", exit_code=1, blocking=["a"])
    add(log, kind="deployment", commit="b" * 40, previous="a" * 40)
    add(log, kind="step", words="git reset")
    add(log, verdict="deny", exit_code=1, blocking=["a"], words="not shown")
    found = read_verdicts(str(log), "prod")
    assert [(one["number"], one["verdict"], one.get("blocking")) for one in found["verdicts"]] == [
        (1, "allow", None),
        (5, "deny", ["a"]),
    ]
    assert "words" not in found["verdicts"][1]
    assert [one["commit"] for one in found["deployments"]] == ["b" * 40]
    assert (found["total"], found["problem"]) == (2, None)
    assert read_verdicts(str(log), "prod", upto=4)["total"] == 1


def test_the_newest_are_kept(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logged_verdicts, "VERDICTS", 2)
    for _ in range(3):
        add(log, verdict="allow", exit_code=0)
    found = read_verdicts(str(log), "prod")
    assert ([one["number"] for one in found["verdicts"]], found["total"]) == ([2, 3], 3)


def test_what_keeps_it_from_telling_all_is_said(log: Path) -> None:
    assert read_verdicts(str(log), "prod")["problem"] == "there is no audit log yet"
    add(log, verdict="allow", exit_code=0)
    log.write_text(log.read_text() + "no record\n")
    found = read_verdicts(str(log), "prod")
    assert found["total"] == 1
    assert found["problem"] == "line 2 of the audit log is no record: guardrails log verify says more"
    log.chmod(0o666)
    assert "others can write" in read_verdicts(str(log), "prod")["problem"]
