"""Scratch repositories: git that is always the same person at the same time, with nothing of who runs the tests."""

from __future__ import annotations

import os

from guardrails.facts.git.object_model import OpenedRepo, OwnGit
from guardrails.facts.git.reader import find_git
from guardrails.facts.programs.side_by_side import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_PATIENCE = 60.0  # seconds for one command; a machine that is busy with tests is slow


class ScratchGit(OwnGit):
    """Commands of git in a folder, with these variables alone. They may write; what they start may run."""

    warnings_fail = False

    def __init__(self, folder: str, variables: Mapping[str, str]) -> None:
        super().__init__(folder)
        self._variables = variables

    def said(self, *words: str | os.PathLike[str]) -> str:
        """Run a command, and give its output without the last newline. Raises GitCommandError when it fails."""
        out: str = self.execute([find_git(), *(os.fspath(word) for word in words)])
        return out

    def _prepare(self, words: list[str]) -> Command:
        """A clone of a repository beside it, and a submodule of it, are allowed."""
        argv = [find_git(), "-C", str(self.working_dir), "-c", "protocol.file.allow=always", *words]
        return Command(argv, self._variables, timeout=_PATIENCE)


class ScratchRepo(OpenedRepo):
    """A scratch repository as GitPython's `Repo`; where a path is asked for, it is the top of its work tree."""

    def __init__(self, folder: str, variables: Mapping[str, str]) -> None:
        git_dir = os.path.join(folder, ".git")
        super().__init__(
            ScratchGit(folder, variables),
            top=folder,
            git_dir=git_dir,
            common_dir=git_dir,
            objects=os.path.join(git_dir, "objects"),
        )
