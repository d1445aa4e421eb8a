"""Real processes, some of which end while they are looked at."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from guardrails.facts.programs import process_table
from guardrails.facts.programs.process_table import Process, ProcessTable, start_ticks
from guardrails.testing import gather, world

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


def table(
    *words: str,
    pids: tuple[int, ...] = (),
    variables: tuple[str, ...] = (),
    files: tuple[str, ...] = (),
    titles: tuple[str, ...] = (),
) -> dict[int, Process]:
    return {one.pid: one for one in gather(ProcessTable, world(), words, pids, variables, files, titles).processes}


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    given = {"STATE": "x\ny", "TOKEN": "hunter2"}
    process = subprocess.Popen(["/x/some-title\n", "600"], executable="/bin/sleep", cwd=tmp_path, env=given)
    time.sleep(0.05)  # until it is that program and no longer a copy of ours
    yield process
    process.kill()
    process.wait()


def test_what_is_seen(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    found = table("some-title\n", variables=("STATE", "NONE"))
    assert list(found) == [sleeper.pid]
    one = found[sleeper.pid]
    assert one.arguments == ("/x/some-title\n", "600")
    assert (one.parent, one.user, one.folder) == (os.getpid(), os.getuid(), str(tmp_path))
    assert one.variables == {"STATE": "x\ny"}
    assert abs(one.started - time.time()) < 60
    assert one.ticks == start_ticks(sleeper.pid)
    assert "hunter2" not in repr(found)


def test_what_is_not_asked_for_is_not_there(sleeper: subprocess.Popen[bytes]) -> None:
    assert table("title", "x", "some-title") == {}
    assert list(table(pids=(sleeper.pid, 2**22 - 3))) == [sleeper.pid]


@pytest.mark.parametrize("proc", ["/nowhere", "empty"])
def test_where_there_is_no_proc_psutil_sees_the_same(
    sleeper: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proc: str
) -> None:
    monkeypatch.setattr(process_table, "PROC", str(tmp_path) if proc == "empty" else proc)
    found = table("some-title\n")
    assert list(found) == [sleeper.pid]
    assert found[sleeper.pid].ticks is None


@pytest.mark.parametrize("proc", ["/proc", "/nowhere"])
def test_a_title_is_the_whole_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proc: str) -> None:
    monkeypatch.setattr(process_table, "PROC", proc)
    process = subprocess.Popen(["a-title"], executable="/bin/cat", cwd=tmp_path, stdin=subprocess.PIPE)
    try:
        time.sleep(0.05)
        assert list(table(titles=("a-title",))) == [process.pid]
        assert table(titles=("title", "cat", "a")) == {}
    finally:
        process.communicate()


@pytest.mark.parametrize("proc", ["/proc", "/nowhere"])
def test_who_has_a_file_open_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proc: str) -> None:
    monkeypatch.setattr(process_table, "PROC", proc)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with (tmp_path / "file").open("w") as opened:
        process = subprocess.Popen(["any"], executable="/bin/cat", stdin=subprocess.PIPE, stdout=opened)
        try:
            time.sleep(0.05)
            assert process.pid in table(files=(str(tmp_path / "file"), str(tmp_path / "none")))
            assert table(files=(str(tmp_path / "none"),)) == {}
            found = table(pids=(process.pid,))[process.pid]
            assert str(tmp_path / "file") in [one.path for one in found.files or ()]
            assert found.listens is False
        finally:
            process.communicate()


def test_the_children_of_a_process_are_seen_by_their_command_lines(tmp_path: Path) -> None:
    script = "echo ready; cat - other; :"
    process = subprocess.Popen(
        ["/bin/sh", "-c", script], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.1)
        assert table(pids=(process.pid,))[process.pid].children == (("cat", "-", "other"),)
    finally:
        process.communicate()


@needs_proc
def test_psutil_is_not_loaded_when_there_is_nothing_to_see() -> None:
    code = (
        "import sys; from guardrails.testing import gather, world;"
        "from guardrails.facts.programs.process_table import ProcessTable;"
        "assert gather(ProcessTable, world(), ('no such ' + 'process',)).processes == ();"
        "assert 'psutil' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_corpse_is_none() -> None:
    process = subprocess.Popen(["/bin/true"])
    time.sleep(0.1)
    assert table(pids=(process.pid,)) == {}
    assert start_ticks(process.pid) is None
    process.wait()
    assert start_ticks(process.pid) is None


def test_processes_that_end_while_they_are_looked_at() -> None:
    script = "while :; do (exec -a passing sleep 0.001) & (exec -a passing sleep 0.002); done"
    storm = subprocess.Popen(["/bin/bash", "-c", script], stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            table("passing")
    finally:
        os.killpg(storm.pid, 9)
        storm.wait()


@needs_proc
def test_thousands_of_processes_are_looked_through_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pid in range(5000):
        (tmp_path / str(pid)).mkdir()
        (tmp_path / str(pid) / "cmdline").write_bytes(b"/usr/bin/node\0" + b"x" * 200 + b"\0gateway2\0")
    (tmp_path / "self").symlink_to("1")
    monkeypatch.setattr(process_table, "PROC", str(tmp_path))
    started = time.process_time()
    assert table("gateway") == {}
    assert time.process_time() - started < 1
