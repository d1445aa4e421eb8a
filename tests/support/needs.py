"""Programs that a test needs and not every machine has."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

HOOK_MANAGERS = "hook-managers-1"  # .ci/run names it too, with the versions that are in it


def all_must_run() -> bool:
    """Whether no test may be left out, as in .ci/run, which installs what they need."""
    return os.environ.get("GUARDRAILS_TESTS_COMPLETE") == "1"


def need(program: str) -> None:
    """Leave the test out where the program is not installed, or fail it where all must run."""
    if shutil.which(program) is None:
        (pytest.fail if all_must_run() else pytest.skip)(f"{program} is not installed")


def hook_managers() -> Path:
    """The folder where .ci/run has put husky, lefthook, simple-git-hooks (npm) and pre-commit (PyPI), or as `need`."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "guardrails-tests" / HOOK_MANAGERS
    if not (folder / "ready").exists():
        (pytest.fail if all_must_run() else pytest.skip)(f"the managers of hooks are not installed in {folder}")
    return folder
