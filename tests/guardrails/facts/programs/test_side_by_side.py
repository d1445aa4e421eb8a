"""The loop that runs children and gatherers side by side: real children, each ending badly in a way of its own."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import types
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts.programs import command, side_by_side
from guardrails.facts.programs.side_by_side import Command, Completed, Pause, SideBySide, Task
from guardrails.policy import Fact, World
from guardrails.testing import gather, world
from progress import elapsed

SH = "/bin/sh"


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No descriptor and no child, living or dead, outlasts a test of this module."""
    before = sorted(os.listdir("/dev/fd"))
    yield
    assert sorted(os.listdir("/dev/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def shell(script: str, **rest: Any) -> Command:
    """A shell as a child."""
    return Command([SH, "-c", script], {"PATH": "/usr/bin:/bin"}, **rest)


def python(script: str, **rest: Any) -> Command:
    """A Python as a child."""
    return Command([sys.executable, "-S", "-c", script], {}, **rest)


async def _of(command: Command) -> Completed:
    return await command


def finished(*commands: Command, at_most: int = 16) -> list[Task]:
    """Run commands side by side to their ends."""
    children = SideBySide(at_most)
    tasks = [children.start(_of(command)) for command in commands]
    children.finish(tasks)
    return tasks


def done(command: Command) -> Completed:
    """Run one command that ends by itself."""
    [task] = finished(command)
    assert task.error is None, task.error
    completed: Completed = task.result
    return completed


def refused(command: Command) -> str:
    """Why a command came to nothing."""
    [task] = finished(command)
    assert isinstance(task.error, CannotKnow)
    return str(task.error)


def test_a_child_gives_its_status_and_both_outputs() -> None:
    completed = done(shell("echo out; echo err >&2; exit 7"))
    assert (completed.status, completed.stdout, completed.stderr) == (7, b"out\n", b"err\n")


def test_a_child_that_a_signal_ends_has_a_negative_status() -> None:
    assert done(shell("kill -TERM $$")).status == -15


def test_a_child_has_the_environment_that_it_is_given_and_nothing_else() -> None:
    assert done(Command(["/usr/bin/env"], {"A": "b\nc"})).stdout == b"A=b\nc\n"


def test_a_child_has_no_input_and_no_descriptor_of_ours_or_of_another_child() -> None:
    reading, writing = os.pipe()
    script = "import os; print(os.fstat(0).st_rdev == os.stat('/dev/null').st_rdev, sorted(os.listdir('/dev/fd')))"
    try:
        alone, beside = (
            done(python(script)).stdout,
            finished(shell("sleep 0.1", stdin=b"x" * 70_000), python(script))[1],
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert alone == beside.result.stdout
    assert alone.startswith(b"True [")  # and whatever the tests themselves were started with


def test_a_child_can_be_ended_by_a_closed_pipe() -> None:
    """Python ignores SIGPIPE, and a child must not inherit that."""
    assert done(shell("yes | head -1; yes 2>/dev/null | head -1")).stdout == b"y\ny\n"
    assert done(shell("kill -PIPE $$")).status == -13


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 5_000_000])
def test_input_larger_than_a_pipe_arrives_whole_while_output_is_read(size: int) -> None:
    data = os.urandom(size)
    assert done(Command(["/bin/cat"], {}, stdin=data)).stdout == data


@pytest.mark.parametrize(
    "script", ["exec <&-; sleep 0.05; echo early", "head -c 1; exec <&-; echo early", "echo early"]
)
def test_a_child_may_stop_reading(script: str) -> None:
    completed = done(shell(script, stdin=b"x" * 1_000_000))
    assert completed.stdout.endswith(b"early\n")
    assert completed.status == 0


@pytest.mark.parametrize(
    "script",
    [
        "sleep 100",
        "exec sleep 100",
        "trap '' TERM INT HUP; while :; do sleep 1; done",
        "exec >&-; sleep 100",
        "exec 2>&-; sleep 100",
        "sleep 100 & exit 0",
        "while :; do echo x; sleep 0.01; done",
    ],
)
def test_a_child_that_takes_too_long_is_given_up(script: str) -> None:
    started = time.monotonic()
    assert refused(shell(script, timeout=0.3)) == "sh gave no answer within 0.3 s"
    assert time.monotonic() - started >= 0.3
    assert elapsed(started) < 3


def test_a_child_that_closes_its_outputs_and_goes_on_is_given_up() -> None:
    started = time.monotonic()
    assert refused(shell("exec >&- 2>&-; exec sleep 5", timeout=0.3)).startswith("sh ")
    assert elapsed(started) < 3


def test_a_child_that_does_not_read_is_given_up() -> None:
    assert "gave no answer" in refused(shell("sleep 100", stdin=b"x" * 1_000_000, timeout=0.3))


def test_a_child_that_takes_long_holds_up_nobody_else() -> None:
    started = time.monotonic()
    slow, quick, other = finished(shell("sleep 100", timeout=0.6), shell("echo a"), shell("sleep 0.1; echo b"))
    assert isinstance(slow.error, CannotKnow)
    assert (quick.result.stdout, other.result.stdout) == (b"a\n", b"b\n")
    assert elapsed(started) < 3


@pytest.mark.parametrize("where", ["", ">&2"])
def test_output_without_end_is_cut_off(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "OUTPUT_LIMIT", 1 << 20)
    assert refused(shell(f"exec yes {where}")) == "sh wrote more than 1 MiB"


def test_output_up_to_the_limit_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "OUTPUT_LIMIT", 1 << 20)
    assert len(done(shell("head -c 1048576 /dev/zero")).stdout) == 1 << 20
    assert refused(shell("head -c 1048577 /dev/zero")) == "sh wrote more than 1 MiB"


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["/nowhere/at/all"], "No such file"),
        (["/etc"], "Permission denied"),
        (["/etc/passwd"], "Permission denied"),
        (["/bin/echo", "x" * 20_000_000], "too long"),
        (["/bin/echo", "a\0b"], "null"),
        ([""], ""),
    ],
)
def test_a_program_that_cannot_be_started_is_said_so(argv: list[str], hint: str) -> None:
    reason = refused(Command(argv, {}))
    assert "cannot" in reason
    assert hint in reason


