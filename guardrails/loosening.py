"""What a change makes of the rules that judge it."""

from __future__ import annotations

from guardrails.record import Record


class Loosening(Record):
    """One thing that a change makes less strict of what judges it: what it does, and what the trusted ref says.

    `path` is relative to the top of the repository; `known` says that the trusted ref has that file.
    """

    observed: str
    expected: str
    path: str
    line: int | None = None
    known: bool = True


class Ratchet(Record):
    """What a change does to the configuration of the trusted `ref` that judges it; `problem`: why that is not known.

    `repo` is the repository in which the change is.
    """

    ref: str
    loosened: tuple[Loosening, ...] = ()
    problem: str | None = None
    repo: str = ""
