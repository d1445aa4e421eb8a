"""Texts made at random, run by a real bash that finds nothing but recorders: whatever ran is in the reading.

What a recorder was given, the folder where it ran and the variables that it got must be those of a command that was
read, wherever that one says that it knows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from guardrails.calls import Call
from guardrails.errors import CannotKnow
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.facts.tool_call.commands import Reading, SimpleCommand
from guardrails.facts.tool_call.shell_reading import read_call
from shell_texts import NAMES, PROGRAMS, RECORDERS, Texts

TEXTS_OF_A_CASE = 10
UNSET = "<unset>"
INHERITED = {"Y": "in herited"}
RECORDER = """#!/bin/sh
printf '%s\\0' "$PWD" {variables} "${{0##*/}}" "$@" "<end>" >> {log}
exit {status}
"""
ONCE_MISREAD = (
    "git a # comment \\\nrm b",
    "readonly X=1; X=2; cd a\ngit",
    "readonly R=1; if readonly R=2; then cd a; fi; git",
    "show | f() { :; } && cd a; trap 'git' EXIT",
    "set -e; trap 'git' EXIT; cd a; no; cd ..",
    "trap 'git' DEBUG; cd a; cd ../b",
    "trap 'cd a' DEBUG; git",
    'set -- $X "`no`"; git "$*"',
    "export X=$N; git ${X:+alt}",
    "set a b c; export X=$@; git",
    "export X=a X=$X; git",
    "unset X; export X=1; unset X; X=2; git",
    "unset Y; Y=2; git",
    "for Y in a b; do git; done",
    "X=(1 2); export X; git; X=3; git",
    "set -a; X=1; set +a; X=2; git",
    "if [[ a == b ]]; then set -a; fi; X=1; git",
    "declare -n R=X; export X=1; R=2; git",
    "f() { local X=1; declare -g X=2; git; }; export X; f; git",
    "local X=1; export X; git",
    "select X in a b; do git $X; break; done <<< 2",
    "pushd -n a; popd; git",
    "if break; then git; fi",
    "exec <<< 'git'; bash",
    "set +B; git {a,b}",
    "set -k; git X=1",
    "shopt -s expand_aliases\nalias al='cd a;'\nal\ngit",
    "sh -c 'git x=~'",
    "git $'\\u00e9'",
    "case a in b) git() { command git w; } ;; esac; git",
    "export X=q; for X in a b; do git; done",
    "export X=q; for X in *.txt; do git; done",
    "export X=q; select X in a b; do git; break; done <<< 9",
)


class Recorded:
    """What one recorder was given."""

    def __init__(self, fields: list[str]) -> None:
        self.folder = fields[0]
        self.variables = dict(zip(NAMES, fields[1:], strict=False))
        self.words = fields[1 + len(NAMES) :]

    def __repr__(self) -> str:
        return f"{self.folder}: {self.words} {self.variables}"


class Scratch:
    """A folder with recorders, in which texts are run."""

    def __init__(self, top: Path) -> None:
        self.work, self.programs, self.log = top / "work", top / "programs", top / "log"
        self.programs.mkdir()
        given = " ".join(f'"${{{name}-{UNSET}}}"' for name in NAMES)
        for name in RECORDERS:
            recorder = self.programs / name
            recorder.write_text(RECORDER.format(variables=given, log=self.log, status=int(name == "no")))
            recorder.chmod(0o755)
        for name in PROGRAMS:
            (self.programs / name).symlink_to(shutil.which(name) or "/bin/false")
        self.environment = {"PATH": str(self.programs), "HOME": str(self.work), **INHERITED}

    def run(self, text: str) -> list[Recorded]:
        """What the recorders were given when bash ran a text."""
        shutil.rmtree(self.work, ignore_errors=True)
        for name in ("a/c", "b"):
            (self.work / name).mkdir(parents=True)
        for name in ("one.txt", "two.txt", "a/three.txt"):
            (self.work / name).touch()
        self.log.write_bytes(b"")
        command = ["/bin/bash", "-c", text]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        # it has ended when nothing that it left behind can write an error any more
        subprocess.run(command, cwd=self.work, env=self.environment, timeout=20, check=False, **quiet)  # type: ignore[call-overload]
        records = self.log.read_bytes().decode("utf-8", "surrogateescape").split("<end>\0")[:-1]
        return [Recorded(record.split("\0")[:-1]) for record in records]

    def read(self, text: str) -> Reading:
        call = Call(folder=str(self.work), shell=text)
        return run_to_end(read_call(call, home=str(self.work), variables=self.environment, timeout=20.0))


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    return Scratch(Path(os.path.realpath(tmp_path_factory.mktemp("recorded"))))


def is_that(command: SimpleCommand, recorded: Recorded) -> bool:
    """Whether a command that was read can be one that ran."""
    if command.folder not in (None, recorded.folder):
        return False
    for name in NAMES:
        got, said = recorded.variables[name], command.variables.get(name, INHERITED.get(name, UNSET))
        if said is not None and got != said and (got, said) != (UNSET, ""):
            return False
    pattern = ""
    for at, word in enumerate(command.words):
        known = "".join("[^\x1f]*" if part is None else re.escape(part) for part in word.parts)
        separator = "\x1f" if at else ""
        pattern += f"(?:{separator}.*)?" if word.is_pattern else separator + known
    pattern += "(?:\x1f.*)?" if command.more_words else ""
    words = [recorded.words[0].rpartition("/")[2], *recorded.words[1:]]
    return re.fullmatch(pattern, "\x1f".join(words), re.DOTALL) is not None


def missed(scratch: Scratch, text: str) -> list[Recorded]:
    """What ran and was not read; nothing where the reading says that it cannot tell."""
    ran = scratch.run(text)
    try:
        reading = scratch.read(text)
    except CannotKnow:
        return []
    if reading.untold:
        return []
    return [one for one in ran if not any(is_that(command, one) for command in reading.commands)]


@pytest.mark.sample(20)
@pytest.mark.parametrize("case", range(60))
def test_whatever_bash_runs_is_in_the_reading(scratch: Scratch, case: int) -> None:
    texts = Texts(case)
    for _ in range(TEXTS_OF_A_CASE):
        text = texts.text()
        assert missed(scratch, text) == [], text


@pytest.mark.parametrize("text", ONCE_MISREAD)
def test_a_text_that_was_misread_once_is_read_as_bash_does(scratch: Scratch, text: str) -> None:
    assert scratch.run(text), "it shows nothing"
    assert missed(scratch, text) == []
