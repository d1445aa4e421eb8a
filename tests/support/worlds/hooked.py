"""A production checkout, a development checkout and a bare server repository, to put real hooks into."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from dirty.dirty_repository import ENVIRONMENT, git, try_git
from progress import run_to_its_end

CONFIGURATION = """\
extends = ["openclaw"]

[environments.prod]
repo = "prod"
branch = "main"

[environments.dev]
repo = "dev"

[environments.server]
repo = "server.git"

[policies.fast-forward-only]
when = { prod = ["promote", "push"], dev = ["push"], server = ["push"] }
"""


class Hooked:
    """The repositories and what is done with them; nothing is guarded before `hook("install", …)`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.server, self.prod, self.dev = folder / "server.git", folder / "prod", folder / "dev"
        self.home.mkdir()
        (folder / "guardrails.toml").write_text(CONFIGURATION)
        git(folder, "init", "-q", "--bare", "-b", "main", "--template=", self.server)
        git(folder, "clone", "-q", "--template=", self.server, self.dev)
        git(self.dev, "checkout", "-q", "-b", "main")
        self.first, self.second = self.commit("one"), self.commit("two")
        git(self.dev, "tag", "v1", self.first)
        git(self.dev, "push", "-q", "origin", "main", "v1", "main:refs/heads/release/old")
        git(folder, "clone", "-q", "--template=", self.server, self.prod)

    def commit(self, name: str, repo: Path | None = None) -> str:
        """Commit a new file called after the message, and give the commit's id."""
        repo = repo or self.dev
        (repo / f"{name}.txt").write_text(f"{name}\n")
        git(repo, "add", "-A")
        git(repo, "commit", "-qm", name)
        return git(repo, "rev-parse", "HEAD")

    def variables(self, **changes: str) -> dict[str, str]:
        """The environment of whoever calls guardrails."""
        return {**ENVIRONMENT, "HOME": str(self.home), **changes}

    def hook(
        self, *arguments: str, cwd: Path | None = None, stdin: str = "", **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `guardrails hook`; `changes` are of its environment."""
        return self.guardrails("hook", *arguments, cwd=cwd, stdin=stdin, **changes)

    def guardrails(
        self, *arguments: str, cwd: Path | None = None, stdin: str = "", **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """Run guardrails; `changes` are of its environment."""
        command = [sys.executable, "-P", "-m", "guardrails", *arguments]
        return run_to_its_end(
            command,
            cwd=cwd or self.folder,
            env=self.variables(**changes),
            given=stdin,
            text=True,
            errors="surrogateescape",
        )

    def install(self, kind: str, environment: str) -> None:
        """Install a hook; git runs it, or this raises AssertionError."""
        done = self.hook("install", kind, "--env", environment)
        assert done.returncode == 0, (done.stdout, done.stderr)

    def refs(self, repo: Path | None = None) -> str:
        """All refs of a repository, the server's by default, as one text to compare."""
        return git(repo or self.server, "for-each-ref", "--format=%(refname) %(objectname)")

    def holds(self, repo: Path | None = None) -> tuple[str, list[str], list[str]]:
        """What a repository holds, the server by default: refs, what they lead to, and every object that lies there."""
        repo = repo or self.server
        reachable = git(repo, "rev-list", "--all", "--objects", "--no-object-names").splitlines()
        there = git(repo, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)").splitlines()
        return self.refs(repo), sorted(reachable), there

    def push(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        """Push, whatever comes of it."""
        return try_git(cwd or self.dev, "push", "-q", *arguments, env={"HOME": str(self.home)})


def hook_file(repo: Path, kind: str, text: str, *, mode: int = 0o755) -> Path:
    """Write a hook of somebody else."""
    folder = Path(git(repo, "rev-parse", "--path-format=absolute", "--git-path", "hooks"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / kind
    path.write_text(text)
    os.chmod(path, mode)
    return path
