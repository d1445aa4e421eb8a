"""Whether git, or an agent's host, would really run each hook that is configured, or was installed from here."""

from __future__ import annotations

import os

from guardrails.doctor.lines import Line, State
from guardrails.errors import CannotKnow
from guardrails.facts.hooks.host_settings import look_at_host
from guardrails.hooks import memory
from guardrails.hooks.status import look_at_hooks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.doctor.in_force import InForce
    from guardrails.guards import Guard
    from guardrails.model import Environment

_ABOUT = "hook"


def examine_guards(found: InForce) -> Iterator[Line]:
    """One line for each hook of each environment, and one for each that another configuration installed there."""
    for environment in found.environments:
        known = memory.required_guards(found.settings, environment, found.path)
        if known.problem:
            yield Line(_ABOUT, environment.name, State.UNKNOWN, known.problem)
            continue
        if not known.wanted:
            text = "none is configured in [guards], and none was installed from here"
            yield Line(_ABOUT, environment.name, State.NOTE, text)
        for guard in known.wanted:
            yield from _guard(environment, guard, apart=known.apart)
        yield from _of_others(found, environment)


def _guard(environment: Environment, guard: Guard, *, apart: bool) -> Iterator[Line]:
    """The hook in each place where git looks for it. Work trees share their hooks as a rule."""
    name, repo = environment.name, environment.repo
    if guard.settings:
        hook = look_at_host(guard, repo)
        text = hook.problem or f"{guard.title} runs it, by {hook.path}"
        yield Line(_ABOUT, name, State.WRONG if hook.problem else State.OK, f"{guard.kind}: {text}", hook.remedy)
        return
    if not os.path.isdir(repo):
        yield Line(_ABOUT, name, State.UNKNOWN, f"{guard.kind}: {repo} is not there")
        return
    try:
        hooks = {hook.path: hook for hook in look_at_hooks(repo, guard, apart=apart)}
    except CannotKnow as error:
        yield Line(_ABOUT, name, State.UNKNOWN, f"{guard.kind}: {error}")
        return
    for hook in hooks.values():
        if hook.problem:
            yield Line(_ABOUT, name, State.WRONG, f"{guard.kind}: {hook.problem}", hook.remedy)
        else:
            by = ", by way of pre-commit" if hook.kept_by_pre_commit else ""
            yield Line(_ABOUT, name, State.OK, f"{guard.kind}: git runs {hook.path}{by}")


def _of_others(found: InForce, environment: Environment) -> Iterator[Line]:
    """The hooks in the same repository that were installed by another configuration, or for another environment."""
    mine = (environment.name, found.path or "")
    for hook in memory.read_installed(found.settings, environment):
        theirs = (hook.environment, hook.configuration)
        is_known = hook.environment in found.settings.environments and hook.configuration == mine[1]
        if hook.repo == environment.repo and theirs != mine and not is_known:
            by = hook.configuration or "the built-in profile"
            text = (
                f"{hook.kind} was installed in {hook.repo} for {hook.environment}, by {by}, which is not in force here"
            )
            yield Line(_ABOUT, environment.name, State.NOTE, text)
