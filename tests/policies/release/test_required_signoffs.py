"""required-signoffs: each role approved this commit, by different people who did not make it; anything else is told."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails import SignOff, SignOffBlock, SignOffBlocks, SignOffs
from guardrails.facts.approval.signatures import Ignored
from guardrails.model import Finding, PolicyResult
from guardrails.testing import judge
from guardrails_policies.release.required_signoffs import RequiredSignoffs

COMMIT = "c" * 40
NOW = 1_790_000_000.0
DAY = 86_400
PETER, GRACE = "peter@example.org", "grace@example.org"
ROLES = {"architect-1": [PETER], "architect-2": [GRACE]}
ANYBODY: dict[str, list[str]] = {"architect-1": [], "architect-2": []}


def sign(role: str, name: str, **rest: Any) -> SignOff:
    said = {"decision": "approved", "principals": (name,), "person": (name,), "at": NOW - 60, "ref": f"refs/{role}"}
    return SignOff(role=role, **{**said, **rest})


ONE, TWO = sign("architect-1", PETER), sign("architect-2", GRACE)


def check(
    *found: SignOff,
    makers: tuple[str, ...] = ("Ada Example", "ada@example.org"),
    blocks: tuple[SignOffBlock, ...] = (),
    exists: bool = True,
    signed: bool = True,
    ignored: tuple[Ignored, ...] = (),
    **options: Any,
) -> PolicyResult:
    policy = RequiredSignoffs.from_options({"roles": ROLES, **options})
    given = SignOffs("prod", "promote", "sha256:0", COMMIT, NOW - DAY, NOW, signed, makers, found, ignored, "/srv/dev")
    return judge(policy, given=given, written=SignOffBlocks("docs/DEPLOYMENT.md", exists, blocks))


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def test_every_role_by_whoever_speaks_for_it() -> None:
    result = check(ONE, TWO)
    assert (result.outcome, result.reason) == ("pass", None)


def test_a_missing_role() -> None:
    finding = only(check(ONE))
    assert finding.message == "architect-2 has not approved the candidate"
    assert finding.observed == "no sign-off of this commit, and no block in docs/DEPLOYMENT.md"
    assert finding.remediation.startswith(
        f"guardrails signoff --role architect-2 --env prod --commit {COMMIT} --decision approved --op promote "
    )


KEY = "GUARDRAILS_KEY must name the key of"
LINE = f"guardrails signoff --role architect-2 --env prod --commit {COMMIT} --decision approved --op promote"


@pytest.mark.parametrize(
    ("names", "signed", "line"),
    [
        ([GRACE], True, f"--signer {GRACE}   # {KEY} {GRACE} in [trust] allowed_signers"),
        ([GRACE], False, f"--signer {GRACE}   # by {GRACE}"),
        (["ada@example.org", GRACE, "ann"], False, f"--signer {GRACE}   # by {GRACE}; or: ann"),
        ([PETER, "Grace Example"], False, f"--signer 'Grace Example'   # by Grace Example; or: {PETER}"),
        ([], False, "  # by somebody who made none of it"),
    ],
)
def test_the_line_names_somebody_who_can_approve(names: list[str], signed: bool, line: str) -> None:
    result = check(ONE, signed=signed, roles={"architect-1": [PETER], "architect-2": names})
    assert only(result).remediation == f"{LINE} {line}"


def test_where_nobody_can_approve_the_line_says_so() -> None:
    remedy = only(check(ONE, roles={"architect-1": [PETER], "architect-2": ["Ada@example.org"]})).remediation
    assert remedy.startswith("guardrails config show   # a look: everybody named for architect-2 made part of it")


@pytest.mark.parametrize("found", [(), (ONE,), (sign("architect-2", PETER),)], ids=["none", "first", "second"])
def test_where_one_person_is_alone_for_two_roles_somebody_else_is_to_be_named(found: tuple[SignOff, ...]) -> None:
    result = check(*found, roles={"architect-1": [PETER], "architect-2": [PETER]})
    assert len(result.findings) == 2 - len(found)
    for finding in result.findings:
        assert finding.remediation == (
            "guardrails config show   # a look: peter@example.org is alone for architect-1, architect-2, and nobody "
            "approves for two roles: name somebody else in the option roles"
        )


def test_two_people_who_made_none_of_it_are_too_few_for_three_roles() -> None:
    roles = {"a-1": [PETER, GRACE], "a-2": [GRACE, PETER], "a-3": [PETER, GRACE, "Ada@example.org"]}
    finding = only(check(sign("a-1", PETER), sign("a-2", GRACE), roles=roles))
    assert "peter@example.org, grace@example.org are too few for a-1, a-2, a-3, and nobody" in finding.remediation


def test_one_of_two_people_is_left_for_the_second_role() -> None:
    roles = {"architect-1": [PETER, GRACE], "architect-2": [PETER]}
    finding = only(check(ONE, roles=roles))
    assert finding.remediation.startswith(f"{LINE} --signer {PETER}   #")


def test_a_rejection_is_taken_back_by_whoever_rejects() -> None:
    roles = {"architect-1": [PETER], "architect-2": ["ann", GRACE]}
    rejection = only(check(ONE, TWO.replaced(decision="rejected"), roles=roles))
    assert f"--signer {GRACE}   # {KEY} {GRACE}" in rejection.remediation


def test_a_rejection_blocks_whoever_else_approves_and_however_old_it_is() -> None:
    rejection = sign("architect-1", PETER, decision="rejected", at=NOW - 90 * DAY)
    finding = only(check(rejection, TWO))
    assert finding.message == "architect-1 rejects the candidate"
    assert (finding.observed, finding.ref) == (
        "rejected by peter@example.org at 2026-06-23T14:13:20Z",
        "refs/architect-1",
    )
    ann = sign("architect-1", "ann@example.org", decision="rejected")
    roles = {"architect-1": [PETER, "ann@example.org"], "architect-2": [GRACE]}
    assert only(check(ONE, ann, TWO, roles=roles)).message == "architect-1 rejects the candidate"


def test_who_does_not_speak_for_a_role_neither_approves_nor_rejects() -> None:
    mallory = sign("architect-1", "mallory@example.org")
    assert "who does not speak for architect-1" in only(check(mallory, TWO)).observed
    assert check(mallory.replaced(decision="rejected"), ONE, TWO).outcome == "pass"


def test_a_role_that_is_not_required_is_not_asked() -> None:
    assert check(ONE, TWO, sign("intern", "x", decision="rejected")).outcome == "pass"


@pytest.mark.parametrize(("others", "outcome"), [((), "fail"), ((sign("security", "ann@example.org"),), "pass")])
def test_an_approval_that_depends_on_another(others: tuple[SignOff, ...], outcome: str) -> None:
    result = check(ONE, TWO.replaced(after=("security",)), *others)
    assert result.outcome == outcome
    if outcome == "fail":
        assert "which depends on security" in only(result).observed


def test_an_approval_does_not_fulfil_its_own_condition() -> None:
    same = sign("security", GRACE)
    assert "which depends on security" in only(check(ONE, TWO.replaced(after=("security",)), same)).observed
    rejected = sign("security", "ann@example.org", decision="rejected")
    assert "which depends on security" in only(check(ONE, TWO.replaced(after=("security",)), rejected)).observed


def test_one_person_for_two_roles() -> None:
    finding = only(check(ONE, sign("architect-2", PETER), roles=ANYBODY))
    assert finding.message == "architect-2 has not approved the candidate"
    assert "who approves for another role too" in finding.observed


def test_one_person_for_two_roles_of_whom_another_can_take_one() -> None:
    assert check(ONE, sign("architect-2", PETER), sign("architect-1", GRACE), roles=ANYBODY).outcome == "pass"


def test_one_person_by_two_names() -> None:
    person = (GRACE, PETER)
    assert check(ONE.replaced(person=person), TWO.replaced(person=person)).outcome == "fail"


@pytest.mark.parametrize("maker", [PETER, "Peter@Example.org"])
def test_who_made_it(maker: str) -> None:
    assert "who made part of what it brings" in only(check(ONE, TWO, makers=("Peter", maker))).observed


def test_who_made_it_by_another_name_of_the_same_person() -> None:
    one = ONE.replaced(person=("pete@example.net", PETER))
    assert check(one, TWO, makers=("pete@example.net",)).outcome == "fail"


@pytest.mark.parametrize(("at", "outcome"), [(NOW - DAY, "pass"), (NOW - DAY - 1, "fail")])
def test_older_than_the_commit(at: float, outcome: str) -> None:
    result = check(ONE.replaced(at=at), TWO)
    assert result.outcome == outcome
    if outcome == "fail":
        assert "which is older than the commit" in only(result).observed


@pytest.mark.parametrize(("max_age", "outcome"), [("60s", "pass"), ("59s", "fail")])
def test_too_old(max_age: str, outcome: str) -> None:
    result = check(ONE, TWO.replaced(at=NOW), max_age=max_age)
    assert result.outcome == outcome
    if outcome == "fail":
        assert f"which is older than {max_age}" in only(result).observed


BLOCKS = (
    SignOffBlock("architect-2", "approved", "Grace", "2026-02-01", 8, ("architect-1",)),
    SignOffBlock("architect-1", "approved", "Peter", "2026-02-01", 23),
)


def test_the_blocks_of_the_document_alone_never_suffice() -> None:
    result = check(blocks=BLOCKS, roles=ANYBODY)
    one, two = result.findings
    assert result.outcome == "fail"
    says = "no sign-off of this commit; docs/DEPLOYMENT.md:{} says approved by {} on 2026-02-01{}, of no commit"
    assert one.observed == says.format(23, "Peter", "")
    assert two.observed == says.format(8, "Grace", ", after architect-1")
    assert all(f"--commit {COMMIT} --decision approved" in finding.remediation for finding in (one, two))


def test_a_block_of_another_commit_says_which() -> None:
    block = BLOCKS[1].replaced(commit="a" * 40)
    assert only(check(TWO, blocks=(block,))).observed.endswith(f"by Peter on 2026-02-01, of the commit {'a' * 40}")


def test_what_does_not_count_is_told_where_it_is_missed() -> None:
    ignored = (Ignored(f"refs/signoffs/{COMMIT}/architect-2/0", "it is for dev"),)
    assert (
        f"refs/signoffs/{COMMIT}/architect-2/0: it is for dev; no sign-off"
        in only(check(ONE, ignored=ignored)).observed
    )


def test_what_does_not_count_is_told_of_its_own_role_and_five_times() -> None:
    others = [Ignored(f"refs/signoffs/{COMMIT}/architect-1/0", "it is for dev")]
    own = [Ignored(f"refs/signoffs/{COMMIT}/architect-2/{number}", "it is for dev") for number in range(6)]
    observed = only(check(ONE, ignored=(*others, *own))).observed
    assert ("architect-1" in observed, observed.count("it is for dev")) == (False, 5)


@pytest.mark.parametrize("found", [TWO.replaced(at=NOW - 2 * DAY), sign("intern", GRACE)])
def test_who_signed_for_no_other_role_that_is_required_is_asked_first(found: SignOff) -> None:
    roles = {"architect-1": [PETER], "architect-2": [GRACE, "ann"]}
    assert f"--signer {GRACE} " in only(check(ONE, found, roles=roles)).remediation


def test_the_roles_that_share_somebody_are_named_and_no_others() -> None:
    roles = {"architect-1": [PETER], "architect-2": [PETER], "architect-3": [GRACE]}
    finding = only(check(ONE, TWO.replaced(role="architect-3"), roles=roles))
    assert "is alone for architect-1, architect-2, and nobody approves for two roles" in finding.remediation


def test_what_the_blocks_say_takes_nothing_back() -> None:
    assert check(ONE, TWO, blocks=(BLOCKS[1].replaced(status="rejected"),)).outcome == "pass"


def test_a_document_that_is_not_there_is_said() -> None:
    result = check(ONE, TWO, exists=False)
    assert (result.outcome, result.reason) == ("pass", "the candidate has no docs/DEPLOYMENT.md")


def test_a_document_that_somebody_named_and_that_is_not_there() -> None:
    finding = only(check(ONE, TWO, exists=False, document="docs/OTHER.md"))
    assert finding.message == "the candidate has no docs/DEPLOYMENT.md"  # as the facts spell it
    assert finding.remediation.startswith("git -C /srv/dev log --all --oneline -- docs/DEPLOYMENT.md   # a look: ")
    assert check(ONE, TWO, document="docs/OTHER.md").outcome == "pass"


def test_what_is_not_settled_is_said() -> None:
    ignored = tuple(Ignored(f"refs/{number}", "nobody signed it") for number in range(7))
    reason = check(ONE, TWO, roles=ANYBODY, signed=False, ignored=ignored).reason or ""
    assert "unsigned sign-offs count, since [trust] has no allowed_signers" in reason
    assert "anybody may speak for architect-1, architect-2" in reason
    assert reason.endswith("refs/4: nobody signed it and 2 more")


def test_without_roles_it_does_not_apply() -> None:
    assert check(roles={}).outcome == "skip"


@pytest.mark.parametrize(
    "options",
    [
        {"roles": {"Architect #1": [PETER]}},
        {"roles": {"": []}},
        {"roles": {"a": ["*@example.org"]}},
        {"roles": {"a": [""]}},
        {"roles": {"a": [" peter"]}},
        {"roles": {"a": ["peter\nann"]}},
        {"max_age": "soon"},
    ],
)
def test_options_that_make_no_sense_stop_the_configuration(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        check(**options)
