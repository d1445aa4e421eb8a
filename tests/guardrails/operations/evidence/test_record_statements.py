"""What is recorded can be read again, travels with a fetch, survives gc, and runs nothing of the repository."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode
from pathlib import Path

import pytest

from dirty.dirty_repository import git, script
from guardrails.errors import CannotKnow, UsageError
from guardrails.operations.evidence.record_statements import Key, record_run, record_sign_off
from signers import Signers, envelope_of, payload_of
from worlds.two_repositories import Repositories

NOW = 1_790_000_000


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def tree(repo: Path) -> str:
    return git(repo, "rev-parse", "HEAD^{tree}")


def run(repos: Repositories, **rest: object) -> str:
    said = {"passed": True, "finished": NOW, **rest}
    return record_run(str(repos.dev), tree(repos.dev), "test", "pnpm test", **said)  # type: ignore[arg-type]


def test_a_run_is_a_test_result_about_the_tree(repos: Repositories) -> None:
    ref = run(repos, tests=212)
    assert ref.startswith(f"refs/attestations/{tree(repos.dev)}/test/20260921T141320Z-")
    assert payload_of(repos.dev, ref) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"gitTree": tree(repos.dev)}}],
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": "PASSED",
            "configuration": [
                {
                    "name": "test",
                    "annotations": {"command": "pnpm test", "finishedOn": "2026-09-21T14:13:20Z", "tests": 212},
                }
            ],
        },
    }
    assert envelope_of(repos.dev, ref)["signatures"] == []


@pytest.mark.parametrize("rest", [{"passed": False}, {"tests": 0}, {"failed": ("memory forgets",)}])
def test_what_is_no_success_is_recorded_as_failed(repos: Repositories, rest: dict[str, object]) -> None:
    assert payload_of(repos.dev, run(repos, **rest))["predicate"]["result"] == "FAILED"


def test_a_sign_off_is_about_the_commit_and_its_tree(repos: Repositories) -> None:
    ref = record_sign_off(
        str(repos.dev), repos.release, tree(repos.dev), "architect-1", "approved", environment="prod",
        plan="sha256:0", signer="peter@example.org", issued=NOW, after=("architect-2",), notes="Всё готово",
    )  # fmt: skip
    assert ref.startswith(f"refs/signoffs/{repos.release}/architect-1/")
    said = payload_of(repos.dev, ref)
    assert said["subject"] == [{"digest": {"gitCommit": repos.release, "gitTree": tree(repos.dev)}}]
    assert (said["predicateType"], said["predicate"]["notes"]) == ("urn:guardrails:signoff:v1", "Всё готово")


def test_the_signature_is_an_sshsig_and_the_key_id_its_fingerprint(repos: Repositories, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    (signature,) = envelope_of(repos.dev, run(repos, key=signers.key("ci")))["signatures"]
    assert b64decode(signature["sig"]).startswith(b"SSHSIG")
    assert signature["keyid"].startswith("SHA256:")
    assert len(signature["keyid"]) == 50


def test_it_travels_with_a_fetch_and_survives_gc(repos: Repositories) -> None:
    ref = run(repos)
    git(repos.prod, "fetch", "-q", repos.dev, "refs/attestations/*:refs/attestations/*")
    for repo in (repos.dev, repos.prod):
        git(repo, "gc", "-q", "--prune=now")
        git(repo, "fsck", "--strict")
        assert payload_of(repo, ref)["predicate"]["result"] == "PASSED"


def test_the_same_again_in_the_same_second_is_the_same_record(repos: Repositories) -> None:
    ref = run(repos)
    before = git(repos.dev, "rev-parse", ref)
    assert run(repos) == ref
    assert git(repos.dev, "rev-parse", ref) == before


@pytest.mark.parametrize("what", ["another", "link"])
def test_nothing_is_recorded_over_something_else(repos: Repositories, what: str) -> None:
    ref = run(repos)
    if what == "another":
        git(repos.dev, "update-ref", ref, git(repos.dev, "rev-parse", "HEAD"))
    else:
        git(repos.dev, "symbolic-ref", ref, "refs/heads/main")
    before = git(repos.dev, "rev-parse", ref)
    with pytest.raises(CannotKnow, match=f"{ref} cannot be made in"):
        run(repos)
    assert git(repos.dev, "rev-parse", ref) == before


@pytest.mark.parametrize("name", ["", "-x", "a/b", "a..b", "a b", "caf\u00e9", "a\nb", ".", "@{1}", "x.lock"])
def test_a_name_that_a_ref_could_misread_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        record_run("/nowhere", "a" * 40, name, "true", passed=True, finished=NOW)


def test_a_key_that_is_not_there_or_locked_cannot_sign(repos: Repositories, tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="cannot sign"):
        run(repos, key=Key(str(tmp_path / "absent")))
    assert git(repos.dev, "for-each-ref", "refs/attestations") == ""


def test_what_could_not_be_read_again_is_not_kept(repos: Repositories) -> None:
    with pytest.raises(CannotKnow, match="larger than"):
        run(repos, failed=tuple("x" * 1000 for _ in range(1200)))
    assert git(repos.dev, "for-each-ref", "refs/attestations") == ""


def test_hooks_and_signing_programs_of_the_repository_do_not_run(repos: Repositories, tmp_path: Path) -> None:
    trap = script(tmp_path / "trap", f"touch {tmp_path / 'fired'}")
    hooks = repos.dev / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    shutil.copy(trap, hooks / "reference-transaction")
    git(repos.dev, "config", "gpg.ssh.program", str(trap))
    git(repos.dev, "config", "gpg.format", "ssh")
    run(repos, key=Signers(tmp_path / "keys").key("ci"))
    assert not (tmp_path / "fired").exists()


def test_the_envelope_is_strict_json(repos: Repositories) -> None:
    assert sorted(json.loads(git(repos.dev, "cat-file", "blob", run(repos)))) == [
        "payload",
        "payloadType",
        "signatures",
    ]
