"""A carried verdict holds only while every field of it is what is here and now."""

from __future__ import annotations

import calendar
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails import config
from guardrails.facts.approval import signatures
from guardrails.operations.evidence.verify_verdict import Field, Verification, clean_text
from worlds.carried import NEXT, Carried, altered, another, leaves, payload_in, put, resigned, wrong
from worlds.small_world import write

PROMOTE = ("--op", "promote", "--candidate", NEXT)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    """Two machines that tests leave as they are."""
    return Carried(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def promote(made: Carried) -> bytes:
    return made.issued(*PROMOTE).read_bytes()


@pytest.fixture
def own(tmp_path: Path) -> Carried:
    """Two machines of one test's own."""
    return Carried(tmp_path)


# every path of the statement, and the field that says what is wrong when the trusted key signs something else there
BOUND = {
    "predicate.guardrails.candidate": "",  # has a test of its own
    "predicate.guardrails.environment": "environment",
    "predicate.guardrails.expires": "expiry",
    "predicate.guardrails.host": "resource",
    "predicate.guardrails.moment": "",  # has a test of its own
    "predicate.guardrails.outcomes.clean-worktree": "outcomes",
    "predicate.guardrails.outcomes.fast-forward-only": "outcomes",
    "predicate.guardrails.waivers": "waivers",
    "predicate.policy.digest.sha256": "policy set",
    "predicate.policy.uri": "policy set",
    "predicate.resourceUri": "resource",
    "predicate.timeVerified": "expiry",
    "predicate.verificationResult": "result",
    "predicate.verifier.id": "verifier",
    "predicate.verifier.version.guardrails": "version",
    "subject.0.digest.gitCommit": "HEAD commit",
    "subject.0.digest.gitTree": "HEAD tree",
    "subject.1.digest.gitCommit": "candidate commit",
    "subject.1.digest.gitTree": "candidate tree",
}
FREE = ("predicate.guardrails.nonce", "predicate.verifiedLevels.0")  # they tell two verdicts apart, and nothing else
GARBAGE = ("_type", "predicateType", "subject.0.name", "subject.1.name")  # then it is no verdict at all


def dotted(path: tuple[Any, ...]) -> str:
    return ".".join(map(str, path))


def changed(document: dict[str, Any], path: tuple[Any, ...]) -> None:
    value: Any = document
    for key in path:
        value = value[key]
    put(document, path, another(value))


def test_what_is_issued_holds_elsewhere(made: Carried, promote: bytes) -> None:
    found = made.held(promote)
    assert (wrong(found), found.errors, found.exit_code) == ([], (), 0)
    assert (found.signers, found.signed) == (("ci@example.org",), True)


def test_every_field_of_a_statement_is_known_here(promote: bytes) -> None:
    assert sorted(map(dotted, leaves(payload_in(promote)))) == sorted([*BOUND, *FREE, *GARBAGE])


@pytest.mark.parametrize("name", [*BOUND, *FREE, *GARBAGE])
def test_no_single_field_can_be_changed_under_its_signature(made: Carried, promote: bytes, name: str) -> None:
    (path,) = [one for one in leaves(payload_in(promote)) if dotted(one) == name]
    data = altered(promote, lambda document: changed(document, path))
    if name in GARBAGE:
        with pytest.raises(Exception, match="the verdict given"):
            made.held(data)
        return
    found = made.held(data, at=time.time())
    assert "signature" in wrong(found)
    assert found.exit_code == 1


@pytest.mark.parametrize("name", [name for name, field in BOUND.items() if field])
def test_what_the_trusted_key_says_of_something_else_does_not_hold_here(
    made: Carried, promote: bytes, name: str
) -> None:
    (path,) = [one for one in leaves(payload_in(promote)) if dotted(one) == name]
    found = made.held(resigned(promote, lambda document: changed(document, path), made.signers), at=time.time())
    assert "signature" not in wrong(found)
    assert BOUND[name] in wrong(found)
    assert found.exit_code == 1


def test_a_candidate_of_a_name_that_is_known_nowhere(made: Carried, promote: bytes) -> None:
    def renamed(document: dict[str, Any]) -> None:
        document["predicate"]["guardrails"]["candidate"] = "nextx"

    found = made.held(resigned(promote, renamed, made.signers))
    assert (found.exit_code, found.errors) == (2, (f"the candidate 'nextx' is not a commit in {made.host.prod}",))


def test_a_verdict_for_one_moment_is_none_for_another(made: Carried, promote: bytes) -> None:
    def started(document: dict[str, Any]) -> None:
        document["predicate"]["guardrails"]["moment"] = "start"

    assert wrong(made.held(resigned(promote, started, made.signers))) == []  # as it is asked about
    path = made.folder / "promote.json"
    path.write_bytes(promote)
    for asked in (["--op", "start"], ["--op", "promote", "--after"], ["--op", "promote", "--candidate", "main"]):
        assert made.verify(*asked, file=path).returncode == 1
    assert made.verify("--op", "promote", file=path).returncode == 0


def test_a_policy_that_was_not_asked_is_missed(made: Carried, promote: bytes) -> None:
    def without(document: dict[str, Any]) -> None:
        del document["predicate"]["guardrails"]["outcomes"]["clean-worktree"]

    assert wrong(made.held(resigned(promote, without, made.signers))) == ["policies"]


def test_times_are_exact(made: Carried, promote: bytes) -> None:
    at = calendar.timegm(time.strptime(payload_in(promote)["predicate"]["timeVerified"], "%Y-%m-%dT%H:%M:%SZ"))
    assert wrong(made.held(promote, at=at)) == []
    assert wrong(made.held(promote, at=at - 1)) == ["time"]
    assert wrong(made.held(promote, at=at + 15 * 60 - 1)) == []
    assert wrong(made.held(promote, at=at + 15 * 60)) == ["expiry"]


def test_another_environment(made: Carried, promote: bytes) -> None:
    assert "environment" in wrong(made.held(promote, environment="other"))


def test_a_later_end_that_the_issuer_wrote_does_not_count_beyond_our_own(own: Carried) -> None:
    own.ci.configure('verdict_max_age = "24h"\n')
    data = own.issued().read_bytes()
    assert wrong(own.held(data)) == []
    assert wrong(own.held(data, at=time.time() + 15 * 60)) == ["expiry"]


def test_an_earlier_end_that_the_issuer_wrote_counts(own: Carried) -> None:
    own.ci.configure('verdict_max_age = "30s"\n')
    assert wrong(own.held(own.issued().read_bytes())) == ["expiry"]


def test_another_commit_or_tree(own: Carried) -> None:
    data = own.issued().read_bytes()
    git(own.host.prod, "commit", "-q", "--amend", "-m", "another message")
    assert wrong(own.held(data)) == ["HEAD commit"]
    git(own.host.prod, "checkout", "-q", "--orphan", "fresh")
    write(own.host.prod / "README.md", "Goodbye\n")
    git(own.host.prod, "commit", "-qam", "First")
    assert wrong(own.held(data)) == ["HEAD commit", "HEAD tree"]


def test_a_tag_that_is_pointed_elsewhere(own: Carried) -> None:
    for world in (own.ci, own.host):
        git(world.prod, "tag", "v1", NEXT)
    data = own.issued("--op", "promote", "--candidate", "v1").read_bytes()
    assert wrong(own.held(data)) == []
    git(own.host.prod, "tag", "-f", "v1", "main")
    assert wrong(own.held(data)) == ["candidate commit"]


@pytest.mark.parametrize(
    "changes",
    [
        '[policies.no-direct-edits]\nenforcement = "advisory"\n',
        "[policies.clean-worktree]\nenforcement = 'advisory'\n",
        "[operations.restart]\n",
        "[environments.prod.variables]\nA = 'b'\n",
    ],
)
def test_other_rules(own: Carried, changes: str) -> None:
    data = own.issued().read_bytes()
    write(own.host.folder / "base.toml", own.host.configuration.read_text())
    write(own.host.configuration, f'extends = ["base.toml"]\n{changes}')
    assert "policy set" in wrong(own.held(data))


def test_rules_at_other_paths_are_the_same_rules(own: Carried) -> None:
    data = own.issued().read_bytes()
    text = own.host.configuration.read_text().replace('"allowed_signers"', '"keys/of/ci"')
    write(own.host.configuration, f'{text}[audit]\npath = "elsewhere.jsonl"\n')
    write(own.host.folder / "keys/of/ci", own.signers.allowed.read_text())
    assert wrong(own.held(data)) == []


def test_others_who_may_speak_are_other_rules(own: Carried) -> None:
    data = own.issued().read_bytes()
    write(own.host.folder / "allowed_signers", own.signers.allowed.read_text() + f"b {own.signers.public('b')}\n")
    assert wrong(own.held(data)) == ["policy set"]


def test_the_host_is_compared_only_when_it_is_bound(own: Carried) -> None:
    def elsewhere(document: dict[str, Any]) -> None:
        document["predicate"]["guardrails"]["host"] = "elsewhere"
        document["predicate"]["resourceUri"] = "guardrails:env/prod@elsewhere"

    data = own.issued().read_bytes()
    moved = resigned(data, elsewhere, own.signers)
    assert wrong(own.held(moved)) == []
    own.host.configure("bind_host = true\n")
    assert wrong(own.held(moved)) == ["host"]
    assert wrong(own.held(data)) == []
    assert own.held(data).verdict.host == os.uname().nodename  # type: ignore[union-attr]


def test_a_deny_that_is_carried_denies(own: Carried) -> None:
    write(own.ci.prod / "README.md", "an edit\n")
    assert own.check().returncode == 1
    found = own.held(own.verdict.read_bytes())
    assert (wrong(found), found.exit_code) == (["result", "outcomes"], 1)


def test_a_waiver_that_ends_ends_the_verdict(own: Carried) -> None:
    end, written = time.time() + 100, time.time() - 100
    text = (
        '[[waiver]]\npolicy = "clean-worktree"\nenvironment = "prod"\nowner = "grace"\nreason = "a demonstration"\n'
        f"created = {_rfc(written)}\nexpires = {_rfc(end)}\n"
    )
    for world in (own.ci, own.host):
        write(world.folder / "guardrails.waivers.toml", text)
        write(world.prod / "README.md", "an edit\n")
    data = own.issued().read_bytes()
    assert payload_in(data)["predicate"]["guardrails"]["expires"] == _rfc(end)
    assert wrong(own.held(data)) == []
    assert wrong(own.held(data, at=int(end))) == ["expiry", "waivers"]
    (own.host.folder / "guardrails.waivers.toml").unlink()
    assert wrong(own.held(data)) == ["policy set", "waivers"]


def _rfc(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def test_where_no_signature_can_be_verified_it_is_undecided(
    made: Carried, promote: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signatures, "_PLACES", ())
    found = made.held(promote)
    assert (wrong(found), found.exit_code, found.signers) == ([], 2, ())
    assert found.errors == ("ssh-keygen is not installed where it can be found; install OpenSSH",)


def test_what_is_shown_of_a_verdict_is_short_and_without_secrets() -> None:
    assert len(clean_text("x" * 1000)) == 300
    assert "ghp_0123456789abcdefghij" not in clean_text("token=ghp_0123456789abcdefghij")


def test_of_what_is_no_verdict_nothing_holds_and_nobody_says_that_it_need_not_be_signed() -> None:
    nothing = Verification("verdict.json", "prod")
    assert (nothing.exit_code, nothing.signed) == (2, True)
    holds, fails = (Field("host", "a", "b", holds) for holds in (True, False))
    assert nothing.replaced(fields=(holds,)).exit_code == 0
    assert nothing.replaced(fields=(holds,), errors=("unknown",)).exit_code == 2
    assert nothing.replaced(fields=(holds, fails), errors=("unknown",)).exit_code == 1


def test_what_cannot_be_known_is_undecided(own: Carried) -> None:
    data = own.issued().read_bytes()
    (own.host.folder / "allowed_signers").unlink()
    found = own.held(data)
    assert (wrong(found), found.exit_code, len(found.errors)) == ([], 2, 1)
    own.host.prod.rename(own.host.folder / "gone")
    assert own.held(data).exit_code == 2


def test_without_trust_nobody_need_sign_and_that_is_said(own: Carried) -> None:
    for world in (own.ci, own.host):
        write(world.configuration, world.configuration.read_text().partition("[trust]")[0])
    data = own.issued(key=None).read_bytes()
    assert json.loads(data)["signatures"] == []
    found = own.held(data)
    assert (wrong(found), found.exit_code, found.signed, found.signers) == ([], 0, False, ())
    assert config.read(str(own.host.configuration))[0].trust.allowed_signers is None
