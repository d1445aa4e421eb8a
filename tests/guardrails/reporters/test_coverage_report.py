"""The coverage for people and for machines: every line shows, once more when nothing guards it, and no secret does."""

from __future__ import annotations

import json

from guardrails.coverage import Line
from guardrails.reporters.coverage_report import as_json, as_text

LINES = (
    Line(3, "Before", "rule", "Must be clean", (), ("clean-worktree",)),
    Line(4, "Before", "command", "pnpm test"),
    Line(9, "After", "path", "docs/start.md", ("docs/start.md",), ("required-doc-links", "required-files")),
)


def test_text_lists_all_then_the_unguarded_then_the_count() -> None:
    assert as_text(LINES) == (
        "Before\n"
        "      3  Must be clean  clean-worktree\n"
        "      4  pnpm test      –\n"
        "\n"
        "After\n"
        "      9  docs/start.md  required-doc-links, required-files\n"
        "\n"
        "Nothing guards\n"
        "      4  pnpm test\n"
        "\n"
        "2 of 3 lines are guarded\n"
    )


def test_nothing_to_guard_is_said() -> None:
    assert as_text(()) == "0 of 0 lines are guarded\n"


def test_a_narrow_terminal_wraps_and_loses_nothing() -> None:
    text = as_text((LINES[0].replaced(text=" ".join(["word"] * 30)), *LINES[1:]), width=60)

    assert max(map(len, text.splitlines())) <= 60
    assert text.count("word") == 30
    assert "required-doc-links" in text
    assert "required-files" in text


def test_json_holds_every_line_and_the_counts() -> None:
    document = json.loads(as_json("RULES.md", LINES))

    assert document["document"] == "RULES.md"
    assert document["summary"] == {"lines": 3, "guarded": 2, "unguarded": 1}
    assert [line["policies"] for line in document["lines"]] == [[*line.policies] for line in LINES]
    assert document["lines"][2] == {
        "number": 9,
        "section": "After",
        "kind": "path",
        "text": "docs/start.md",
        "names": ["docs/start.md"],
        "policies": ["required-doc-links", "required-files"],
    }


def test_secrets_and_control_characters_do_not_show() -> None:
    secret = "curl https://me:canary@host/ --token canary \x1b[31m"
    lines = (LINES[0].replaced(text=secret, names=(secret,), section=f"\x1b {secret}"),)

    assert "canary" not in as_text(lines) + as_json("RULES.md", lines)
    assert "\x1b" not in as_text(lines)
