"""Configurations extend one another, each value knows where it was written, and whatever is odd is one clear line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guardrails.config.layers import FILE_LIMIT, Merged, read
from guardrails.errors import ConfigurationError


def files(folder: Path, **texts: str) -> str:
    """Write NAME.toml files; the path of the one called `top`."""
    for name, text in texts.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return str(folder / "top.toml")


def merged(folder: Path, **texts: str) -> Merged:
    profiles = {"openclaw": str(folder / "openclaw.toml")}
    return read(files(folder, **texts), profiles, "openclaw")


def refusal(folder: Path, **texts: str) -> str:
    """Why a configuration is refused, with its folder shown as nothing."""
    with pytest.raises(ConfigurationError) as caught:
        merged(folder, **texts)
    text = str(caught.value)
    assert "\n" not in text
    return text.replace(f"{folder}/", "")


BASE = "[policies.p]\nwhen = ['standing', 'promote']\nlevel = 'high'\n[policies.p.inner]\na = 1\nb = 2\n"


def test_the_default_profile_stands_in_for_no_file(tmp_path: Path) -> None:
    files(tmp_path, openclaw=BASE)
    found = read(None, {"openclaw": str(tmp_path / "openclaw.toml")}, "openclaw")
    assert found.table["policies"]["p"]["level"] == "high"
    assert found.place(("policies", "p", "level")) == "profile:openclaw:3"


def test_no_default_profile_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="unknown profile openclaw; known: none"):
        read(None, {}, "openclaw")


@pytest.mark.parametrize("how", ["openclaw", "./openclaw.toml", "openclaw.toml", "{folder}/openclaw.toml"])
def test_a_profile_or_a_path_is_extended_key_by_key(tmp_path: Path, how: str) -> None:
    top = f"extends = ['{how.format(folder=tmp_path)}']\n[policies.p]\nlevel = 'low'\ninner.b = 3\n[policies.q]\n"
    found = merged(tmp_path, openclaw=BASE, top=top)
    inner = {"a": 1, "b": 3}
    assert found.table["policies"] == {
        "p": {"when": ["standing", "promote"], "level": "low", "inner": inner},
        "q": {},
    }
    assert found.place(("policies", "p", "level")) == f"{tmp_path}/top.toml:3"
    assert found.place(("policies", "p", "inner", "b")) == f"{tmp_path}/top.toml:4"
    assert found.place(("policies", "p", "inner", "a")) == "profile:openclaw:5"
    assert found.place(("policies", "q")) == f"{tmp_path}/top.toml:5"
    assert "extends" not in found.table


def test_the_home_directory_in_extends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    (tmp_path / "home/mine.toml").write_text("a = 1\n")
    assert merged(tmp_path, top="extends = ['~/mine.toml']\n").table == {"a": 1}


def test_relative_paths_start_at_the_file_that_says_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/one.toml").write_text("extends = ['two.toml']\n")
    (tmp_path / "sub/two.toml").write_text("a = 1\n")
    assert merged(tmp_path, two="a = 2\n", top="extends = ['sub/one.toml']\n").table == {"a": 1}


def test_later_layers_win_in_the_order_given(tmp_path: Path) -> None:
    found = merged(
        tmp_path, one="a = 1\nb = 1\nc = 1\n", two="a = 2\nb = 2\n", top="extends=['one.toml','two.toml']\na=3\n"
    )
    assert found.table == {"a": 3, "b": 2, "c": 1}
    assert [os.path.basename(layer.path) for layer in found.layers] == ["one.toml", "two.toml", "top.toml"]


@pytest.mark.parametrize(
    ("written", "effective"),
    [
        ("['x']", ["x"]),
        ("[]", []),
        ("['...']", ["standing", "promote"]),
        ("['...', 'x']", ["standing", "promote", "x"]),
        ("'x'", "x"),
        ("{ prod = ['x'] }", {"prod": ["x"]}),
    ],
)
def test_what_becomes_of_an_inherited_list(tmp_path: Path, written: str, effective: Any) -> None:
    found = merged(tmp_path, openclaw=BASE, top=f"extends = ['openclaw']\n[policies.p]\nwhen = {written}\n")
    assert found.table["policies"]["p"]["when"] == effective
    assert found.place(("policies", "p", "when")) == f"{tmp_path}/top.toml:3"


def test_keeping_goes_through_every_layer(tmp_path: Path) -> None:
    middle = "extends = ['openclaw']\npolicies.p.when = ['...', 'm']\n"
    found = merged(
        tmp_path, openclaw=BASE, middle=middle, top="extends=['middle.toml']\npolicies.p.when=['...', 't']\n"
    )
    assert found.table["policies"]["p"]["when"] == ["standing", "promote", "m", "t"]


def test_a_list_replaces_an_inherited_table_and_its_origins(tmp_path: Path) -> None:
    found = merged(tmp_path, openclaw=BASE, top="extends = ['openclaw']\n[policies.p]\ninner = ['x']\n")
    assert found.table["policies"]["p"]["inner"] == ["x"]
    assert not [path for path in found.origins if path[:3] == ("policies", "p", "inner") and len(path) > 3]


@pytest.mark.parametrize("written", ["a = ['...', 'x']", "b = ['...']", "c.d = ['...']", "c = { e = ['...'] }"])
def test_keeping_what_is_not_there_is_an_error(tmp_path: Path, written: str) -> None:
    text = refusal(tmp_path, openclaw="b = 1\nc = ['x']\n", top=f"extends = ['openclaw']\n{written}\n")
    assert text == 'top.toml:2: "..." has no inherited list to keep'


@pytest.mark.parametrize("written", ["['x', '...']", "['...', '...']"])
def test_keeping_is_said_first_and_once(tmp_path: Path, written: str) -> None:
    text = refusal(tmp_path, openclaw="a = ['y']\n", top=f"extends = ['openclaw']\n\na = {written}\n")
    assert text == 'top.toml:3: "..." keeps what is inherited only as the first element'


REFUSED: dict[str, tuple[str, str]] = {
    "unknown profile": ("\nextends = ['openclow']", "top.toml:2: unknown profile openclow; did you mean openclaw?"),
    "missing file": ("extends = ['no.toml']", "top.toml:1: no.toml: there is no such configuration file"),
    "folder": ("extends = ['folder.toml']", "top.toml:1: folder.toml is a directory, not a file"),
    "itself": ("\nextends = ['top.toml']", "top.toml:2: top.toml extends itself"),
    "circle": ("extends = ['circle.toml']", "top.toml:1: top.toml extends itself"),
    "no list": ("extends = 'openclaw'", "top.toml:1: extends must be a list"),
    "no names": ("extends = [1]", "top.toml:1: extends must be a list"),
    "no TOML": ("a = 1\nb = [\n", "top.toml: not valid TOML"),
    "no value": ("a = 1\nb =\n", "top.toml:2: not valid TOML: Invalid value"),
    "doubled key": ("a = 1\na = 2\n", "top.toml:2: not valid TOML: Cannot overwrite a value"),
    "doubled table": ("[a]\n[b]\n[a]\n", "top.toml:3: not valid TOML: Cannot declare"),
    "deep list": ("a = " + "[" * 100_000, "top.toml: nested too deeply"),
    "deep tables": ("[" + ".".join("a" * 2000) + "]", "top.toml: nested too deeply"),
    "huge number": ("a = " + "9" * 5000, "top.toml: not valid TOML: Exceeds the limit"),
    "byte order mark": ("\ufeffa = 1", "top.toml:1: not valid TOML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tmp_path: Path, name: str) -> None:
    text, reason = REFUSED[name]
    (tmp_path / "folder.toml").mkdir()
    found = refusal(tmp_path, openclaw="", circle="extends = ['top.toml']\n", top=text)
    assert found.startswith(reason)
    assert len(found) < 500


def _sparse(path: Path) -> None:
    path.write_bytes(b"")
    os.truncate(path, 1 << 30)


ODD: dict[str, tuple[Callable[[Path], object], str]] = {
    "absent": (lambda path: None, "there is no such configuration file"),
    "folder": (Path.mkdir, "is a directory, not a file"),
    "fifo": (os.mkfifo, "is a FIFO, not a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a device, not a file"),
    "dangling link": (lambda path: path.symlink_to("nowhere"), "there is no such configuration file"),
    "1 GB": (_sparse, f"is larger than {FILE_LIMIT} bytes"),
    "binary": (lambda path: path.write_bytes(b"a = 1\n\xff"), "not UTF-8 (byte 6)"),
    "UTF-16": (lambda path: path.write_text("a = 1", encoding="utf-16"), "not UTF-8 (byte 0)"),
}


@pytest.mark.parametrize("name", ODD)
def test_a_file_that_is_none(tmp_path: Path, name: str) -> None:
    make, reason = ODD[name]
    path = tmp_path / "odd.toml"
    make(path)
    with pytest.raises(ConfigurationError) as caught:
        read(str(path), {}, "openclaw")
    assert str(caught.value).startswith(str(path))
    assert reason in str(caught.value)


def test_a_large_file_is_read_in_time(tmp_path: Path) -> None:
    text = "".join(f"key-{number} = {number}\n" for number in range(40_000))
    found = merged(tmp_path, one=text, top="extends = ['one.toml']\nkey-7 = 0\n")
    assert found.table["key-7"] == 0
    assert found.place(("key-39999",)) == f"{tmp_path}/one.toml:40000"
