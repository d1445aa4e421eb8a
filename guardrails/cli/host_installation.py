"""`guardrails hook install|status|uninstall` for the host of an agent, whose settings name a script of ours."""

from __future__ import annotations

import os

from guardrails import config
from guardrails.canaries.sending import send_through
from guardrails.config import places as configurations
from guardrails.config.settings import environment_named, is_moved, select_policies
from guardrails.errors import UsageError
from guardrails.exit_codes import ALLOW, DENY
from guardrails.facts.hooks.places import why_in_the_way
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.hooks import configured_guards, memory
from guardrails.hooks.stubs import this_python
from guardrails.hosts.installation import install, require_room, uninstall
from guardrails.hosts.kinds import HOSTS, project_settings
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.config.settings import Settings
    from guardrails.guards import Guard, HostSettings
    from guardrails.model import Environment


def run(given: argparse.Namespace) -> int:
    """Do as asked, and give 0 for installed or in order, 1 for not in order."""
    settings = config.load(given.config)
    environments = _environments(given, settings)
    configuration = configurations.find_configuration(given.config)
    guard = memory.guard(given.kind, settings, environments[0], configuration)
    if given.action == "status":
        return _status(given.kind, settings, environments[0], configuration)
    wanted = _scoped(given, guard, environments[0])
    hooks = {
        one.name: memory.Installed(given.kind, one.name, one.repo, configuration or "", this_python())
        for one in environments
    }
    if given.action == "uninstall":
        for line in uninstall(given.kind, wanted):
            print(visible(line))
        for one in environments:
            memory.remember(settings, one, hooks[one.name], there=False)
        for line in configured_guards.lines_left_over(given.kind, hooks, settings, configuration):
            print(visible(line))
        return ALLOW
    require_room(given.kind, wanted)
    if given.scope == "project":
        _require_unseen(settings, environments[0], wanted.path)
    for one in environments:
        memory.remember(settings, one, hooks[one.name], there=True)
    for line in install(given.kind, wanted):
        print(visible(line))
    for line in configured_guards.missing_lines(given.kind, hooks, settings, configuration):
        print(visible(line))
    return _status(given.kind, settings, environments[0], configuration)


def _environments(given: argparse.Namespace, settings: Settings) -> list[Environment]:
    """The environments in question: the one named, or all of the configuration, which a user's settings guard.

    Raises UsageError for a project's settings without a name, and when no tool call would ever be refused.
    """
    if given.env:
        found = [environment_named(settings, given.env)]
    elif given.scope == "project":
        raise UsageError("whose project? add --env")
    else:
        found = [*settings.environments.values()]
    guarded = [one for one in found if select_policies(settings, one.name, "tool-call")]
    if not guarded:
        names = ", ".join(one.name for one in found)
        raise UsageError(f"no policy applies to a tool-call in {names}, so such a hook would refuse none")
    return guarded


def _scoped(given: argparse.Namespace, guard: Guard, environment: Environment) -> HostSettings:
    """The settings of the user, or those of the project. Raises UsageError when there are none of the project."""
    if given.scope == "user":
        return guard.settings[0]
    path = project_settings(given.kind, environment.repo, environment.state_dir)
    found = [one for one in guard.settings if one.path == path]
    if not found:
        raise UsageError(f"{environment.name} has no state_dir, where the settings of {given.kind} would be")
    return found[0]


def _require_unseen(settings: Settings, environment: Environment, path: str) -> None:
    """Raise UsageError where the settings would show as a change of a checkout that only operations change."""
    repo, apart = environment.repo, is_moved(settings, environment.name)
    if not f"{path}/".startswith(f"{repo}/"):
        return
    if apart and (why := run_to_end(why_in_the_way(repo, path, os.environ, apart=apart))):
        raise UsageError(f"{why}; leave out --scope project, and your own settings guard it as well")


def _status(kind: str, settings: Settings, environment: Environment, configuration: str | None) -> int:
    """Send what the host would run a canary, which it must refuse, and name what cannot be seen from here."""
    known = memory.required_guards(settings, environment, configuration)
    wanted = next((one for one in known.wanted if one.kind == kind), None)
    guard = wanted or memory.guard(kind, settings, environment, configuration)
    sent = [*send_through(guard, environment, settings, apart=known.apart)]
    for one in sent:
        if one.is_heeded:
            print(visible(f"{kind} guards {environment.name}: {one.place} runs a script that refused a canary"))
        else:
            print(visible(f"{kind} does not guard {environment.name}: {one.text}"))
            if one.do:
                print(visible(f"do: {one.do}"))
    for gap in HOSTS[kind].gaps:
        print(f"gap: {gap}")
    return ALLOW if all(one.is_heeded for one in sent) else DENY
