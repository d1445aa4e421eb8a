"""The command that makes one round: what a timer runs, and what `guardrails watch --every` runs in the foreground."""

from __future__ import annotations

from guardrails.hooks.stubs import this_python

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_START = "from guardrails.start import entry; entry()"


def own_command(environments: Iterable[str], configuration: str | None) -> list[str]:
    """The command, by this interpreter. Raises CannotKnow when its path is not known.

    `configuration` is the absolute path of the file to judge by; with None whatever is found from where it is started.
    """
    named = [f"--env={name}" for name in environments]
    by = [f"--config={configuration}"] if configuration else []
    return [this_python(), "-E", "-P", "-c", _START, "watch", "--once", *named, *by]
