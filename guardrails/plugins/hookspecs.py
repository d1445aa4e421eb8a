"""The hooks that a plugin may implement. They return data; nothing registers itself."""

from __future__ import annotations

import pluggy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guardrails.plugins.demo_scenes import Demo
    from guardrails.plugins.drills import Drill
    from guardrails.plugins.product import Product
    from guardrails.plugins.survey import Survey
    from guardrails.policy import Policy

hookspec = pluggy.HookspecMarker("guardrails")
hookimpl = pluggy.HookimplMarker("guardrails")


@hookspec
def guardrails_policies() -> Sequence[type[Policy]]:
    """The policies that this plugin provides. They become available; a configuration makes them apply."""
    raise NotImplementedError


@hookspec
def guardrails_profiles() -> Mapping[str, str]:
    """The profiles that this plugin provides: name -> absolute path of a file in the format of `guardrails.toml`."""
    raise NotImplementedError


@hookspec
def guardrails_demo() -> Demo:
    """The small world that this plugin shows its policies on."""
    raise NotImplementedError


@hookspec
def guardrails_drills() -> Sequence[Drill]:
    """The drills by which `guardrails drill` proves that this plugin's policies fire."""
    raise NotImplementedError


@hookspec
def guardrails_surveys() -> Sequence[Survey]:
    """The surveys that `guardrails init` may write a first configuration from."""
    raise NotImplementedError


@hookspec
def guardrails_programs() -> Mapping[str, str]:
    """What programs do to their arguments when an agent calls them: a program's name -> `module:ROW`.

    The row is a `guardrails.facts.tool_call.programs.program.Program`; it is loaded when the program is called, and
    counts beside the rows that guardrails has for that name.
    """
    raise NotImplementedError


@hookspec
def guardrails_products() -> Sequence[Product]:
    """The products that `guardrails doctor` may find in a checkout, each with its version."""
    raise NotImplementedError
