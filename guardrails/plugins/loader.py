"""Load the installed plugins and hold them to the contract.

A plugin that cannot be loaded, is empty, or collides with another stops the run: skipping it would be a silent pass.
"""

from __future__ import annotations

import re
import sys
from importlib.metadata import entry_points

import pluggy

from guardrails.errors import PluginError
from guardrails.facts.tool_call.programs.program import Program
from guardrails.model import Severity
from guardrails.plugins import hookspecs
from guardrails.policy import GUARD_NAME, GUARDED_VALUES, Fact, Policy
from guardrails.record import Record
from guardrails.tightening import TighteningOnly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from importlib.metadata import EntryPoint
    from typing import Any

    from guardrails.plugins.demo_scenes import Demo
    from guardrails.plugins.drills import Drill
    from guardrails.plugins.product import Product
    from guardrails.plugins.survey import Survey

GROUP = "guardrails"
RESERVED = frozenset({"use", "title", "environments", "when", "enforcement"})  # what every policy's table holds


class Plugins:
    """What the installed plugins provide: policies by id, the files of profiles by name, their modules, and demos.

    `programs` are the rows of programs that agents call, as `module:ROW` by the program's name.
    """

    def __init__(self, manager: pluggy.PluginManager) -> None:
        self.policies: dict[str, type[Policy]] = {}
        self.profiles: dict[str, str] = {}
        self.programs: dict[str, str] = {}
        self.modules: list[str] = []
        self._manager = manager

    def demos(self) -> list[Demo]:
        """The demos, asked for only when one is to be shown."""
        found: list[Demo] = self._manager.hook.guardrails_demo()
        return found

    def drills(self) -> list[Drill]:
        """The drills, asked for only when they are to be played. Raises PluginError that names the plugin at fault."""
        from guardrails.plugins.drills import Drill

        found: list[Drill] = []
        for hook in self._manager.hook.guardrails_drills.get_hookimpls():
            provide: Any = hook.function
            try:
                some = list(provide())
            except Exception as error:
                raise PluginError(f"plugin {hook.plugin_name}: its drills cannot be told: {error}") from error
            for one in some:
                if not isinstance(one, Drill):
                    raise PluginError(f"plugin {hook.plugin_name} provides the drill {one!r}, which is not a Drill")
            found += some
        return found

    def surveys(self) -> list[Survey]:
        """The surveys, asked for only when a configuration is to be written."""
        found: list[Sequence[Survey]] = self._manager.hook.guardrails_surveys()
        return [survey for some in found for survey in some]

    def products(self) -> list[Product]:
        """The products that can be told by their checkouts, asked for only when somebody wants their versions."""
        found: list[Sequence[Product]] = self._manager.hook.guardrails_products()
        return [product for some in found for product in some]


def load(loading: Callable[[str], None] = lambda _: None) -> Plugins:
    """Load every installed plugin, after telling its name. Raises PluginError that names the one at fault."""
    found = collect(list_installed(), loading)
    if TighteningOnly.id in found.policies:
        raise PluginError(f"a plugin provides the policy {TighteningOnly.id}, which guardrails has itself")
    found.policies[TighteningOnly.id] = TighteningOnly
    return found


def list_installed() -> list[EntryPoint]:
    """The entry points of all installed plugins, by name. Raises PluginError when they cannot be listed."""
    try:
        return sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    except Exception as error:  # metadata of any distribution may be damaged
        raise PluginError(f"the installed plugins cannot be listed: {error}") from error


def collect(entries: Iterable[EntryPoint], loading: Callable[[str], None] = lambda _: None) -> Plugins:
    """Load these entry points, one at a time, so that a failure can be pinned on one."""
    found = load_provided(entries, loading)
    if not found.policies:
        raise PluginError("no installed plugin provides a policy; reinstall guardrails")
    return found


def load_provided(entries: Iterable[EntryPoint], loading: Callable[[str], None] = lambda _: None) -> Plugins:
    """The same, where some of the plugins may do without policies."""
    manager = pluggy.PluginManager("guardrails")
    manager.add_hookspecs(hookspecs)
    found = Plugins(manager)
    owners: dict[str, str] = {}
    for entry in entries:
        loading(entry.name)
        plugin = _load(entry)
        policies, profiles, programs = _ask(manager, plugin, entry.name)
        for policy in policies:
            _require_sound(policy, entry.name)
        for name, path in profiles.items():
            if not (isinstance(path, str) and path.startswith("/")):
                raise PluginError(f"plugin {entry.name}: the profile {name} is {path!r}, which is not an absolute path")
        for name, place in programs.items():
            _verify_program(name, place, entry.name)
        found.modules.append(entry.module)
        for what in (
            *(f"the policy {policy.id}" for policy in policies),
            *(f"the profile {name}" for name in profiles),
            *(f"the row of the program {name}" for name in programs),
        ):
            if what in owners:
                raise PluginError(f"plugins {owners[what]} and {entry.name} both provide {what}")
            owners[what] = entry.name
        found.policies.update({policy.id: policy for policy in policies})
        found.profiles.update(profiles)
        found.programs.update(programs)
    return found


