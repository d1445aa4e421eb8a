"""Whether the work tree, the index and HEAD hold the same bytes.

The rows that a probe must see come from experiments on git 2.39.5 to 2.55: everything that makes `git status` print
nothing while something differs.
"""

from __future__ import annotations

import os

from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.worktree.change import Change
from guardrails.facts.worktree.fast_probe import Probe
from guardrails.facts.worktree.questions import EarlyQuestions, Questions
from guardrails.policy import Fact
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class Worktree(Fact):
    """All changes of a repository's work tree; `depth` is `fast` or `full`. Without changes it is clean.

    `guardrails` is how it is asked again about the environment that the work tree is of.
    """

    repo: str
    depth: str
    changes: tuple[Change, ...] = ()
    guardrails: Guardrails = Guardrails()

    @property
    def recovery(self) -> str:
        """The line to type to make it clean again and save the work first, empty where nothing does that."""
        return self.guardrails.run("clean")

    @classmethod
    async def gather(cls, world: World, depth: str, path: str | None = None) -> Self:
        """Probe the work tree at `path`, by default that of the environment.

        `depth` is `fast`, `full`, or `auto`: full before an operation, fast otherwise.
        Raises CannotKnow when git or the file system gives no trustworthy answer.
        """
        if depth == "auto":
            depth = "full" if world.operation else "fast"
        asked = world.fact(Checkout, path)
        early = EarlyQuestions(world, path or world.environment.repo) if depth == "fast" else None
        checkout = await asked
        if os.path.realpath(checkout.top) != checkout.git.path:
            elsewhere = Change("elsewhere", checkout.top, f"git takes {checkout.top} for the work tree")
            return cls(checkout.git.path, depth, (elsewhere,))
        questions = early.about(checkout) if early else None
        questions = questions or Questions(world, await world.fact(Contents, path))

        async def changes_in(folder: str) -> tuple[Change, ...]:
            inside: Worktree = await world.fact(cls, depth, folder)
            return inside.changes

        probe = Probe(world, checkout, questions, depth, changes_in)
        again = world.guardrails if path in (None, world.environment.repo) else Guardrails()
        return cls(checkout.git.path, depth, tuple(await probe.find_changes()), again)
