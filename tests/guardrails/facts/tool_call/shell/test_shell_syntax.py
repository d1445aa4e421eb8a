"""A text is parsed by shfmt alone, in bounded time and space, and what it refuses has no tree."""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow, GuardrailsError
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.facts.tool_call.shell import shell_syntax
from guardrails.facts.tool_call.shell.shell_syntax import TEXT_LIMIT, Script, parse


def tree(text: str, timeout: float = 20.0) -> Script:
    return run_to_end(parse(text, timeout))


def words(script: Script) -> list[str]:
    return ["".join(part["Value"] for part in word["Parts"]) for word in script.statements[0]["Cmd"]["Args"]]


def test_a_text_becomes_statements_that_can_be_quoted() -> None:
    script = tree("ls -l ü; git reset")
    assert [script.source(one) for one in script.statements] == ["ls -l ü;", "git reset"]


def test_a_carriage_return_is_a_letter_as_it_is_to_bash() -> None:
    script = tree("git reset --hard\r\nls")
    assert words(script) == ["git", "reset", "--hard\r"]
    assert script.source(script.statements[0]) == "git reset --hard\r"
    assert words(tree("a\rb \uf8ff\r")) == ["a\rb", "\uf8ff\r"]


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\u2028", "\v", "\f"])
def test_other_white_space_separates_nothing(space: str) -> None:
    assert words(tree(f"git{space}reset x")) == [f"git{space}reset", "x"]


def test_what_only_zsh_would_parse_is_parsed() -> None:
    assert words(tree("echo x; for f in ${(f)x}; do ls; done")) == ["echo", "x"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("ls )", "no shell would parse it: 1:4"),
        ("a\0b", "NUL"),
        ("a\udc80b", "not UTF-8"),
        ("x" * (TEXT_LIMIT + 1), "longer than 1 MiB"),
        ("\r\uf8ff\uf8fe\uf8fd\uf8fc\uf8fb", "carriage returns"),
        ("echo " + "$(" * 5000 + "ls" + ")" * 5000, "nested"),
        ("(" * 5000 + "ls" + ")" * 5000, "nested"),
        ("echo " + "${x:-" * 5000 + "}" * 5000, "nested"),
        ("echo " + "$(: ')' " * 5000 + "ls" + ")" * 5000, "."),
        ("if a; then " * 5000 + "b" + "; fi" * 5000, "."),
        ("a && " * 20_000 + "b", "."),
        ("a;" * (TEXT_LIMIT // 2 - 1), "."),
    ],
    ids=lambda value: value[:12] if len(value) > 20 else value,
)
def test_what_cannot_be_parsed_is_refused_soon_and_in_little_memory(text: str, why: str) -> None:
    began = time.monotonic()
    with pytest.raises(CannotKnow, match=why):
        tree(text, timeout=1.0)
    assert time.monotonic() - began < 2
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20  # kibibytes


def test_a_long_text_that_is_mostly_a_heredoc_is_parsed() -> None:
    script = tree("cat <<'E'\n" + "a (b) {c} 'd\n" * 50_000 + "E\n")
    assert len(script.statements) == 1


def test_no_other_shfmt_is_ever_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shfmt").write_text("#!/bin/sh\ntouch was-run\n")
    (tmp_path / "shfmt").chmod(0o755)
    (tmp_path / ".editorconfig").write_text("[*]\nshell_variant = posix\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}:.")
    assert words(tree("a b; x=(c)")) == ["a", "b"]
    assert sorted(os.listdir(tmp_path)) == [".editorconfig", "shfmt"]
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "none"))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none/bin/python"))
    with pytest.raises(GuardrailsError, match="not installed"):
        shell_syntax._shfmt()
