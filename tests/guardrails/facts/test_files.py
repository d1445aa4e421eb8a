"""Reading what may be anything: absent is one answer, readable another, and all the rest is CannotKnow, at once."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts import files
from guardrails.facts.files import parse_json, read_bytes, read_json, read_text
from progress import elapsed


@pytest.fixture(autouse=True)
def _quick_and_tidy() -> Iterator[None]:
    """Nothing here may block, and nothing may be left open."""
    before, started = len(os.listdir("/dev/fd")), time.monotonic()
    yield
    assert len(os.listdir("/dev/fd")) == before
    assert elapsed(started) < 5


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A path that is free, short enough for a socket and in a folder that everybody may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder / "file"
    shutil.rmtree(folder)


def test_a_file_is_read_whole(place: Path) -> None:
    data = os.urandom(3_000_000)
    place.write_bytes(data)
    assert read_bytes(str(place)) == data
    link = place.with_name("link")
    link.symlink_to("file")
    assert read_bytes(str(link)) == data


@pytest.mark.parametrize("path", ["None/file", "file", "./file", ""])
def test_a_relative_path_is_refused_also_where_it_leads_somewhere(
    place: Path, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write_text("x")
    (place.parent / "None").mkdir()
    (place.parent / "None" / "file").write_text("x")
    monkeypatch.chdir(place.parent)
    with pytest.raises(CannotKnow, match="is a relative path, which means another file in every folder"):
        read_text(path)


def test_an_empty_file_is_a_file(place: Path) -> None:
    place.write_bytes(b"")
    assert read_bytes(str(place)) == b""
    assert read_text(str(place)) == ""
    with pytest.raises(CannotKnow, match="not valid JSON"):
        read_json(str(place))


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _below_a_file(path: Path) -> Path:
    path.write_text("x")
    return path / "below"


ABSENT: dict[str, Callable[[Path], Path | None]] = {
    "nothing": lambda path: None,
    "nothing in a folder that is not there": lambda path: path / "below",
    "below a file": _below_a_file,
    "dangling link": _dangling,
}


@pytest.mark.parametrize("build", ABSENT)
def test_what_is_absent_is_absent(place: Path, build: str) -> None:
    path = str(ABSENT[build](place) or place)
    for read in (read_bytes, read_text, read_json):
        with pytest.raises(FileNotFoundError, match="file"):
            read(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


def _link_to_fifo(path: Path) -> None:
    os.mkfifo(path.with_name("fifo"))
    path.symlink_to("fifo")


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 30)


def _longer(path: Path) -> None:
    path.write_bytes(b" " * (files.FILE_LIMIT + 1))


UNREADABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "fifo": (lambda path: os.mkfifo(path), "is a FIFO, not a file"),
    "folder": (lambda path: path.mkdir(), "is a directory, not a file"),
    "socket": (_socket, "is a socket, not a file"),
    "link to a device": (lambda path: path.symlink_to("/dev/zero"), "is a device, not a file"),
    "link to a fifo": (_link_to_fifo, "is a FIFO, not a file"),
    "link to itself": (lambda path: path.symlink_to("file"), "cannot be read: Too many levels of symbolic links"),
    "sparse gigabyte": (_sparse, "is larger than 16777216 bytes"),
    "one byte too long": (_longer, "is larger than 16777216 bytes"),
}


@pytest.mark.parametrize("build", UNREADABLE)
def test_what_is_there_and_no_file_cannot_be_known(place: Path, build: str) -> None:
    make, reason = UNREADABLE[build]
    make(place)
    for read in (read_bytes, read_text, read_json):
        with pytest.raises(CannotKnow) as caught:
            read(str(place))
        assert str(caught.value) == f"{place} {reason}"


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev/tty", "/dev/ptmx"])
def test_a_device_is_not_even_opened(path: str) -> None:
    if not os.path.exists(path):
        pytest.skip(f"there is no {path}")
    with pytest.raises(CannotKnow, match="is a device"):
        read_bytes(path)


def test_a_name_that_is_too_long_cannot_be_known(place: Path) -> None:
    with pytest.raises(CannotKnow, match="File name too long"):
        read_bytes(str(place.with_name("x" * 5000)))


def test_a_name_with_a_nul_cannot_be_known(place: Path) -> None:
    with pytest.raises(CannotKnow, match="cannot be read"):
        read_bytes(f"{place}\0x")


def test_a_name_that_is_not_utf8_can_be_read(place: Path) -> None:
    name = os.fsdecode(os.fsencode(place) + b"\xff")
    Path(name).write_bytes(b"x")
    assert read_bytes(name) == b"x"


def test_the_limit_is_the_last_size_that_is_read(place: Path) -> None:
    place.write_bytes(b"12345")
    assert read_bytes(str(place), 5) == b"12345"
    with pytest.raises(CannotKnow, match="larger than 4 bytes"):
        read_bytes(str(place), 4)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="there is no /proc")
def test_a_file_that_says_it_is_empty_is_read_nevertheless() -> None:
    assert os.stat("/proc/self/status").st_size == 0
    assert b"Name:" in read_bytes("/proc/self/status")


def test_a_file_that_grows_while_it_is_read_ends(place: Path) -> None:
    place.write_bytes(b"")
    stop = threading.Event()

    def grow() -> None:
        with place.open("ab", buffering=0) as file:
            while not stop.is_set() and file.tell() < 64 << 20:
                file.write(b"x" * (1 << 16))

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        while place.stat().st_size < 1 << 20:
            time.sleep(0.001)
        with pytest.raises(CannotKnow, match="larger than 1000000 bytes"):
            read_bytes(str(place), 1_000_000)
    finally:
        stop.set()
        writer.join()


def _as_somebody(path: Path) -> str:
    """What somebody who is not root is told of a file."""
    reading, writing = os.pipe()
    if (pid := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setuid(65534)
            try:
                answer = repr(read_bytes(str(path)))
            except (CannotKnow, FileNotFoundError) as error:
                answer = f"{type(error).__name__}: {error}"
            os.write(writing, answer.encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    return answer


def test_a_file_that_one_may_not_read_cannot_be_known(place: Path) -> None:
    place.write_bytes(b"x")
    assert _as_somebody(place) == "b'x'"
    place.chmod(0)
    assert _as_somebody(place) == f"CannotKnow: {place} cannot be read: Permission denied"


def test_what_is_in_a_folder_that_one_may_not_enter_is_not_absent(place: Path) -> None:
    place.mkdir()
    (place / "there").write_text("x")
    place.chmod(0)
    for name in ("there", "not-there"):
        assert _as_somebody(place / name) == f"CannotKnow: {place / name} cannot be read: Permission denied"
    place.chmod(0o700)


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"plain", "plain"), ("Grüße 漢字 😀\r\n".encode(), "Grüße 漢字 😀\r\n"), (b"\0\x1b", "\0\x1b")],
)
def test_text_is_utf8_as_it_stands(place: Path, data: bytes, text: str) -> None:
    place.write_bytes(data)
    assert read_text(str(place)) == text


@pytest.mark.parametrize(
    ("data", "byte"),
    [(b"\xff", 0), (b"ab\x80", 2), (b"\xc0\x80", 0), (b"\xed\xa0\x80", 0), (b"caf\xe9", 3), ("a".encode("utf-16"), 0)],
)
def test_text_that_is_not_utf8_cannot_be_known(place: Path, data: bytes, byte: int) -> None:
    place.write_bytes(data)
    with pytest.raises(CannotKnow) as caught:
        read_text(str(place))
    assert str(caught.value) == f"{place} is not UTF-8 (byte {byte})"


def test_json_is_read(place: Path) -> None:
    value = {"a": [1, -2.5e-3, None, True, "ü\n"], "b": {}}
    place.write_text(json.dumps(value))
    assert read_json(str(place)) == value


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ('{"a": 1} {"a": 1}', "Extra data"),
        ("{'a': 1}", "Expecting property name"),
        ('{"a": 1,}', ""),
        ("// a\n{}", "Expecting value"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ('{"a": 1, "a": 1}', "the key 'a' stands twice"),
        ('{"a": 1, "\\u0061": 1}', "the key 'a' stands twice"),
        ('[{"x": {"b": 1, "c": 2, "b": 3}}]', "the key 'b' stands twice"),
        ("NaN", "NaN is not a JSON value"),
        ('{"a": [NaN]}', "NaN is not a JSON value"),
        ("Infinity", "Infinity is not a JSON value"),
        ("-Infinity", "-Infinity is not a JSON value"),
        ("1e999", "1e999 is too large a number"),
        ("-1e999", "-1e999 is too large a number"),
        ("1" * 400 + ".0", "is too large a number"),
        ("9" * 5000, "not valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ("[" * 100_000 + "]" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ("\ufeff{}", "not valid JSON"),
        ('"a\nb"', "Invalid control character"),
        ("01", "Extra data"),
        ("nul", "Expecting value"),
    ],
    ids=lambda text: text[:16],
)
def test_json_that_is_not_strict_cannot_be_known(text: str, hint: str) -> None:
    with pytest.raises(CannotKnow) as caught:
        parse_json(text, "jobs.json")
    reason = str(caught.value)
    assert reason.startswith("jobs.json is ")
    assert hint in reason
    assert len(reason) < 300


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udfff": 1}', '["\\ud83d\\ud83d"]'])
def test_an_unpaired_surrogate_cannot_be_known_or_is_kept_as_it_is(text: str) -> None:
    """JSON allows the escape, and no reader must choke on what it gives."""
    from guardrails.wording.shown_text import storable

    try:
        value = parse_json(text, "jobs.json")
    except CannotKnow:
        return
    assert value == json.loads(text)
    storable(str(value)).encode("utf-8")


def test_a_hostile_key_is_named_without_its_control_characters() -> None:
    with pytest.raises(CannotKnow) as caught:
        parse_json('{"\\u001b[2J": 1, "\\u001b[2J": 2}', "jobs.json")
    assert "\x1b" not in str(caught.value)


def test_many_keys_that_repeat_one_are_told_quickly() -> None:
    text = "{" + ", ".join(f'"key-{number}": 0' for number in [*range(100_000), 99_999]) + "}"
    with pytest.raises(CannotKnow, match="stands twice"):
        parse_json(text, "jobs.json")


def test_a_long_repeated_key_does_not_make_a_long_line() -> None:
    key = "k" * 1_000_000
    with pytest.raises(CannotKnow) as caught:
        parse_json(f'{{"{key}": 1, "{key}": 2}}', "jobs.json")
    assert len(str(caught.value)) < 5000
