"""GitPython's object model over our own git, for authors of facts who walk commits, trees, diffs and blame.

GitPython alone would follow the caller's variables (`GIT_DIR`, `GIT_COMMON_DIR`, `PATH`), and run what the repository
names: its filters, its diff programs, its hooks. So `OpenedRepo` is told where everything is, and `OwnGit` starts each
process as our own reader does: our executable, our environment, our settings, in bounded time.
`guardrails.facts.git.looking` is what reads a repository that is not trusted.

Importing GitPython takes longer than a whole check, so `Checkout.open` and `guardrails.testing` import this when they
are called.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from guardrails.facts.git.reader import find_git
from guardrails.facts.programs.side_by_side import run_to_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import IO, Any

    from guardrails.facts.programs.side_by_side import Command, Completed

__all__ = ["IterableList", "OpenedRepo", "OwnGit", "Process", "Refused", "git"]  # GitPython is imported here alone


@contextmanager
def _ask_our_git() -> Iterator[None]:
    """See to it that GitPython asks our git for its version while it is imported, and not whichever PATH leads to."""
    name = "GIT_PYTHON_GIT_EXECUTABLE"
    before = os.environ.get(name)
    os.environ[name] = find_git()
    try:
        yield
    finally:
        del os.environ[name]
        if before is not None:
            os.environ[name] = before


with _ask_our_git():
    import git
    from git.util import IterableList


class Refused(git.GitError):
    """A command that would write, or could run a program that the repository names."""


class OwnGit(git.Git):
    """Commands of git in one folder; a subclass says in `_prepare` how each is started.

    With `warnings_fail`, a command that says something on standard error has failed, as it has for
    `guardrails.facts.git.reader.Repository`.
    """

    GIT_PYTHON_GIT_EXECUTABLE = find_git()
    warnings_fail = True

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self._working_dir = folder  # GitPython expands variables in it

    def _prepare(self, words: list[str]) -> Command:
        """The process for a command line without its first word, which is git."""
        raise NotImplementedError

    def execute(  # type: ignore[override]
        self,
        command: Sequence[str],
        istream: int | IO[bytes] | None = None,
        *,
        as_process: bool = False,
        with_extended_output: bool = False,
        with_exceptions: bool = True,
        stdout_as_string: bool = True,
        strip_newline_in_stdout: bool = True,
        **others: Any,
    ) -> Any:
        """Run a command as `git.Git.execute` does, and give what that gives.

        Raises GitCommandError when it fails, CannotKnow when it takes too long or says too much, and Refused for
        GitPython's other arguments: a shell, another program, variables, arguments of Popen.
        """
        unknown = [name for name, value in others.items() if value]
        if isinstance(command, str) or command[0] != self.GIT_PYTHON_GIT_EXECUTABLE or unknown:
            raise Refused(f"nothing but git is run, and with nothing else: {', '.join(unknown) or command}")
        words = [str(word) for word in command[1:]]
        prepared = self._prepare(words)
        if as_process:
            return Process(prepared, istream, warnings_fail=self.warnings_fail)
        if istream is not None:
            raise Refused("standard input is given to processes alone, with as_process=True")
        done: Completed = run_to_end(_answer(prepared))
        out, said = done.stdout, done.stderr.removesuffix(b"\n")
        if with_exceptions and (done.status != 0 or (said and self.warnings_fail)):
            raise git.GitCommandError(["git", *words], done.status, said, out)
        out = out.removesuffix(b"\n") if strip_newline_in_stdout else out
        text = out.decode("utf-8", "surrogateescape") if stdout_as_string else out
        return (done.status, text, said.decode("utf-8", "surrogateescape")) if with_extended_output else text

    def _get_persistent_cmd(self, attr_name: str, cmd_name: str, *args: Any, **kwargs: Any) -> Any:
        """GitPython keeps two of `git cat-file` and asks them for objects; one whose time was over is replaced."""
        kept: Process | None = getattr(self, attr_name)
        if kept is not None and not kept.renew():
            setattr(self, attr_name, None)
        return super()._get_persistent_cmd(attr_name, cmd_name, *args, **kwargs)

    def update_environment(self, **kwargs: Any) -> Any:
        """Refused: the variables of our git are ours alone."""
        raise Refused(f"no variable is given to git: {', '.join(kwargs)}")

    def set_persistent_git_options(self, **kwargs: Any) -> None:
        """Refused: they could undo our settings."""
        raise Refused(f"no option is given to git itself: {', '.join(kwargs)}")


async def _answer(command: Command) -> Completed:
    return await command


class Process(git.Git.AutoInterrupt):
    """A process to read from while it runs; it is killed when its time is over."""

    def __init__(self, command: Command, istream: int | IO[bytes] | None, *, warnings_fail: bool) -> None:
        pipe = subprocess.PIPE
        started = subprocess.Popen(
            command.argv,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL if istream is None else istream,
            stdout=pipe,
            stderr=pipe,
        )
        super().__init__(started, command.argv)
        self._warnings_fail = warnings_fail
        self._clock = _Clock(command.timeout)
        threading.Thread(target=self._clock.watch, args=(started,), daemon=True).start()

    def renew(self) -> bool:
        """Whether it still runs; if so, its time starts anew."""
        return self.proc is not None and self.proc.poll() is None and self._clock.renew()

    def wait(self, stderr: str | bytes | None = b"") -> int:
        """Wait for its end. Raises GitCommandError when it failed, and when it warned where that is a failure."""
        status: int = super().wait(stderr)
        said = stderr or self._left_to_say()
        if said and self._warnings_fail:
            raise git.GitCommandError(self.args, status, said)
        return status

    def _left_to_say(self) -> bytes:
        try:
            return self.proc.stderr.read() if self.proc is not None and self.proc.stderr else b""
        except ValueError:  # it has been read, and closed
            return b""

    def _terminate(self) -> None:
        self._clock.stopped.set()
        super()._terminate()


class _Clock:
    """Ends a process after some seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._over = False
        self.stopped = threading.Event()

    def renew(self) -> bool:
        self._until = time.monotonic() + self._seconds
        return not self._over

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        while (left := self._until - time.monotonic()) > 0:
            if self.stopped.wait(left):
                return
        self._over = True
        process.kill()


class OpenedRepo(git.Repo):
    """A repository whose places are known already, from git itself; GitPython does not look for them.

    `top` is the top of the work tree. It is a path as well: `os.fspath` gives `top`.
    """

    def __init__(self, commands: OwnGit, *, top: str, git_dir: str, common_dir: str, objects: str) -> None:
        self.git = commands
        self.git_dir, self._common_dir = git_dir, common_dir
        self._working_tree_dir, self._bare = top, False
        self.working_dir = top
        self.odb = git.GitCmdObjectDB(objects, commands)

    def __fspath__(self) -> str:
        return str(self.working_dir)

    def _config_reader(self, *_: object, **__: object) -> git.GitConfigParser:
        """The repository's own configuration file. No include is followed, and no other file is read."""
        return git.GitConfigParser(
            os.path.join(self.common_dir, "config"), read_only=True, merge_includes=False, repo=self
        )