def test_a_program_that_cannot_be_started_with_input() -> None:
    assert "No such file" in refused(Command(["/nowhere/at/all"], {}, stdin=b"x"))


def test_no_descriptors_left_is_said_so() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.dup(0)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest + 3, hard))
    try:
        reason = refused(shell("echo a"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert "Too many open files" in reason


def test_no_more_children_than_allowed_live_at_once(tmp_path: Path) -> None:
    script = f"touch {tmp_path}/$$; ls {tmp_path} | wc -l; sleep 0.05; rm {tmp_path}/$$"
    tasks = finished(*[shell(script) for _ in range(9)], at_most=3)
    seen = [int(task.result.stdout) for task in tasks]
    assert max(seen) <= 3
    started = time.monotonic()
    finished(*[shell("sleep 0.2") for _ in range(8)], at_most=8)
    assert elapsed(started) < 8 * 0.2


def test_a_deadline_runs_from_the_start_of_the_child_and_not_from_its_turn() -> None:
    tasks = finished(*[shell("sleep 0.3", timeout=0.8) for _ in range(4)], at_most=1)
    assert [task.error for task in tasks] == [None] * 4


def test_a_hundred_children() -> None:
    tasks = finished(*[Command(["/bin/echo", str(number)], {}) for number in range(100)])
    assert [int(task.result.stdout) for task in tasks] == list(range(100))


def test_several_may_wait_for_one_task() -> None:
    children = SideBySide()
    ran = []

    async def once() -> bytes:
        ran.append(1)
        return (await shell("echo shared")).stdout

    async def wait(task: Task) -> bytes:
        found: bytes = await task
        return found

    shared = children.start(once())
    waiters = [children.start(wait(shared)) for _ in range(3)]
    children.finish(waiters)
    late = children.start(wait(shared))
    assert [task.result for task in (*waiters, late)] == [b"shared\n"] * 4
    assert ran == [1]


def test_several_that_wait_for_one_task_all_get_its_error() -> None:
    children = SideBySide()

    async def fail() -> None:
        await shell("true")
        raise CannotKnow("no")

    async def wait(task: Task) -> None:
        await task

    async def recover(task: Task) -> str:
        try:
            await task
        except CannotKnow:
            return "another way"
        return "not reached"

    failing = children.start(fail())
    tasks = [children.start(wait(failing)), children.start(recover(failing)), children.start(wait(failing))]
    children.finish(tasks)
    assert [str(task.error) for task in tasks] == ["no", "None", "no"]
    assert tasks[1].result == "another way"


@pytest.mark.parametrize(
    "error", [RuntimeError, KeyError, RecursionError, SystemExit, KeyboardInterrupt, BaseException]
)
@pytest.mark.parametrize("late", [False, True])
def test_what_a_gatherer_raises_is_its_own(error: type[BaseException], late: bool) -> None:
    children = SideBySide()

    async def fail() -> None:
        if late:
            await shell("true")
        raise error("mine")

    other = children.start(_of(shell("echo fine")))
    try:
        task = children.start(fail())
        children.finish([task, other])
    except BaseException as escaped:
        pytest.fail(f"{escaped!r} of one gatherer ends all of them")
    assert type(task.error) is error
    assert other.result.stdout == b"fine\n"


@pytest.mark.parametrize("late", [False, True])
def test_a_gatherer_that_awaits_what_is_neither_command_nor_task_is_told(late: bool) -> None:
    children = SideBySide()

    @types.coroutine
    def nonsense() -> Generator[int, None, None]:
        yield 42

    async def confused() -> None:
        if late:
            await shell("true")
        await nonsense()

    async def from_elsewhere() -> None:
        await asyncio.sleep(0)

    other = children.start(_of(shell("echo fine")))
    tasks = [children.start(confused()), children.start(from_elsewhere())]
    children.finish([*tasks, other])
    assert [type(task.error) for task in tasks] == [TypeError, TypeError]
    assert other.result.stdout == b"fine\n"


class Hen(Fact):
    egg: object

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Hen:
        await shell("true")
        return cls(await world.fact(Egg))


class Egg(Fact):
    hen: object

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Egg:
        await shell("true")
        return cls(await world.fact(Hen))


class EagerHen(Fact):
    egg: object

    @classmethod
    async def gather(cls, world: World, *options: Any) -> EagerHen:
        return cls(await world.fact(EagerEgg))


class EagerEgg(Fact):
    hen: object

    @classmethod
    async def gather(cls, world: World, *options: Any) -> EagerEgg:
        return cls(await world.fact(EagerHen))


class Narcissus(Fact):
    @classmethod
    async def gather(cls, world: World, *options: Any) -> Narcissus:
        await shell("true")
        await world.fact(Narcissus)
        return cls()


@pytest.mark.parametrize("fact", [Hen, Egg, Narcissus])
def test_facts_that_wait_for_each_other_are_found_out(fact: type[Fact], tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="circle"):
        gather(fact, world(tmp_path))


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
def test_facts_that_wait_for_each_other_at_once_are_found_out(tmp_path: Path) -> None:
    with pytest.raises((CannotKnow, RecursionError)):
        gather(EagerHen, world(tmp_path))


async def _pausing(*seconds: float) -> float:
    started = time.monotonic()
    for one in seconds:
        await Pause(one)
    return time.monotonic() - started


def test_a_pause_takes_its_time_and_holds_up_nobody() -> None:
    children = SideBySide()
    started = time.monotonic()
    pauses = [children.start(_pausing(0.2, 0.1)), children.start(_pausing(0.3)), children.start(_pausing(0, -1))]
    other = children.start(_of(shell("sleep 0.05; echo done")))
    children.finish([other])
    assert elapsed(started) < 0.25
    children.finish(pauses)
    assert elapsed(started) < 0.6
    assert [task.result >= least for task, least in zip(pauses, (0.3, 0.3, 0), strict=True)] == [True] * 3


def test_a_pause_ends_while_a_child_goes_on() -> None:
    children = SideBySide()
    slow, pause = children.start(_of(shell("sleep 1"))), children.start(_pausing(0.1))
    children.finish([pause])
    assert pause.result < 0.6
    assert not slow.done
    children.abandon()


def test_what_pauses_may_go_on_with_a_child_and_be_looked_at_meanwhile() -> None:
    async def later() -> bytes:
        await Pause(0.05)
        return (await shell("echo late")).stdout

    children = SideBySide()
    task = children.start(later())
    children.look()
    assert not task.done
    children.finish([task])
    assert task.result == b"late\n"


def test_what_pauses_can_be_abandoned() -> None:
    children = SideBySide()
    task = children.start(_pausing(100))
    children.abandon()
    children.finish([task])
    assert isinstance(task.error, CannotKnow)


def test_one_coroutine_to_its_end() -> None:
    async def said() -> bytes:
        return (await shell("echo done")).stdout

    async def refused() -> None:
        await Command(["/nonexistent/program"], {})

    assert side_by_side.run_to_end(said()) == b"done\n"
    with pytest.raises(CannotKnow):
        side_by_side.run_to_end(refused())


def test_who_pauses_for_no_time_lets_children_start_first() -> None:
    order = []

    async def reads() -> None:
        await Pause(0)
        order.append("read")

    async def asks() -> None:
        order.append("asked")
        await shell("true")

    children = SideBySide()
    tasks = [children.start(reads()), children.start(asks())]
    children.look()
    assert order == ["asked"]
    children.finish(tasks)
    assert order == ["asked", "read"]
