"""Upstream, production and development repositories as a release has them, for the facts about git."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dirty.dirty_repository import git, settle, try_git
from guardrails import Environment, World
from guardrails.facts.approval.proposal import plan_digest
from guardrails.model import Operation
from guardrails.testing import world
from guardrails.testing.worlds import ScratchWorld

RELEASE = "release/v1"


HISTORY = (("first", {".gitignore": "*.log\n", "first.txt": "first\n"}), ("second", {"second.txt": "second\n"}))
CHANGE = ("release one", {"release-one.txt": "release one\n"})


class Repositories:
    """`upstream` with two commits, `prod` cloned from it, and `dev` with one commit more on a release branch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scratch = ScratchWorld(folder)
        self.upstream, self.prod, self.dev = self.scratch.upstream, self.scratch.prod, self.scratch.dev
        self.scratch.build(HISTORY, CHANGE, RELEASE)
        self.first, self.second = self.scratch.history
        self.release = self.scratch.candidate
        settle(self.prod)

    def commit(self, repo: Path, name: str, content: str = "") -> str:
        """Commit a new file called after the message, and give the commit's id."""
        return self.scratch.commit(repo, name, {f"{name.replace(' ', '-')}.txt": content or f"{name}\n"})

    def promote(self) -> None:
        """Merge the release into prod as the runbook does."""
        self.scratch.promote()

    def record(self, operation: str = "promote", **changes: Any) -> str:
        """Record an operation that took prod from its second commit to HEAD; `changes` falsify what is said of it."""
        said = {"operation": operation, "environment": "prod", "commit": head(self.prod), "previous": self.second}
        return record(self.prod, {**said, "at": "2026-02-01T10:00:00Z", **changes})

    def plan(self, commit: str) -> str:
        """The digest of the promotion of a commit."""
        return plan_digest(Operation("promote", moves_head_to="candidate"), "prod", commit)

    def world(self, operation: str | None = None, **rest: Any) -> World:
        """Prod as the environment in question, with dev beside it."""
        dev = Environment(name="dev", repo=str(self.dev))
        about = {} if operation is None else {"operation": operation, "candidate_from": dev}
        if operation:
            about["moves_head_to"] = {"promote": "candidate", "update": "upstream", "rollback": "previous"}.get(
                operation
            )
        options = {"release-branch": {"branches": ["release/*"]}}
        settled = {"upstream": "upstream/main", "branch": "main", "sources": (dev,), "options": options}
        return world(self.prod, **{**settled, **about, **rest})


def record(repo: Path, said: dict[str, Any]) -> str:
    """Write a record of an operation, as a guarded run does."""
    ref = "refs/guardrails/deployments"
    earlier = try_git(repo, "rev-parse", "-q", "--verify", ref).stdout.decode().split()
    number = 1
    if earlier:
        number += int(json.loads(git(repo, "log", "-1", "--format=%B", ref))["number"])
    parents = [*earlier, *dict.fromkeys((said["commit"], said["previous"]))]
    message = json.dumps({"number": number, **said})
    tree = git(repo, "rev-parse", f"{said['commit']}^{{tree}}")
    made = git(repo, "commit-tree", tree, "-m", message, *(word for parent in parents for word in ("-p", parent)))
    git(repo, "update-ref", ref, made)
    return made


def head(repo: Path) -> str:
    return git(repo, "rev-parse", "HEAD")
