"""A host's settings file is changed whole or not at all, through a link, and never when it is not ours."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails.errors import UsageError
from guardrails.hosts import settings_files


def appended(text: str | None) -> str | None:
    return f"{text}// more\n"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o640])
def test_the_mode_and_a_link_stay(tmp_path: Path, mode: int) -> None:
    real, link = tmp_path / "dotfiles/settings.json", tmp_path / "settings.json"
    real.parent.mkdir()
    real.write_bytes(b"{}\r\n")
    real.chmod(mode)
    link.symlink_to("dotfiles/settings.json")

    assert settings_files.change(str(link), appended, strict=False)
    assert (os.readlink(link), real.read_bytes()) == ("dotfiles/settings.json", b"{}\r\n// more\n")
    assert real.stat().st_mode & 0o777 == mode
    assert [path.name for path in real.parent.iterdir()] == ["settings.json"]
    inode = real.stat().st_ino
    assert not settings_files.change(str(link), lambda text: text, strict=False)
    assert real.stat().st_ino == inode


def test_what_is_not_there_is_made_and_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "a/b/settings.json"
    assert settings_files.read(str(path), strict=True) is None
    assert settings_files.change(str(path), lambda text: "{}" if text is None else text, strict=True)
    assert path.read_text() == "{}"
    assert settings_files.change(str(path), lambda _: None, strict=True)
    assert not path.exists()


@pytest.mark.parametrize(
    ("text", "strict", "says"),
    [
        (b"{", True, "is not valid JSON"),
        (b"{} // a remark", True, "is not valid JSON"),
        (b"\xff", False, "is not UTF-8"),
        (b'{"a": 1, "a": 2}', True, "stands twice"),
    ],
)
def test_what_its_host_would_not_read_is_left_alone(tmp_path: Path, text: bytes, strict: bool, says: str) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=says):
        settings_files.change(str(path), appended, strict=strict)
    assert path.read_bytes() == text


def test_what_others_could_have_written_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{}")
    path.chmod(0o666)
    with pytest.raises(UsageError, match="not ours alone"):
        settings_files.change(str(path), appended, strict=False)
    assert path.read_text() == "{}"


def test_a_link_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.symlink_to("gone")
    with pytest.raises(UsageError, match="leads nowhere"):
        settings_files.change(str(path), appended, strict=False)
    assert os.readlink(path) == "gone"


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_left_alone(tmp_path: Path, make: object) -> None:
    path = tmp_path / "settings.json"
    make(path)  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"settings\.json"):
        settings_files.change(str(path), appended, strict=False)
