"""`guardrails check` from outside: what one types, what one reads, what a script gets, and what is left as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dirty.dirty_repository import git, snapshot
from worlds.small_world import RELEASE, SmallWorld, outcomes, same_but_for_times, small_world, write

PROMOTE = ("--env", "prod", "--op", "promote")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world that keeps every rule; tests that share it only look."""
    return small_world(tmp_path_factory.mktemp("world"))


@pytest.fixture
def broken(tmp_path: Path) -> SmallWorld:
    """A world with an edit in prod."""
    made = small_world(tmp_path)
    write(made.prod / "src/gateway.ts", "export const port = 1;\n")
    return made


def refusal(world: SmallWorld, *arguments: str, **env: str | None) -> str:
    """The one line that a check says when it could not begin."""
    done = world.check(*arguments, env=env)
    assert (done.returncode, done.stdout) == (2, ""), done
    [line] = done.stderr.splitlines()
    assert line.startswith("guardrails: ")
    return line.removeprefix("guardrails: ")


def narrowed(*policies: str) -> list[str]:
    """The words that judge these alone."""
    return [word for policy in policies for word in ("--policy", policy)]


# What it says


@pytest.mark.parametrize("arguments", [("--env", "prod"), ("--env", "dev"), (*PROMOTE, "--candidate", RELEASE)])
def test_a_world_that_keeps_the_rules_is_allowed(world: SmallWorld, arguments: tuple[str, ...]) -> None:
    done = world.check(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("guardrails ")
    assert lines[-1].startswith("ALLOW  ")
    assert "\x1b" not in done.stdout


def test_a_broken_rule_is_denied_with_what_to_do(broken: SmallWorld) -> None:
    done = broken.check("--env", "prod")
    assert (done.returncode, done.stderr) == (1, "")
    assert "✗ fail   clean-worktree" in done.stdout
    assert "src/gateway.ts" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("DENY  ")
    for word in ("observed", "expected", "do  "):
        assert f"            {word}" in done.stdout


def test_what_cannot_be_known_is_neither(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    (world.prod / ".git/index").write_bytes(b"garbage")
    report = world.report("--env", "prod")
    assert outcomes(report)["clean-worktree"] == "error"
    assert (report["exit_code"], report["verdict"]) == (2, "deny")


def test_a_failure_counts_before_what_cannot_be_known(broken: SmallWorld) -> None:
    store = broken.prod_state / "openclaw.json"
    store.unlink()
    store.mkdir()
    report = broken.report("--env", "prod")
    assert {"fail", "error"} <= set(outcomes(report).values())
    assert report["exit_code"] == 1


def test_a_repository_that_is_missing_cannot_be_known(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    world.prod.rename(world.folder / "elsewhere")
    report = world.report("--env", "prod")
    assert report["exit_code"] == 2
    assert outcomes(report)["clean-worktree"] == "error"
    assert report["subject"]["commit"] is None


def test_another_environment_is_another_question(broken: SmallWorld) -> None:
    assert broken.check("--env", "dev").returncode == 0
    assert broken.check("--env", "prod").returncode == 1


def test_advisory_is_shown_and_does_not_block(broken: SmallWorld) -> None:
    broken.configure('[policies.clean-worktree]\nenforcement = "advisory"')
    done = broken.check("--env", "prod")
    assert done.returncode == 0
    assert "✗ fail   clean-worktree" in done.stdout
    assert "(advisory)" in done.stdout
    assert done.stdout.splitlines()[-1].endswith("1 advisory")


def test_json_is_the_same_answer(world: SmallWorld, broken: SmallWorld) -> None:
    report = world.report("--env", "prod")
    assert (report["environment"], report["operation"], report["verdict"]) == ("prod", None, "allow")
    head = git(world.prod, "rev-parse", "HEAD")
    tree = git(world.prod, "rev-parse", "HEAD^{tree}")
    repo = os.path.realpath(world.prod)
    assert report["subject"] == {"repo": repo, "branch": "main", "commit": head, "tree": tree, "candidate": None}
    assert report["policy_set"]["source"] == str(world.configuration)
    assert set(outcomes(report).values()) <= {"pass", "skip"}
    assert broken.report("--env", "prod")["exit_code"] == 1


def test_two_runs_differ_only_in_times(broken: SmallWorld) -> None:
    first, second = (same_but_for_times(broken.report("--env", "prod")) for _ in range(2))
    assert first == second


def test_without_a_cache_it_says_the_same(broken: SmallWorld) -> None:
    usual = same_but_for_times(broken.report("--env", "prod"))
    assert same_but_for_times(broken.report("--env", "prod", env={"XDG_CACHE_HOME": "/dev/null"})) == usual


def test_a_changed_configuration_counts_at_once(broken: SmallWorld) -> None:
    before = broken.report("--env", "prod")
    broken.configure('[policies.clean-worktree]\nexpected_dirt = ["...", "src/gateway.ts"]')
    after = broken.report("--env", "prod")
    assert (before["exit_code"], after["exit_code"]) == (1, 0)
    assert before["policy_set"]["digest"] != after["policy_set"]["digest"]


# What one gets wrong


@pytest.mark.parametrize(
    ("arguments", "hints"),
    [
        (("--env", "prid"), ["unknown environment prid", "did you mean prod?"]),
        (("--env", "zzz"), ["unknown environment zzz", "known: dev, prod"]),
        (("--env", "prod", "--op", "promot"), ["unknown operation promot", "did you mean promote?"]),
        (("--env", "dev", "--op", "promote"), ["promote happens in prod, not in dev"]),
        (
            ("--env", "prod", "--policy", "clean-worktre"),
            ["unknown policy clean-worktre", "did you mean clean-worktree?"],
        ),
        (
            ("--env", "prod", "--skip", "clean-worktre"),
            ["unknown policy clean-worktre", "did you mean clean-worktree?"],
        ),
        (("--env", "prod", "--policy", "fast-forward-only"), ["fast-forward-only does not apply at this moment"]),
        (("--env", "prod", "--format", "jsn"), ["jsn"]),
        (("--env", "prod", "--output", "jsn:x"), ["jsn"]),
        (("--env", "prod", "--output", "json"), ["json"]),
        (("--env", "prod", "--output", "json:"), ["json"]),
        (("--evn", "prod"), ["--evn"]),
        (("--en", "prod"), ["--en"]),
        (("--env",), ["--env", "expected one argument"]),
        (("prod",), ["prod"]),
        ((), ["which environment?", "dev, prod"]),
        (("--env", "prod", "--after"), ["--after needs --op"]),
        (("--env", "prod", "--quiet", "--verbose"), ["--verbose", "--quiet"]),
        (("--env", "prod", "--timeout", "0"), ["--timeout"]),
        (("--env", "prod", "--timeout", "-1"), ["--timeout"]),
        (("--env", "prod", "--timeout", "nan"), ["--timeout"]),
        (("--env", "prod", "--timeout", "inf"), ["--timeout"]),
        (("--env", "prod", "--timeout", "soon"), ["--timeout"]),
        (("--env", "prod", "--jobs", "0"), ["--jobs"]),
        (("--env", "prod", "--jobs", "1.5"), ["--jobs"]),
        (("--env", "prod", "--at", "2026-02-01T10:00:00"), ["--at", "zone"]),
        (("--env", "prod", "--at", "2026-02-01"), ["--at"]),
        (("--env", "prod", "--at", "noon"), ["--at", "noon"]),
        (("--env", "prod", "--at", "20260201T100000Z"), ["--at", "is not a time of RFC 3339"]),
        (("--env", "prod", "--at", "2026-W05-7T10:00Z"), ["--at", "is not a time of RFC 3339"]),
        (("--env", "prod", "--at", "2026-02-30T10:00:00Z"), ["--at"]),
        (("--env", "prod", "--config", "nowhere.toml"), ["nowhere.toml"]),
        (("--env", "prod\x1b[2J\n"), ["unknown environment", "\\x1b[2J\\n"]),
    ],
)
def test_a_mistake_is_one_line_that_helps(world: SmallWorld, arguments: tuple[str, ...], hints: list[str]) -> None:
    line = refusal(world, *arguments)
    for hint in hints:
        assert hint in line
    assert line.isprintable()


@pytest.mark.parametrize(
    "arguments", [("--env", "prid"), ("--env", "prod", "--op", "promot"), ("--env", "prod", "--policy", "x"), ()]
)
def test_a_mistake_is_an_object_where_json_is_asked_for(world: SmallWorld, arguments: tuple[str, ...]) -> None:
    line = refusal(world, *arguments)
    report = world.report(*arguments)
    assert report["errors"] == [{"message": line}]
    assert (report["exit_code"], report["verdict"], report["results"]) == (2, "deny", [])


def test_no_command_and_an_unknown_one(world: SmallWorld) -> None:
    assert "usage: guardrails" in world.run().stdout
    for arguments in (("chek",), ("--env", "prod")):
        done = world.run(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
    assert "check" in world.run("chek").stderr


def test_help_is_help(world: SmallWorld) -> None:
    for arguments in (("--help",), ("check", "--help"), ("--version",)):
        done = world.run(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
        assert "guardrails" in done.stdout
    assert "exit codes: 0 allow, 1 deny, 2 could not decide" in world.run("--help").stdout


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("environments = 1", "environments"),
        ("[environments", "not valid TOML"),
        ("\xff", "guardrails.toml"),
        ("[environments.prod]\nrepo = 'x'\n[policies.clean-worktre]", "did you mean clean-worktree?"),
        ("[environments.prod]\nrepo = 'x'\nstate = 'y'", "did you mean state_dir?"),
        ("extends = ['opneclaw']", "did you mean openclaw?"),
    ],
)
def test_a_configuration_that_cannot_be_meant_is_one_line_with_its_place(tmp_path: Path, text: str, hint: str) -> None:
    world = small_world(tmp_path)
    world.configuration.write_text(text, encoding="latin-1")
    line = refusal(world, "--env", "prod")
    assert hint in line
    assert str(world.configuration) in line


# Narrowing


def test_narrowing_is_shown(world: SmallWorld) -> None:
    everything = list(outcomes(world.report("--env", "prod")))
    for arguments, left in (
        (narrowed("clean-worktree"), ["clean-worktree"]),
        (["--skip", "clean-worktree"], [name for name in everything if name != "clean-worktree"]),
        (
            [*narrowed("clean-worktree", "isolated-state-dirs"), "--skip", "isolated-state-dirs"],
            ["clean-worktree"],
        ),
    ):
        out = [name for name in everything if name not in left]
        report = world.report("--env", "prod", *arguments)
        assert (list(outcomes(report)), report["left_out"]) == (left, out)
        shown = world.check("--env", "prod", *arguments).stdout
        assert f"narrowed: {len(out)} left out ({', '.join(out)})" in shown
    assert "narrowed" not in world.check("--env", "prod").stdout
    assert world.report("--env", "prod")["left_out"] == []


def test_narrowing_to_nothing_is_no_answer(world: SmallWorld) -> None:
    arguments = [*narrowed("clean-worktree"), "--skip", "clean-worktree"]
    assert world.report("--env", "prod", *arguments)["exit_code"] == 2
    assert world.check("--env", "prod", *arguments).stdout.splitlines()[-1] == "DENY  could not decide"


def test_a_moment_at_which_nothing_applies_is_no_answer(world: SmallWorld) -> None:
    world.configure("[operations.nothing]\n")
    report = world.report("--env", "dev", "--op", "nothing")
    assert (report["exit_code"], report["results"]) == (2, [])
    assert "nothing" in report["errors"][0]["message"]


def test_narrowing_can_hide_a_failure_and_says_so(broken: SmallWorld) -> None:
    done = broken.check("--env", "prod", "--skip", "clean-worktree")
    assert done.returncode == 0
    assert "narrowed: 1 left out (clean-worktree)" in done.stdout


# The candidate


def test_a_candidate_is_pinned_by_name_and_by_id(world: SmallWorld) -> None:
    commit = git(world.dev, "rev-parse", RELEASE)
    for name in (RELEASE, f"refs/heads/{RELEASE}", commit, commit[:12], f"{RELEASE}~0"):
        report = world.report(*PROMOTE, "--candidate", name)
        assert report["subject"]["candidate"] == commit
        assert report["exit_code"] == 0
        assert outcomes(report)["fast-forward-only"] == "pass"


def test_an_operation_without_its_candidate_is_no_answer(world: SmallWorld) -> None:
    report = world.report(*PROMOTE)
    assert report["exit_code"] == 2
    assert outcomes(report)["fast-forward-only"] == "error"
    [result] = [result for result in report["results"] if result["policy"] == "fast-forward-only"]
    assert "--candidate" in result["reason"]


@pytest.mark.parametrize("name", ["release/memory-v2", "0" * 40, "--all", "-", "HEAD:src", "a b", "\x1b[2J", "", ":/x"])
def test_an_unknown_candidate_is_no_answer(world: SmallWorld, name: str) -> None:
    report = world.report(*PROMOTE, f"--candidate={name}")
    assert report["exit_code"] == 2
    assert outcomes(report)["fast-forward-only"] == "error"
    assert report["subject"]["candidate"] is None


def test_an_ambiguous_candidate_is_no_answer(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    git(world.dev, "tag", RELEASE, "main")
    report = world.report(*PROMOTE, "--candidate", RELEASE)
    assert report["exit_code"] == 2
    assert "ambiguous" in report["errors"][0]["message"]


def test_a_name_that_means_two_things_is_no_answer(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    git(world.prod, "branch", RELEASE)
    report = world.report(*PROMOTE, "--candidate", RELEASE)
    assert report["exit_code"] == 2
    assert str(world.prod) in report["errors"][0]["message"]
    assert world.report(*PROMOTE, "--candidate", git(world.dev, "rev-parse", RELEASE))["exit_code"] == 0


def test_a_candidate_that_is_no_descendant_is_denied(tmp_path: Path) -> None:
    world = small_world(tmp_path)
    write(world.prod / "src/hotfix.ts", "x\n")
    git(world.prod, "add", "-A")
    git(world.prod, "commit", "-qm", "hotfix straight on prod")
    report = world.report(*PROMOTE, "--candidate", RELEASE)
    assert report["exit_code"] == 1
    assert outcomes(report)["fast-forward-only"] == "fail"


# Variables


@pytest.mark.parametrize(
    ("name", "value", "arguments"),
    [
        ("GUARDRAILS_ENV", "prod", ()),
        ("GUARDRAILS_FORMAT", "json", ("--env", "prod")),
        ("GUARDRAILS_TIMEOUT", "3", ("--env", "prod")),
        ("GUARDRAILS_JOBS", "1", ("--env", "prod")),
        ("GUARDRAILS_COLOR", "never", ("--env", "prod")),
    ],
)
def test_a_variable_stands_for_its_option(world: SmallWorld, name: str, value: str, arguments: tuple[str, ...]) -> None:
    done = world.check(*arguments, env={name: value})
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("{" if name == "GUARDRAILS_FORMAT" else "guardrails ")


def test_the_configuration_can_come_from_a_variable(world: SmallWorld, broken: SmallWorld) -> None:
    elsewhere = {"GUARDRAILS_CONFIG": str(broken.configuration)}
    assert world.check("--env", "prod", env=elsewhere).returncode == 1
    assert world.check("--env", "prod", "--config", str(world.configuration), env=elsewhere).returncode == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GUARDRAILS_ENV", "prid"),
        ("GUARDRAILS_FORMAT", "jsn"),
        ("GUARDRAILS_TIMEOUT", "soon"),
        ("GUARDRAILS_TIMEOUT", "0"),
        ("GUARDRAILS_JOBS", "-3"),
        ("GUARDRAILS_CONFIG", "/nowhere.toml"),
    ],
)
def test_a_variable_that_cannot_be_meant_is_refused_as_its_option_is(world: SmallWorld, name: str, value: str) -> None:
    line = refusal(world, *(() if name == "GUARDRAILS_ENV" else ("--env", "prod")), **{name: value})
    assert value in line


def test_flags_win(world: SmallWorld) -> None:
    env = {"GUARDRAILS_ENV": "prid", "GUARDRAILS_FORMAT": "json", "GUARDRAILS_TIMEOUT": "5", "GUARDRAILS_JOBS": "2"}
    done = world.check("--env", "prod", "--format", "text", "--timeout", "4", "--jobs", "3", env=env)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("value", ["clean-worktree", "2020-01-01T00:00:00Z", RELEASE, "1"])
def test_nothing_that_could_loosen_a_verdict_has_a_variable(broken: SmallWorld, value: str) -> None:
    names = ("SKIP", "POLICY", "AT", "CANDIDATE", "OP", "AFTER", "CONFIG_REF", "OUTPUT", "QUIET", "ENFORCEMENT")
    usual = same_but_for_times(broken.report("--env", "prod"))
    env: dict[str, str | None] = {f"GUARDRAILS_{name}": value for name in names}
    assert same_but_for_times(broken.report("--env", "prod", env=env)) == usual


def test_no_variable_brings_a_candidate(world: SmallWorld) -> None:
    commit = git(world.dev, "rev-parse", RELEASE)
    env: dict[str, str | None] = {"GUARDRAILS_CANDIDATE": commit, "GUARDRAILS_CANDIDATE_ID": commit}
    assert world.report(*PROMOTE, env=env)["exit_code"] == 2


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"GUARDRAILS_COLOR": "always", "NO_COLOR": "1"}, True),
        ({"GUARDRAILS_COLOR": "never", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, False),
    ],
)
def test_colour_in_a_pipe_only_when_asked_for(world: SmallWorld, env: dict[str, str | None], coloured: bool) -> None:
    assert ("\x1b[" in world.check("--env", "prod", env=env).stdout) is coloured
    json.loads(world.check("--env", "prod", "--format", "json", env=env).stdout)


