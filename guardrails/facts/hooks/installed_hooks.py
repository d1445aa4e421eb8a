"""Whether the hooks that must be installed are the ones that git would run."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.hooks.installed_hook import InstalledHook
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class InstalledHooks(Fact):
    """The hooks that the configuration names for an environment, and those that were installed in it from here."""

    environment: str
    hooks: tuple[InstalledHook, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Ask git where it looks in each work tree, and read what is there. Nothing of it is run."""
        guards, name = world.guards(), world.environment.name
        if guards.problem:
            raise CannotKnow(guards.problem)
        if not guards.wanted:
            return cls(name, ())
        from guardrails.facts.hooks.looks import look  # most checks ask for no hook
        from guardrails.facts.hooks.places import work_trees

        repo = world.environment.repo
        if not os.path.isdir(repo):
            raise CannotKnow(f"{repo} is not there, so nothing about its hooks can be known")
        folders = await work_trees(repo, world.variables)
        looks = [
            world.start(look(guard, folder, world.variables, apart=guards.apart))
            for guard in guards.wanted
            for folder in folders
        ]
        found: dict[tuple[str, str], InstalledHook] = {}
        for one in looks:
            hook = await one
            found.setdefault((hook.kind, hook.path), hook)  # work trees share their hooks as a rule
        return cls(name, tuple(found.values()))
