"""A folder is what it was, whatever was done to it, and what nobody touched is not written."""

from __future__ import annotations

import os
from pathlib import Path

from guardrails.drills.pictures import picture
from guardrails.drills.snapshots import Snapshot


def made(folder: Path) -> Snapshot:
    (folder / "src/inner").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / "src/a").write_bytes(bytes(range(256)))
    (folder / "src/inner/b").write_text("b\n")
    (folder / "src/run").write_text("#!/bin/sh\n")
    (folder / "src/run").chmod(0o755)
    (folder / "link").symlink_to("nowhere")
    os.utime(folder / "src/a", (1, 2))
    snapshot = Snapshot(str(folder))
    assert not snapshot.is_taken()
    snapshot.take()
    return snapshot


def test_everything_comes_back(tmp_path: Path) -> None:
    folder = tmp_path / "world"
    snapshot = made(folder)
    before, times = picture(str(folder)), (folder / "src/a").stat().st_mtime_ns
    for _ in range(2):
        (folder / "src/a").write_bytes(bytes(reversed(range(256))))  # as long as it was
        (folder / "src/run").chmod(0o600)
        (folder / "src/inner/b").unlink()
        (folder / "src/inner").rmdir()
        (folder / "src/inner").symlink_to("a")
        (folder / "link").unlink()
        (folder / "link").mkdir()
        (folder / "new/deep").mkdir(parents=True)
        (folder / "new/deep/file").touch()
        os.mkfifo(folder / "pipe")
        snapshot.restore()
        assert picture(str(folder)) == before
        assert (folder / "src/a").stat().st_mtime_ns == times


def test_a_change_that_its_times_hide_is_seen(tmp_path: Path) -> None:
    snapshot = made(tmp_path / "world")
    file = tmp_path / "world/src/inner/b"
    status = file.stat()
    file.write_text("c\n")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    snapshot.restore()
    assert file.read_text() == "b\n"


def test_what_is_as_it_was_stays_the_same_file(tmp_path: Path) -> None:
    snapshot = made(tmp_path / "world")
    file = tmp_path / "world/src/run"
    number = file.stat().st_ino
    snapshot.restore()
    assert file.stat().st_ino == number
