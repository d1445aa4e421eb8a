"""The state directory by the rules of both versions, as the real ones were seen to resolve it."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardrails_policies.openclaw.state_dir import legacy_variables, named_profile, resolve

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
