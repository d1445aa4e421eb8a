"""`guardrails signoff` from outside: two people in two roles let a promotion through, and a rejection stops it."""

from pathlib import Path

import pytest

from dirty_repository import git
from signers import Signers
from small_world import RELEASE, SmallWorld, outcomes, small_world

PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A release that has a new commit since it was approved."""
    made = small_world(tmp_path)
    git(made.dev, "commit", "-q", "--allow-empty", "-m", "one more")
    return made


def say(world: SmallWorld, role: str, decision: str = "approved", *more: str) -> str:
    done = world.run("signoff", "--role", role, "--env", "prod", "--commit", RELEASE, "--decision", decision, *more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def approved(world: SmallWorld) -> str:
    return outcomes(world.report(*PROMOTE))["required-signoffs"]


def test_each_role_must_approve_this_commit(world: SmallWorld) -> None:
    assert approved(world) == "fail"
    printed = say(world, "architect-1", "approved", "--signer", "one@example.org")
    commit = git(world.dev, "rev-parse", RELEASE)
    *said, recorded = printed.splitlines()
    assert said == [
        f"architect-1: approved {commit}",
        "  subject      one more",
        "  environment  prod",
        "  operation    promote",
        f"  plan         {world.plan(commit)}",
    ]
    assert recorded.startswith(f"recorded as refs/signoffs/{commit}/architect-1/")
    assert recorded.endswith("nobody signed it, so it counts only where [trust] has no allowed_signers")
    assert approved(world) == "fail"
    say(world, "architect-2", "approved", "--signer", "two@example.org")
    assert approved(world) == "pass"
    say(world, "architect-2", "rejected", "--signer", "two@example.org", "--notes", "wait")
    assert approved(world) == "fail"


def test_with_trust_only_keys_count(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    world.configure(f'[trust]\nallowed_signers = "{signers.allow("one", "two")}"\n')
    for number, name in enumerate(("one", "two"), start=1):
        assert approved(world) == "fail"
        say(world, f"architect-{number}", "approved", "--signer", "anybody", "--key", signers.key(name).path)
    assert approved(world) == "pass"


@pytest.mark.parametrize(
    "wrong",
    [("--role", "no role"), ("--commit", "nowhere"), ("--env", "nowhere"), ("--decision", "maybe"), ("--key", "/none")],
)
def test_what_makes_no_sense_is_one_line_and_2(world: SmallWorld, wrong: tuple[str, str]) -> None:
    given = {"--role": "architect-1", "--env": "prod", "--commit": RELEASE, "--decision": "approved"}
    words = [word for pair in {**given, "--signer": "a@example.org", wrong[0]: wrong[1]}.items() for word in pair]
    done = world.run("signoff", *words)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
