"""`guardrails demo` shows every rule at work, says when one does not, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import pty
import re
import subprocess
import termios
from pathlib import Path

import pytest

from guardrails import config
from guardrails.cli.commands.setup import demo
from guardrails.plugins import loader
from guardrails.plugins.demo_scenes import Act, Scene
from worlds.small_world import SmallWorld

[DEMO] = loader.load().demos()
RELEASE_PLAN = ("--act", str(len(DEMO.acts)))  # it runs git most


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """Where and as whom the command line runs; nothing is built."""
    made = SmallWorld(tmp_path)
    made.folder.mkdir()
    (tmp_path / "scratch").mkdir()
    return made


def play(world: SmallWorld, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return world.run("demo", *arguments, env={"TMPDIR": str(world.folder.parent / "scratch"), **variables})


@pytest.mark.corpus  # of which `test_one_act_alone` is a sample
def test_it_plays_every_act_and_leaves_nothing_behind(world: SmallWorld, tmp_path: Path) -> None:
    done = play(world)

    assert (done.returncode, done.stderr) == (0, "")
    for number, act in enumerate(DEMO.acts, start=1):
        assert f"{number}/{len(DEMO.acts)}  {act.title}\n" in done.stdout
        assert all(scene.says in done.stdout for scene in act.scenes)
    scenes = [scene for act in DEMO.acts for scene in act.scenes]
    checks = [bool(scene.denied_by) for scene in scenes if scene.is_check]
    assert len(re.findall(r"^\$ ", done.stdout, re.MULTILINE)) == len(scenes)
    assert len(re.findall(r"^\$ .*guardrails check", done.stdout, re.MULTILINE)) == len(checks)
    assert done.stdout.count("\nALLOW") == checks.count(False)
    assert list((tmp_path / "scratch").iterdir()) == []
    assert list(world.home.rglob("*.json")) == [], "the user's own cache is none of a demo's business"


def test_every_policy_of_the_profile_has_an_act_that_it_denies(world: SmallWorld) -> None:
    settings, _, _ = config.read(None)
    scenes = [scene for act in DEMO.acts for scene in act.scenes]
    asked = [scene for scene in scenes if scene.is_check or scene.command[:2] == ("guardrails", "vet")]
    denying = {policy for scene in asked for policy in scene.denied_by}

    assert denying >= {setting.name for setting in settings.policies}


def test_one_act_alone(world: SmallWorld) -> None:
    done = play(world, "--act", "2")

    assert (done.returncode, done.stderr) == (0, "")
    assert [act.title for act in DEMO.acts if f"  {act.title}\n" in done.stdout] == [DEMO.acts[1].title]


def test_on_a_terminal_every_command_has_one_of_the_same_width(world: SmallWorld) -> None:
    (number,) = (n for n, act in enumerate(DEMO.acts, start=1) if act.title == "A promotion in a freeze")
    parent, child = pty.openpty()
    termios.tcsetwinsize(child, (40, 60))
    command = [world.python, "-P", "-m", "guardrails", "demo", "--act", str(number)]
    variables = world.environment(TERM="xterm-256color")
    with subprocess.Popen(command, cwd=world.folder, env=variables, stdout=child, stderr=child):
        os.close(child)
        printed = b""
        with contextlib.suppress(OSError):  # how Linux ends a terminal
            while part := os.read(parent, 1 << 16):
                printed += part
    os.close(parent)
    lines = [line.strip() for line in re.sub(r"\x1b\[[0-9;]*m", "", printed.decode()).splitlines()]
    assert "\x1b[31m" in printed.decode(), "a refusal is red"
    assert "max_age limits the age" in lines, "a long note goes on in a line of its own"


@pytest.mark.parametrize("number", ["0", "-1", "1000"])
def test_an_act_that_is_not_there(world: SmallWorld, number: str) -> None:
    done = play(world, "--act", number)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"guardrails: there is no act {number}; there are {len(DEMO.acts)}\n"


def test_into_keeps_a_world_that_stands_on_its_own(world: SmallWorld) -> None:
    done = play(world, "--act", "1", "--into", "kept world")

    kept = world.folder / "kept world"
    assert done.returncode == 0
    assert f"HOME='{kept}/home' guardrails check --env prod --config '{kept}/guardrails.toml'" in done.stdout
    assert (
        world.report("--env", "prod", "--config", str(kept / "guardrails.toml"), env={"HOME": str(kept / "home")})[
            "verdict"
        ]
        == "allow"
    )
    subprocess.run(["git", "fetch", "-q", "upstream"], cwd=kept / "openclaw-prod", check=True)
    for file in kept.rglob("*"):
        if file.is_file():
            assert b"guardrails-demo-" not in file.read_bytes(), f"{file} names a folder that is gone"


def test_into_refuses_what_is_there(world: SmallWorld) -> None:
    (world.folder / "mine").mkdir()
    done = play(world, "--into", "mine")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "guardrails: mine is there already; --into takes the name of a new folder\n"
    assert list((world.folder / "mine").iterdir()) == []


def hostile(elsewhere: Path) -> dict[str, str]:
    """Variables that lead git elsewhere."""
    return {
        "GIT_DIR": str(elsewhere),
        "GIT_WORK_TREE": str(elsewhere),
        "GIT_INDEX_FILE": str(elsewhere / "index"),
        "GIT_OBJECT_DIRECTORY": str(elsewhere / "objects"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.autocrlf",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_TEMPLATE_DIR": str(elsewhere),
        "GIT_AUTHOR_DATE": "never",
    }


def plays_in_a_hostile_environment(world: SmallWorld, folder: Path, *arguments: str) -> None:
    elsewhere = folder / "elsewhere"
    done = play(world, *arguments, **hostile(elsewhere))

    assert (done.returncode, done.stderr) == (0, "")
    assert not elsewhere.exists()


def plays_with_configured_hooks(world: SmallWorld, folder: Path, *arguments: str) -> None:
    hooks = folder / "hooks"
    hooks.mkdir()
    for name in ("pre-commit", "post-commit", "commit-msg", "post-checkout", "reference-transaction"):
        hook = hooks / name
        hook.write_text(f"#!/bin/sh\necho ran >> {folder}/ran\nexit 1\n")
        hook.chmod(0o755)
    (world.home / ".gitconfig").write_text(
        f"[core]\n\thooksPath = {hooks}\n\tautocrlf = true\n[init]\n\ttemplateDir = {hooks}\n\tdefaultBranch = trunk\n"
        "[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n[clone]\n\tdefaultRemoteName = elsewhere\n"
    )
    done = play(world, *arguments)

    assert (done.returncode, done.stderr) == (0, "")
    assert not (folder / "ran").exists()


@pytest.mark.corpus  # the next test is a sample of it
def test_a_hostile_git_environment_changes_nothing(world: SmallWorld, tmp_path: Path) -> None:
    plays_in_a_hostile_environment(world, tmp_path, *RELEASE_PLAN)


def test_a_hostile_git_environment_changes_nothing_in_the_second_act(world: SmallWorld, tmp_path: Path) -> None:
    plays_in_a_hostile_environment(world, tmp_path, "--act", "2")


@pytest.mark.corpus  # the next test is a sample of it
def test_a_users_git_configuration_changes_nothing(world: SmallWorld, tmp_path: Path) -> None:
    plays_with_configured_hooks(world, tmp_path, *RELEASE_PLAN)


def test_a_users_git_configuration_changes_nothing_in_the_second_act(world: SmallWorld, tmp_path: Path) -> None:
    plays_with_configured_hooks(world, tmp_path, "--act", "2")


def test_what_stands_for_options_of_a_check_does_not_reach_the_acts(world: SmallWorld, tmp_path: Path) -> None:
    done = play(
        world,
        "--act",
        "1",
        GUARDRAILS_ENV="dev",
        GUARDRAILS_FORMAT="json",
        GUARDRAILS_CONFIG=str(tmp_path / "none.toml"),
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "\nALLOW" in done.stdout


CHECK = ("guardrails", "check")
_ONLY_THIS = (*CHECK, "--env", "prod", "--policy", "clean-worktree")


def edit(folder: str) -> None:
    Path(folder, "openclaw-prod/src/gateway.ts").write_text("export const port = 1;\n")


def shell(script: str, *named: str) -> Scene:
    return Scene(("sh", "-c", script), named)


def wrong(title: str, *scenes: Scene) -> Act:
    return Act(title, scenes)


@pytest.mark.parametrize(
    "act",
    [
        wrong("nothing is broken, and yet it must be denied", Scene(_ONLY_THIS, ("clean-worktree",))),
        wrong("something is broken, and yet it must be allowed", Scene(_ONLY_THIS, (), edit)),
        wrong("another policy denies it", Scene(_ONLY_THIS, ("fast-forward-only",), edit)),
        wrong("more is denied than must be", Scene(_ONLY_THIS, ("clean-worktree", "fast-forward-only"), edit)),
        wrong("nothing is judged at all", Scene((*CHECK, "--env", "prod", "--op", "nothing"))),
        wrong("the check ends before it has a report", Scene((*CHECK, "--env", "nowhere"))),
        wrong("only its first scene goes wrong", Scene((*CHECK, "--env", "nowhere")), Scene(_ONLY_THIS)),
    ],
    ids=lambda act: act.title,
)
def test_it_notices_when_an_act_goes_wrong(
    act: Act, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, value in SmallWorld(tmp_path).environment().items():
        monkeypatch.setenv(name, value)
    show = demo._Show(DEMO.replaced(acts=(act,)), str(tmp_path))

    assert show.play_all() == [act.title]
    capfd.readouterr()


def test_an_act_that_goes_wrong_is_exit_code_2(world: SmallWorld, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "sitecustomize.py").write_text(
        "from guardrails_policies.repository.clean_worktree import CleanWorktree\n"
        "CleanWorktree.evaluate = lambda self: iter(())\n"
    )
    world.python_path.insert(0, str(wrong))
    done = play(world, "--act", "2")

    assert done.returncode == 2
    assert done.stderr == f"guardrails: this came to something else than it must: {DEMO.acts[1].title}\n"
    assert list((tmp_path / "scratch").iterdir()) == []
