"""What is kept comes back whole, and only when nobody else can have written it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from guardrails import CannotKnow, cache

VALUE = {"a": [1, 2.5, None, True], "ü": "\ud800 \x00 😀"}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the cache makes, in a place of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/guardrails"


def test_what_is_kept_comes_back(root: Path) -> None:
    assert cache.recall("kind", "key") is None
    cache.keep("kind", "key", VALUE)
    assert cache.recall("kind", "key") == VALUE
    assert cache.recall("kind", "other") is None
    assert cache.recall("other", "key") is None
    cache.keep("kind", "key", 2)
    assert cache.recall("kind", "key") == 2


def test_nobody_else_can_read_it(root: Path) -> None:
    before = os.umask(0)
    try:
        cache.keep("kind", "key", VALUE)
    finally:
        os.umask(before)
    assert [path.stat().st_mode & 0o777 for path in (root, root / "kind", root / "kind/key.json")] == [
        0o700,
        0o700,
        0o600,
    ]


def test_a_digest_tells_bytes_apart() -> None:
    assert cache.digest(b"") == "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"  # BLAKE2b-256
    assert cache.digest(b"a") != cache.digest(b"b")


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _instead(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


SPOILT: dict[str, Callable[[Path], object]] = {
    "empty": _instead(b""),
    "binary": _instead(bytes(range(256))),
    "no table": _instead(b"[1]"),
    "no value": _instead(b'{"key": "key"}'),
    "no key": _instead(b'{"value": 1}'),
    "of another key": _instead(cache.pack("other", 1)),
    "without checksum": _instead(b'{"key": "key", "value": 1}'),
    "edited": lambda path: path.write_bytes(path.read_bytes().replace(b'"value": ', b'"value":')),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b" "),
    "shorter": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "deep": _instead(b"[" * 200_000),
    "huge number": _instead(b'{"key": "key", "value": ' + b"9" * 10_000 + b"}"),
    "larger than any": lambda path: os.truncate(path, cache.FILE_LIMIT + 1),
    "link": _link,
    "fifo": _fifo,
    "group-writable": lambda path: path.chmod(0o620),
    "world-writable": lambda path: path.chmod(0o602),
    "in a folder that is group-writable": lambda path: path.parent.chmod(0o770),
    "in a folder that is a link": lambda path: _link(path.parent),
    "under a root that is world-writable": lambda path: path.parent.parent.chmod(0o777),
    "under a root that is a link": lambda path: _link(path.parent.parent),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_what_is_off_is_not_recalled(root: Path, spoil: str) -> None:
    cache.keep("kind", "key", VALUE)
    SPOILT[spoil](root / "kind/key.json")
    assert cache.recall("kind", "key") is None


def test_no_bit_can_flip_unseen(root: Path) -> None:
    cache.keep("kind", "key", [1, "a"])
    path = root / "kind/key.json"
    whole = path.read_bytes()
    for number in range(len(whole) * 8):
        spoilt = bytearray(whole)
        spoilt[number // 8] ^= 1 << number % 8
        path.write_bytes(spoilt)
        assert cache.recall("kind", "key") is None, number


@needs_root
@pytest.mark.parametrize("path", [".", "kind", "kind/key.json"])
def test_what_belongs_to_somebody_else_is_not_recalled(root: Path, path: str) -> None:
    cache.keep("kind", "key", VALUE)
    os.chown(root / path, 12345, 12345)
    assert cache.recall("kind", "key") is None


def test_nothing_is_written_through_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    root.parent.mkdir()
    root.symlink_to(tmp_path / "target")
    cache.keep("kind", "key", VALUE)
    assert list((tmp_path / "target").iterdir()) == []


@pytest.mark.parametrize("place", ["/dev/null", "/proc/1/nothing", "/dev/full"])
def test_a_place_that_takes_nothing_is_no_error(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", place)
    cache.keep("kind", "key", VALUE)
    assert cache.recall("kind", "key") is None


@pytest.fixture
def ordinary() -> Iterator[Path]:
    """A folder that somebody who is not root may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_read_only_folder_is_no_error(ordinary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(ordinary))
    (ordinary / "guardrails").mkdir()
    user = 65534 if os.geteuid() == 0 else os.geteuid()
    os.chown(ordinary / "guardrails", user, -1)
    (ordinary / "guardrails").chmod(0o500)
    if (pid := os.fork()) == 0:
        try:
            os.setuid(user)
            cache.keep("kind", "key", VALUE)
            os._exit(0 if cache.recall("kind", "key") is None else 1)
        finally:
            os._exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert list((ordinary / "guardrails").iterdir()) == []
    (ordinary / "guardrails").chmod(0o700)


