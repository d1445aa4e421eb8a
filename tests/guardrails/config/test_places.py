from __future__ import annotations

from pathlib import Path

import pytest

from guardrails.config import places
from guardrails.errors import ConfigurationError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with a home of its own."""
    for name in ("GUARDRAILS_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "work/inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work/inner")
    return tmp_path


def touch(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return str(path)


def test_without_any_there_is_none() -> None:
    assert places.configuration(None) is None


def test_the_order(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    user = touch(folder / "home/.config/guardrails/guardrails.toml")
    assert places.configuration(None) == user
    outer = touch(folder / "work/guardrails.toml")
    assert places.configuration(None) == outer
    inner = touch(folder / "work/inner/guardrails.toml")
    assert places.configuration(None) == inner
    named = touch(folder / "named.toml")
    monkeypatch.setenv("GUARDRAILS_CONFIG", named)
    assert places.configuration(None) == named
    given = touch(folder / "given.toml")
    assert places.configuration(given) == given


def test_a_configured_user_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "xdg"))
    user = touch(folder / "xdg/guardrails/guardrails.toml")
    assert places.configuration(None) == user


@pytest.mark.parametrize("given", ["gone.toml", ""])
def test_a_given_one_that_is_missing_is_never_replaced_by_another(folder: Path, given: str) -> None:
    touch(folder / "work/guardrails.toml")
    with pytest.raises(ConfigurationError, match="no such configuration"):
        places.configuration(given)


def test_a_dangling_link_counts_as_there(folder: Path) -> None:
    (folder / "work/guardrails.toml").symlink_to("gone")
    assert places.configuration(None) == str(folder / "work/guardrails.toml")


def test_a_place_that_cannot_be_looked_at_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "loop").symlink_to("loop")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "loop"))
    with pytest.raises(ConfigurationError, match="cannot be looked up"):
        places.configuration(None)


def test_a_home_that_is_no_absolute_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "here")
    with pytest.raises(ConfigurationError, match="HOME"):
        places.home()
