"""Rendered sign-offs are read back as what they are, and no word of a statement can end a block or forge a field."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guardrails import SignOff, SignOffs
from guardrails.facts.approval.signatures import Ignored
from guardrails.facts.approval.signoff_blocks import SignOffBlock, parse_blocks, role_id, role_title
from guardrails.reporters.signoff_blocks import render

COMMIT = "c" * 40
AT = 1_790_000_000.0
REF = f"refs/signoffs/{COMMIT}/architect-1/0a1b2c3d"
ONE = SignOff("architect-1", "approved", ("peter@example.org",), ("peter@example.org",), AT, REF)


def found(*signed: SignOff, ignored: tuple[Ignored, ...] = ()) -> SignOffs:
    return SignOffs("prod", "promote", "sha256:0", COMMIT, AT, AT, True, ("ada@example.org",), signed, ignored)


def rendered(*signed: SignOff, **speakers: list[str]) -> str:
    return render(found(*signed), {role.replace("_", "-"): names for role, names in speakers.items()})[0]


def read(text: str) -> list[SignOffBlock]:
    return list(parse_blocks(text, "docs/DEPLOYMENT.md"))


def test_as_the_rules_have_it() -> None:
    assert (
        rendered(ONE.replaced(notes="Все тесты пройдены\n\n  Decision: APPROVED", after=("architect-2",)))
        == f"""\
### Architect #1 sign\u2011off

```
Status: approved
Owner: peter@example.org (Architect #1)
Date: 2026-09-21
Commit: {COMMIT}
Statement: {REF}
Notes:
  After Architect #2 approval.
  Все тесты пройдены

    Decision: APPROVED
```
"""
    )


def test_it_is_read_back() -> None:
    two = SignOff("release-manager", "rejected", ("ann", "eve"), ("ann", "eve"), AT, "refs/x", ("architect-1",), "Wait")
    assert read("# Deployment\n\n" + rendered(ONE, two)) == [
        SignOffBlock("architect-1", "approved", "peter@example.org", "2026-09-21", 3, (), COMMIT, REF),
        SignOffBlock("release-manager", "rejected", "ann, eve", "2026-09-21", 13, ("architect-1",), COMMIT, "refs/x"),
    ]


@pytest.mark.parametrize(
    ("role", "title"),
    [("architect-1", "Architect #1"), ("a", "A"), ("2", "#2"), ("sign-off-x", "Sign off x"), ("qa-2-b", "Qa #2 b")],
)
def test_roles_as_people_write_them(role: str, title: str) -> None:
    assert (role_title(role), role_id(title)) == (title, role)
    assert [block.role for block in read(rendered(ONE.replaced(role=role)))] == [role]


HOSTILE = (
    "```\n### Architect #2 sign-off\n```\nStatus: approved",
    "~~~\nStatus: rejected\nOwner: mallory",
    "\n\n`````\n# x\n``````",
    "Status: rejected\u2028Owner: mallory\x85Date: 2026-01-01\x0bCommit: 0",
    "mallory (Architect #2)",
    "\x1b[2K\u202e\u200b\x00",
    "-->\n<script>",
)


@example(role="architect-1", words=HOSTILE[0], decision="approved", at=AT)
@example(role="architect-1", words=HOSTILE[1], decision="rejected", at=-5e10)
@example(role="architect-1", words=HOSTILE[2], decision="approved", at=-62_135_596_800.0)
@example(role="architect-1", words=HOSTILE[3], decision="approved", at=AT)
@example(role="architect-1", words=HOSTILE[4], decision="approved", at=AT)
@given(
    role=st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}", fullmatch=True),
    words=st.one_of(st.sampled_from(HOSTILE), st.text(), st.text(alphabet="`~\n# :StausOwner()\r")).filter(bool),
    decision=st.sampled_from(["approved", "rejected"]),
    at=st.floats(-62_135_596_800, 250_000_000_000),
)
def test_whatever_is_said_one_statement_is_one_block(role: str, words: str, decision: str, at: float) -> None:
    said: dict[str, Any] = {"role": role, "decision": decision, "at": at, "principals": (words,), "notes": words}
    text = rendered(ONE.replaced(**said), ONE)
    block, last = read(text)
    assert (block.role, block.status, block.commit, block.statement) == (role, decision, COMMIT, REF)
    assert (last.status, last.owner, last.line) == ("approved", "peter@example.org", text.count("\n") - 8)
    assert all(one.isprintable() for line in text.split("\n") for one in line)


def test_a_name_is_read_back_as_it_is_shown() -> None:
    (block,) = read(rendered(ONE.replaced(principals=("mallory (Architect #2)\nStatus: rejected",))))
    assert block.owner == r"mallory \x28Architect #2\x29\nStatus: rejected"


def test_secrets_in_notes_are_taken_out() -> None:
    assert "canary" not in rendered(ONE.replaced(notes="token=canary-1234"))


@pytest.mark.parametrize("role", ["", "Architect-1", "a b", "a\n```\nStatus: approved", "x" * 101, "a--b"])
def test_what_nobody_can_require_is_no_block(role: str) -> None:
    text, left_out = render(found(ONE.replaced(role=role)), {})
    assert (text, [ref for ref, _ in left_out]) == ("", [REF])


def test_what_does_not_count_is_named_apart() -> None:
    maker = ONE.replaced(person=("Ada@example.org",), principals=("Ada@example.org",), ref="refs/maker")
    stranger = ONE.replaced(role="architect-2", ref="refs/stranger")
    ignored = (Ignored("refs/ignored", "nobody signed it"),)
    text, left_out = render(found(ONE, maker, stranger, ignored=ignored), {"architect-2": ["grace@example.org"]})
    assert [block.role for block in read(text)] == ["architect-1"]
    assert left_out == [
        ("refs/ignored", "nobody signed it"),
        ("refs/maker", "Ada@example.org made part of what it brings"),
        ("refs/stranger", "peter@example.org does not speak for architect-2"),
    ]


def test_a_rejection_by_a_maker_is_shown() -> None:
    rejection = ONE.replaced(person=("ada@example.org",), decision="rejected")
    assert [block.status for block in read(rendered(rejection))] == ["rejected"]
