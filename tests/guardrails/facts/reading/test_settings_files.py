"""Settings are read in every format, and what readers could differ on is never taken for a value."""

from __future__ import annotations

import datetime
import plistlib
from pathlib import Path

import pytest

from guardrails import CannotKnow, DoesNotApply, SettingsFile
from guardrails.testing import gather, world


def read(folder: Path, name: str, content: str | bytes) -> SettingsFile:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return gather(SettingsFile, world(folder, state_dir=str(folder)), name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", '{"gateway": {"mode": "local", "port": 18789, "open": false, "rate": 0.5}}'),
        ("a.json", "{gateway: {mode: 'local', port: 18789, open: false, rate: .5,}} // JSON5"),
        ("a.JSON5", "{gateway: {mode: 'local', port: 0x4965, open: false, rate: .5}}"),
        ("a.jsonc", '{"gateway": /* why */ {"mode": "local", "port": 18789, "open": false, "rate": 0.5}}'),
        ("a.toml", 'gateway = { mode = "local", port = 18789, open = false, rate = 0.5 }'),
        ("a.plist", plistlib.dumps({"gateway": {"mode": "local", "port": 18789, "open": False, "rate": 0.5}})),
        (
            "a.plist",
            plistlib.dumps(
                {"gateway": {"mode": "local", "port": 18789, "open": False, "rate": 0.5}}, fmt=plistlib.FMT_BINARY
            ),
        ),
    ],
)
def test_every_format_says_the_same(tmp_path: Path, name: str, content: str | bytes) -> None:
    settings = read(tmp_path, name, content)
    wanted: dict[str, str | float] = {
        "gateway.mode": "local",
        "gateway.port": 18789,
        "gateway.open": False,
        "gateway.rate": 0.5,
    }
    assert [settings.other_than(name, value) for name, value in wanted.items()] == [None] * 4
    assert settings.other_than("gateway.mode", "remote") == 'gateway.mode = "local"'
    assert settings.other_than("gateway.mod", "local") == "gateway.mod is not set"


def test_a_path_may_start_at_the_state_directory_the_repository_or_home(tmp_path: Path) -> None:
    for folder in ("repo", "state", "home"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.json").write_text(f'{{"at": "{folder}"}}')
    here = world(tmp_path / "repo", state_dir=str(tmp_path / "state"), home=str(tmp_path / "home"))
    places = {"a.json": "repo", "{repo}/a.json": "repo", "{state_dir}/a.json": "state", "~/a.json": "home"}
    for file, folder in {**places, f"{tmp_path}/home/a.json": "home"}.items():
        assert gather(SettingsFile, here, file) == SettingsFile(f"{tmp_path}/{folder}/a.json", {"at": folder})


def test_no_file_and_an_absent_one(tmp_path: Path) -> None:
    assert gather(SettingsFile, world(tmp_path), "") == SettingsFile("", None)
    assert gather(SettingsFile, world(tmp_path), "no/a.json").table is None
    with pytest.raises(DoesNotApply, match="prod has no state_dir"):
        gather(SettingsFile, world(tmp_path), "{state_dir}/a.json")


def nested_plist(depth: int) -> bytes:
    return plistlib.dumps({}).replace(b"<dict/>", b"<array>" * depth + b"</array>" * depth)


def plist(inside: str) -> bytes:
    return plistlib.dumps({}).replace(b"<dict/>", f"<dict>{inside}</dict>".encode())


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("a.json", "", "not valid JSON"),
        ("a.json", "{", "not valid JSON"),
        ("a.json", '{"a": 1, "a": 1}', "twice"),
        ("a.json", "{a: NaN}", "not allowed"),
        ("a.json", b"{\xff}", "not UTF-8"),
        ("a.json", "[" * 100_000, "nested too deeply"),
        ("a.json", '{"a": ' + "9" * 5000 + "}", "digits"),
        ("a.toml", "a = ", "not valid TOML"),
        ("a.toml", "a = 1\na = 1", "not valid TOML"),
        ("a.toml", "a = nan", "not finite"),
        ("a.toml", "a = [{b = [-inf]}]", "not finite"),
        ("a.toml", "a = " + "[" * 100_000, "nested too deeply"),
        ("a.toml", "\ufeffa = 1", "not valid TOML"),
        ("a.toml", b"a = '\xff'", "not UTF-8"),
        ("a.plist", b"", "not a valid property list"),
        ("a.plist", b"bplist00", "not a valid property list"),
        ("a.plist", b"bplist00" + bytes(40), "not a valid property list"),
        ("a.plist", plist("<key>a</key><true/><key>a</key><true/>"), "twice"),
        ("a.plist", plist("<key>a</key><real>nan</real>"), "not finite"),
        ("a.plist", plist("<key>a</key><integer>x</integer>"), "not a valid property list"),
        ("a.plist", plist("<key>a</key>")[:-20], "not a valid property list"),
        ("a.plist", b'<!DOCTYPE plist [<!ENTITY a "b">]><plist><string>&a;</string></plist>', "not a valid property"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_not_clear_is_refused(tmp_path: Path, name: str, content: str | bytes, hint: str) -> None:
    with pytest.raises(CannotKnow, match=hint):
        read(tmp_path, name, content)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").mkdir()
    with pytest.raises(CannotKnow, match="is a directory"):
        gather(SettingsFile, world(tmp_path), "a.toml")


def test_a_property_list_that_doubles_itself_again_and_again_is_read(tmp_path: Path) -> None:
    value: list[object] = []
    for _ in range(64):
        value = [value, value]
    assert read(tmp_path, "a.plist", plistlib.dumps(value, fmt=plistlib.FMT_BINARY)).table is not None


def test_names_lead_through_tables_and_lists(tmp_path: Path) -> None:
    settings = read(tmp_path, "a.json", '{"a.b": {"c": [{"d": "e"}, 2]}, "0": {"1": "f"}}')
    assert settings.other_than('"a.b".c.0.d', "e") is None
    assert settings.other_than('"a.b".c.1', 2) is None
    assert settings.other_than("0.1", "f") is None
    for name in ("a.b", '"a.b".c.2', '"a.b".c.x', '"a.b".c.-1', '"a.b".c.0.d.x'):
        assert settings.other_than(name, "e") == f"{name} is not set"


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b", 'a"b', '"a', '""', 'a."b'])
def test_a_name_that_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="is not a dotted name"):
        SettingsFile.check("a.json", [name])


@pytest.mark.parametrize("file", ["openclaw", "a.yaml", "a.ini", "{state_dir}"])
def test_a_format_that_nobody_knows(file: str) -> None:
    with pytest.raises(ValueError, match=r"must end in one of \.json"):
        SettingsFile.check(file, [])


def test_a_placeholder_that_nobody_knows() -> None:
    with pytest.raises(ValueError, match=r"\{statedir\} stands for nothing; known: \{repo\}, \{state_dir\}"):
        SettingsFile.check("{statedir}/a.json", [])


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), ("0", False), ('"1"', 1), ("1", "1"), ("null", "null"), ("[]", "")]
)
def test_values_of_different_types_differ(tmp_path: Path, value: str, wanted: str | float) -> None:
    assert read(tmp_path, "a.json", f'{{"a": {value}}}').other_than("a", wanted)


