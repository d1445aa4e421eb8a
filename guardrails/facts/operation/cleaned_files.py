"""The files that a `git clean` among the steps of an operation would remove (git-clean(1))."""

from __future__ import annotations

import os
import re

from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.operation.checkout_moves import list_below
from guardrails.facts.worktree.untracked import list_others, rules_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from guardrails.policy import World


def clean_steps(steps: Sequence[str]) -> list[str]:
    """The steps that may be a `git clean`."""
    return [step for step in steps if re.search(r"\bgit\b.*\bclean\b", step)]


async def find_cleaned_files(
    world: World, steps: Sequence[str], trees: Iterable[str], *, also_objects_of: str | None = None
) -> tuple[str, ...]:
    """The files that are not git's and would go; links too. `trees` are the commits whose rules may be there by then.

    The flags of the steps are read generously: more files may be listed than would go, never fewer.
    """
    cleaning = " ".join(clean_steps(steps))
    if not cleaning:
        return ()
    checkout: Checkout = await world.fact(Checkout, None)
    git = (await world.fact(Contents)).git
    if re.search(r"\s-[a-z]*[xX]", cleaning):
        found = set(os.fsdecode(await git.run("ls-files", "-z", "--others")).split("\0")[:-1])
    else:
        exclude = os.path.join(checkout.common_dir, "info", "exclude")
        rules = [await rules_of(checkout.git, tree, also_objects_of=also_objects_of) for tree in trees]
        found = set((await list_others(world, git, rules, exclude=exclude)).files)
    twice = len(re.findall(r"f", " ".join(re.findall(r"\s--?[a-z]+", cleaning)))) > 1  # then repositories go as well
    return tuple(one for path in sorted(found) if twice or not path.endswith("/") for one in list_below(git.path, path))
