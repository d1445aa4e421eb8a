"""The anchor moves forward alone, through its ref, and is believed only when it is one; records say where HEAD was."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from guardrails.audit.chain import Head
from guardrails.errors import CannotKnow
from guardrails.facts.past.log_anchor import ANCHOR
from guardrails.model import Environment
from guardrails.operations.audit import anchor, read_anchor
from guardrails.policy import World
from worlds.logged_moves import LoggedMoves
from worlds.two_repositories import Repositories


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def head(number: int) -> Head:
    return Head(number, f"{number:064x}")


def prod(repositories: Repositories) -> Environment:
    return repositories.world().environment


def test_without_one_there_is_none(repositories: Repositories) -> None:
    assert read_anchor(prod(repositories)) is None


def test_an_anchor_moves_forward_alone(repositories: Repositories) -> None:
    for number, stands in ((3, 3), (5, 5), (4, 5), (5, 5), (6, 6)):
        anchor(repositories.world(), head(number))
        assert read_anchor(prod(repositories)) == head(stands)


def test_nothing_but_its_ref_moves_and_no_hook_runs(repositories: Repositories) -> None:
    ran = repositories.folder / "ran"
    hook = repositories.prod / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {ran}\n")
    hook.chmod(0o755)
    before = git(repositories.prod, "for-each-ref")
    anchor(repositories.world(), head(1))
    assert [line for line in git(repositories.prod, "for-each-ref").splitlines() if ANCHOR not in line] == (
        before.splitlines()
    )
    assert git(repositories.prod, "status", "--porcelain") == ""
    assert not ran.exists()


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"number": 0, "digest": "x"}', '{"number": 1, "digest": 5}', "nonsense"]
)
def test_what_was_moved_by_hand_is_no_anchor(repositories: Repositories, content: str) -> None:
    (repositories.folder / "content").write_text(content)
    oid = git(repositories.prod, "hash-object", "-w", str(repositories.folder / "content"))
    git(repositories.prod, "update-ref", ANCHOR, oid)
    with pytest.raises(CannotKnow, match=ANCHOR):
        read_anchor(prod(repositories))
    with pytest.raises(CannotKnow, match=ANCHOR):
        anchor(repositories.world(), head(7))
    assert git(repositories.prod, "rev-parse", ANCHOR) == oid


def test_a_bare_repository_is_anchored_too(repositories: Repositories) -> None:
    bare = repositories.folder / "server.git"
    git(repositories.folder, "clone", "-q", "--bare", repositories.prod, bare)
    environment = Environment(name="server", repo=str(bare))
    anchor(World(environment, {"server": environment}, at=0.0, home="/home/me"), head(2))
    assert read_anchor(environment) == head(2)


def test_a_commit_is_no_anchor(repositories: Repositories) -> None:
    git(repositories.prod, "update-ref", ANCHOR, "HEAD")
    with pytest.raises(CannotKnow):
        read_anchor(prod(repositories))


def test_a_repository_that_is_gone_says_nothing_of_an_anchor(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow):
        read_anchor(Environment(name="prod", repo=str(tmp_path / "gone")))


def stood(logged: LoggedMoves) -> Any:
    """Where the reflog stood, by a new record."""
    logged.say("check", commit=None)
    return json.loads(logged.log.read_bytes().splitlines()[-1]).get("reflog")


def test_a_record_says_where_the_reflog_stood(tmp_path: Path) -> None:
    logged = LoggedMoves(tmp_path)
    for name in ("one", "two"):
        data = (logged.prod / ".git/logs/HEAD").read_bytes()
        last = hashlib.sha256(data.splitlines()[-1]).hexdigest()
        assert stood(logged) == {"bytes": len(data), "last": last}
        logged.commit(name)


def test_a_work_tree_of_its_own_has_its_own_reflog(tmp_path: Path) -> None:
    logged = LoggedMoves(tmp_path)
    git(logged.prod, "worktree", "add", "-q", "-b", "other", tmp_path / "other")
    logged.prod = tmp_path / "other"
    log = Path(git(logged.prod, "rev-parse", "--absolute-git-dir")) / "logs/HEAD"
    assert stood(logged)["bytes"] == log.stat().st_size
    logged.commit()
    assert stood(logged)["bytes"] == log.stat().st_size


@pytest.mark.parametrize("spoilt", ["gone", "empty", "torn", "fifo", "folder", "long"])
def test_a_reflog_that_cannot_be_read_keeps_nothing_from_being_logged(tmp_path: Path, spoilt: str) -> None:
    logged = LoggedMoves(tmp_path)
    path = logged.prod / ".git/logs/HEAD"
    data = path.read_bytes()
    path.unlink()
    if spoilt == "fifo":
        os.mkfifo(path)
    elif spoilt == "folder":
        path.mkdir()
    elif spoilt != "gone":
        path.write_bytes({"empty": b"", "torn": data[:-1], "long": b"x" * 9000 + b"\n"}[spoilt])

    assert stood(logged) is None
