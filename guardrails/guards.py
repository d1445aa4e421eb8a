"""Which hooks must be installed in an environment, as whoever asks knows it; whether they are is a fact."""

from __future__ import annotations

from guardrails.record import Record

KINDS = ("pre-push", "pre-receive", "reference-transaction")  # of githooks(5): those that guard something


class Stub(Record):
    """The whole text of a hook, and the interpreter that it runs."""

    python: str
    text: bytes


class Guard(Record):
    """A hook that must be there: its kind, the stubs of which git must run one, and the command that installs it.

    The stubs differ in the interpreter alone: that of whoever asks, and the one that installed it.
    """

    kind: str
    stubs: tuple[Stub, ...]
    remedy: str


class Guards(Record):
    """The hooks that must be there in an environment; `problem` is why that cannot be told.

    `apart`: only guarded operations change the checkout's files, so that no hook may lie among them.
    """

    wanted: tuple[Guard, ...] = ()
    apart: bool = False
    problem: str | None = None
