"""What a configuration lacks of a hook, and what it still says of one that is gone."""

from __future__ import annotations

from guardrails.config.settings import Settings
from guardrails.hooks.configured_guards import lines_left_over, missing_lines

SETTINGS = Settings("", "", {}, {}, (), guards={"prod": ("pre-push",), "a b": ("codex",)})


def test_what_is_missing_is_a_line_to_paste() -> None:
    lines = list(missing_lines("codex", ["prod", "dev", "a b"], SETTINGS, "/etc/guardrails.toml"))
    assert [line.partition("put this at the top of /etc/guardrails.toml: ")[2] for line in lines] == [
        'guards.prod = ["pre-push", "codex"]',
        'guards.dev = ["codex"]',
    ]


def test_a_name_that_is_no_bare_key_is_quoted() -> None:
    (line,) = missing_lines("cursor", ["a b"], SETTINGS, None)
    assert line.endswith('a guardrails.toml: guards."a b" = ["codex", "cursor"]')


def test_what_is_left_over_names_its_table() -> None:
    assert list(lines_left_over("pre-push", ["prod", "dev"], SETTINGS, None)) == [
        "the configuration still names pre-push in guards.prod, so guards-installed misses it"
    ]
