"""A program that is not in the table may write what it is given, and where it runs."""

from __future__ import annotations

import pytest

from guardrails.facts.tool_call.actions import actions_of
from guardrails.facts.tool_call.programs import table
from guardrails.facts.tool_call.programs.readers import READERS
from shell_examples import example_places, reading


def did(text: str, folder: str | None = "/srv/elsewhere", whole: str = "") -> list[str]:
    actions = actions_of(reading(text, folder), example_places(), text=whole)
    return sorted({f"{'?' if one.why else ''}{one.kind} {one.path}" for one in actions})


@pytest.mark.parametrize(
    "text",
    [
        "frobnicate /srv/prod/a",
        "frobnicate ../prod/a",
        "frobnicate --output=/srv/prod/a",
        "frobnicate --output=../prod/a",
        "frobnicate -o/srv/prod/a",
        "frobnicate if=/tmp/a of=/srv/prod/a",
        "frobnicate /srv/prod/a:/mnt",
        "/opt/frobnicate /srv/prod/a",
        "frobnicate /tmp/a ../prod/a",
    ],
)
def test_a_path_in_a_place(text: str) -> None:
    assert did(text) == ["?writes /srv/prod/a"]


@pytest.mark.parametrize(
    ("text", "folder", "expected"),
    [
        ("frobnicate", "/srv/prod/src", ["?writes /srv/prod/src"]),
        ("frobnicate a -v", "/srv/prod", ["?writes /srv/prod"]),
        ("frobnicate .", "/srv/prod-state", ["?writes /srv/prod-state"]),
        ("frobnicate ../dev-state/a", "/srv/prod",  ["?writes /srv/dev-state/a", "?writes /srv/prod"]),
        ("frobnicate 'cd /srv/prod && git pull'", "/srv/elsewhere", ["?writes /srv/prod"]),
        ("frobnicate 'cd ../prod && git pull'", "/tmp", ["?writes /srv/prod"]),
        ("frobnicate restart gateway-prod", "/srv/elsewhere", ["?stops gateway-prod"]),
        ("frobnicate /home/ada/rules/guardrails.toml", "/srv/elsewhere", ["?loosens /home/ada/rules/guardrails.toml"]),
        ("frobnicate /srv/pr*", "/srv/elsewhere", ["?writes /srv/pr*"]),
        ("frobnicate dist", None, []),
        ("frobnicate prod/dist", None, ["?writes /srv/prod"]),
    ],
)  # fmt: skip
def test_where_it_runs_and_what_it_speaks_of(text: str, folder: str | None, expected: list[str]) -> None:
    assert did(text, folder) == expected


@pytest.mark.parametrize(
    "text",
    [
        "frobnicate /tmp/a prod openclaw --source prod",
        "frobnicate ~/desk/prod.txt",
        "frobnicate https://example.org/srv/prod",
        "frobnicate /home/ada/rules",  # beside a file of the guard, of which a folder above does not speak
        "frobnicate $X",
    ],
)
def test_what_leads_to_no_place_is_free(text: str) -> None:
    assert did(text) == []


def test_a_folder_above_places_leads_to_them() -> None:
    assert did("frobnicate ..") == [
        "?writes /srv/dev",
        "?writes /srv/dev-state",
        "?writes /srv/prod",
        "?writes /srv/prod-state",
    ]


def test_a_computed_word_may_be_any_place_that_the_text_names() -> None:
    assert did("frobnicate $X", whole="read X <<< /srv/prod; frobnicate $X") == ["?writes /srv/prod"]


@pytest.mark.parametrize("text", ["frobnicate --version", "frobnicate --help", "frobnicate version"])
def test_a_program_may_be_asked_for_its_version(text: str) -> None:
    assert did(text, "/srv/prod") == []
    assert did(f"{text} now", "/srv/prod") == ["?writes /srv/prod"]


@pytest.mark.parametrize("name", ["ls", "jq", "pgrep", "ssh", "echo", "read", "bash", "sudo"])
def test_readers_are_free(name: str) -> None:
    assert did(f"{name} /srv/prod/a", "/srv/prod") == []


def test_no_reader_has_a_row() -> None:
    assert {name for names in table.MODULES.values() for name in names.split()} & READERS == set()
