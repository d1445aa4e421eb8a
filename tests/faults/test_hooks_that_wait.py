"""A hook waits for a lock for five seconds and no longer, and then refuses in a line that says why."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from worlds.hooked import Hooked

PATIENCE, SLACK = 5.0, 3.0  # seconds; the slack is for a machine that is busy with other tests
_HOLD = "import fcntl, sys; file = open(sys.argv[1], 'rb'); fcntl.flock(file, fcntl.LOCK_EX); print(); sys.stdin.read()"


@contextmanager
def held(*paths: Path) -> Iterator[None]:
    """Other processes hold the locks of these files."""
    command = [sys.executable, "-c", _HOLD]
    holders = [subprocess.Popen([*command, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for path in paths]
    try:
        for holder in holders:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"\n"
        yield
    finally:
        for holder in holders:
            holder.communicate()


@pytest.fixture
def world(tmp_path: Path) -> Hooked:
    """A world whose hooks have all logged something before."""
    world = Hooked(tmp_path)
    world.install("pre-push", "dev")
    world.install("pre-receive", "server")
    world.install("reference-transaction", "prod")
    world.commit("three")
    assert world.push("origin", "main").returncode == 0
    assert b"no-direct-edits" in _direct_edit(world).communicate()[1]
    return world


def test_a_log_that_is_held_makes_every_hook_refuse_in_time(world: Hooked) -> None:
    logs = {name: world.home / f".local/state/guardrails/{name}/audit.jsonl" for name in ("dev", "server", "prod")}
    lengths = {name: path.stat().st_size for name, path in logs.items()}
    world.commit("four")
    before, prod = world.holds(), world.refs(world.prod)

    with held(*logs.values()):
        started = time.monotonic()
        asked = {
            "dev": _git(world, world.dev, "push", "-q", "origin", "main"),
            "server": _git(world, world.dev, "push", "-q", "--no-verify", "origin", "main"),
            "prod": _direct_edit(world),
        }
        said = {name: process.communicate()[1].decode() for name, process in asked.items()}
        took = time.monotonic() - started

    assert {name for name, process in asked.items() if process.returncode == 0} == set()
    for name, path in logs.items():
        [line] = [line for line in said[name].splitlines() if "guardrails: the audit log" in line]
        assert f"{path} was held by others for too long; try again" in line
        assert path.stat().st_size == lengths[name]
    assert PATIENCE - 0.1 < took < PATIENCE + SLACK
    assert (world.holds(), world.refs(world.prod)) == (before, prod)
    assert world.push("origin", "main").returncode == 0


def _direct_edit(world: Hooked) -> subprocess.Popen[bytes]:
    return _git(world, world.prod, "commit", "-q", "--allow-empty", "-m", "by hand")


def _git(world: Hooked, repo: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start git, which runs hooks, and do not wait for it."""
    return subprocess.Popen(["git", *arguments], cwd=repo, env=world.variables(), stderr=subprocess.PIPE)
