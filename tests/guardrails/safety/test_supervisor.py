"""A worker is believed in what it says in its own well-formed lines, and in nothing else."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from guardrails.safety import supervisor
from guardrails.safety.supervisor import Worker
from progress import elapsed

Say = Callable[[dict[str, Any]], None]
LONG = 60.0  # seconds


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    """No descriptor and no child outlasts a test of this module."""
    before = sorted(os.listdir("/dev/fd"))
    yield
    assert sorted(os.listdir("/dev/fd")) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def _silently(work: Callable[[Say], object]) -> Callable[[Say], None]:
    def silent(say: Say) -> None:
        work(say)

    return silent


def _saying(*messages: dict[str, Any], then: Callable[[], object] = int) -> Callable[[Say], None]:
    """Work that says some things and then does something."""

    def work(say: Say) -> None:
        for message in messages:
            say(message)
        then()

    return work


def _linger() -> None:
    time.sleep(LONG)


def _and_linger(work: Callable[[int], object], descriptor: int) -> None:
    work(descriptor)
    _linger()


def heard(
    work: Callable[[Say], object], *, patience: float = 10, within: float = 20
) -> tuple[list[dict[str, Any]], str]:
    """What a worker said, and how it ended."""
    worker = Worker(_silently(work))
    try:
        messages = list(worker.messages(lambda number: patience, time.monotonic() + within))
        return messages, worker.ending
    finally:
        worker.end()


def _open_files() -> dict[int, tuple[int, int]]:
    """What this process has open: descriptor -> device and inode."""
    found = {}
    for descriptor in map(int, os.listdir("/dev/fd")):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue  # the one that the listing itself needed
        found[descriptor] = (status.st_dev, status.st_ino)
    return found


def interrupted(interrupt: Callable[[int], object], **rest: float) -> tuple[list[dict[str, Any]], str]:
    """The same of a worker that says something and then lays hands on the descriptor that it speaks into."""
    others = set(_open_files().values())

    def work(say: Say) -> None:
        say({"a": 1})
        [mouth] = [descriptor for descriptor, file in _open_files().items() if file not in others]
        interrupt(mouth)
        time.sleep(LONG)

    return heard(work, **rest)


def test_what_is_said_is_heard_in_order() -> None:
    def work(say: Say) -> None:
        say({"a": 1})
        say({"b": ["ü\ud800\n", None, 2.5]})

    assert heard(work) == ([{"a": 1}, {"b": ["ü\ud800\n", None, 2.5]}], "")


def test_a_worker_may_say_nothing() -> None:
    assert heard(lambda say: None) == ([], "")


@pytest.mark.parametrize("size", [65_536, 5_000_000])
def test_a_message_larger_than_a_pipe_is_heard_whole(size: int) -> None:
    messages, ending = heard(_saying({"text": "x" * size}, {"over": True}))
    assert [len(message.get("text", "")) for message in messages] == [size, 0]
    assert ending == ""


ENDINGS: dict[str, Callable[[], object]] = {
    "raises": lambda: 1 / 0,
    "exits well": lambda: os._exit(0),
    "exits": lambda: (_ for _ in ()).throw(SystemExit(0)),
    "is interrupted": lambda: (_ for _ in ()).throw(KeyboardInterrupt),
    "is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "closes everything": lambda: os.closerange(0, 256),
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("end", ENDINGS)
def test_whoever_ends_early_is_not_done(end: str, capfd: pytest.CaptureFixture[str]) -> None:
    messages, ending = heard(_saying({"a": 1}, then=ENDINGS[end]))
    assert messages == [{"a": 1}]
    assert ending == "ended before it was done"


NONSENSE = [
    b"x\n",
    b"\n",
    b"{}\n",
    b"null\n",
    b"[]\n",
    b"1\n",
    b'"done"\n',
    b'{"done": true}\n',
    b'{"nonce": null, "done": true}\n',
    b'{"nonce": "", "done": true}\n',
    b'{"nonce": ["00000000000000000000000000000000"], "done": true}\n',
    b'{"nonce": "00000000000000000000000000000000", "done": true}\n',
    b"\xff\xfe\x00\n",
    b"[" * 60_000 + b"\n",
]


@pytest.mark.parametrize("line", NONSENSE, ids=lambda line: repr(line[:24]))
def test_what_carries_no_nonce_is_nonsense(line: bytes) -> None:
    assert interrupted(lambda mouth: os.write(mouth, line)) == ([{"a": 1}], "answered with nonsense")


def test_half_a_line_is_no_message() -> None:
    def half(mouth: int) -> None:
        os.write(mouth, b'{"nonce"')
        os._exit(0)

    assert interrupted(half) == ([{"a": 1}], "ended before it was done")


def test_a_line_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "_LINE_LIMIT", 1 << 20)

    def flood(mouth: int) -> None:
        while True:
            os.write(mouth, b"x" * 65_536)

    assert interrupted(flood) == ([{"a": 1}], "said more than can be heard")


@pytest.mark.parametrize("says", [0, 2])
def test_whoever_is_silent_is_given_up(says: int) -> None:
    started = time.monotonic()
    messages, ending = heard(_saying(*[{"n": 1}] * says, then=_linger), patience=0.2)
    assert (len(messages), ending) == (says, "gave no answer within 0.2 s")
    assert elapsed(started) < 3


def test_patience_is_for_each_message() -> None:
    def work(say: Say) -> None:
        for number in range(6):
            time.sleep(0.15)
            say({"n": number})

    messages, ending = heard(work, patience=0.6)
    assert (len(messages), ending) == (6, "")


def test_whoever_talks_without_end_runs_out_of_time() -> None:
    def work(say: Say) -> None:
        while True:
            say({"still": "here"})
            time.sleep(0.01)

    started = time.monotonic()
    messages, ending = heard(work, within=0.3)
    assert messages
    assert ending == "ran out of time"
    assert elapsed(started) < 3


def test_time_that_is_over_already_is_over() -> None:
    assert heard(_saying(then=_linger), within=-1) == ([], "ran out of time")


def _reports_back(work: Callable[[int], object]) -> bytes:
    """What a worker, or a process that it leaves behind, writes into a pipe of ours until all of them are gone."""
    reading, writing = os.pipe()
    worker = Worker(_saying({"going": True}, then=partial(_and_linger, work, writing)))
    os.close(writing)
    next(worker.messages(lambda number: 10, time.monotonic() + 10))
    time.sleep(0.1)
    worker.end()
    with open(reading, "rb") as pipe:
        return pipe.read()  # ends when nobody is left who could write


def test_the_end_takes_the_children_along() -> None:
    def leave_children(writing: int) -> None:
        for _ in range(3):
            if os.fork() == 0:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                os.write(writing, b"child ")
                time.sleep(LONG)

    started = time.monotonic()
    assert _reports_back(leave_children) == b"child " * 3
    assert elapsed(started) < 5


def test_a_worker_leads_a_group_of_its_own() -> None:
    messages, _ = heard(lambda say: say({"group": os.getpgrp(), "pid": os.getpid()}))
    assert messages[0]["group"] == messages[0]["pid"] != os.getpgrp()


def test_a_worker_that_is_done_can_still_be_ended() -> None:
    worker = Worker(lambda say: None)
    assert list(worker.messages(lambda number: 10, time.monotonic() + 10)) == []
    time.sleep(0.05)
    worker.end()


def test_two_workers_do_not_understand_each_other() -> None:
    said = []

    def tell(say: Say) -> None:
        say({"mine": True})

    first, second = Worker(tell), Worker(tell)
    for worker in (first, second):
        said.append(list(worker.messages(lambda number: 10, time.monotonic() + 10)))
        worker.end()
    assert said == [[{"mine": True}]] * 2
    assert first._nonce != second._nonce
    assert len(first._nonce) == 32


def test_the_nonce_is_not_heard() -> None:
    messages, _ = heard(lambda say: say({"nonce": "mine", "a": 1}))
    assert messages in ([], [{"a": 1}])
    assert "nonce" not in json.dumps(messages)
