"""What is remembered is what was computed, and only from files that nobody else could have written."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from guardrails import CannotKnow
from guardrails.facts.memory import remembered

VALUE = [["/a", 1], ["/ü", 2]]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def never() -> NoReturn:
    raise AssertionError("computed again")


def files(cache: Path) -> list[Path]:
    return [path for path in cache.rglob("*") if path.is_file()]


def test_the_second_run_does_not_compute() -> None:
    assert remembered("links", "ab", lambda: VALUE) == VALUE
    assert remembered("links", "ab", never) == VALUE


def test_another_key_or_kind_is_another_value() -> None:
    remembered("links", "ab", lambda: VALUE)
    assert remembered("links", "cd", list) == []
    assert remembered("redirects", "ab", lambda: [1]) == [1]


def test_an_empty_value_is_remembered_too() -> None:
    remembered("links", "ab", list)
    assert remembered("links", "ab", never) == []


def test_what_compute_raises_is_raised_and_not_remembered() -> None:
    def fail() -> NoReturn:
        raise CannotKnow("no answer")

    with pytest.raises(CannotKnow):
        remembered("links", "ab", fail)
    assert remembered("links", "ab", lambda: VALUE) == VALUE


def test_the_store_is_for_its_owner_only(cache: Path) -> None:
    remembered("links", "ab", lambda: VALUE)
    (file,) = files(cache)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((cache / "guardrails").stat().st_mode) == 0o700


def spoil_by_mode(file: Path) -> None:
    file.chmod(0o620)


def spoil_by_folder_mode(file: Path) -> None:
    file.parent.chmod(0o777)


def spoil_by_link(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))
    file.symlink_to("elsewhere")


def spoil_by_fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


def spoil_by_cutting(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 2)


def spoil_by_emptying(file: Path) -> None:
    os.truncate(file, 0)


def spoil_by_another_key(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"ab', b'"ac'))


def spoil_by_other_json(file: Path) -> None:
    file.write_text("[1]")


def spoil_by_nesting(file: Path) -> None:
    file.write_text("[" * 100_000)


def spoil_by_size(file: Path) -> None:
    with file.open("a") as end:
        end.write(" " * (20 << 20))


@pytest.mark.parametrize("spoil", [value for name, value in sorted(globals().items()) if name.startswith("spoil_by_")])
def test_what_is_not_plainly_our_own_is_computed_again(cache: Path, spoil: Callable[[Path], None]) -> None:
    remembered("links", "ab", lambda: ["the first"])
    (file,) = files(cache)
    spoil(file)
    assert remembered("links", "ab", lambda: ["the second"]) == ["the second"]


def test_a_store_that_is_a_symbolic_link_is_not_used(cache: Path, tmp_path: Path) -> None:
    cache.mkdir()
    (tmp_path / "other").mkdir(mode=0o700)
    (cache / "guardrails").symlink_to(tmp_path / "other")
    assert remembered("links", "ab", lambda: VALUE) == VALUE
    assert not files(tmp_path / "other")


def test_a_store_that_cannot_be_written_only_costs_time(cache: Path) -> None:
    cache.write_text("not a folder")
    assert remembered("links", "ab", lambda: VALUE) == VALUE
    assert remembered("links", "ab", lambda: VALUE) == VALUE


def test_a_relative_cache_folder_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, here = tmp_path / "home", tmp_path / "here"
    home.mkdir()
    here.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(here)
    remembered("links", "ab", lambda: VALUE)
    assert files(home)
    assert not files(here)


def test_the_store_stays_bounded(cache: Path) -> None:
    for number in range(600):
        remembered("links", f"{number:04x}", list)
    assert 100 < len(files(cache)) <= 500
    assert remembered("links", f"{599:04x}", never) == []
