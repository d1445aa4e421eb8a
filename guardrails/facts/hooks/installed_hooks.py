"""Whether the guards that must be installed are the ones that git, and the hosts of agents, would run."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.hooks.installed_hook import InstalledHook
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    from guardrails.guards import Guard
    from guardrails.policy import World


class InstalledHooks(Fact):
    """The hooks that the configuration names for an environment, and those that were installed in it from here."""

    environment: str
    hooks: tuple[InstalledHook, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Ask git where it looks in each work tree, and read that and hosts' settings. Nothing of it is run."""
        guards, name = world.guards(), world.environment.name
        if guards.problem:
            raise CannotKnow(guards.problem)
        if not guards.wanted:
            return cls(name, ())
        from guardrails.facts.hooks.looks import look  # most checks ask for no hook
        from guardrails.facts.hooks.places import list_work_trees

        repo = world.environment.repo
        if not os.path.isdir(repo):
            raise CannotKnow(f"{repo} is not there, so nothing about its hooks can be known")
        hooks = [guard for guard in guards.wanted if not guard.settings]
        folders = await list_work_trees(repo, world.variables) if hooks else []
        looks = [
            world.start(look(guard, folder, world.variables, apart=guards.apart))
            for guard in hooks
            for folder in folders
        ]
        found: dict[tuple[str, str], InstalledHook] = {}
        for one in looks:
            hook = await one
            found.setdefault((hook.kind, hook.path), hook)  # work trees share their hooks as a rule
        hosts = [guard for guard in guards.wanted if guard.settings]
        return cls(name, (*found.values(), *_look_at_hosts(hosts, repo)))


def _look_at_hosts(hosts: Sequence[Guard], repo: str) -> Iterator[InstalledHook]:
    if hosts:
        from guardrails.facts.hooks.host_settings import look_at_host  # it loads readers of JSON with comments

        yield from (look_at_host(guard, repo) for guard in hosts)
