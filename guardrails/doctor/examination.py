"""All that the doctor looks at, in the order of its report. A look that fails does not prevent the others."""

from __future__ import annotations

from guardrails.doctor import environments, guards, in_force, log, plugins, statements, trust, versions, watch
from guardrails.doctor.lines import Line, State
from guardrails.errors import GuardrailsError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from guardrails.doctor.in_force import InForce

_UNTOLD = "environments, hooks, trust, logs, watch and statements cannot be told without a configuration"
_BEFORE: dict[str, Callable[[InForce], Iterator[Line]]] = {"environment": environments.examine_environments}
_AFTER: dict[str, Callable[[InForce], Iterator[Line]]] = {
    "hook": guards.examine_guards,
    "trust": trust.examine_trust,
    "log": log.examine_log,
    "watch": watch.examine_watch,
    "statement": statements.examine_statements,
}


def examine(configuration: str | None, ref: str | None, environment: str | None) -> list[Line]:
    """The lines of everything, of one environment or of all; the arguments are those of `in_force.examine`.

    Raises UsageError for an unknown environment.
    """
    first, found = in_force.examine(configuration, ref, environment)
    repos = list(dict.fromkeys(one.repo for one in found.environments)) if found else []
    installed = plugins.examine(repos)
    lines = [first, *(_take_looks(_BEFORE, found) if found else ()), *installed.plugins]
    lines += _take_looks(_AFTER, found) if found else [Line("environment", "", State.UNKNOWN, _UNTOLD)]
    return [*lines, *versions.examine_versions(), *installed.products]


def _take_looks(looks: dict[str, Callable[[InForce], Iterator[Line]]], found: InForce) -> Iterator[Line]:
    """Take each look and give its lines; where one fails, a line that says so."""
    for about, look in looks.items():
        try:
            yield from look(found)
        except GuardrailsError as error:
            yield Line(about, "", State.UNKNOWN, str(error))
        except OSError as error:
            yield Line(about, "", State.UNKNOWN, f"{error.filename or about}: {error.strerror}")
