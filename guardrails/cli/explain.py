"""`guardrails explain`: say what a policy guards, why, and what to do instead."""

from __future__ import annotations

import inspect
import os
import sys
from textwrap import indent

from guardrails import config
from guardrails.config import places
from guardrails.config.settings import nearest
from guardrails.errors import UsageError
from guardrails.record import plain
from guardrails.text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from guardrails.config.settings import PolicySetting
    from guardrails.policy import Policy

_EXAMPLES = """examples:
  guardrails explain clean-worktree
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("policy", metavar="ID", help="the id of a policy, or the name of a configured instance")
    parser.add_argument(
        "--config", metavar="PATH", help="the configuration file (default: the nearest guardrails.toml)"
    )
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print one policy: its invariant, its reasons, its options, and where it applies."""
    path = places.configuration(given.config or os.environ.get("GUARDRAILS_CONFIG"))
    settings, _, plugins = config.read(path)
    instances = {setting.name: setting for setting in settings.policies}
    setting = instances.get(given.policy)
    use = setting.use if setting else given.policy
    if use not in plugins.policies:
        raise UsageError(f"unknown policy {use}; {nearest(use, sorted({*plugins.policies, *instances}))}")
    lines = _explanation(plugins.policies[use], setting, given.policy)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _explanation(policy: type[Policy], setting: PolicySetting | None, name: str) -> Iterator[str]:
    yield visible(name)
    yield f"  {policy.title}."
    yield ""
    yield indent(inspect.getdoc(policy) or "", "  ")
    yield ""
    yield f"  source     {policy.source}"
    yield f"  severity   {policy.severity}"
    yield f"  facts      {', '.join(fact.__name__ for fact, _ in policy.needs().values())}"
    yield from _options(policy, setting)
    yield from _places(setting)


def _options(policy: type[Policy], setting: PolicySetting | None) -> Iterator[str]:
    given = setting.options if setting else {}
    for number, (name, kind) in enumerate(policy.__fields__.items()):
        default = plain(getattr(policy, name, None))
        value = given.get(name, default)
        shown = f"{name} = {value!r}" + ("" if value == default else f"   (default {default!r})")
        yield f"  {'options' if number == 0 else '':<10} {visible(shown)}   {type_name(kind)}"


def _places(setting: PolicySetting | None) -> Iterator[str]:
    if setting is None:
        yield "  applies    nowhere: no configuration lists it"
        return
    for number, (environment, moments) in enumerate(setting.when.items()):
        what = f"{environment}: {', '.join(moments)} ({setting.enforcement[environment]})"
        yield f"  {'applies' if number == 0 else '':<10} {visible(what)}"


def type_name(kind: Any) -> str:
    """An option's type as people write it, such as `list of text`."""
    if arguments := getattr(kind, "__args__", None):
        return f"list of {type_name(arguments[0])}"
    return _TYPES.get(kind, "table")


_TYPES = {str: "text", int: "number", float: "number", bool: "true or false"}