# How much


def test_quiet_is_one_line(world: SmallWorld, broken: SmallWorld) -> None:
    assert world.check("--env", "prod", "--quiet").stdout.startswith("ALLOW  ")
    done = broken.check("--env", "prod", "--quiet")
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
    assert done.stdout.startswith("DENY  ")


def test_verbose_says_more_and_the_same(broken: SmallWorld) -> None:
    usual, verbose = (broken.check("--env", "prod", *more) for more in ((), ("--verbose",)))
    assert verbose.returncode == usual.returncode == 1
    assert len(verbose.stdout) > len(usual.stdout)
    assert " ms, hard-mandatory" in verbose.stdout
    assert verbose.stdout.splitlines()[-1] == usual.stdout.splitlines()[-1]


# Where it is called from


def test_the_environment_is_that_of_the_working_directory(world: SmallWorld) -> None:
    for repo, name in ((world.prod, "prod"), (world.dev / "docs", "dev")):
        report = world.report(cwd=repo)
        assert (report["environment"], report["exit_code"]) == (name, 0)


def test_the_nearest_configuration_counts(world: SmallWorld, tmp_path: Path) -> None:
    assert world.check("--env", "prod", cwd=world.prod / "docs/start").returncode == 0
    done = world.check("--env", "prod", "--config", str(world.configuration), cwd=tmp_path)
    assert done.returncode == 0


