"""What was found as text for people and as JSON: text from the world is data in both."""

from __future__ import annotations

import json

from guardrails.doctor.lines import Line, State
from guardrails.doctor.shown import as_json, as_text

LINES = [
    Line("log", "prod", State.OK, "whole"),
    Line("environment", "", State.WRONG, "a\nb\x1b[1m\udcff", "true   # a look: \u202e"),
]


def test_the_text_has_columns_and_what_to_do_below() -> None:
    assert as_text(LINES) == (
        "✓ ok       log          prod: whole\n"
        "✗ wrong    environment  a\\nb\\x1b[1m\\udcff\n"
        "            do    true\n"
        "            note  a look: \\u202e\n"
        "\n"
        "NOT WELL  1 ok, 1 wrong\n"
    )


def test_on_a_terminal_what_goes_on_is_indented_and_what_to_do_is_whole() -> None:
    text = "its state directory /srv/state/prod is not there"
    do = "do this here " * 8 + "to end it"
    remark = "a look: which of these is to stay, and which one not?"
    said = [LINES[1].replaced(name="prod", text=text, do=f"{do}   # {remark}")]
    assert as_text(said, width=60).split("\n")[:5] == [
        "✗ wrong    environment  prod: its state directory",
        "                        /srv/state/prod is not there",
        f"            do    {do}",
        "            note  a look: which of these is to stay, and",
        "                  which one not?",
    ]
    assert as_text(said, width=40).split("\n")[:3] == [
        "✗ wrong    environment",
        "    prod: its state directory",
        "    /srv/state/prod is not there",
    ]


def test_colour_marks_the_states() -> None:
    assert as_text(LINES, colour=True).startswith("\x1b[32m✓ ok     \x1b[0m  log")


def test_the_ending_says_which_code_it_is() -> None:
    assert as_text(LINES[:1]).endswith("\nWELL  1 ok\n")
    assert as_text([LINES[0].replaced(state=State.UNKNOWN)]).endswith("\nCANNOT TELL  1 unknown\n")


def test_the_json_has_every_key() -> None:
    document = json.loads(as_json(LINES))
    assert [(thing["do"], thing["remark"]) for thing in document["things"]] == [
        (None, None),
        ("true", "a look: \u202e"),
    ]
    assert document["things"][1]["text"] == "a\nb\x1b[1m\\udcff"
    assert document["summary"] == {"ok": 1, "note": 0, "unknown": 0, "wrong": 1}
    assert (document["exit_code"], document["schema_version"]) == (1, "1")
