"""Where git looks for the hooks of a repository, asked of git itself.

Unlike `guardrails.facts.git.reader`, this lets the configuration of the caller count, because `core.hooksPath`
of a user or a machine decides what git runs. `rev-parse`, `config --get`, `check-ignore` and `worktree list` execute
nothing of it.
"""

from __future__ import annotations

import os
import stat

from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint, find_git
from guardrails.facts.hooks.managers import LEGACY, manager_of, runs_legacy
from guardrails.facts.programs.side_by_side import Command
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.facts.programs.side_by_side import Completed

_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")  # whose configuration counts
_PATIENCE = 10.0  # seconds
_BEGINNING = 1 << 20  # bytes; more than any stub has

CHAINED = ".guardrails-chained"  # what follows the name of the hook that was there before ours


class Obstacle(Record):
    """Why no hook may be put where git looks, and the command that gives this checkout a place for it."""

    why: str
    way_out: str


def user_git(
    folder: str,
    *arguments: str,
    variables: Mapping[str, str],
    also: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Command:
    """Git in a folder as its user would run it, without the variables that lead it elsewhere; to be awaited.

    `variables` are those of the user; `also` adds some.
    """
    environment = {name: value for name, value in variables.items() if not name.startswith("GIT_") or name in _KEPT}
    switches = ("-c", "safe.bareRepository=all", "-c", "core.fsmonitor=false")
    argv = [find_git(), "-C", folder, *switches, *arguments]
    return Command(argv, {**environment, "LC_ALL": "C", **(also or {})}, timeout=_PATIENCE, stdin=stdin)


async def list_work_trees(repo: str, variables: Mapping[str, str]) -> list[str]:
    """Every folder that git may run hooks in: the work trees that are there, or the bare repository.

    git is asked only where there may be linked ones (gitrepository-layout(5), worktrees and commondir).
    """
    git_dir = os.path.join(repo, ".git")
    if os.path.isdir(git_dir) and not any(
        os.path.lexists(os.path.join(git_dir, name)) for name in ("worktrees", "commondir")
    ):
        return [repo]
    done = await user_git(repo, "worktree", "list", "--porcelain", "-z", variables=variables)
    if done.status != 0:
        raise CannotKnow(f"the work trees of {repo} cannot be listed: {complaint(done)}")
    lines = os.fsdecode(done.stdout).split("\0")
    first, *linked = [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]
    others = [path for path in linked if os.path.isdir(path) and not os.path.samefile(path, repo)]
    if len(others) < len([path for path in linked if os.path.isdir(path)]):
        others.append(first)  # the environment's own is a linked one; otherwise it is the first, under any name
    return [repo, *others]


async def find_hook_path(folder: str, kind: str, variables: Mapping[str, str]) -> str:
    """The absolute path where git looks for a hook when it works in a folder.

    Only the folder is asked for: git would resolve a hook that is a link to what it leads to.
    """
    done = await user_git(folder, "rev-parse", "--path-format=absolute", "--git-path", "hooks", variables=variables)
    return os.path.join(_path(done, f"where git looks for hooks in {folder} cannot be told"), kind)


async def find_obstacle(folder: str, path: str, variables: Mapping[str, str], *, apart: bool) -> Obstacle | None:
    """Why no hook may be put at a path where git looks for it when it works in a folder; None when one may.

    A folder that other repositories use would guard these too. Files that git tracks are everybody's. With `apart`, git
    status must show no file that a commit does not have.
    """
    from shlex import quote

    done = await user_git(folder, "rev-parse", "--path-format=absolute", "--git-common-dir", variables=variables)
    common = _path(done, f"the git directory of {folder} cannot be told")
    scope, named = await _configured(folder, variables)
    real, hooks = os.path.realpath(os.path.dirname(path)), quote(os.path.join(common, "hooks"))
    own, git = _inside(real, folder, common), f"git -C {quote(folder)} config"
    if scope not in ("", "local", "worktree"):
        why = f"core.hooksPath of the user or machine leads the hooks of {folder} to a folder that others use too"
        return Obstacle(why, f"mkdir -p {hooks} && {git} core.hooksPath {hooks}")
    if not own and not scope:
        return Obstacle(f"{common}/hooks is a link to {real}, which others may use too", f"rm {hooks} && mkdir {hooks}")
    if not own and _inside(os.path.join(folder, named), folder, common, real=False):
        said: str | None = f"{named}, where core.hooksPath of {folder} leads, is a link to {real}, which others may use"
    else:
        said = await why_in_the_way(folder, path, variables, apart=apart) if own and not _inside(real, common) else None
    # The configuration of a work tree counts before .git/config, where package managers write.
    way_out = f"mkdir -p {hooks} && {git} extensions.worktreeConfig true && {git} --worktree core.hooksPath {hooks}"
    return Obstacle(said, way_out) if said else None


async def _configured(folder: str, variables: Mapping[str, str]) -> tuple[str, str]:
    """Who sets core.hooksPath for a folder (system, global, local, worktree), and to what; empty when nobody does."""
    done = await user_git(
        folder, "config", "--null", "--show-scope", "--path", "--get", "core.hooksPath", variables=variables
    )
    scope, _, value = os.fsdecode(done.stdout).removesuffix("\0").partition("\0")
    return scope, value


async def why_in_the_way(folder: str, path: str, variables: Mapping[str, str], *, apart: bool) -> str | None:
    """Why a hook that lies among the files of a checkout may not be there."""
    tracked = await user_git(folder, "ls-files", "-z", "--", f":(literal){path}", variables=variables)
    if tracked.stdout:
        return f"git tracks {path}, so a hook there would be a change of the checkout"
    if apart and await is_shown(folder, path, variables):
        return f"{path} lies among the files of {folder}, where git status would show a hook as dirt"
    return None


async def is_shown(folder: str, path: str, variables: Mapping[str, str]) -> bool:
    """Whether an untracked file at a path of the work tree is one that the checkout knows nothing of.

    Only its own `.gitignore` files count: what a person's rules hide is dirt all the same.
    """
    name = os.fsencode(path) + b"\0"
    done = await user_git(folder, "check-ignore", "--verbose", "-z", "--stdin", variables=variables, stdin=name)
    source, _, rest = os.fsdecode(done.stdout).partition("\0")
    pattern = rest.partition("\0")[2]
    return os.path.isabs(source) or os.path.basename(source) != ".gitignore" or pattern.startswith("!")


def read_beginning(path: str) -> bytes | None:
    """How a hook begins, links followed; None when there is nothing of that name, empty when it is no file."""
    if not os.path.lexists(path):
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # nobody may write to a pipe
    except FileNotFoundError:
        return b""  # a dangling link is somebody's all the same
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    try:
        return os.read(descriptor, _BEGINNING) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)


