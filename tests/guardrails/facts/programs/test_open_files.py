"""What real processes have open, also in other namespaces, and what may not be seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from guardrails.facts.programs import open_files as reader
from guardrails.facts.programs.open_files import OpenFile, are_any, holds, identities, listens, open_files

needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")

SCRIPT = """
import socket, sys
opened = open(sys.argv[1])
listener = socket.socket(socket.AF_INET6 if sys.argv[2] == "6" else socket.AF_INET)
if sys.argv[2]:
    listener.bind(("::1" if sys.argv[2] == "6" else "127.0.0.1", 0))
    listener.listen()
print("ready", flush=True)
sys.stdin.readline()
"""


@contextmanager
def holder(path: Path, how: str = "4", *before: str, user: int | None = None) -> Iterator[psutil.Process]:
    """A process that has a file open and listens, or does not, until the end of the block."""
    process = subprocess.Popen(
        [*before, sys.executable, "-c", SCRIPT, path, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=user
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        found = psutil.Process(process.pid)
        yield next(iter(found.children()), found) if "--fork" in before else found
    finally:
        process.communicate(b"\n")


def identity(path: Path) -> tuple[int, int]:
    return path.stat().st_dev, path.stat().st_ino


@pytest.mark.parametrize(("how", "expected"), [("4", True), ("6", True), ("", False)])
@pytest.mark.parametrize("proc", ["/proc", "/nowhere"])
def test_a_file_and_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str, proc: str, *, expected: bool
) -> None:
    monkeypatch.setattr(reader, "PROC", proc)
    path = tmp_path / "store.sqlite"
    path.touch()
    with holder(path, how) as process:
        assert OpenFile(str(path), identity(path)) in (open_files(process) or ())
        assert listens(process) is expected


@needs_proc
def test_who_holds_a_file_is_known_under_any_path(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.touch()
    (tmp_path / "link").mkdir()
    (tmp_path / "link/store.sqlite").symlink_to(path)
    (tmp_path / "other").mkdir()
    (tmp_path / "other/store.sqlite").touch()
    with holder(path) as process:
        pid = str(process.pid)
        assert holds(pid, identities([str(tmp_path / "link/store.sqlite"), str(tmp_path / "none")]))
        assert not holds(pid, identities([str(tmp_path / "other/store.sqlite")]))
        assert not holds(pid, {})
        assert are_any(open_files(process) or (), identities([str(path)]))
        path.unlink()
        path.touch()  # another file of that name
        assert not holds(pid, identities([str(path)]))


@needs_proc
@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("unshare"), reason="only root can make namespaces")
def test_a_process_in_other_namespaces(tmp_path: Path) -> None:
    """Its paths and its network are not ours, as in a container."""
    path, inside = tmp_path / "store.sqlite", tmp_path / "inside"
    path.touch()
    inside.mkdir()
    script = f'ip link set lo up 2>/dev/null; mount --bind {tmp_path} {inside} && exec "$@"'
    with holder(inside / path.name, "4", "unshare", "--net", "--mount", "sh", "-c", script, "sh") as process:
        assert holds(str(process.pid), identities([str(path)]))
        assert listens(process) is True


@needs_proc
@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
def test_of_another_user_nothing_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.touch()
    with holder(path) as process:
        heard, mouth = os.pipe()
        if (child := os.fork()) == 0:
            os.setuid(65534)
            wanted = {path.name: {(1, 1)}}
            os.write(mouth, repr((open_files(process), listens(process), holds(str(process.pid), wanted))).encode())
            os._exit(0)
        os.close(mouth)
        with open(heard, encoding="utf-8") as file:
            assert file.read() == "(None, None, False)"
        os.waitpid(child, 0)


def test_a_process_that_has_ended_has_nothing_open() -> None:
    process = subprocess.Popen(["/bin/true"], stdout=subprocess.PIPE)
    seen = psutil.Process(process.pid)
    process.communicate()
    assert holds(str(process.pid), {"x": {(1, 1)}}) is False
    with pytest.raises(psutil.NoSuchProcess):
        open_files(seen)
