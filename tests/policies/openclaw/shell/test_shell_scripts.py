"""What a script calls, and with what; where it leads in the end is proven in `test_trails.py` beside real shells."""

from __future__ import annotations

import os
from pathlib import Path

from guardrails_policies.openclaw.shell.calls import Call
from guardrails_policies.openclaw.shell.shell_scripts import Script


def calls(text: str, folder: str = "/folder", **variables: str | None) -> list[Call]:
    return list(Script(Call((), folder, variables), ["/scripts/x.sh"], "/home/me").calls(text))


def test_calls_in_their_order() -> None:
    found = calls("a 1 | b > /dev/null & c && d\nexec e\nf")
    assert [one.words for one in found] == [("a", "1"), ("b",), ("c",), ("d",), ("exec", "e")]


def test_exec_ends_a_script_where_it_is_reached() -> None:
    assert [one.name for one in calls("exec a; b")] == ["exec"]
    assert [one.name for one in calls("x && exec a; b")] == ["x", "exec", "b"]
    assert [one.name for one in calls("if x; then exec a; fi; b")] == ["x", "exec", "b"]


def test_variables_are_passed_on_when_they_are_exported() -> None:
    (found,) = calls("A=1; B=2; C=3; export B; C=4; D=5 x", C="0")
    assert dict(found.variables) == {"B": "2", "C": "4", "D": "5"}
    (found,) = calls("declare -x A=1; typeset B=2; export -n C; readonly D=1; x")
    assert dict(found.variables) == {"A": "1"}


def test_what_may_have_happened_is_not_known() -> None:
    (*_, found) = calls("if a; then A=1; else A=2; fi; x")
    assert dict(found.variables) == {"A": None}
    (*_, found) = calls("a && cd /x; y")
    assert found.doubt


def test_files_that_it_reads(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("FOO=1\nPATH=/x\n")
    (tmp_path / "sets").write_text("export OPENCLAW_STATE_DIR=/set\n. ./again\n")
    (tmp_path / "again").write_text(". ./again\nOPENCLAW_HOME=1\n")
    (found,) = calls(". ./plain; x", str(tmp_path))
    assert (dict(found.variables), found.doubt) == ({}, "")
    (found,) = calls(". ./sets; x", str(tmp_path))
    assert found.variables["OPENCLAW_STATE_DIR"] == "/set"
    assert "cannot be followed" in found.doubt
    os.mkfifo(tmp_path / "fifo")
    (found,) = calls(". ./fifo; x", str(tmp_path))
    assert "FIFO" in found.doubt
    (found,) = calls("[ -f none ] && . ./none\nx", str(tmp_path))[1:]
    assert not found.doubt


def test_where_a_script_is() -> None:
    (found,) = calls('cd "$(dirname -- "$0")/.."; here=$(cd "$(dirname "$0")" && pwd); "$here/y"')
    assert (found.words, found.folder, found.doubt) == (("/scripts/y",), "/", "")
