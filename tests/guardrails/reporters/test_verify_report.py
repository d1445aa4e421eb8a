"""What became of a verdict: the last line says it all, the JSON has every key, and names are only text."""

from __future__ import annotations

import json

from guardrails.facts.approval.statements import Statement
from guardrails.facts.approval.verdicts import CarriedVerdict, Revision
from guardrails.operations.evidence.verify_verdict import Field, Verification
from guardrails.reporters.verify_report import NOBODY_SIGNS, TextVerification, as_json
from reports import HOSTILE

HOLDS = Field("result", "PASSED", "PASSED", holds=True)
DIFFERS = Field("HEAD commit", "a" * 40, "b" * 40, holds=False)
VERDICT = CarriedVerdict(
    statement=Statement("f", "", "k", {}, {}, b"", b""),
    verifier="v",
    version="1",
    result="PASSED",
    resource="r",
    environment="prod",
    host="ci-1",
    moment="promote",
    subjects={"HEAD": Revision("a" * 40, "b" * 40), "candidate": Revision("c" * 40, "d" * 40)},
    named="release/v1",
    policy_uri="u",
    policies="e" * 64,
    outcomes={},
    waivers=(),
    at=1_790_000_000.0,
    expires=1_790_000_900.0,
    nonce="n",
)
FOUND = Verification("verdict.json", "prod", VERDICT, signers=("ci@example.org",), until=1_790_000_900.0)


def text(found: Verification) -> list[str]:
    return TextVerification().render(found).splitlines()


def test_what_holds() -> None:
    lines = text(FOUND.replaced(fields=(HOLDS,)))
    assert lines[0].endswith("prod promote, a carried verdict")
    assert lines[-1] == "ALLOW  promote of cccccccccccc in prod, issued by ci@example.org, until 2026-09-21T14:28:20Z"
    assert NOBODY_SIGNS not in " ".join(lines)


def test_what_does_not() -> None:
    lines = text(FOUND.replaced(fields=(HOLDS, DIFFERS), errors=("and something is not known",)))
    assert f"✗ HEAD commit       observed {'a' * 40}, expected {'b' * 40}" in lines
    assert "! and something is not known" in lines
    assert lines[-1] == "DENY  does not hold: HEAD commit"


def test_what_is_not_known() -> None:
    assert text(FOUND.replaced(fields=(HOLDS,), errors=("no",)))[-1] == "DENY  could not decide"
    assert text(Verification("f", None))[-1] == "DENY  could not decide"


def test_the_configuration_is_named() -> None:
    found = FOUND.replaced(digest="sha256:0a", source="/srv/guardrails.toml")
    assert text(found)[2] == "configuration /srv/guardrails.toml"
    assert json.loads(as_json(found))["policy_set"] == {"digest": "sha256:0a", "source": "/srv/guardrails.toml"}


def test_that_nobody_signs_is_said() -> None:
    assert f"! {NOBODY_SIGNS}" in text(FOUND.replaced(fields=(HOLDS,), signed=False, signers=()))


def test_the_json_keeps_its_keys() -> None:
    whole, empty = json.loads(as_json(FOUND.replaced(fields=(DIFFERS,)))), json.loads(as_json(Verification("f", None)))
    assert whole.keys() == empty.keys()
    assert (whole["verdict"], whole["exit_code"], empty["verdict"], empty["exit_code"]) == ("deny", 1, "deny", 2)
    assert whole["fields"] == [
        {"field": "HEAD commit", "holds": False, "observed": "a" * 40, "expected": "b" * 40},
    ]
    assert (whole["commit"], whole["candidate"], whole["host"]) == ("a" * 40, "c" * 40, "ci-1")


def test_text_of_the_world_stays_text() -> None:
    for enemy in HOSTILE:
        found = FOUND.replaced(
            file=enemy,
            verdict=VERDICT.replaced(moment=enemy, environment=enemy),
            fields=(HOLDS.replaced(observed=enemy),),
            signers=(enemy,),
        )
        said = TextVerification().render(found)
        assert len(said.splitlines()) == 6
        assert all(line.isprintable() for line in said.split("\n"))
        assert json.loads(as_json(found))["moment"] == enemy


def test_colour_is_only_around_marks() -> None:
    said = TextVerification(colour=True).render(FOUND.replaced(fields=(HOLDS, DIFFERS)))
    assert "\x1b[31m✗\x1b[0m HEAD commit" in said
