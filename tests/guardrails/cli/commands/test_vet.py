"""`guardrails vet` says what a command would do past the guard, and runs nothing of it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from dirty.dirty import snapshot
from guardrails import reporters
from guardrails.testing.worlds import ScratchWorld
from worlds.judged_calls import RULES, logged

SCHEMA = json.loads((Path(reporters.__file__).parent / "report.schema.json").read_text())


@pytest.fixture
def world(scratch_world: ScratchWorld) -> ScratchWorld:
    scratch_world.configure(RULES)
    return scratch_world


def dirty(world: ScratchWorld) -> None:
    (world.dev / "README.md").write_text("edited\n")


def test_a_command_that_touches_nothing(world: ScratchWorld) -> None:
    done = world.run("vet", "--cwd", "/", "--", "ls", "-l")

    assert (done.returncode, done.stdout) == (0, "NO OPINION  it touches nothing that is guarded\n")
    assert not (world.home / ".local").exists()


def test_a_clean_tree_may_be_reset(world: ScratchWorld) -> None:
    done = world.run("vet", "--cwd", str(world.dev), "--", "git", "reset", "--hard")

    assert done.returncode == 0, done.stdout
    assert done.stdout.split("\n")[-2].startswith("NO OPINION")
    assert "ALLOW" not in done.stdout


def test_a_refusal_says_first_what_and_what_to_type_instead(world: ScratchWorld) -> None:
    dirty(world)
    before = snapshot(world.dev)
    done = world.run("vet", "--shell", f"cd {world.dev} && git reset --hard")

    assert done.returncode == 1
    lines = done.stdout.split("\n")
    assert lines[0] == "guardrails refused this: git reset --hard (dev)"
    assert lines[1] == "reset-loses-nothing: changes in files (1) would be lost: README.md"
    assert lines[2].startswith("instead: guardrails rescue --env dev save --ignored")
    assert lines[-2].startswith("DENY")
    assert snapshot(world.dev) == before
    assert [one["kind"] for one in logged(world, "dev")] == ["refusal"]


def test_what_it_says_to_type_ends_the_refusal(world: ScratchWorld) -> None:
    dirty(world)
    (world.dev / "notes.txt").write_text("mine\n")
    command = ("vet", "--cwd", str(world.dev), "--shell", "git reset --hard; git clean -fdx")
    refused = world.run(*command)
    remedy = next(line for line in refused.stdout.split("\n") if line.startswith("instead: "))

    saved = world.run(*remedy.removeprefix("instead: guardrails ").split())
    assert saved.returncode == 0, saved.stderr
    assert (refused.returncode, world.run(*command).returncode) == (1, 0)


def test_the_report_for_programs(world: ScratchWorld) -> None:
    dirty(world)
    done = world.run("vet", "--format", "json", "--cwd", str(world.dev), "--", "git", "reset", "--hard")

    report = json.loads(done.stdout)
    jsonschema.validate(report, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert (done.returncode, report["exit_code"], report["operation"], report["environment"]) == (
        1,
        1,
        "tool-call",
        "dev",
    )
    words = ["git", "reset", "--hard"]
    expected = {"kind": "loses-work", "environment": "dev", "place": "repo", "path": str(world.dev), "words": words}
    assert report["actions"] == [expected]


def test_a_text_from_standard_input(world: ScratchWorld, tmp_path: Path) -> None:
    dirty(world)
    (tmp_path / "command").write_text(f"cd {world.dev} && git reset --hard")
    with (tmp_path / "command").open() as given:
        done = world.run("vet", "--shell", "-", stdin=given)

    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--shell", "ls", "--write", "x"),
        ("--shell", "ls", "--", "ls"),
        ("--",),
        ("ls",),
        ("--format", "xml", "--shell", "x"),
    ],
)
def test_exactly_one_thing_is_asked(world: ScratchWorld, arguments: tuple[str, ...]) -> None:
    done = world.run("vet", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.split("\n")) == 2


def test_a_configuration_that_cannot_be_read_is_undecided(world: ScratchWorld) -> None:
    world.configure("[nonsense]\n")
    text, program = (world.run("vet", *more, "--shell", "ls") for more in ((), ("--format", "json")))

    assert (text.returncode, program.returncode) == (2, 2)
    report = json.loads(program.stdout)
    jsonschema.validate(report, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert "nonsense" in report["errors"][0]["message"]
