"""Whether the rounds of `guardrails watch` will be made again."""

from __future__ import annotations

from guardrails.doctor.lines import Line, State
from guardrails.errors import UsageError
from guardrails.watch.installation import look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.doctor.in_force import InForce

_ABOUT = "watch"


def examine_watch(found: InForce) -> Iterator[Line]:
    """One line for a configuration that is no ref's. Where no schedule was installed, that is no fault."""
    if found.settings.source.startswith("ref:"):
        return
    try:
        status = look(found.path)
    except UsageError as error:
        yield Line(_ABOUT, "", State.UNKNOWN, str(error))
        return
    if not status.installed:
        yield Line(_ABOUT, "", State.NOTE, f"{status.text}: {status.problem}", status.do)
    elif status.problem:
        yield Line(_ABOUT, "", State.WRONG, f"it will not run again: {status.problem}", status.do)
    else:
        yield Line(_ABOUT, "", State.OK, f"it will run again: {status.text}{status.gap and f'; {status.gap}'}")
