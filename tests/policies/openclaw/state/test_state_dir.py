"""The state directory by the rules of both versions, as the real ones were seen to resolve it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails_policies.openclaw.state.state_dir import legacy_variables, named_profile, resolve

OLD, NEW = "2026.1.30", "2026.9.6"


def resolved(home: Path, version: str, *arguments: str, **variables: str) -> str:
    found = resolve(variables, arguments, home=str(home), folder="/folder", version=version)
    assert not found.otherwise or not version
    return found.path.replace(str(home), "~")


@pytest.mark.parametrize(
    ("arguments", "variables", "old", "new"),
    [
        ("", {}, "~/.openclaw", "~/.openclaw"),
        ("gateway run --dev", {}, "~/.openclaw", "~/.openclaw"),  # another option of the same name
        ("--dev gateway", {}, "~/.openclaw-dev", "~/.openclaw-dev"),
        ("--profile work gateway", {}, "~/.openclaw-work", "~/.openclaw-work"),
        ("--no-color --profile=work gateway", {}, "~/.openclaw-work", "~/.openclaw-work"),
        ("--profile Default gateway", {}, "~/.openclaw", "~/.openclaw"),
        ("", {"OPENCLAW_PROFILE": "work"}, "~/.openclaw", "~/.openclaw"),
        ("--dev gateway", {"OPENCLAW_STATE_DIR": "~/.openclaw"}, "~/.openclaw", "~/.openclaw-dev"),
        ("--dev gateway", {"OPENCLAW_STATE_DIR": "/other"}, "/other", "/other"),
        ("", {"OPENCLAW_STATE_DIR": "~/.openclaw-dev"}, "~/.openclaw-dev", "~/.openclaw-dev"),
        ("", {"OPENCLAW_STATE_DIR": " ~ "}, "~", "~"),
        ("", {"OPENCLAW_STATE_DIR": "  "}, "~/.openclaw", "~/.openclaw"),
        ("", {"OPENCLAW_STATE_DIR": "state"}, "/folder/state", "/folder/state"),
        ("", {"OPENCLAW_STATE_DIR": "~root/x"}, "/folder/~root/x", "/folder/~root/x"),
        ("", {"CLAWDBOT_STATE_DIR": "/legacy"}, "/legacy", "~/.openclaw"),
        ("", {"CLAWDBOT_STATE_DIR": "/legacy", "OPENCLAW_STATE_DIR": "/x"}, "/x", "/x"),
        ("", {"MOLTBOT_STATE_DIR": "/legacy"}, "~/.openclaw", "~/.openclaw"),
        ("", {"OPENCLAW_HOME": "/x"}, "~/.openclaw", "/x/.openclaw"),
        ("", {"OPENCLAW_HOME": "~/x", "OPENCLAW_STATE_DIR": "~/y"}, "~/y", "~/x/y"),
        ("", {"OPENCLAW_HOME": "undefined"}, "~/.openclaw", "~/.openclaw"),
        ("", {"HOME": "/elsewhere"}, "/elsewhere/.openclaw", "/elsewhere/.openclaw"),
    ],
)
def test_both_versions(tmp_path: Path, arguments: str, variables: dict[str, str], old: str, new: str) -> None:
    assert resolved(tmp_path, OLD, *arguments.split(), **variables) == old
    assert resolved(tmp_path, NEW, *arguments.split(), **variables) == new
    unknown = resolve(variables, arguments.split(), home=str(tmp_path), folder="/folder")
    assert {path.replace(str(tmp_path), "~") for path in unknown.paths} == {old, new}


@pytest.mark.parametrize(
    ("there", "old", "new"),
    [
        ([".clawdbot"], "~/.clawdbot", "~/.clawdbot"),
        ([".moltbot"], "~/.moltbot", "~/.openclaw"),
        ([".moltbot", ".openclaw"], "~/.openclaw", "~/.openclaw"),
        ([".moldbot", ".clawdbot"], "~/.clawdbot", "~/.clawdbot"),
    ],
)
def test_folders_of_earlier_names(tmp_path: Path, there: list[str], old: str, new: str) -> None:
    for name in there:
        (tmp_path / name).mkdir()
    assert (resolved(tmp_path, OLD), resolved(tmp_path, NEW)) == (old, new)


@pytest.mark.parametrize("version", ["", "2026.3.20", "nonsense"])
def test_a_version_whose_rules_are_not_known_has_two_answers(version: str) -> None:
    found = resolve({"CLAWDBOT_STATE_DIR": "/legacy"}, (), home="/home/me", version=version)
    assert found.paths == ("/home/me/.openclaw", "/legacy")


@pytest.mark.parametrize("version", ["2026.9.6", "2026.10.1", "2027.1.1"])
def test_later_versions_keep_to_the_newest_rules(version: str) -> None:
    assert resolve({"CLAWDBOT_STATE_DIR": "/x"}, (), home="/h", version=version).paths == ("/h/.openclaw",)


def test_why() -> None:
    assert resolve({}, ("--dev",), home="/h").because == "--profile dev"
    assert resolve({}, (), home="/h").because == "OPENCLAW_STATE_DIR is not set"
    assert resolve({"OPENCLAW_STATE_DIR": "/x"}, (), home="/h").because == "OPENCLAW_STATE_DIR=/x"


def test_small_things() -> None:
    assert named_profile(["--profile"]) == ""
    assert list(legacy_variables({"MOLTBOT_STATE_DIR": "x", "CLAWDBOT_STATE_DIR": "", "OPENCLAW_STATE_DIR": "x"})) == [
        "MOLTBOT_STATE_DIR"
    ]


@pytest.mark.parametrize(
    ("version", "variables", "paths"),
    [
        ("2026.2.9", {"CLAWDBOT_STATE_DIR": "/legacy"}, ("/legacy",)),
        ("2026.9.5", {"CLAWDBOT_STATE_DIR": "/legacy"}, ("/h/.openclaw",)),
        ("2026.2.9", {"OPENCLAW_HOME": "/x"}, ("/x/.openclaw",)),
        ("2026.2.1", {"OPENCLAW_HOME": "/x"}, ("/x/.openclaw", "/h/.openclaw")),
        ("2026.3.31", {"OPENCLAW_CONFIG_PATH": "/c/openclaw.json"}, ("/h/.openclaw",)),
        ("2026.4.15", {"OPENCLAW_CONFIG_PATH": "/c/openclaw.json"}, ("/h/.openclaw", "/c")),
        ("2026.4.15", {"OPENCLAW_CONFIG_PATH": "/c/x", "OPENCLAW_STATE_DIR": "/s"}, ("/s",)),
    ],
)
def test_from_version_to_version(version: str, variables: dict[str, str], paths: tuple[str, ...]) -> None:
    assert resolve(variables, (), home="/h", version=version).paths == paths


@pytest.mark.parametrize(
    ("variables", "configuration"),
    [
        ({"OPENCLAW_CONFIG_PATH": "/c/x.json"}, "/c/x.json"),
        ({"OPENCLAW_CONFIG_PATH": "~/.openclaw/openclaw.json"}, ""),
        ({"OPENCLAW_CONFIG_PATH": "x.json"}, "/folder/x.json"),
        ({"CLAWDBOT_CONFIG_PATH": "/c/x.json"}, ""),
        ({}, ""),
    ],
)
def test_the_configuration(variables: dict[str, str], configuration: str) -> None:
    found = resolve(variables, (), home="/h", folder="/folder", version=NEW)
    assert found.configuration == configuration


def test_a_profile_after_the_command() -> None:
    given = ("gateway", "run", "--profile", "work")
    assert resolve({}, given, home="/h", version="2026.3.13").path == "/h/.openclaw"
    assert resolve({}, given, home="/h", version="2026.3.31").path == "/h/.openclaw-work"
    assert resolve({}, ("gateway", "--dev"), home="/h", version=NEW).path == "/h/.openclaw"


def test_files_that_set_variables_late(tmp_path: Path) -> None:
    state, other, checkout = (tmp_path / name for name in (".openclaw", "other", "checkout"))
    for folder in (state, other, checkout):
        folder.mkdir()

    def paths(version: str = NEW, **variables: str) -> tuple[str, ...]:
        return resolve(variables, (), home=str(tmp_path), folder=str(checkout), version=version).paths

    (state / ".env").write_text("OPENCLAW_GATEWAY_TOKEN=x\n")
    assert paths() == (str(state),)
    (state / ".env").write_text(f"OPENCLAW_STATE_DIR={other}\n")
    assert paths() == (str(state), str(other))
    assert paths(OPENCLAW_STATE_DIR=str(state)) == (str(state),)  # what is set already wins
    (state / ".env").unlink()
    (checkout / ".env").write_text(f"OPENCLAW_STATE_DIR={other}\n")
    assert paths("2026.3.13") == (str(other),)
    assert paths() == (str(state),)
    assert paths("2026.3.20") == (str(state), str(other))
    (tmp_path / ".config/openclaw").mkdir(parents=True)
    (tmp_path / ".config/openclaw/gateway.env").write_text(f"export OPENCLAW_HOME='{other}'\n")
    assert paths() == (str(state), f"{other}/.openclaw")


def test_a_file_of_variables_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / ".openclaw").mkdir()
    os.mkfifo(tmp_path / ".openclaw/.env")
    with pytest.raises(CannotKnow, match="FIFO"):
        resolve({}, (), home=str(tmp_path), version=NEW)
