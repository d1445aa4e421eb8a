"""`guardrails new policy`: a package that is installed at once, whose tests pass, and which is then listed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from plugin_packages import interpreter
from pytest_inside import own_options
from worlds.small_world import ROOT

CLEAN = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


def guardrails(*arguments: str, cwd: Path, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return run(python, "-P", "-m", "guardrails", *arguments, cwd=cwd)


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    variables = {**CLEAN, "HOME": str(cwd)}
    return subprocess.run(command, cwd=cwd, env=variables, capture_output=True, text=True, timeout=120, check=False)


def installed(package: Path, into: Path) -> str:
    """Install the package by pip, without a network, and give an interpreter that has it and guardrails."""
    for needed in ("pip", "hatchling"):
        pytest.importorskip(needed)
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--target", str(into)]
    done = run(sys.executable, "-m", "pip", "install", *options, str(package), cwd=package.parent)
    assert done.returncode == 0, done.stderr
    return interpreter(into.parent / "python", [str(into), str(ROOT), str(ROOT / "policies")])


def test_the_package_is_tested_installed_and_listed(tmp_path: Path) -> None:
    package = tmp_path / "its package"
    done = guardrails("new", "policy", "written-down", "--dir", "its package", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    test_line = next(line.strip() for line in done.stdout.splitlines() if "-m pytest" in line)
    assert shlex.split(test_line)[-1] == str(package)

    tested = run(*shlex.split(test_line), *own_options(tmp_path / "pytest"), cwd=tmp_path)
    assert (tested.returncode, "4 passed" in tested.stdout) == (0, True), tested.stdout + tested.stderr

    python = installed(package, tmp_path / "site")
    listing = guardrails("policies", "--format", "json", cwd=tmp_path, python=python)
    rows = {row["policy"]: row for row in json.loads(listing.stdout)}
    assert (rows["written-down"]["listed"], rows["written-down"]["title"]) == (False, "The file has the line")

    again = guardrails("new", "policy", "written-down", "--dir", "another", cwd=tmp_path, python=python)
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == "guardrails: there is a policy written-down already: guardrails explain written-down\n"
    assert not (tmp_path / "another").exists()


def test_the_installed_policy_judges_a_repository(tmp_path: Path) -> None:
    assert guardrails("new", "policy", "written-down", "--dir", "package", cwd=tmp_path).returncode == 0
    python = installed(tmp_path / "package", tmp_path / "site")
    (tmp_path / "prod").mkdir()
    run("git", "init", "-q", "prod", cwd=tmp_path)
    readme = (tmp_path / "package/README.md").read_text()
    table = readme.partition("```toml\n")[2].partition("```")[0]
    (tmp_path / "guardrails.toml").write_text(f'[environments.prod]\nrepo = "prod"\n{table}')

    asked = ("check", "--env", "prod", "--policy", "written-down")
    assert guardrails(*asked, cwd=tmp_path, python=python).returncode == 1
    (tmp_path / "prod/OWNERS").write_text("reviewed\n")
    done = guardrails(*asked, cwd=tmp_path, python=python)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Written_Down", "--dir", "new"), "Written_Down is no id of a policy; write words with dashes between them"),
        (("clean-worktree", "--dir", "new"), "there is a policy clean-worktree already"),
        (("written-down", "--dir", "full"), "full is not empty; give --dir a new or an empty folder"),
        (("written-down", "--dir", "full/file"), "full/file is no folder"),
        (("written-down",), "the following arguments are required: --dir"),
        (("a\x1b[31m-b", "--dir", "new"), "a\\x1b[31m-b is no id of a policy"),
    ],
)
def test_what_does_not_fit_is_one_line_and_writes_nothing(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").write_text("mine\n")
    done = guardrails("new", "policy", *arguments, cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert sorted(os.listdir(tmp_path)) == ["full"]
    assert (tmp_path / "full/file").read_text() == "mine\n"
