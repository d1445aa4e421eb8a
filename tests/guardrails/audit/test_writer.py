"""A record is appended whole, in order and on the disk, or not at all: whoever else writes or is killed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails.audit import files, writer
from guardrails.audit.chain import Head, head_at
from guardrails.audit.reader import records, verify
from guardrails.errors import AuditError
from privileges import small_disk
from progress import code_of, elapsed, output_of

ROOT = Path(__file__).parents[3]
FACTS = {"kind": "check", "environment": "prod"}
MANY = """
import sys
from guardrails.audit.writer import append
for number in range(int(sys.argv[2])):
    head = append(sys.argv[1], {"kind": "check", "environment": "prod", "writer": sys.argv[3], "turn": number})
    print(head.number, flush=True)
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The path of a log that is not there yet, nor are its folders."""
    return tmp_path / "state/guardrails/audit.jsonl"


def append(log: Path, times: int = 1, **facts: object) -> Head:
    for _ in range(times):
        head = writer.append(str(log), {**FACTS, **facts})
    return head


def start(log: Path, times: int, name: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", MANY, str(log), str(times), name]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def refused(log: Path, **rest: float) -> str:
    with pytest.raises(AuditError) as caught:
        writer.append(str(log), FACTS, **rest)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_records_follow_each_other_in_a_file_for_us_alone(log: Path) -> None:
    old = os.umask(0)
    try:
        head = append(log, 3)
    finally:
        os.umask(old)
    assert head.number == 3
    assert head_at(log.read_bytes().splitlines()[-1]) == head
    assert verify(str(log), head).records == 3
    assert log.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (log.parent, log.parent.parent)] == [0o700, 0o700]


def test_many_writers_make_one_chain(log: Path) -> None:
    writers = [start(log, 100, str(number)) for number in range(8)]
    assert [code_of(one) for one in writers] == [0] * 8
    for one in writers:
        assert one.stdout
        one.stdout.close()
    assert verify(str(log), None).records == 800
    turns: dict[str, list[int]] = {}
    for _, record in records(str(log)):
        assert record
        turns.setdefault(record["writer"], []).append(record["turn"])
    assert turns == {str(number): list(range(100)) for number in range(8)}


def test_nothing_that_was_confirmed_is_lost_by_kill_9(log: Path) -> None:
    confirmed = 0
    for round_ in range(25):
        with start(log, 100_000) as process:
            assert process.stdout
            process.stdout.readline()
            time.sleep(0.0007 * round_)
            process.send_signal(signal.SIGKILL)
            said = process.stdout.read().split()
        confirmed = max(confirmed, int(said[-1]) if said else 1)
        head = append(log)
        assert head.number > confirmed
        assert verify(str(log), head).line is None
    assert confirmed > 25


def torn_logs(log: Path) -> list[bytes]:
    """The log cut at every byte of its last line but none and all of it."""
    append(log, 2)
    whole = log.read_bytes()
    start = whole.index(b"\n") + 1
    return [whole[:end] for end in range(start + 1, len(whole))]


def test_a_torn_line_is_kept_aside_and_told_of(log: Path) -> None:
    for data in torn_logs(log):
        for old in log.parent.iterdir():
            old.unlink()
        log.write_bytes(data)
        log.chmod(0o600)
        assert verify(str(log), None).line == 2

        head = append(log)
        torn = data[data.index(b"\n") + 1 :]
        kept = log.parent / "audit.jsonl.torn-2"
        assert kept.read_bytes() == torn + b"\n"
        assert kept.stat().st_mode & 0o777 == 0o600
        assert (head.number, str(kept) in head.mended) == (3, True)
        assert verify(str(log), head).mended == (2,)
        assert json.loads(log.read_bytes().splitlines()[1])["torn"]["bytes"] == len(torn)
        assert append(log).mended == ""


def test_a_mending_that_is_cut_at_any_byte_is_mended_again(log: Path) -> None:
    data = torn_logs(log)[-1]
    log.write_bytes(data)
    append(log)
    mended = log.read_bytes()
    begins = mended.index(b"\n") + 1
    torn = data[begins:]
    for end in range(begins, len(mended)):
        for old in log.parent.glob("*.torn*"):
            old.unlink()
        half = mended[begins:end]
        log.write_bytes(mended[:begins] + half + torn[len(half) :])  # it is written over what was torn
        (log.parent / "audit.jsonl.torn-2").write_bytes(torn + b"\n")
        (log.parent / "audit.jsonl.torn-2").chmod(0o600)
        head = append(log)
        assert verify(str(log), head).line is None
        assert torn in b"".join(path.read_bytes() for path in log.parent.iterdir())


@pytest.mark.parametrize("last", [b"\n", b"{}\n", b"nonsense\n", b'{"number":3}\n'])
def test_a_last_line_that_is_no_record_stops_all(log: Path, last: bytes) -> None:
    append(log, 2)
    log.write_bytes(log.read_bytes() + last)
    before = log.read_bytes()
    assert "was altered" in refused(log)
    assert log.read_bytes() == before


def test_an_altered_last_record_stops_all(log: Path) -> None:
    append(log, 2)
    log.write_bytes(log.read_bytes().replace(b"prod", b"dev2"))
    assert "was altered" in refused(log)


def test_an_endless_line_stops_all(log: Path) -> None:
    append(log)
    with log.open("ab") as file:
        file.write(b"x" * 5_000_000)
    assert "was altered" in refused(log)


def _fifo(log: Path) -> None:
    os.mkfifo(log)


def _link(log: Path) -> None:
    (log.parent / "elsewhere").touch()
    log.symlink_to("elsewhere")


def _others_write(log: Path) -> None:
    log.touch()
    log.chmod(0o666)


def _others_write_beside(log: Path) -> None:
    log.parent.chmod(0o777)


def _others_write_above(log: Path) -> None:
    log.parent.parent.chmod(0o777)


IN_THE_WAY: dict[str, Callable[[Path], object]] = {
    "no regular file": _fifo,
    "is no regular file": Path.mkdir,
    "log {log} is no regular": _link,
    "chmod go-w {log}": _others_write,
    "-w {folder}": _others_write_beside,
    "-w {above}": _others_write_above,
}


@pytest.mark.parametrize("says", IN_THE_WAY)
def test_what_is_no_file_of_ours_alone_is_not_written(log: Path, says: str) -> None:
    log.parent.mkdir(parents=True)
    IN_THE_WAY[says](log)
    started = time.monotonic()
    assert says.format(log=log, folder=log.parent, above=log.parent.parent) in refused(log)
    assert elapsed(started) < 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_written(log: Path) -> None:
    log.parent.mkdir(parents=True)
    os.chown(log.parent, 65534, 65534)
    assert f"chown 0 {log.parent}" in refused(log)
    assert list(log.parent.iterdir()) == []


def test_a_file_in_the_place_of_a_folder(log: Path) -> None:
    log.parent.parent.write_text("in the way")
    assert "Not a directory" in refused(log)


def test_a_folder_for_all_with_the_sticky_bit_will_do(log: Path) -> None:
    log.parent.mkdir(parents=True)
    log.parent.chmod(0o1777)
    assert append(log).number == 1


def test_others_are_waited_for_but_not_for_ever(log: Path) -> None:
    append(log)
    holder = files.hold_locked(str(log), files.APPEND)
    try:
        started = time.monotonic()
        assert "held by others" in refused(log, patience=0.2)
        assert time.monotonic() - started >= 0.2
        assert elapsed(started) < 1
    finally:
        os.close(holder)
    assert append(log).number == 2


def test_what_a_torn_line_goes_to_is_not_waited_for_as_well(log: Path) -> None:
    log.write_bytes(torn_logs(log)[-1])
    kept = log.with_name("audit.jsonl.torn-2")
    kept.touch(0o600)
    holder = files.hold_locked(str(kept), files.APPEND)
    try:
        started = time.monotonic()
        assert "held by others" in refused(log, patience=5.0)
        assert elapsed(started) < 1
    finally:
        os.close(holder)
    assert append(log).mended


def test_a_log_that_is_moved_away_while_waiting_is_not_written(log: Path) -> None:
    append(log)
    holder = files.hold_locked(str(log), files.APPEND)
    process = start(log, 1)
    time.sleep(0.3)
    log.rename(log.with_suffix(".old"))
    os.close(holder)
    assert output_of(process)[0].split() == ["1"]
    assert verify(str(log), None).records == 1
    assert verify(str(log.with_suffix(".old")), None).records == 1


LIMITED = """
import resource, sys
from guardrails.audit.writer import append
from guardrails.errors import AuditError
append(sys.argv[1], {"kind": "check"})
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    while True:
        append(sys.argv[1], {"kind": "check", "errors": ["x" * 300]})
