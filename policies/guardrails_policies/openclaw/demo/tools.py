"""Writing files and running programs, with nothing of the caller's."""

from __future__ import annotations

import os
import subprocess

from guardrails.errors import UsageError
from guardrails.facts.git.reader import executable

_ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **{
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", "demo"), ("EMAIL", "demo@example.org"), ("DATE", "2026-02-01T10:00:00Z"))
    },
}


def write(path: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file, with its folders."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def commit(repo: str, message: str) -> None:
    """Commit everything."""
    git(repo, "add", "--all")
    git(repo, "commit", "--quiet", "--message", message)


def git(folder: str, *arguments: str) -> str:
    """Run git, and give its output."""
    return run(folder, executable(), *arguments)


def run(folder: str, *words: str) -> str:
    """Run a program, and give its output. Neither the caller's environment nor their configuration has a say.

    Raises UsageError when there is no such program, CalledProcessError when it fails.
    """
    try:
        done = subprocess.run(words, cwd=folder, env=_ENVIRONMENT, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"the demo needs {words[0]}, which is not there") from None
    return done.stdout


def configure(folder: str, text: str) -> None:
    """Add to the world's configuration."""
    with open(os.path.join(folder, "guardrails.toml"), "a", encoding="utf-8") as file:
        file.write("\n" + text)
