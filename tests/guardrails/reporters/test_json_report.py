"""The JSON report keeps its published schema, whatever happened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from guardrails import reporters
from guardrails.engine.gate import weigh
from guardrails.model import Decision, Enforcement, Finding, Outcome, PolicyResult, Report, Subject
from guardrails.reporters.json_report import render

SCHEMA = json.loads((Path(reporters.__file__).parent / "report.schema.json").read_text())
SUBJECT = Subject(repo="/srv/prod", branch="main", commit="a" * 40, tree="b" * 40, candidate=None)
FINDING = Finding(message="edited", observed="x", expected="y", remediation="z", path="src/x.ts", line=3)


def decision(policy: str, outcome: Outcome, *findings: Finding, enforcement: str = "soft-mandatory") -> Decision:
    reason = "because" if outcome in (Outcome.ERROR, Outcome.SKIP) else None
    level = Enforcement(enforcement)
    return Decision(
        result=PolicyResult(policy=policy, outcome=outcome, findings=findings, reason=reason, duration_ms=7),
        title="T",
        source="§1",
        severity="high",
        enforcement=level,
        blocks=outcome in (Outcome.FAIL, Outcome.ERROR) and level is not Enforcement.ADVISORY,
    )


def weighed(*decisions: Decision, **rest: Any) -> Report:
    return weigh(decisions, **{"environment": "prod", "subject": SUBJECT, "started": 1769940000.0, **rest})


def loaded(report: Report) -> dict[str, Any]:
    """The report as a strict reader sees it, held to the schema."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    document: dict[str, Any] = json.loads(render(report), object_pairs_hook=unique)
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    return document


def keys(value: Any) -> Any:
    """All keys of a document, without the lists."""
    return {key: keys(one) for key, one in value.items()} if isinstance(value, dict) else None


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_every_outcome_keeps_the_schema() -> None:
    document = loaded(weighed(*(decision(one.value, one) for one in Outcome), decision("a", Outcome.FAIL, FINDING)))

    assert [result["policy"] for result in document["results"]] == ["a", "error", "fail", "pass", "skip"]
    assert document["results"][0]["findings"][0]["location"] == {"path": "src/x.ts", "line": 3, "ref": None}
    assert (document["verdict"], document["exit_code"]) == ("deny", 1)
    assert document["started_at"] == "2026-02-01T10:00:00Z"


def test_keys_never_disappear() -> None:
    nothing = loaded(weigh([], errors=["unknown environment"], started=1.0))

    assert keys(nothing) == keys(loaded(weighed(decision("a", Outcome.PASS))))
    assert (nothing["verdict"], nothing["exit_code"], nothing["environment"]) == ("deny", 2, None)
    assert nothing["errors"] == [{"message": "unknown environment"}]


def test_what_does_not_block_is_counted_apart() -> None:
    document = loaded(
        weighed(decision("a", Outcome.FAIL, FINDING, enforcement="advisory"), decision("b", Outcome.PASS))
    )

    assert document["summary"] == {"pass": 1, "fail": 0, "error": 0, "skip": 0, "waived": 0, "advisory": 1}
    assert (document["verdict"], document["results"][0]["blocks"]) == ("allow", False)


@pytest.mark.parametrize("text", ['"', "\\", "\x1b[31m", "::error::", "\u202e", "]]>", "\x00", "[b]x[/b]", "Ж漢😀"])
def test_hostile_text_is_carried_as_it_is(text: str) -> None:
    hostile = FINDING.replaced(observed=text, path=text)

    finding = loaded(weighed(decision("a", Outcome.FAIL, hostile)))["results"][0]["findings"][0]

    assert (finding["observed"], finding["location"]["path"]) == (text, text)


def test_the_fingerprint_tells_findings_apart_and_knows_them_again() -> None:
    def prints(*findings: Finding) -> list[str]:
        (result,) = loaded(weighed(decision("a", Outcome.FAIL, *findings)))["results"]
        return [finding["fingerprint"] for finding in result["findings"]]

    first, second = prints(FINDING, FINDING.replaced(path="src/y.ts"))
    assert first != second
    assert prints(FINDING.replaced(remediation="in other words")) == [first]


def test_two_reports_of_the_same_differ_only_in_times() -> None:
    one, other = (loaded(weighed(decision("a", Outcome.PASS), started=at)) for at in (1.0, 2.0))

    assert {key for key in one if one[key] != other[key]} <= {"started_at", "duration_ms"}
