"""Where git looks for the hooks of a repository, asked of git itself.

Unlike the reader in `guardrails.facts.git`, this lets the configuration of the caller count, because `core.hooksPath`
of a user or a machine decides what git runs. `rev-parse`, `config --get` and `worktree list` execute nothing of it.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.git import complaint, executable
from guardrails.facts.processes import Command, finished

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.config.settings import Settings
    from guardrails.facts.processes import Completed
    from guardrails.model import Environment

_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")  # whose configuration counts
_PATIENCE = 10.0  # seconds


def asked(folder: str, *arguments: str, also: Mapping[str, str] | None = None) -> Completed:
    """Run git in a folder as its user would, but for the variables that lead it elsewhere; `also` adds some."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    argv = [executable(), "-C", folder, "-c", "safe.bareRepository=all", *arguments]

    async def answer() -> Completed:
        return await Command(argv, {**environment, "LC_ALL": "C", **(also or {})}, timeout=_PATIENCE)

    return finished(answer())


def repository(folder: str, *, hook: bool = False) -> str | None:
    """The folder that all work trees of the repository share, or None where there is no repository.

    With `hook`, the repository that git has just started a hook in, which GIT_DIR names when it is not found from here.
    """
    here = {"GIT_DIR": os.environ["GIT_DIR"]} if hook and "GIT_DIR" in os.environ else {}
    done = asked(folder, "rev-parse", "--path-format=absolute", "--git-common-dir", also=here)
    return os.path.realpath(os.fsdecode(done.stdout).removesuffix("\n")) if done.status == 0 else None


def runs_in(folder: str, repo: str) -> bool:
    """Whether git has just started a hook, in a folder, of the repository at a path."""
    if "GIT_DIR" not in os.environ and os.path.realpath(folder) == os.path.realpath(repo):
        return True  # whichever repository that is, git would say the same of both
    here = repository(folder, hook=True)
    return here is not None and here == repository(repo)


def environment_of(settings: Settings, folder: str) -> Environment:
    """The environment whose repository the folder belongs to. Raises UsageError when that is none, or more than one."""
    here = repository(folder)
    if here is None:
        raise UsageError(f"{folder} is in no repository that git takes; add --env")
    environments = settings.environments.values()
    found = [one for one in environments if os.path.isdir(one.repo) and repository(one.repo) == here]
    if len(found) != 1:
        what = f"to {len(found)} environments" if found else "to no environment"
        known = ", ".join(sorted(settings.environments))
        raise UsageError(f"the repository of {folder} belongs {what}; add --env, or its table; known: {known}")
    return found[0]


def work_trees(repo: str) -> list[str]:
    """Every folder that git may run hooks in: the work trees that are there, or the bare repository."""
    done = asked(repo, "worktree", "list", "--porcelain", "-z")
    if done.status != 0:
        raise CannotKnow(f"the work trees of {repo} cannot be listed: {complaint(done)}")
    lines = os.fsdecode(done.stdout).split("\0")
    first, *linked = [line.removeprefix("worktree ") for line in lines if line.startswith("worktree ")]
    others = [path for path in linked if os.path.isdir(path) and not os.path.samefile(path, repo)]
    if len(others) < len([path for path in linked if os.path.isdir(path)]):
        others.append(first)  # the environment's own is a linked one; otherwise it is the first, under any name
    return [repo, *others]


def hook_path(folder: str, kind: str) -> str:
    """The absolute path where git looks for a hook when it works in a folder.

    Only the folder is asked for: git would resolve a hook that is a link to what it leads to.
    """
    done = asked(folder, "rev-parse", "--path-format=absolute", "--git-path", "hooks")
    if done.status != 0:
        raise CannotKnow(f"where git looks for hooks in {folder} cannot be told: {complaint(done)}")
    return os.path.join(os.fsdecode(done.stdout).removesuffix("\n"), kind)


def is_shared(folder: str) -> bool:
    """Whether `core.hooksPath` of a user or a machine leads to a folder that other repositories use as well."""
    done = asked(folder, "config", "--show-scope", "--get", "core.hooksPath")
    return done.status == 0 and done.stdout.split()[0] not in (b"local", b"worktree")


def in_work_tree(repo: str, path: str) -> bool:
    """Whether a hook lies among the files of a checkout, and not in its git directory."""
    top, git_dir = os.path.realpath(repo) + os.sep, f"{repository(repo)}{os.sep}"
    return path.startswith(top) and not path.startswith(git_dir)
