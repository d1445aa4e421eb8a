"""The configuration is the one that is named, else the nearest above, else the user's own, else none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails.config import places
from guardrails.errors import ConfigurationError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory two folders deep, and an empty home."""
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_CONFIG_HOME", "GUARDRAILS_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return folder


def put(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    return str(path)


def test_none_at_all() -> None:
    assert places.find_configuration(None) is None


def test_the_order(tmp_path: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert places.find_configuration(None) is None
    own = put(tmp_path / "home/.config/guardrails/guardrails.toml")
    assert places.find_configuration(None) == own
    above = put(tmp_path / "guardrails.toml")
    assert places.find_configuration(None) == above
    nearest = put(here / "guardrails.toml")
    assert places.find_configuration(None) == nearest
    named = put(tmp_path / "named.toml")
    monkeypatch.setenv("GUARDRAILS_CONFIG", named)
    assert places.find_configuration(None) == named
    given = put(here / "given.toml")
    assert places.find_configuration("given.toml") == given


def test_the_users_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = put(tmp_path / "xdg/guardrails/guardrails.toml")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert places.find_configuration(None) == own
    monkeypatch.setenv("XDG_CONFIG_HOME", "xdg")  # relative: the specification of base directories says to ignore it
    assert places.find_configuration(None) is None


def test_the_home_directory_in_a_path(tmp_path: Path) -> None:
    path = put(tmp_path / "home/x.toml")
    assert places.find_configuration("~/x.toml") == path


@pytest.mark.parametrize("given", ["no.toml", "~/no.toml", "", "file/x.toml"])
def test_one_that_is_named_must_be_there(here: Path, given: str) -> None:
    put(here / "file")
    put(here / "guardrails.toml")  # never taken instead
    with pytest.raises(ConfigurationError, match="there is no such configuration file"):
        places.find_configuration(given)


def test_one_that_the_environment_names_must_be_there(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(here / "guardrails.toml")
    monkeypatch.setenv("GUARDRAILS_CONFIG", "no.toml")
    with pytest.raises(ConfigurationError, match=r"no\.toml: there is no such configuration file"):
        places.find_configuration(None)


def test_an_empty_variable_is_none(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUARDRAILS_CONFIG", "")
    nearest = put(here / "guardrails.toml")
    assert places.find_configuration(None) == nearest


def test_a_dangling_link_is_not_passed_over(tmp_path: Path, here: Path) -> None:
    put(tmp_path / "guardrails.toml")
    (here / "guardrails.toml").symlink_to("nowhere")
    assert places.find_configuration(None) == str(here / "guardrails.toml")


@pytest.mark.parametrize("given", ["a\0b", "x" * 5000])
def test_what_cannot_be_looked_up(given: str) -> None:
    with pytest.raises(ConfigurationError):
        places.find_configuration(given)


def test_a_working_directory_that_is_gone(here: Path) -> None:
    here.rmdir()
    with pytest.raises(ConfigurationError, match="the working directory cannot be read"):
        places.find_configuration(None)
    os.chdir("/")


def test_a_home_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "relative")
    with pytest.raises(ConfigurationError, match="HOME"):
        places.home()
