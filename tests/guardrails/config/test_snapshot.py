from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from guardrails import cache, config
from guardrails.config import places, snapshot
from plugin_packages import PREAMBLE, install, policy_class, provide

TEXT = '[environments.prod]\nrepo = "prod"\n[operations.promote]\nsteps = ["true"]\n[policies.sampled]\n'


class Place:
    """A configuration and its snapshot, with a plugin of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "guardrails.toml"
        self.path.write_text(TEXT)
        self.plugins = folder / "plugins"
        source = PREAMBLE + policy_class("sampled", "pass") + provide("Sampled")
        install(self.plugins, "snapshot-sample", source)
        self.module = self.plugins / "snapshot_sample.py"

    @property
    def key(self) -> str:
        return snapshot.key(str(self.path), places.home())

    @property
    def file(self) -> Path:
        return Path(cache._folder("settings"), f"{self.key}.json")

    def is_used(self) -> bool:
        return snapshot.load(self.key) is not None


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    found = Place(tmp_path)
    monkeypatch.syspath_prepend(str(found.plugins))
    sys.modules.pop("snapshot_sample", None)
    config.load(str(found.path))
    return found


def test_an_unchanged_configuration_is_read_from_its_snapshot(place: Place) -> None:
    fresh, _, _ = config.read(str(place.path))
    assert snapshot.load(place.key) == fresh


def test_a_changed_configuration(place: Place) -> None:
    place.path.write_text(TEXT + "# one more line\n")
    assert not place.is_used()


def test_a_missing_configuration(place: Place) -> None:
    key = place.key
    place.path.unlink()
    assert snapshot.load(key) is None


def test_an_edited_policy(place: Place) -> None:
    place.module.write_text(place.module.read_text() + "\n")
    assert not place.is_used()


def test_a_removed_policy(place: Place) -> None:
    place.module.unlink()
    assert not place.is_used()


def test_a_new_plugin(place: Place) -> None:
    install(place.plugins, "one-more", PREAMBLE)
    assert not place.is_used()


def test_a_removed_plugin(place: Place) -> None:
    (place.plugins / "snapshot_sample-1.0.dist-info/entry_points.txt").unlink()
    assert not place.is_used()


def test_another_home(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.key
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path.home() / ".cache"))  # the same cache
    monkeypatch.setenv("HOME", "/elsewhere")
    assert place.key != before
    assert not place.is_used()


def test_another_version(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "VERSION", "0.0.0")
    assert not place.is_used()


@pytest.mark.parametrize("data", [b"", b"\x00\xff", b"[]", b"null", b"{}", b'{"key": 1}', b"[" * 100_000])
def test_garbage(place: Place, data: bytes) -> None:
    place.file.write_bytes(data)
    assert not place.is_used()
    assert config.load(str(place.path)).policies  # it is read anew


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("layers",), []),
        (("modules",), []),
        (("modules",), None),
        (("checksum",), None),
        (("settings",), []),
        (("settings", "policies"), []),
        (("settings", "policies", 0, "when"), {"prod": []}),
        (("settings", "policies", 0, "enforcement", "prod"), "advisory"),
        (("settings", "environments", "prod", "repo"), 3),
    ],
    ids=str,
)
def test_one_edited_value(place: Place, path: tuple[Any, ...], value: object) -> None:
    whole = json.loads(place.file.read_text())
    *way, last = ("value", *path)
    node = whole
    for part in way:
        node = node[part]
    node[last] = value
    place.file.write_text(json.dumps(whole))
    assert not place.is_used()