def test_without_a_configuration_the_profile_applies(world: SmallWorld, tmp_path: Path) -> None:
    report = world.report("--env", "prod", cwd=tmp_path)
    assert report["policy_set"]["source"] == "profile:openclaw"
    assert report["subject"]["repo"] == str(world.home / "openclaw-prod")
    assert report["exit_code"] in {1, 2}  # nothing of that is there


def test_the_command_and_the_module_are_one(world: SmallWorld) -> None:
    by_module = world.check("--env", "prod", "--quiet")
    command = [sys.executable, "-c", "from guardrails.cli import main; import sys; sys.exit(main())"]
    done = subprocess.run(
        [*command, "check", "--env", "prod", "--quiet"],
        cwd=world.folder,
        env=world.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, by_module.stdout, "")


def test_another_time_can_be_asked_for(world: SmallWorld) -> None:
    for at in ("2026-02-01T10:00:00Z", "2026-02-01T11:00:00+01:00"):
        done = world.check("--env", "prod", "--policy", "clean-worktree", "--at", at)
        assert done.returncode == 0, done


# What is left as it was


@pytest.mark.parametrize(
    "arguments",
    [("--env", "prod"), ("--env", "dev"), (*PROMOTE, "--candidate", RELEASE), ("--env", "dev", "--op", "release")],
)
def test_the_world_is_left_as_it_was(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    world = small_world(tmp_path)
    write(world.prod / "new.txt", "untracked\n")
    git(world.dev, "update-index", "--assume-unchanged", "src/gateway.ts")
    before = snapshot(world.folder)
    for form in ("text", "json"):
        world.check(*arguments, "--format", form)
    assert snapshot(world.folder) == before
    assert {path.name for path in world.home.iterdir()} <= {".cache", ".local", "Library"}