def _ask(manager: pluggy.PluginManager, plugin: object, name: str) -> tuple[list[Any], dict[str, Any], dict[str, Any]]:
    """What one plugin answers to the hooks."""
    others = manager.get_plugins()
    try:
        manager.register(plugin, name)
        manager.check_pending()
        if not manager.get_hookcallers(plugin):
            raise PluginError("it implements no hook; is @hookimpl missing?")
        policies = manager.subset_hook_caller("guardrails_policies", others)()
        tables = [manager.subset_hook_caller(hook, others)() for hook in ("guardrails_profiles", "guardrails_programs")]
        profiles, programs = ({key: some[key] for some in table for key in some} for table in tables)
        return [policy for some in policies for policy in some], profiles, programs
    except (Exception, SystemExit) as error:
        raise PluginError(f"plugin {name} does not keep the contract: {error}") from error


def _require_sound(policy: Any, plugin: str) -> None:
    """Hold a policy to what the engine relies on."""
    if not (isinstance(policy, type) and issubclass(policy, Policy)):
        raise PluginError(f"plugin {plugin} provides {policy!r}, which is not a Policy")
    words: tuple[Any, ...] = (policy.id, policy.title, policy.source)
    if not all(isinstance(word, str) and word for word in words):
        raise PluginError(f"plugin {plugin}: the policy {policy.__name__} needs an id, a title and a source")
    if not isinstance(policy.severity, Severity):
        raise PluginError(f"plugin {plugin}: the severity of {policy.id} is {policy.severity!r}, not a Severity")
    _require_place(policy, plugin)
    _require_options(policy, plugin)
    _require_guards(policy, plugin)
    for parameter, (fact, asked) in _needs(policy, plugin).items():
        if not (isinstance(fact, type) and issubclass(fact, Fact)):
            raise PluginError(f"plugin {plugin}: {policy.id} asks for {parameter}, whose annotation is not a Fact")
        if unknown := set(asked) - policy.__fields__.keys():
            raise PluginError(
                f"plugin {plugin}: {policy.id} asks with {', '.join(sorted(unknown))}, not an option of it"
            )


def _require_place(policy: type[Policy], plugin: str) -> None:
    """A policy is judged in another process, which imports it anew by its module and name."""
    module, name = policy.__module__, policy.__qualname__
    if getattr(sys.modules.get(module), name, None) is not policy:
        raise PluginError(f"plugin {plugin}: the policy {policy.id} is no attribute {name} of the module {module}")


def _require_options(policy: type[Policy], plugin: str) -> None:
    for name, kind in policy.__fields__.items():
        if name in RESERVED:
            raise PluginError(f"plugin {plugin}: {policy.id} has an option {name}, which every policy's table has")
        if _as_text(kind):
            what = "a type as text; is there a from __future__ import annotations?"
            raise PluginError(f"plugin {plugin}: the option {name} of {policy.id} has {what}")
        if not hasattr(policy, name):
            raise PluginError(f"plugin {plugin}: the option {name} of {policy.id} has no default")


def _require_guards(policy: type[Policy], plugin: str) -> None:
    """Hold the lines that a policy guards to texts whose names in braces stand for something."""
    guards: Any = policy.guards
    if not (isinstance(guards, tuple) and all(isinstance(one, str) for one in guards)):
        raise PluginError(f"plugin {plugin}: the guards of {policy.id} are {guards!r}, not a tuple of texts")
    named = {name for guard in guards for name in re.findall(GUARD_NAME, guard)}
    if unknown := named - policy.__fields__.keys() - set(GUARDED_VALUES):
        names = ", ".join(sorted(unknown))
        raise PluginError(f"plugin {plugin}: the guards of {policy.id} name {names}, neither an option nor a value")


def _verify_program(name: Any, place: Any, plugin: str) -> None:
    """Hold the row of a program to being where it is said to be, and for that program."""
    from importlib import import_module

    module, _, attribute = place.partition(":") if isinstance(place, str) else ("", "", "")
    try:
        row = getattr(import_module(module), attribute)
    except Exception as error:  # an import may raise anything
        raise PluginError(
            f"plugin {plugin}: the row of the program {name}, {place}, cannot be loaded: {error}"
        ) from error
    if not (isinstance(row, Program) and name in row.names):
        raise PluginError(f"plugin {plugin}: {place} is no row of the program {name}")


def _as_text(kind: Any) -> bool:
    """Whether a type, or one inside it, is only text, as it is under postponed annotations."""
    if isinstance(kind, type) and issubclass(kind, Record):
        return any(map(_as_text, kind.__fields__.values()))
    return isinstance(kind, str) or any(map(_as_text, getattr(kind, "__args__", ())))


def _needs(policy: type[Policy], plugin: str) -> dict[str, tuple[Any, tuple[str, ...]]]:
    try:
        return dict(policy.needs())
    except (AttributeError, KeyError, NameError, TypeError, ValueError) as error:
        raise PluginError(f"plugin {plugin}: evaluate of {policy.id} has no annotated facts ({error})") from error


def _load(entry: EntryPoint) -> object:
    try:
        return entry.load()
    except BaseException as error:  # an import may raise anything, SystemExit too
        if isinstance(error, KeyboardInterrupt):
            raise
        raise PluginError(f"plugin {entry.name} ({entry.value}) cannot be loaded: {error}") from error