def test_a_relative_place_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    cache.keep("kind", "key", VALUE)
    assert not list(tmp_path.iterdir())  # a home that is not there is not made
    (tmp_path / "home").mkdir()
    cache.keep("kind", "key", VALUE)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    monkeypatch.setenv("HOME", "relative")
    cache.keep("kind", "key", VALUE)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_the_oldest_go(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FILES_KEPT", 3)
    for number in range(5):
        cache.keep("kind", f"key-{number}", number)
        os.utime(root / f"kind/key-{number}.json", (number, number))
    assert [cache.recall("kind", f"key-{number}") for number in range(5)] == [None, None, 2, 3, 4]


def test_writers_at_the_same_time_leave_one_whole_file(root: Path) -> None:
    pids = []
    for number in range(8):
        if (pid := os.fork()) == 0:
            try:
                for _ in range(20):
                    cache.keep("kind", "key", [number] * 10_000)
                    seen = cache.recall("kind", "key")
                    if seen is None or len(seen) != 10_000 or len(set(seen)) != 1:
                        os._exit(1)
                os._exit(0)
            finally:
                os._exit(3)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 8
    assert [path.name for path in (root / "kind").iterdir()] == ["key.json"]
    assert json.loads((root / "kind/key.json").read_bytes())["key"] == "key"


def test_no_descriptor_is_left_open(root: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    cache.keep("kind", "key", VALUE)
    for spoil in ("empty", "group-writable", "deep"):
        SPOILT[spoil](root / "kind/key.json")
        cache.recall("kind", "key")
    assert len(os.listdir("/dev/fd")) == before


def never() -> NoReturn:
    raise AssertionError("computed again")


def test_what_is_remembered_is_not_computed_again(root: Path) -> None:
    assert cache.remember("links", "ab", lambda: [["/a", 1]]) == [["/a", 1]]
    assert cache.remember("links", "ab", never) == [["/a", 1]]
    assert cache.remember("links", "cd", list) == []
    assert cache.remember("links", "cd", never) == []  # an empty value is one, too
    assert cache.remember("redirects", "ab", lambda: [1]) == [1]


def test_what_computing_raises_is_raised_and_not_remembered(root: Path) -> None:
    def fail() -> NoReturn:
        raise CannotKnow("no answer")

    with pytest.raises(CannotKnow):
        cache.remember("links", "ab", fail)
    assert cache.remember("links", "ab", lambda: [2]) == [2]


@pytest.mark.parametrize("spoil", SPOILT)
def test_what_is_off_is_computed_again(root: Path, spoil: str) -> None:
    cache.remember("kind", "key", lambda: ["the first"])
    SPOILT[spoil](root / "kind/key.json")
    assert cache.remember("kind", "key", lambda: ["the second"]) == ["the second"]


def test_half_written_files_of_killed_runs_go_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FILES_KEPT", 2)
    cache.keep("kind", "key-0", 0)
    half = root / "kind/.12345-00c0ffee"
    half.write_bytes(b'{"key')
    os.utime(half, (1, 1))
    for number in range(1, 3):
        cache.keep("kind", f"key-{number}", number)
    assert not half.exists()
    assert cache.recall("kind", "key-2") == 2


def test_nothing_is_kept_inside_of_what_is_inspected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inspected, home = tmp_path / "prod", tmp_path / "home"
    inspected.mkdir()
    home.mkdir()
    (tmp_path / "link").symlink_to(inspected)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link/cache"))
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr(cache, "_apart", [])
    cache.stay_out_of([str(inspected)])

    cache.keep("kind", "key", VALUE)
    assert not list(inspected.iterdir())
    assert list(home.rglob("key.json"))
    assert cache.recall("kind", "key") == VALUE

    monkeypatch.setenv("HOME", str(inspected))
    cache.keep("kind", "key", VALUE)
    assert cache.recall("kind", "key") is None
    assert not list(inspected.iterdir())
