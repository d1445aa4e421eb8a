"""Which environment a repository belongs to, and where git looks for its hooks, asked of git itself."""

from __future__ import annotations

import os

from guardrails.errors import UsageError
from guardrails.facts.hooks import places
from guardrails.facts.programs.side_by_side import run_to_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.config.settings import Settings
    from guardrails.facts.programs.side_by_side import Completed
    from guardrails.model import Environment


def ask_git(folder: str, *arguments: str, also: Mapping[str, str] | None = None) -> Completed:
    """Run git in a folder as its user would, without the variables that lead it elsewhere; `also` adds some."""

    async def answer() -> Completed:
        return await places.user_git(folder, *arguments, variables=os.environ, also=also)

    return run_to_end(answer())


def find_repository(folder: str, *, hook: bool = False) -> str | None:
    """The folder that all work trees of the repository share, or None where there is no repository.

    With `hook`, the repository that git has just started a hook in, which GIT_DIR names when it is not found from here.
    """
    here = {"GIT_DIR": os.environ["GIT_DIR"]} if hook and "GIT_DIR" in os.environ else {}
    done = ask_git(folder, "rev-parse", "--path-format=absolute", "--git-common-dir", also=here)
    return os.path.realpath(os.fsdecode(done.stdout).removesuffix("\n")) if done.status == 0 else None


def runs_in(folder: str, repo: str) -> bool:
    """Whether git has just started a hook, in a folder, of the repository at a path."""
    if "GIT_DIR" not in os.environ and os.path.realpath(folder) == os.path.realpath(repo):
        return True  # whichever repository that is, git would say the same of both
    here = find_repository(folder, hook=True)
    return here is not None and here == find_repository(repo)


def environment_of(settings: Settings, folder: str) -> Environment:
    """The environment whose repository the folder belongs to. Raises UsageError unless it is exactly one."""
    here = find_repository(folder)
    if here is None:
        raise UsageError(f"{folder} is in no repository that git takes; add --env")
    environments = settings.environments.values()
    found = [one for one in environments if os.path.isdir(one.repo) and find_repository(one.repo) == here]
    if len(found) != 1:
        what = f"to {len(found)} environments" if found else "to no environment"
        known = ", ".join(sorted(settings.environments))
        raise UsageError(f"the repository of {folder} belongs {what}; add --env, or its table; known: {known}")
    return found[0]


def find_hook_paths(repo: str, kind: str) -> dict[str, str]:
    """Where git looks for a hook: each path once, with the first work tree in which it does."""

    async def answer() -> dict[str, str]:
        found: dict[str, str] = {}
        for folder in await places.list_work_trees(repo, os.environ):
            found.setdefault(await places.find_hook_path(folder, kind, os.environ), folder)
        return found

    return run_to_end(answer())


def in_work_tree(repo: str, path: str) -> bool:
    """Whether a hook lies among the files of a checkout, and not in its git directory."""
    top, git_dir = os.path.realpath(repo) + os.sep, f"{find_repository(repo)}{os.sep}"
    return path.startswith(top) and not path.startswith(git_dir)
