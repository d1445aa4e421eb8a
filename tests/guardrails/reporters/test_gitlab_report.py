"""GitLab's Code Quality report keeps GitLab's rules: five properties, unique fingerprints, paths in the repository."""

from __future__ import annotations

import json
from typing import Any

import pytest

from guardrails.model import Outcome, Report
from guardrails.reporters.gitlab_report import render
from reports import ADVISED, ALLOWED, EVERY, FAILED, FINDING, HOSTILE, MISTAKEN, UNDECIDED, decision, hostile, weighed


def entries(report: Report) -> list[dict[str, Any]]:
    """The entries, held to what GitLab's documentation asks for."""
    text = render(report)
    assert not text.startswith("\ufeff")
    found = json.loads(text)
    assert isinstance(found, list)
    for entry in found:
        assert set(entry) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert all(isinstance(entry[name], str) and entry[name] for name in set(entry) - {"location"})
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}
        path, line = entry["location"]["path"], entry["location"]["lines"]["begin"]
        assert path
        assert not path.startswith(("/", "./", "../"))
        assert type(line) is int
        assert line >= 1
    assert len({entry["fingerprint"] for entry in found}) == len(found)
    return found


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_gitlabs_rules(report: Report) -> None:
    assert any(entry["severity"] != "info" for entry in entries(report)) == (report.exit_code != 0)


def test_nothing_wrong_is_an_empty_list() -> None:
    assert json.loads(render(ALLOWED)) == []


def test_a_finding() -> None:
    (entry,) = entries(FAILED)
    assert (entry["check_name"], entry["severity"]) == ("clean-worktree", "critical")
    assert entry["location"] == {"path": "src/x.ts", "lines": {"begin": 3}}
    assert entry["description"].splitlines() == [
        "clean-worktree: src/x.ts is not as HEAD says",
        "observed: modified in the work tree",
        "expected: the bytes of HEAD",
        "do: git -C /srv/prod restore -- src/x.ts",
    ]


@pytest.mark.parametrize(("report", "name"), [(UNDECIDED, "clean-worktree"), (MISTAKEN, "guardrails")])
def test_no_answer_is_a_blocker(report: Report, name: str) -> None:
    (entry,) = entries(report)
    assert (entry["check_name"], entry["severity"]) == (name, "blocker")
    assert entry["location"] == {"path": "guardrails.toml", "lines": {"begin": 1}}


def test_what_does_not_block_is_information() -> None:
    assert [entry["severity"] for entry in entries(ADVISED)] == ["info"]


@pytest.mark.parametrize(
    ("severity", "shown"), [("low", "minor"), ("medium", "major"), ("high", "critical"), ("critical", "blocker")]
)
def test_severities(severity: str, shown: str) -> None:
    (entry,) = entries(weighed(decision("a", Outcome.FAIL, FINDING, severity=severity)))
    assert entry["severity"] == shown


@pytest.mark.parametrize("text", HOSTILE)
def test_strings_hold_the_real_text(text: str) -> None:
    assert render(hostile(text)).isascii()
    assert all(text in entry["description"] for entry in entries(hostile(text)))
