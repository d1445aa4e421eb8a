"""The fixtures for pytest, as somebody else's tests get them: in a run of its own, with guardrails installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from guardrails.testing.worlds import ScratchWorld, write
from plugin_packages import interpreter
from pytest_inside import own_options
from worlds.small_world import ROOT

THEIRS = '''
import os
import subprocess

import git
import pytest
from guardrails import Checkout, Worktree
from guardrails.testing import gather, world


def test_the_repositories(upstream, prod, dev, scratch_world):
    assert all(isinstance(one, git.Repo) for one in (upstream, prod, dev))
    assert [commit.message for commit in prod.iter_commits()] == ["Second\\n", "First\\n"]
    assert (prod.active_branch.name, dev.active_branch.name) == ("main", "release/v1")
    assert dev.head.commit.parents[0] == prod.head.commit == upstream.head.commit
    assert dev.head.commit.hexsha == scratch_world.candidate
    assert prod.head.commit.author.name == "Ada Example"
    assert not prod.is_dirty(untracked_files=True)


def test_a_fact(prod, scratch_world):
    assert gather(Checkout, world(prod), None).branch == "main"
    assert gather(Worktree, world(prod), "full").changes == ()
    scratch_world.dirty()
    (change,) = gather(Worktree, world(prod), "full").changes
    assert change.path == "README.md"


def test_writing(prod, dev, upstream, scratch_world):
    assert scratch_world.publish(files={"theirs.txt": "theirs"}) == prod.commit("upstream/main").hexsha
    scratch_world.push(dev)
    assert upstream.heads["release/v1"].commit == dev.head.commit
    scratch_world.promote()
    assert prod.head.commit == dev.head.commit
    (scratch_world.prod / "more.txt").write_text("more")
    prod.index.add(["more.txt"])
    made = prod.index.commit("by GitPython")
    assert (made.author.email, made.committed_date) == ("ada@example.org", 1700000000)
    prod.git.checkout("-q", "-b", "other")
    assert prod.active_branch.name == "other"


def test_a_check(scratch_world, state_dir):
    scratch_world.configure("""
[policies.clean-worktree]
environments = ["prod"]
enforcement = "hard-mandatory"
""")
    assert scratch_world.check("--env", "prod").returncode == 0
    assert (state_dir.is_dir(), list(state_dir.iterdir())) == (True, [])
    scratch_world.dirty("notes.md")
    report = scratch_world.report("--env", "prod")
    assert (report["verdict"], report["exit_code"]) == ("deny", 1)


@pytest.mark.parametrize("number", [1, 2])
def test_each_test_has_its_own_and_all_are_alike(number, scratch_world, prod):
    assert scratch_world.candidate == "CANDIDATE"
    scratch_world.dirty()
    assert prod.git.diff("--name-only") == "README.md"


def test_nothing_of_the_caller_gets_in(scratch_world):
    assert os.path.expanduser("~") == str(scratch_world.home)
    assert not [name for name in os.environ if name.startswith("XDG_") or name in ("GIT_DIR", "GIT_TRACE")]
    said = subprocess.run(["git", "config", "--list"], cwd=scratch_world.prod, capture_output=True, text=True)
    assert "of.caller" not in said.stdout
'''


def pytest_of(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in a folder, in an environment where this guardrails is installed."""
    metadata = folder.parent / "installed/deploy_guardrails-1.0.dist-info"
    write(metadata / "METADATA", "Metadata-Version: 2.1\nName: deploy-guardrails\nVersion: 1.0\n")
    points = "[guardrails]\nopenclaw = guardrails_policies.plugin\n[pytest11]\nguardrails = guardrails.testing.plugin\n"
    write(metadata / "entry_points.txt", points)
    path = [str(metadata.parent), str(ROOT), str(ROOT / "policies")]
    python = interpreter(folder.parent / "python", path)
    return subprocess.run(
        [python, "-m", "pytest", *own_options(folder.parent / "pytest"), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder.parent), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tests_of_somebody_else(tmp_path: Path) -> None:
    world = ScratchWorld(tmp_path / "same")
    world.build()
    write(tmp_path / "theirs/test_theirs.py", THEIRS.replace("CANDIDATE", world.candidate))
    write(tmp_path / ".gitconfig", "[of]\n\tcaller = yes\n")
    hostile = {"GIT_DIR": "/nowhere", "GIT_TRACE": str(tmp_path / "trace"), "XDG_CONFIG_HOME": str(tmp_path)}
    done = pytest_of(tmp_path / "theirs", "-W", "error", **hostile)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 passed" in done.stdout


def test_the_fixtures_are_listed_and_can_be_switched_off(tmp_path: Path) -> None:
    write(tmp_path / "theirs/test_theirs.py", "def test_it(prod): pass\n")
    listed = pytest_of(tmp_path / "theirs", "--fixtures").stdout
    for name in ("scratch_world", "upstream", "prod", "dev", "state_dir"):
        assert f"\n{name} -- " in listed
    assert pytest_of(tmp_path / "theirs", "-p", "no:guardrails").returncode == 1


def test_a_run_without_them_loads_nothing(tmp_path: Path) -> None:
    names = ("git", "guardrails.testing.worlds", "guardrails.engine.worker", "guardrails.model", "guardrails.policy")
    text = "import sys\ndef test_it():\n    assert 'guardrails.testing.plugin' in sys.modules\n"
    text += f"    assert [name for name in {names!r} if name in sys.modules] == []\n"
    write(tmp_path / "theirs/test_theirs.py", text)
    done = pytest_of(tmp_path / "theirs")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["Environment", "Operation", "ScratchWorld", "World"])
def test_the_public_names_are_there(name: str) -> None:
    program = f"import sys, guardrails.testing as t; t.{name}; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
