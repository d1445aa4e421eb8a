"""`guardrails doctor` on real worlds: what is well, each thing that is not, and never a change."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from plugin_packages import PREAMBLE, install, policy_class, provide
from worlds.examined import done_as_told, examined, not_well, of
from worlds.openclaw_state import listing
from worlds.small_world import SmallWorld, small_world, write


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


def test_a_sound_world_is_well_and_each_thing_is_told(world: SmallWorld) -> None:
    things = examined(world)

    assert not_well(things) == []
    kinds = list(dict.fromkeys(thing["about"] for thing in things))
    assert kinds == ["configuration", "environment", "plugin", "hook", "trust", "log", "watch", "statement", "version"]
    assert "guardrails.toml, the nearest from here up; 33 policies, 2 environments" in things[0]["text"]
    assert [one["name"] for one in of(things, "environment")] == ["prod", "prod", "dev", "dev"]
    assert of(things, "version", "guardrails")[0]["state"] == "ok"


def test_one_environment_alone(world: SmallWorld) -> None:
    things = examined(world, "--env", "dev")
    assert {one["name"] for about in ("environment", "hook", "log") for one in of(things, about)} == {"dev"}

    done = world.run("doctor", "--env", "prood")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "guardrails: unknown environment prood; did you mean prod?\n"


@pytest.mark.parametrize("sound", [True, False])
def test_it_changes_nothing(world: SmallWorld, sound: bool) -> None:
    assert world.run("hook", "install", "pre-push", "--env", "dev").returncode == 0
    assert world.check("--env", "prod").returncode in (0, 1)
    if not sound:
        write(world.dev / ".git/hooks/pre-push", "#!/bin/sh\n")
        world.configure('[trust]\nallowed_signers = "gone"\n')
        write(world.prod / "src/gateway.ts", "changed\n")
    state = world.home / ".local"
    before = listing(world.folder), listing(state)
    assert world.run("doctor").returncode == (0 if sound else 1)

    assert (listing(world.folder), listing(state)) == before


def test_the_text_marks_each_line_and_says_what_to_do(world: SmallWorld) -> None:
    world.prod_state.rename(world.prod_state.with_name("elsewhere"))
    done = world.run("doctor", "--env", "prod")

    assert (done.returncode, done.stderr) == (1, "")
    lines = done.stdout.split("\n")
    [at] = [number for number, line in enumerate(lines) if line.startswith("✗ wrong    environment    prod: its state")]
    assert lines[at].endswith(f"{world.prod_state} is not there")
    assert lines[at + 1].startswith("            do    guardrails config show --config ")
    assert lines[-2] == f"NOT WELL  {done.stdout.count('✓ ok')} ok, {done.stdout.count('– note')} note, 1 wrong"


BROKEN = {
    "no TOML": ("[environments\n", "not valid TOML"),
    "unknown policy": ('[policies.clean-worktre]\nenforcement = "advisory"\n', "did you mean clean-worktree?"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_configuration_is_one_line_and_the_rest_is_told(world: SmallWorld, fault: str) -> None:
    text, says = BROKEN[fault]
    world.configure(text)
    things = examined(world)

    assert not_well(things) == [("configuration", "", "wrong"), ("environment", "", "unknown")]
    assert says in things[0]["text"]
    number = things[0]["text"].removeprefix(f"{world.configuration}:").partition(":")[0]
    shown = done_as_told(world, things[0]).stdout
    assert shown.rstrip("\n") == world.configuration.read_text().split("\n")[int(number) - 1]
    assert of(things, "plugin")[0]["state"] == "ok"
    assert len(of(things, "version")) == 3


def test_a_configuration_that_others_can_write_is_mended_by_its_line(world: SmallWorld) -> None:
    world.configuration.chmod(0o666)
    things = examined(world)
    assert not_well(things)[0] == ("configuration", "", "wrong")
    done_as_told(world, things[0])
    assert not_well(examined(world)) == []


def test_a_configuration_that_is_named_and_not_there(world: SmallWorld) -> None:
    done = world.run("doctor", "--config", "gone.toml")
    assert done.returncode == 1
    assert "✗ wrong    configuration  gone.toml: there is no such configuration file\n" in done.stdout


def test_where_the_configuration_came_from(world: SmallWorld, tmp_path: Path) -> None:
    path = str(world.configuration)
    for arguments, changes, says in (
        (("--config", path), {}, "as --config names it"),
        ((), {"GUARDRAILS_CONFIG": path}, "as GUARDRAILS_CONFIG names it"),
    ):
        [first, *_] = examined(world, *arguments, cwd=tmp_path, env=changes)
        assert first["text"].startswith(f"{path}, {says};")
    write(world.home / ".config/guardrails/guardrails.toml", world.configuration.read_text())
    [first, *_] = examined(world, cwd=tmp_path)
    assert ", the user's own;" in first["text"]


def test_without_a_configuration_init_is_named(world: SmallWorld, tmp_path: Path) -> None:
    [first, *rest] = examined(world, cwd=tmp_path)
    assert (first["state"], first["do"]) == ("note", "guardrails init")
    assert "the built-in profile:openclaw applies" in first["text"]
    assert ("environment", "prod", "wrong") in not_well(rest), "the profile's folders are not there"


def test_a_configuration_of_a_ref(world: SmallWorld) -> None:
    text = world.configuration.read_text().replace('"prod"', f'"{world.prod}"').replace('"dev"', f'"{world.dev}"')
    write(world.dev / "guardrails.toml", text.replace('"state/', f'"{world.folder}/state/'))
    git(world.dev, "add", "-A")
    git(world.dev, "commit", "-qm", "rules")
    (world.dev / "guardrails.toml").unlink()
    [first, *_] = examined(world, "--config-ref", "HEAD", cwd=world.dev)
    assert first["text"].startswith(f"ref:{git(world.dev, 'rev-parse', 'HEAD')}, as --config-ref names it;")
    [broken, *_] = examined(world, "--config-ref", "gone", cwd=world.dev)
    assert "has no such commit" in broken["text"]


def test_a_waiver_that_lasts_too_long_makes_the_configuration_wrong(world: SmallWorld) -> None:
    now, later = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400)) for days in (0, 9000))
    write(
        world.folder / "guardrails.waivers.toml",
        f'[[waivers]]\npolicy = "quiet-cron"\nenvironment = "prod"\nowner = "me"\nreason = "so"\ncreated = {now}\n'
        f"expires = {later}\n",
    )
    [first, *_] = examined(world)
    assert first["state"] == "wrong"


def test_a_plugin_that_cannot_be_loaded_is_one_line_and_the_rest_is_told(world: SmallWorld, tmp_path: Path) -> None:
    world.python_path.append(str(install(tmp_path / "broken", "broken", "import gone_for_good\n")))
    things = examined(world)

    assert not_well(things) == [
        ("configuration", "", "unknown"),
        ("plugin", "broken", "wrong"),
        ("environment", "", "unknown"),
    ]
    [broken] = [one for one in of(things, "plugin") if one["state"] == "wrong"]
    assert broken["name"] == "broken"
    assert "gone_for_good" in done_as_told(world, broken).stderr
    assert of(things, "plugin", "openclaw")[0]["state"] == "ok"


def test_text_from_the_world_is_escaped_and_secrets_are_taken_out(world: SmallWorld) -> None:
    secret = "ghp_" + "a1B2" * 9
    place = f"gone\x1b[31m\n::error::x/{secret}"
    text = world.configuration.read_text().replace('"state/prod"', f'"{place}"'.encode("unicode_escape").decode())
    world.configuration.write_text(text.replace("\\x1b", "\\u001b"))
    for arguments in ((), ("--format", "json")):
        done = world.run("doctor", *arguments)
        assert secret not in done.stdout + done.stderr
        assert "\x1b" not in done.stdout
        assert "gone\\" in done.stdout
    assert not [line for line in world.run("doctor").stdout.split("\n") if line.startswith("::")]


def test_colour_is_for_terminals_alone(world: SmallWorld) -> None:
    assert "\x1b[" in world.run("doctor", env={"GUARDRAILS_COLOR": "always"}).stdout
    assert "\x1b[" not in world.run("doctor", env={"GUARDRAILS_COLOR": "auto"}).stdout


def test_a_plugin_that_exits_while_it_is_asked_is_one_line(world: SmallWorld, tmp_path: Path) -> None:
    source = PREAMBLE + policy_class("good-one", "pass") + provide("GoodOne")
    source += "\n\n@hookimpl\ndef guardrails_products():\n    os._exit(0)\n"
    world.python_path.append(str(install(tmp_path / "exits", "exits", source)))
    things = examined(world)
    assert not_well(things) == [("plugin", "exits", "wrong")]
    assert "ended before it was done" in of(things, "plugin", "exits")[0]["text"]
