"""An agent's tool call, and what it would do, as values that cross layers (docs/contract.md, tool calls)."""

from __future__ import annotations

from guardrails.record import Record

KINDS = (
    "moves-head",
    "loses-work",
    "writes",
    "removes",
    "pushes",
    "starts",
    "stops",
    "uses-state",
    "loosens",
    "approves",
)
"""The kinds of action. What only reads is no action."""


class Call(Record):
    """One tool call as it was asked for, of which exactly one of `shell`, `argv` and `write` is given.

    `folder` is the absolute working directory. `shell` is a text for a shell, `argv` are words that no shell sees,
    `write` is the path of a file that would be written, relative to `folder` or absolute.
    """

    folder: str
    shell: str | None = None
    argv: tuple[str, ...] | None = None
    write: str | None = None


class Place(Record):
    """Something guarded: of an environment its `repo`, `state_dir` or `service`, or a file of the guard itself.

    `kind` is repo, state_dir, service, or for the guard's own files configuration, waivers, signers, hook, log or host.
    `environment` is None for what guards all of them. `path` is absolute, as configured; of a service it is the label.
    """

    kind: str
    environment: str | None
    path: str


class Action(Record):
    """One thing that a call would do to a place.

    `kind` is one of `KINDS`, `place` the kind of the place, `path` what is acted upon (absolute), `words` the command
    as it would run, without wrappers. `environment` is that of the place, None for files that guard all. `folder` is
    where the command runs, None when that cannot be told. `variables` are those that the text sets for it.
    `why` is set when it cannot be told whether the action happens: then it says what could not be followed. `by` is the
    environment from whose checkout a program is started, None outside of all of them.
    """

    kind: str
    environment: str | None
    place: str
    path: str
    words: tuple[str, ...]
    folder: str | None = None
    variables: tuple[tuple[str, str | None], ...] = ()
    why: str = ""
    by: str | None = None
