"""Programs and packages that a test needs and not every machine has."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path

import pytest

HOOK_MANAGERS = "hook-managers-1"  # .ci/run names it too, with the versions that are in it
AGENTS = "agents-1"  # likewise
_CACHE = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
NPM_FOLDER = Path(_CACHE, "guardrails-tests")  # where .ci/run installs packages of npm


def all_must_run() -> bool:
    """Whether no test may be left out, as in .ci/run, which installs what they need."""
    return os.environ.get("GUARDRAILS_TESTS_COMPLETE") == "1"


def need(program: str) -> None:
    """Leave the test out where the program is not installed, or fail it where all must run."""
    if shutil.which(program) is None:
        _miss(f"{program} is not installed")


def need_module(name: str) -> None:
    """Likewise for a package of Python that is no dependency, but an extra."""
    if importlib.util.find_spec(name) is None:
        _miss(f"{name} is not installed")


def need_package(name: str) -> Path:
    """The folder of a package of npm, by the name under which .ci/run installs it; else as `need`."""
    folder = NPM_FOLDER / "node_modules" / name
    if not folder.is_dir():
        _miss(f"{name} of npm is not installed in {NPM_FOLDER}")
    return folder


def need_chromium() -> Path:
    """Debian's Chromium, where Playwright is there to drive it; else as `need`."""
    from importlib.util import find_spec

    need("chromium")
    if find_spec("playwright") is None:
        _miss("playwright is not installed")
    return Path(shutil.which("chromium") or "")


def hook_managers() -> Path:
    """The folder where .ci/run has put husky, lefthook, simple-git-hooks (npm) and pre-commit (PyPI), or as `need`."""
    folder = NPM_FOLDER / HOOK_MANAGERS
    if not (folder / "ready").exists():
        _miss(f"the managers of hooks are not installed in {folder}")
    return folder


def agent_hosts() -> Path:
    """The folder where .ci/run has put Claude Code, Codex, Gemini CLI and OpenClaw with its Node.js, or as `need`."""
    folder = NPM_FOLDER / AGENTS
    if not (folder / "ready").exists():
        _miss(f"the hosts of agents are not installed in {folder}")
    return folder


def _miss(what: str) -> None:
    (pytest.fail if all_must_run() else pytest.skip)(what)
