"""Where a child runs, how much it may write, and that nobody it brought into the world outlives the check."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts.programs.side_by_side import Command, Completed, GivenUp, SideBySide, Task
from guardrails.safety.supervisor import Worker

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells who descends from whom")


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No descriptor, no child and no other working directory outlasts a test of this module."""
    before, here = sorted(os.listdir("/dev/fd")), os.getcwd()
    yield
    assert sorted(os.listdir("/dev/fd")) == before
    assert os.getcwd() == here
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def shell(script: str, **rest: Any) -> Command:
    return Command(["/bin/sh", "-c", script], {"PATH": "/usr/bin:/bin"}, **rest)


def run(*commands: Command) -> list[Task]:
    async def of(command: Command) -> Completed:
        return await command

    children = SideBySide()
    tasks = [children.start(of(command)) for command in commands]
    children.finish(tasks)
    return tasks


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def ended(pids: list[int], within: float = 3.0) -> bool:
    until = time.monotonic() + within
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(is_alive, pids))


def written(path: Path, within: float = 5.0) -> list[int]:
    """The process ids that a script has written, once there are two."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if path.exists() and len(pids := path.read_text().split()) >= 2:
            return [int(pid) for pid in pids]
        time.sleep(0.01)
    pytest.fail("the script did not start")


def test_a_child_runs_in_its_folder_and_the_others_where_they_did(tmp_path: Path) -> None:
    here = os.getcwd()
    tasks = run(shell("pwd", folder=str(tmp_path)), shell("pwd"), shell("pwd", folder="/"))
    assert [task.result.stdout.decode().strip() for task in tasks] == [str(tmp_path), here, "/"]


@pytest.mark.parametrize("folder", ["nowhere", "file", ""])
def test_a_folder_that_is_none_is_said_so(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    [task] = run(shell("pwd", folder=str(tmp_path / folder) if folder else ""))
    assert isinstance(task.error, CannotKnow)
    assert not isinstance(task.error, GivenUp)
    assert str(task.error).startswith("cannot run '/bin/sh'")


def test_a_child_may_have_a_limit_of_its_own() -> None:
    short, long, other = run(
        shell("head -c 1048576 /dev/zero", limit=1 << 20),
        shell("head -c 1048577 /dev/zero", limit=1 << 20),
        shell("head -c 1048577 /dev/zero"),
    )
    assert len(short.result.stdout) == 1 << 20
    assert isinstance(long.error, GivenUp)
    assert str(long.error) == "sh wrote more than 1 MiB"
    assert len(other.result.stdout) == (1 << 20) + 1


def test_a_child_that_is_given_up_is_told_from_one_that_cannot_start() -> None:
    slow, absent = run(shell("sleep 100", timeout=0.2), Command(["/nowhere"], {}))
    assert isinstance(slow.error, GivenUp)
    assert not isinstance(absent.error, GivenUp)


HANGS = {
    "child of a child": "sleep 100 & echo $! $$ > {file}; wait",
    "three deep": "(sleep 100 & echo $! >> {file}; sleep 100 & echo $! >> {file}; wait) & echo $$ >> {file}; wait",
    "deaf to every signal": "trap '' TERM INT HUP; (trap '' TERM INT HUP; sleep 100) & echo $! $$ > {file}; wait",
    "session of its own": "setsid sleep 100 & echo $! $$ > {file}; wait",
    "group of its own": "timeout 100 sleep 100 & echo $! $$ > {file}; wait",
    "without outputs": "exec >&- 2>&-; sleep 100 & echo $! $$ > {file}; wait",
    "stopped": "sleep 100 & echo $! $$ > {file}; kill -STOP $!; kill -STOP $$",
}


@needs_proc
@pytest.mark.parametrize("hang", HANGS)
def test_whoever_descends_from_a_child_that_is_given_up_is_killed_with_it(tmp_path: Path, hang: str) -> None:
    [task] = run(shell(HANGS[hang].format(file=tmp_path / "pids"), timeout=0.4))
    assert isinstance(task.error, GivenUp)
    assert ended(written(tmp_path / "pids"))


@needs_proc
def test_a_neighbour_is_left_alone_when_a_child_is_given_up(tmp_path: Path) -> None:
    slow, other = run(shell("sleep 100 & wait", timeout=0.2), shell("sleep 0.5 & wait; echo fine"))
    assert isinstance(slow.error, GivenUp)
    assert other.result.stdout == b"fine\n"


LEFT_BEHIND = "sleep 100 >/dev/null 2>&1 & echo $! $$ > {file}; {rest}"


def worker(tmp_path: Path, rest: str, timeout: float = 100) -> tuple[Worker, list[int]]:
    """A worker with a child that has left a process in the background, and then does what is said."""
    script = LEFT_BEHIND.format(file=tmp_path / "pids", rest=rest)
    started = Worker(lambda say: say({"ended": [str(task.error) for task in run(shell(script, timeout=timeout))]}))
    return started, written(tmp_path / "pids")


@needs_proc
@pytest.mark.parametrize("rest", ["exit 0", "exit 1", "wait"])
def test_what_a_child_left_in_the_background_ends_with_the_worker(tmp_path: Path, rest: str) -> None:
    started, pids = worker(tmp_path, rest, timeout=0.5)
    assert list(started.messages(lambda _: 5, time.monotonic() + 5))
    started.end()
    assert ended(pids)


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_nobody_outlives_a_worker_that_is_killed(tmp_path: Path, number: int) -> None:
    started, pids = worker(tmp_path, "wait")
    os.kill(started._pid, number)
    assert list(started.messages(lambda _: 5, time.monotonic() + 5)) == []
    started.end()
    assert ended(pids)


@needs_proc
def test_nobody_outlives_a_worker_whose_supervisor_is_killed(tmp_path: Path) -> None:
    script = f"""
import sys, time
sys.path[:0] = {sys.path!r}
from pathlib import Path
from test_child import worker
worker(Path({str(tmp_path)!r}), "wait")
time.sleep(100)
"""
    here = str(Path(__file__).parent)
    supervisor = os.posix_spawn(sys.executable, [sys.executable, "-c", script], {"PYTHONPATH": here})
    pids = written(tmp_path / "pids")
    os.kill(supervisor, signal.SIGKILL)
    os.waitpid(supervisor, 0)
    assert ended(pids, within=5)
