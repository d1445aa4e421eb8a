"""Scratch worlds: repositories as a deployment has them, two state directories, a home and a configuration.

The demo, our own tests and the fixtures for pytest build theirs with this. GitPython is imported when git is first
needed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from guardrails.testing.repositories import ScratchRepo

    Commit = tuple[str, Mapping[str, str]]  # the message, and the text of each file that it changes, by path

PATH = "/usr/local/bin:/usr/bin:/bin"
PATIENCE = 90  # seconds for one command of guardrails
HISTORY: tuple[Commit, ...] = (
    ("First", {".gitignore": "dist/\n*.log\n", "README.md": "Hello\n"}),
    ("Second", {"README.md": "Hello, world\n"}),
)
CHANGE: Commit = ("The release", {"feature.txt": "new\n"})
RELEASE = "release/v1"
CONFIGURATION = """\
[environments.prod]
repo = "{prod}"
state_dir = "{prod_state}"
branch = "main"
upstream = "upstream/main"

[environments.dev]
repo = "{dev}"
state_dir = "{dev_state}"

[operations.promote]
environment = "prod"
candidate_from = "dev"
moves_head_to = "candidate"
steps = ["git merge --ff-only {{candidate}}"]
"""


class Person(Record):
    """Who commits in a scratch world, and when: a date as git reads it."""

    name: str = "Ada Example"
    email: str = "ada@example.org"
    date: str = "1700000000 +0000"

    def variables(self) -> dict[str, str]:
        """The variables of git except its home: the person, and nothing of the user who runs it."""
        said = {"NAME": self.name, "EMAIL": self.email, "DATE": self.date}
        return {
            "PATH": PATH,
            "LC_ALL": "C",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_EDITOR": "true",
            **{f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in said.items()},
        }


class ScratchWorld:
    """`upstream`, the clones `prod` and `dev`, their state directories, a home and a `guardrails.toml`, in one folder.

    What is given by name are paths from the folder. `home` is of whoever runs the checks. `history` are the ids of
    upstream's commits, `candidate` that of dev's release; `build` makes them.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        prod: str = "prod",
        dev: str = "dev",
        states: tuple[str, str] = ("state/prod", "state/dev"),
        home: str | os.PathLike[str] = "home",
        person: Person | None = None,
    ) -> None:
        self.folder = Path(folder)
        self.upstream, self.prod, self.dev = (self.folder / name for name in ("upstream", prod, dev))
        self.prod_state, self.dev_state = (self.folder / name for name in states)
        self.home = self.folder / home
        self.configuration = self.folder / "guardrails.toml"
        self.person = person or Person()
        self.session = 0  # of the last command that was run
        self.release = RELEASE
        self.history: tuple[str, ...] = ()
        self.candidate = ""

    def build(self, history: Sequence[Commit] = HISTORY, change: Commit = CHANGE, release: str = RELEASE) -> None:
        """Make the three repositories: dev has the release branch checked out, one commit ahead of the others."""
        self.release = release
        self.upstream.mkdir(parents=True)
        self.git(self.upstream, "init", "-q", "-b", "main", "--template=")
        self.history = tuple(self.commit(self.upstream, *commit) for commit in history)
        for clone in (self.prod, self.dev):
            self.git(
                self.folder, "clone", "-q", "-o", "upstream", "--no-hardlinks", "--template=", self.upstream, clone
            )
        self.git(self.dev, "checkout", "-q", "-b", release)
        self.candidate = self.commit(self.dev, *change)

    def furnish(self) -> None:
        """Make the rest: empty state directories, a home, and a configuration in which no policy applies yet."""
        for place in (self.prod_state, self.dev_state, self.home):
            place.mkdir(parents=True, exist_ok=True)
        names = ("prod", "dev", "prod_state", "dev_state")
        write(self.configuration, CONFIGURATION.format(**{name: getattr(self, name) for name in names}))

    def git(self, folder: str | os.PathLike[str], *words: str | os.PathLike[str]) -> str:
        """Run git in a folder, and give its output. Raises GitCommandError when it fails."""
        from guardrails.testing.repositories import ScratchGit

        return ScratchGit(os.fspath(folder), self.variables()).said(*words)

    def repo(self, folder: str | os.PathLike[str]) -> ScratchRepo:
        """One of the repositories as GitPython's `Repo`."""
        from guardrails.testing.repositories import ScratchRepo

        return ScratchRepo(os.fspath(folder), self.variables())

    def variables(self) -> dict[str, str]:
        """The environment of git in this world."""
        return {**self.person.variables(), "HOME": str(self.home)}

    def commit(
        self, folder: str | os.PathLike[str], message: str = "Change", files: Mapping[str, str] | None = None
    ) -> str:
        """Write files, commit everything in the work tree, and give the new commit's id."""
        for name, text in (files or {}).items():
            write(Path(folder) / name, text)
        self.git(folder, "add", "-A")
        self.git(folder, "commit", "-q", "-m", message)
        return self.git(folder, "rev-parse", "HEAD")

    def publish(self, message: str = "Change", files: Mapping[str, str] | None = None) -> str:
        """Commit upstream and fetch that into prod, whose HEAD stays."""
        made = self.commit(self.upstream, message, files)
        self.git(self.prod, "fetch", "-q", "upstream")
        return made

    def push(self, folder: str | os.PathLike[str], *refspecs: str) -> None:
        """Push to upstream, by default dev's release branch."""
        self.git(folder, "push", "-q", "upstream", *(refspecs or (self.release,)))

    def promote(self) -> None:
        """Merge the release into prod as a runbook does, by hand."""
        self.git(self.prod, "fetch", "-q", self.dev, self.release)
        self.git(self.prod, "merge", "-q", "--ff-only", "FETCH_HEAD")

    def dirty(self, name: str = "README.md", text: str = "edited by hand\n") -> Path:
        """Edit a file in prod, and give its path."""
        return write(self.prod / name, text)

    def configure(self, text: str) -> None:
        """Add to the configuration."""
        with self.configuration.open("a", encoding="utf-8") as file:
            file.write(f"\n{text}")

    @property
    def python(self) -> str:
        """The interpreter that has guardrails and the plugins."""
        return sys.executable

    def environment(self, **changes: str | None) -> dict[str, str]:
        """The environment of a check; None takes a variable away."""
        usual = {"PATH": PATH, "HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def start(
        self, *arguments: str, cwd: Path | None = None, before: Sequence[str] = (), **rest: Any
    ) -> subprocess.Popen[str]:
        """Start a command of guardrails in the world's folder, in a session of its own.

        `before` are words in front of it, and `rest` goes to Popen.
        """
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*before, self.python, "-P", "-m", "guardrails", *arguments],
            cwd=cwd or self.folder,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            start_new_session=True,
            **{**pipes, "env": self.environment(), **rest},
        )

    def run(
        self, *arguments: str, env: dict[str, str | None] | None = None, **rest: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of guardrails to its end; `env` changes the usual environment."""
        with self.start(*arguments, env=self.environment(**(env or {})), **rest) as process:
            out, err = process.communicate(timeout=PATIENCE)
        self.session = process.pid
        return subprocess.CompletedProcess(process.args, process.returncode, out or "", err or "")

    def check(self, *arguments: str, **rest: Any) -> subprocess.CompletedProcess[str]:
        """Run `guardrails check`."""
        return self.run("check", *arguments, **rest)

    def report(self, *arguments: str, **rest: Any) -> dict[str, Any]:
        """The JSON report of a check. Raises AssertionError when its exit code and the process's are not one."""
        done = self.check("--format", "json", *arguments, **rest)
        assert done.stdout, f"no report ({done.returncode}): {done.stderr}"
        report: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == report["exit_code"], done
        return report


def write(path: Path, text: str, *, mode: int | None = None) -> Path:
    """Write a file, with its folders; `mode` are its permissions, without one the usual."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if mode is not None:
        path.chmod(mode)
    return path
