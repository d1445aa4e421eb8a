"""The scripts themselves: any path and branch is data in them, and they are plain POSIX shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from guardrails import Environment
from guardrails.errors import UsageError
from guardrails.facts.hooks.places import is_ours
from guardrails.guards import KINDS
from guardrails.hooks.stubs import stub

HOSTILE = [
    "main",
    "a b",
    "it's",
    "$(touch owned)",
    "`id`",
    '"',
    "*",
    "[ab]",
    "%s",
    "ü",
    "line\nbreak",
    "{python}",
    "\\",
]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", KINDS)
def test_names_are_quoted(tmp_path: Path, kind: str, name: str) -> None:
    text = stub(kind, Environment(name=name, repo="/srv/x", branch=name), f"/etc/{name}.toml", f"/opt/{name}/python")
    assert is_ours(text.encode())
    path = tmp_path / kind
    path.write_text(text)

    assert subprocess.run(["/bin/sh", "-n", path], check=False).returncode == 0
    if kind == "reference-transaction":
        free = f"{'1' * 40} {'2' * 40} refs/heads/{'x' if name == '*' else 'other'}\n"
        done = subprocess.run(
            ["/bin/sh", path, "prepared"], input=free.encode(), cwd=tmp_path, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert [one.name for one in tmp_path.iterdir()] == [kind]


def test_a_transaction_hook_needs_a_branch() -> None:
    with pytest.raises(UsageError, match="which branch"):
        stub("reference-transaction", Environment(name="dev", repo="/srv/dev"), None, "/usr/bin/python3")


@pytest.mark.parametrize("text", [b"", b"#!/bin/sh\n", b"#!/bin/sh\n# guardrails hooks are fine\n", b"\x7fELF"])
def test_what_somebody_else_wrote_is_not_ours(text: bytes) -> None:
    assert not is_ours(text)
