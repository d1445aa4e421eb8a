"""A waiver is written whole or not at all, one writer at a time, and reads back as what was meant."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import time
from pathlib import Path

import pytest

from guardrails.config import waivers
from guardrails.config.settings import PolicySetting, Settings
from guardrails.errors import ConfigurationError, UsageError
from guardrails.model import Environment, Waiver
from guardrails.operations import waive

NOW = float(int(time.time()))
SETTINGS = Settings(
    source="/srv/guardrails.toml",
    digest="sha256:" + "0" * 64,
    environments={"prod": Environment(name="prod", repo="/srv/prod")},
    operations={},
    policies=(PolicySetting("tidy", "tidy", "m:C", "t", "s", "low", {}, {}, {}),),
)
WAIVER = Waiver("tidy", "prod", "peter", "because", NOW + 3600, "", NOW)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "guardrails.waivers.toml"


@pytest.mark.parametrize(
    "text",
    ['"', "\\", "'''", '"""', "a\nb", "\r\n", "\x00", "\x1b[2J", "\u202e", "# no", "[[waiver]]", "Ж漢😀", "a = 1"],
)
def test_any_text_reads_back_as_it_was(path: Path, text: str) -> None:
    waive.append(WAIVER, str(path), SETTINGS, write=True)
    waive.append(WAIVER.replaced(owner=f"x{text}", reason=f"{text}y"), str(path), SETTINGS, write=True)
    first, second = waivers.parse(path.read_bytes(), str(path), SETTINGS)
    assert (first.owner, second.owner, second.reason) == ("peter", f"x{text}", f"{text}y")


def test_a_byte_that_is_no_text_is_refused(path: Path) -> None:
    with pytest.raises(ConfigurationError):
        waive.append(WAIVER.replaced(reason="\udcff"), str(path), SETTINGS, write=True)
    assert not path.exists()


def test_a_writer_that_does_not_end_is_not_waited_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waive, "PATIENCE", 0.1)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        with pytest.raises(UsageError, match="by somebody else"):
            waive.append(WAIVER, str(path), SETTINGS, write=True)
    finally:
        os.close(folder)
    assert list(path.parent.iterdir()) == []
    waive.append(WAIVER, str(path), SETTINGS, write=True)


def test_a_disk_that_is_full_leaves_what_was_there(path: Path) -> None:
    waive.append(WAIVER, str(path), SETTINGS, write=True)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 5, limits[1]))
        with pytest.raises(OSError, match="too large"):
            waive.append(WAIVER, str(path), SETTINGS, write=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_to_look_only_writes_nothing(path: Path) -> None:
    assert waive.append(WAIVER, str(path), SETTINGS, write=False).place == f"{path}:1"
    assert list(path.parent.iterdir()) == []
