"""This repository is judged by its own rules, which do deny what breaks them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this repository as it is committed, with the configuration as it stands here."""
    made = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", ROOT, made], check=True)
    (made / "guardrails.toml").write_bytes((ROOT / "guardrails.toml").read_bytes())
    return made


def check(clone: Path, policy: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "guardrails", "check", "--env", "prod", "--policy", policy]
    home = clone.parent / "home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C.UTF-8"}
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("page", ["README.md", "docs/contract.md"])
def test_a_dead_link_is_denied(clone: Path, page: str) -> None:
    assert check(clone, "resolvable-doc-links").returncode == 0
    with (clone / page).open("a") as file:
        file.write("\n[nowhere](no-such-page.md)\n")
    denied = check(clone, "resolvable-doc-links")
    assert (denied.returncode, "no-such-page.md" in denied.stdout) == (1, True), denied


def test_what_is_left_behind_is_denied(clone: Path) -> None:
    (clone / "left.txt").write_text("left\n")
    denied = check(clone, "clean-worktree")
    assert (denied.returncode, "left.txt" in denied.stdout) == (1, True), denied


def test_a_page_that_must_be_there_is_asked_for(clone: Path) -> None:
    assert check(clone, "required-files").returncode == 0
    (clone / "docs/contract.md").unlink()
    assert check(clone, "required-files").returncode == 1
