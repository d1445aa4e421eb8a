"""A setting is what openclaw.json itself says, or it cannot be known."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails_policies.openclaw.state.configuration import expand, is_folder, read_configuration, read_setting


def test_settings_are_read_and_absent_ones_are_none(tmp_path: Path) -> None:
    path = tmp_path / "openclaw.json"
    path.write_text("{gateway: {port: 1, auth: null}, $include: 'other.json5'}")
    table, where = read_configuration(str(tmp_path))
    assert where == str(path)
    assert read_setting(table, where, "gateway", "port") == 1
    assert read_setting(table, where, "gateway", "auth", "token") is None
    for names in (("gateway", "bind"), ("cron", "store"), ("gateway",)):
        with pytest.raises(CannotKnow, match=rf"^{'.'.join(names)} may be set in a file that {path} includes"):
            read_setting(table, where, *names)
    with pytest.raises(CannotKnow, match="no table around"):
        read_setting(table, where, "gateway", "port", "number")


def test_what_is_included_is_read_and_may_add_to_a_list(tmp_path: Path) -> None:
    path = tmp_path / "openclaw.json"
    path.write_text("{agents: {list: [{id: 'a'}]}, $include: './more.json5'}")
    with pytest.raises(CannotKnow, match=r"^agents.list may be set in a file"):
        read_setting(*read_configuration(str(tmp_path)), "agents", "list")
    (tmp_path / "more.json5").write_text("{agents: {list: [{id: 'b'}]}, cron: {store: 'x'}, session: {store: '$${X}'}}")
    table, where = read_configuration(str(tmp_path))
    assert read_setting(table, where, "agents", "list") == [{"id": "b"}, {"id": "a"}]
    assert read_setting(table, where, "cron", "store") == "x"
    assert read_setting(table, where, "session", "store") == "${X}"


@pytest.mark.parametrize("text", ["${HOME}/x", "a${B}", "$${A}${B}"])
def test_a_text_that_depends_on_the_environment_cannot_be_known(tmp_path: Path, text: str) -> None:
    (tmp_path / "openclaw.json").write_text(f'{{"a": "{text}"}}')
    with pytest.raises(CannotKnow, match="depends on the environment"):
        read_setting(*read_configuration(str(tmp_path)), "a")


def test_an_absent_file_says_nothing(tmp_path: Path) -> None:
    table, where = read_configuration(str(tmp_path))
    assert (table, read_setting(table, where, "cron", "store")) == ({}, None)


def test_a_damaged_file_cannot_be_known(tmp_path: Path) -> None:
    (tmp_path / "openclaw.json").write_text("{gateway: ")
    with pytest.raises(CannotKnow, match=r"openclaw\.json"):
        read_configuration(str(tmp_path))


def test_a_folder_is_there_or_not_or_something_else(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert is_folder(str(tmp_path))
    assert not is_folder(str(tmp_path / "absent"))
    assert not is_folder(str(tmp_path / "file" / "below"))
    for name in ("file", "fifo", "loop"):
        with pytest.raises(CannotKnow, match=name):
            is_folder(str(tmp_path / name))


@pytest.mark.parametrize(
    ("path", "expanded"),
    [("~", "/h"), ("~/x", "/h/x"), ("~bob/x", "~bob/x"), ("/x/~", "/x/~"), ("~/.openclaw-dev", "/h/.openclaw-dev")],
)
def test_only_the_own_home_is_expanded(path: str, expanded: str) -> None:
    assert expand(path, "/h") == expanded