except AuditError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [1000, 4096, 10_001])
def test_a_record_for_which_there_is_no_room_leaves_the_log_as_it_was(log: Path, limit: int) -> None:
    command = [sys.executable, "-c", LIMITED, str(log), str(limit)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == f"the audit log {log} cannot be written: File too large\n"
    whole = verify(str(log), None)
    assert (whole.line, whole.mended) == (None, ())
    assert append(log).mended == ""


def test_a_mending_for_which_there_is_no_room_leaves_the_torn_line(log: Path) -> None:
    data = torn_logs(log)[-1]
    log.write_bytes(data)
    limited = LIMITED.replace('append(sys.argv[1], {"kind": "check"})\n', "")
    command = [sys.executable, "-c", limited, str(log), str(len(data) + 100)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout
    assert log.read_bytes() == data
    assert verify(str(log), append(log)).mended == (2,)


@pytest.mark.parametrize("torn", [False, True])
def test_a_record_that_does_not_reach_the_disk_is_none(log: Path, monkeypatch: pytest.MonkeyPatch, torn: bool) -> None:
    before = torn_logs(log)[5 if torn else -1] + (b"" if torn else b"\n")
    log.write_bytes(before)

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", fail)  # no disk breaks when one wants it to
        assert "Input/output error" in refused(log)
    assert log.read_bytes() == before
    assert append(log).number == 3


def test_a_long_log_is_not_read_whole(log: Path) -> None:
    head = append(log)
    line = log.read_bytes()
    with log.open("wb") as file:
        file.write((b"y" * 1000 + b"\n") * 100_000)
        file.write(line)
    started = time.monotonic()
    assert append(log).number == head.number + 1
    assert elapsed(started) < 0.1


def test_a_disk_that_is_full(log: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        log = disk / "audit.jsonl"
        with pytest.raises(AuditError, match="No space left on device"):
            append(log, 1000, errors=["x" * 300])
        assert verify(str(log), None).line is None
