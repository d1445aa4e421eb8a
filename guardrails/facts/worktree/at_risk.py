"""What stands in a work tree that a reset, a merge or a clean could take, path by path, as quickly as it can be told.

git names the files that are not as the index remembers them, without reading any; and it lists what it does not know.
Each of these has its state taken. Two such looks are the same when nothing was written in between: a file that is as
the index remembers it would be named by the second look.
"""

from __future__ import annotations

import os

from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.index import Index
from guardrails.facts.git.listings import INDEX_LISTING
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.operation.checkout_moves import compare_commits, find_in_the_way, list_below
from guardrails.facts.witness import state_of_itself
from guardrails.facts.worktree.untracked import list_others, rules_of
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from guardrails.facts.witness import State
    from guardrails.policy import World


class Standing(Fact):
    """The state of everything that differs from the index, that git does not know, or that is in the way of a target.

    `paths` are seen from the top; a repository, with a slash at its end, is only named.
    """

    paths: Mapping[str, State]

    @classmethod
    async def gather(cls, world: World, target: str | None = None) -> Self:
        """Look at it. Raises CannotKnow where git cannot look."""
        checkout: Checkout = await world.fact(Checkout, None)
        git = (await world.fact(Contents)).git
        touched = world.start(git.run("diff-files", "-z", "--name-only", "--ignore-submodules=all"))
        listing = world.start(git.run(*INDEX_LISTING))
        commits = [checkout.commit, *([target] if target else [])]
        exclude = os.path.join(checkout.common_dir, "info", "exclude")
        found = await list_others(world, git, [await rules_of(checkout.git, one) for one in commits], exclude=exclude)
        names = {*found.files, *os.fsdecode(await touched).split("\0")[:-1]}
        index = Index(await listing)
        if index.has_flags:  # git does not look at these
            names |= {os.fsdecode(path) for *_, path in index.flagged()}
        if target:
            _, added = await compare_commits(checkout.git, checkout.commit, target)
            names |= {one for path in await find_in_the_way(git, added) for one in list_below(git.path, path)}
        top = git.path
        return cls({name: [] if name.endswith("/") else state_of_itself(os.path.join(top, name)) for name in names})
