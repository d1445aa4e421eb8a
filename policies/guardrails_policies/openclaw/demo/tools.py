"""Writing files and running programs, with nothing of the caller's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from guardrails.errors import UsageError
from guardrails.testing import worlds

STATES = ("home/.openclaw", "home/.openclaw-dev")
_PERSON = worlds.Person(name="demo", email="demo@example.org", date="2026-02-01T10:00:00Z")


def world_in(folder: str) -> worlds.ScratchWorld:
    """The demo's world in a folder, as its repositories and states are called."""
    return worlds.ScratchWorld(folder, prod="openclaw-prod", dev="moltbot", states=STATES, person=_PERSON)


def write(path: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file, with its folders."""
    worlds.write(Path(path), text, mode=mode)


def commit(repo: str, message: str) -> None:
    """Commit everything."""
    world_in(os.path.dirname(repo)).commit(repo, message)


def git(folder: str, *arguments: str) -> str:
    """Run git, and give its output."""
    return world_in(folder).git(folder, *arguments)


def run(folder: str, *words: str) -> str:
    """Run a program, and give its output. Neither the caller's environment nor their configuration has a say.

    Raises UsageError when there is no such program, CalledProcessError when it fails.
    """
    try:
        done = subprocess.run(
            words, cwd=folder, env=_PERSON.variables(), check=True, stdout=subprocess.PIPE, encoding="utf-8"
        )
    except FileNotFoundError:
        raise UsageError(f"the demo needs {words[0]}, which is not there") from None
    return done.stdout


def guardrails(folder: str, *words: str) -> None:
    """Run a command of this guardrails in a world, as whoever acts there. Raises CalledProcessError when it fails."""
    path = os.pathsep.join((os.path.join(folder, "bin"), os.environ.get("PATH", os.defpath)))
    variables = {"PATH": path, "HOME": os.path.join(folder, "home"), "LC_ALL": "C.UTF-8"}
    subprocess.run(
        [sys.executable, "-P", "-m", "guardrails", *words], cwd=folder, env=variables, check=True, capture_output=True
    )


def configure(folder: str, text: str) -> None:
    """Add to the world's configuration."""
    world_in(folder).configure(text)


def set_option(folder: str, policy: str, line: str) -> None:
    """Set an option of a policy in the world's configuration, whether it has a table there or not."""
    path = Path(folder, "guardrails.toml")
    text = path.read_text(encoding="utf-8")
    table = f"[policies.{policy}]\n"
    path.write_text(
        text.replace(table, f"{table}{line}\n") if table in text else f"{text}\n{table}{line}\n", encoding="utf-8"
    )
