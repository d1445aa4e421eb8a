"""Programs that a test needs and not every machine has."""

from __future__ import annotations

import os
import shutil

import pytest


def all_must_run() -> bool:
    """Whether no test may be left out, as in .ci/run, which installs what they need."""
    return os.environ.get("GUARDRAILS_TESTS_COMPLETE") == "1"


def need(program: str) -> None:
    """Leave the test out where the program is not installed, or fail it where all must run."""
    if shutil.which(program) is None:
        (pytest.fail if all_must_run() else pytest.skip)(f"{program} is not installed")
