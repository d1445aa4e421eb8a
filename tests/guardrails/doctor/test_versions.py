"""The versions, as the programs themselves say them."""

from __future__ import annotations

import platform
import subprocess

import pytest

from guardrails.doctor import versions
from guardrails.doctor.lines import State


def test_each_is_told() -> None:
    found = {line.name: line for line in versions.examine_versions()}
    said = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout
    assert found["Python"].text == platform.python_version()
    assert f"git version {found['git'].text}\n" == said
    assert {line.state for line in found.values()} == {State.OK}


def test_an_older_git_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "GIT_NEEDED", (99, 1))
    [*_, git] = versions.examine_versions()
    assert git.state is State.WRONG
    assert git.text.endswith("is older than 99.1; upgrade it")
