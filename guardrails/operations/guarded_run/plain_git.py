"""Settings under which git does just what the words of a step say, without additions by any configuration.

A step that names git gets them as variables, which stand above every file of configuration (git-config(1),
ENVIRONMENT); a step that does not, such as `pnpm build`, gets none, since git is its own affair there. Most of them are
git's own defaults. Settings that none of these can undo are refused by name.
"""

from __future__ import annotations

import os
import re
import shlex

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.operation.checkout_moves import require_own_tree
from guardrails.facts.programs.side_by_side import run_to_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from guardrails.policy import World

_PLAIN = {
    "checkout.guess": "false",  # or a name that is no branch here makes one
    "clean.requireForce": "true",
    "core.fsmonitor": "false",
    "core.logAllRefUpdates": "true",  # the reflog is the last way back
    "core.untrackedCache": "false",
    "fetch.all": "false",
    "fetch.prune": "false",
    "fetch.pruneTags": "false",
    "fetch.recurseSubmodules": "false",
    "gc.auto": "0",  # a collection may remove what a reset has just let go
    "maintenance.auto": "false",
    "merge.autoStash": "false",
    "merge.ff": "true",
    "pull.ff": "only",
    "pull.rebase": "false",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "rebase.autoStash": "false",
    "rebase.updateRefs": "false",
    "rerere.enabled": "false",
    "submodule.propagateBranches": "false",
    "submodule.recurse": "false",
}
_PLAIN_PARTS = {  # of each remote, branch and submodule that the configuration names
    "remote": {"mirror": "false", "prune": "false", "pruneTags": "false", "skipDefaultUpdate": "false"},
    "branch": {"mergeOptions": "", "rebase": "false"},
    "submodule": {"fetchRecurseSubmodules": "false"},
}
_FETCHES = {"fetch", "pull", "remote"}


def names_git(words: Sequence[str]) -> bool:
    """Whether a step runs git by its words, be it within a script."""
    return any(re.search(r"\bgit\b", word) for word in words)


def require_plain(world: World, steps: Sequence[str]) -> None:
    """Raise CannotKnow when the configuration makes a step do what its words do not say, and nothing can undo that."""
    if names_git(steps):
        checkout = gather_fact(Checkout, world)
        require_own_tree(checkout.git.path, checkout.top)
        for problem in _problems(checkout.git.path, _configured(checkout, world.variables.get("HOME")), steps):
            raise CannotKnow(problem)


def variables(checkout: Checkout, inherited: Mapping[str, str]) -> dict[str, str]:
    """The variables for steps that name git. They come after those settings that the variables hold already."""
    configured = _configured(checkout, inherited.get("HOME"))
    told = {**_PLAIN, **dict(_parts(configured, checkout.branch))}
    count = inherited.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    pairs = {"GIT_CONFIG_COUNT": str(first + len(told))}
    for number, (key, value) in enumerate(told.items(), start=first):
        pairs |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return pairs


def _configured(checkout: Checkout, home: str | None) -> list[tuple[str, str]]:
    """Every setting that git finds, its name with the case of what stands between the points; reading runs nothing."""
    done = run_to_end(_listing(checkout, home))
    return [(name, value) for name, _, value in (one.partition("\n") for one in os.fsdecode(done).split("\0")[:-1])]


async def _listing(checkout: Checkout, home: str | None) -> bytes:
    done = await checkout.git.attempt("config", "--null", "--list", home=home)
    if done.status != 0:
        raise CannotKnow(f"the configuration of {checkout.git.path} cannot be read")
    return done.stdout


def _parts(configured: Sequence[tuple[str, str]], branch: str | None) -> Iterator[tuple[str, str]]:
    named = {(name.partition(".")[0], name.partition(".")[2].rpartition(".")[0]) for name, _ in configured}
    for section, name in sorted({*named, *([("branch", branch)] if branch else [])}):
        if name:
            yield from ((f"{section}.{name}.{key}", value) for key, value in _PLAIN_PARTS.get(section, {}).items())


def _problems(path: str, configured: Sequence[tuple[str, str]], steps: Sequence[str]) -> Iterator[str]:
    """The problems that no setting can undo."""
    aliases = {name.removeprefix("alias.") for name, _ in configured if name.startswith("alias.")}
    for step in steps:
        verb = _verb(shlex.split(step))
        if verb.lower() in aliases:
            yield f"alias.{verb.lower()} in the configuration of {path} says what `{step}` does; write that as the step"
        if verb not in _FETCHES:
            continue
        for name, value in configured:
            if name.startswith("remote.") and name.endswith(".fetch") and _overwrites(value):
                yield f"{name} = {value} in {path} lets `{step}` overwrite more than what is tracked; take it out"


def _overwrites(refspec: str) -> bool:
    """Whether a configured refspec replaces refs that are not mere copies of the remote's."""
    forced, _, to = refspec.partition(":")
    return forced.startswith("+") and bool(to) and not to.startswith("refs/remotes/")


def _verb(words: Sequence[str]) -> str:
    """The git command of a step, empty for another program."""
    if os.path.basename(words[0] if words else "") != "git":
        return ""
    rest = list(words[1:])
    while rest and rest[0].startswith("-"):
        rest = rest[2:] if rest[0] in ("-C", "-c", "--git-dir", "--work-tree", "--namespace") else rest[1:]
    return rest[0] if rest else ""