def is_ours(text: bytes) -> bool:
    """Whether a hook was written by `guardrails hook install`, by whichever version."""
    return text.startswith(b"#!/bin/sh\n# guardrails hook: ")


def conflict(path: str, there: bytes | None) -> str | None:
    """Why a hook that is there could not be kept beside ours; None when it can be, or when there is none.

    A hook that a manager wrote takes the place of an older one of the same manager.
    """
    if there is None or is_ours(there):
        return None
    if not stat.S_ISREG(os.lstat(path).st_mode) and not os.path.islink(path):
        return f"{path} is neither a file nor a link; move it away first"
    kept = read_beginning(path + CHAINED)
    manager = manager_of(there)
    if kept is None or is_same(path, path + CHAINED) or (manager and manager == manager_of(kept)):
        return None
    return f"{path} and {path}{CHAINED} are both there, and neither is from guardrails; move one away"


def place_of_ours(path: str) -> str:
    """Where our hook is to be found when git looks at a path: there, or where pre-commit has put it to run it first."""
    beside = path + LEGACY
    return beside if runs_legacy(read_beginning(path) or b"") and is_ours(read_beginning(beside) or b"") else path


def is_same(path: str, other: str) -> bool:
    """Whether two names are of one file, as an interrupted installation leaves them."""
    return os.path.lexists(other) and os.path.samestat(os.lstat(path), os.lstat(other))


def _path(done: Completed, problem: str) -> str:
    """The one path that git has printed; it may have any byte in it. Raises CannotKnow when git has failed."""
    if done.status != 0:
        raise CannotKnow(f"{problem}: {complaint(done)}")
    return os.fsdecode(done.stdout).removesuffix("\n")


def _inside(path: str, *folders: str, real: bool = True) -> bool:
    """Whether a path is one of the folders or below; with `real`, links are followed in the names of the folders."""
    names = [os.path.realpath(folder) if real else os.path.normpath(folder) for folder in folders]
    return any(f"{os.path.normpath(path)}/".startswith(f"{name.rstrip('/')}/") for name in names)