def test_numbers_are_equal_whatever_their_form(tmp_path: Path) -> None:
    assert read(tmp_path, "a.json", '{"a": 1.0, "b": 1}').other_than("a", 1) is None
    assert read(tmp_path, "a.json", '{"a": 1.0, "b": 1}').other_than("b", 1.0) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"x"', '"x"'),
        ("1", "1"),
        ("null", "null"),
        ("true", "true"),
        ("{}", "a table"),
        ("[1]", "a list"),
        (f'"{"x" * 81}"', f'"{"x" * 80}…"'),
    ],
)
def test_how_a_value_is_shown(tmp_path: Path, value: str, shown: str) -> None:
    assert read(tmp_path, "a.json", f'{{"a": {value}}}').other_than("a", "?") == f"a = {shown}"


@pytest.mark.parametrize("name", ["auth.token", "apiKey", "db.password", "OPENAI_API_KEY", "clientSecret", "key"])
def test_a_value_whose_name_says_secret_is_never_shown(tmp_path: Path, name: str) -> None:
    content = f'{{"{name}": "hunter2"}}' if "." not in name else '{"auth": {"token": "hunter2"}, "db": {"password": 7}}'
    settings = read(tmp_path, "a.json", content)
    assert settings.other_than(name, "x") == f"{name} = (not shown)"
    assert settings.written(name, "x") == "(not shown)"


def test_a_date_of_toml_is_no_text(tmp_path: Path) -> None:
    settings = read(tmp_path, "a.toml", "a = 2026-02-01")
    assert settings.table == {"a": datetime.date(2026, 2, 1)}
    assert settings.other_than("a", "2026-02-01") == "a = 2026-02-01"


@pytest.mark.parametrize(
    ("value", "lack"),
    [("1", None), ("false", None), ("0", None), ('"x"', None), ("[0]", None)]
    + [(value, "a is empty") for value in ('""', '" \\n"', "null", "{}", "[]")],
)
def test_what_counts_as_empty(tmp_path: Path, value: str, lack: str | None) -> None:
    assert read(tmp_path, "a.json", f'{{"a": {value}}}').lacks("a") == lack


def test_a_setting_of_an_included_file_cannot_be_known(tmp_path: Path) -> None:
    settings = read(tmp_path, "a.json", '{"a": {"$include": "b.json", "c": {"d": 1}}, "e": {}}')
    assert settings.other_than("a.c.d", 1) is None
    assert settings.lacks("e.f") == "e.f is not set"
    for name in ("a.token", "a.c.x"):
        with pytest.raises(CannotKnow, match=r"may be set in a file that .* includes"):
            settings.lacks(name)
        with pytest.raises(CannotKnow, match=r"may be set in a file that .* includes"):
            settings.other_than(name, 1)


def test_a_setting_of_the_environment_cannot_be_known_unless_it_is_wanted_so(tmp_path: Path) -> None:
    settings = read(tmp_path, "a.json", '{"token": "${GATEWAY_TOKEN}"}')
    assert settings.other_than("token", "${GATEWAY_TOKEN}") is None
    with pytest.raises(CannotKnow, match="depends on the environment of whoever reads it"):
        settings.lacks("token")
    with pytest.raises(CannotKnow, match="depends on the environment of whoever reads it"):
        settings.other_than("token", "x")
