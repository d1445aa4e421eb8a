"""Which guards must be installed in an environment, as the caller knows it; whether they are is a fact."""

from __future__ import annotations

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KINDS = ("pre-push", "pre-receive", "reference-transaction")  # of githooks(5): those that guard something
HOSTS = ("claude-code", "codex", "cursor", "gemini", "openclaw")  # the programs in which agents run


class Stub(Record):
    """The whole text of a script that git or a host runs, and the interpreter that it starts."""

    python: str
    text: bytes


class Entry(Record):
    """What a host's settings must hold: an item of the list under `keys`, or with `named` a value under the last key.

    `value` is plain data, as JSON has it.
    """

    keys: tuple[str, ...]
    value: Any
    named: bool = False


class HostSettings(Record):
    """A file of settings that may hold a guard: its path, its entries, and the script that they run, as one of `stubs`.

    `beside` are further files of ours, with their paths, that must be there as they are. `trusted_by` is the file in
    which a host notes which hooks its user trusts, empty for hosts that ask nobody.
    """

    path: str
    entries: tuple[Entry, ...]
    script: str
    stubs: tuple[Stub, ...]
    beside: tuple[tuple[str, bytes], ...] = ()
    trusted_by: str = ""


class Guard(Record):
    """A guard that must be there: its kind, the command that installs it, and what is looked for.

    Of a hook git must run one of the `stubs`. Of a host one of the `settings` must hold its entries; people call it by
    its `title`. Stubs differ in the interpreter alone: that of whoever asks, and the one that installed them.
    """

    kind: str
    stubs: tuple[Stub, ...]
    remedy: str
    settings: tuple[HostSettings, ...] = ()
    title: str = "git"


class Guards(Record):
    """The guards that must be there in an environment; `problem` is why that cannot be told.

    `apart`: only guarded operations change the checkout's files, so that no hook may lie among them.
    """

    wanted: tuple[Guard, ...] = ()
    apart: bool = False
    problem: str | None = None
