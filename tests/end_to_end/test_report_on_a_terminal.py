"""On a terminal of any usual width each line of a report fits, and says what it says in a pipe."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from terminals import Terminal
from worlds.small_world import RELEASE, SmallWorld, small_world, write

PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)
COMMANDS = {
    "check": ("check", *PROMOTE),
    "verbose": ("check", "--env", "prod", "--verbose"),
    "narrowed": ("check", "--env", "prod", "--policy", "clean-worktree"),
    "doctor": ("doctor",),
}
WIDTHS = (40, 80, 120)
TO_PASTE = re.compile(r" +do +\S")
ONE_WORD = re.compile(r" *(?:(?:observed|expected|because|note|!) +)?\S+")
MARKED = ("✓ ", "– ", "! ", "✗ ", " ")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world of which there is much to say: a change by hand, a state directory that is gone."""
    world = small_world(tmp_path_factory.mktemp("terminal"))
    write(world.prod / "src/gateway.ts", "changed\n")
    world.prod_state.rename(world.prod_state.with_name("elsewhere"))
    return world


@pytest.fixture(scope="module", params=[(name, width) for name in COMMANDS for width in WIDTHS], ids=str)
def printed(world: SmallWorld, request: pytest.FixtureRequest) -> tuple[str, int, list[str]]:
    """A command, the columns of a terminal, and the lines that it shows there."""
    name, columns = request.param
    return name, columns, shown(world, columns, *COMMANDS[name])


def shown(world: SmallWorld, columns: int, *arguments: str) -> list[str]:
    """The lines that a command shows on a terminal."""
    command = [world.python, "-P", "-m", "guardrails", *arguments]
    environment = {**world.environment(), "NO_COLOR": "1", "TERM": "xterm"}
    with Terminal(command, env=environment, cwd=world.folder, columns=columns) as terminal:
        return terminal.rest().replace("\r\n", "\n").removesuffix("\n").split("\n")


def words(lines: list[str]) -> Counter[str]:
    """What the lines say, without how long it took, and how many records the log has by then."""
    text = re.sub(r"\b\d+\s+(ms,|records)", "", " ".join(lines))
    return Counter(word.rstrip(":") for word in text.split())


def test_no_line_is_longer_than_the_terminal(printed: tuple[str, int, list[str]]) -> None:
    _, columns, lines = printed
    too_long = [line for line in lines if len(line) > columns]
    assert [line for line in too_long if not TO_PASTE.match(line) and not ONE_WORD.fullmatch(line)] == []


def test_it_says_what_it_says_in_a_pipe(world: SmallWorld, printed: tuple[str, int, list[str]]) -> None:
    name, _, lines = printed
    piped = world.run(*COMMANDS[name]).stdout
    assert max(map(len, piped.split("\n"))) > 120
    assert words(lines) == words(piped.split("\n"))


def test_what_goes_on_below_is_indented(printed: tuple[str, int, list[str]]) -> None:
    name, _, lines = printed
    first = 0 if name == "doctor" else lines.index("")
    last = len(lines) - lines[::-1].index("")
    assert [line for line in lines[first:last] if line and not line.startswith(MARKED)] == []
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_verdict_is_the_last_line(printed: tuple[str, int, list[str]]) -> None:
    name, columns, lines = printed
    if name == "check":
        counted = r": 6 pass, 3 fail, 1 skip" if columns > 40 else ""
        assert re.fullmatch(rf"DENY  3 of 10 block{counted}", lines[-1])


def test_a_report_names_the_configuration_in_force(world: SmallWorld) -> None:
    for arguments in (COMMANDS["check"], ("plan", "promote", *PROMOTE[:2], *PROMOTE[4:])):
        assert f"configuration {world.configuration}" in world.run(*arguments).stdout.split("\n")


def test_without_a_configuration_it_says_so(world: SmallWorld) -> None:
    said = world.run("check", "--env", "prod", cwd=world.home).stdout
    assert "configuration none, so the built-in profile:openclaw applies; guardrails init writes" in said
