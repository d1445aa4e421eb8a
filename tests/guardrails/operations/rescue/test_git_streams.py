"""Whatever the size of a file, a rescue saves it and gives it back in the same small memory, and waits for nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import Command
from guardrails.operations.rescue.git_streams import Stream
from guardrails.operations.rescue.write_trees import Blobs, read_objects
from progress import elapsed
from worlds.two_repositories import Repositories

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
SAVE = """
import pathlib, resource, sys
from guardrails.operations.rescue.save import save
from guardrails.operations.rescue.restore import find_rescue, open_repository, restore_into_folder
from guardrails.testing import world

repo, back = pathlib.Path(sys.argv[1]), sys.argv[2]
saved = save(world(repo))
restore_into_folder(open_repository(str(repo)), find_rescue(open_repository(str(repo)), saved.name), back)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
MORE = 24 << 20  # bytes that a large file may cost beyond a small one


def shell(script: str, *words: str, timeout: float = 10.0) -> Command:
    """A command that is called cat-file, as one of git is."""
    return Command(["/bin/sh", "-c", script, "cat-file", *words], ENVIRONMENT, timeout=timeout)


def peaks(repo: Path, back: Path) -> list[int]:
    """The peak memory in bytes of our process and of the largest git, for one save and one restore."""
    command = [sys.executable, "-c", SAVE, str(repo), str(back)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [int(number) * 1024 for number in done.stdout.split()]


def test_memory_does_not_grow_with_a_file(tmp_path: Path) -> None:
    prod = Repositories(tmp_path).prod
    small = peaks(prod, tmp_path / "small")
    piece = os.urandom(1 << 20)
    with (prod / "large").open("wb") as file:
        for number in range(64):
            file.write(piece + bytes([number]))
    large = peaks(prod, tmp_path / "large")

    assert [after - before < MORE for before, after in zip(small, large, strict=True)] == [True, True], (small, large)
    assert (tmp_path / "large/large").stat().st_size == (prod / "large").stat().st_size
    assert subprocess.run(["cmp", tmp_path / "large/large", prod / "large"], check=False).returncode == 0


def blobs(repo: Path) -> Blobs:
    return Blobs(Repository(str(repo)), "sha1", str(repo / ".git"), str(repo / ".git"))


def test_a_fifo_is_not_waited_for(tmp_path: Path) -> None:
    prod = Repositories(tmp_path).prod
    os.mkfifo(prod / "pipe")
    began = time.monotonic()
    with pytest.raises(CannotKnow, match="pipe has changed while it was saved"), blobs(prod) as storing:
        storing.store_file(b"pipe")
    assert elapsed(began) < 5


@pytest.mark.parametrize("how", ["gone", "link", "folder", "behind a file"])
def test_what_is_no_file_by_now_is_no_rescue(tmp_path: Path, how: str) -> None:
    prod = Repositories(tmp_path).prod
    name = {"gone": "absent", "link": "link", "folder": "folder", "behind a file": "first.txt/below"}[how]
    (prod / "link").symlink_to("first.txt")
    (prod / "folder").mkdir()
    with pytest.raises(CannotKnow), blobs(prod) as storing:
        storing.store_file(name.encode())


def test_a_file_that_grows_is_no_rescue(tmp_path: Path) -> None:
    prod = Repositories(tmp_path).prod
    (prod / "log").write_bytes(bytes(64 << 20))
    stop = threading.Event()

    def grow() -> None:
        with (prod / "log").open("ab", buffering=0) as file:
            while not stop.wait(0.001):
                file.write(b"x")

    growing = threading.Thread(target=grow)
    growing.start()
    try:
        with pytest.raises(CannotKnow, match="log has changed"), blobs(prod) as storing:
            storing.store_file(b"log")
    finally:
        stop.set()
        growing.join()
    left = [*(prod / ".git").glob("fast_import_crash_*"), *(prod / ".git/objects").rglob("tmp_*")]
    assert left == [], "what was begun takes no room"


def test_every_object_is_read_in_turn_whatever_its_size(tmp_path: Path) -> None:
    prod = Repositories(tmp_path).prod
    texts = [b"", b"\n", b"x" * 70000, b"a\nb", bytes(200000), b"end"]
    with blobs(prod) as storing:
        ids = [storing.store_text(text) for text in texts]
    reader = Repository(str(prod))
    assert [b"".join(pieces) for _, _, pieces in read_objects(reader, ids)] == texts
    assert [size for _, size, _ in read_objects(reader, ids)] == list(map(len, texts)), (
        "what is not read is passed over"
    )
    with pytest.raises(CannotKnow, match="cannot be read"):
        list(read_objects(reader, [*ids, "0" * 40]))
    commit = git(prod, "rev-parse", "HEAD")
    assert [kind for kind, _, _ in read_objects(reader, [commit, ids[0]])] == ["commit", "blob"]


def test_a_program_that_says_nothing_is_given_up() -> None:
    began = time.monotonic()
    with pytest.raises(CannotKnow, match="no answer within 0"), Stream(shell("sleep 60", timeout=0.3)) as one:
        one.read_line()
    assert elapsed(began) < 5


def test_a_program_that_takes_nothing_is_given_up() -> None:
    with pytest.raises(CannotKnow, match="gave no answer"), Stream(shell("sleep 60", timeout=0.3)) as one:
        one.write(bytes(1 << 20))


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo 'fatal: no space' >&2; exit 128", "git cat-file: fatal: no space"),
        ("exit 3", "git cat-file: ended with status 3"),
        ("kill -9 $$", "git cat-file: ended with status -9"),
    ],
)
def test_a_program_that_fails_is_told_with_what_it_said(script: str, says: str) -> None:
    for act in ("read_line", "end"):
        with pytest.raises(CannotKnow) as caught, Stream(shell(script)) as one:
            getattr(one, act)()
        assert str(caught.value) == says


def test_complaints_are_taken_in_while_it_answers() -> None:
    script = "head -c 300000 /dev/zero >&2; echo done; cat >/dev/null"
    with Stream(shell(script)) as one:
        assert one.read_line() == b"done"
        one.end()
