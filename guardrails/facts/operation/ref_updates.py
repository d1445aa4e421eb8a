"""The refs that a push moves, as git tells its hooks (githooks(5)).

pre-push is given `<local ref> <local oid> <remote ref> <remote oid>`, pre-receive `<old oid> <new oid> <ref>`, one line
for each ref. An oid of zeros stands for nothing: a new ref, or a deletion.
"""

from __future__ import annotations

from guardrails.errors import UsageError
from guardrails.model import RefUpdate

INPUT_LIMIT = 16 * 1024 * 1024  # bytes; 100,000 refs
_HEX = frozenset("0123456789abcdef")


def parse(data: bytes) -> tuple[RefUpdate, ...]:
    """The updates in the input of either hook, in order. Raises UsageError for a line that is neither."""
    if len(data) > INPUT_LIMIT:
        raise UsageError(f"the list of refs is longer than {INPUT_LIMIT} bytes")
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    if lines.pop():
        raise UsageError("the list of refs is cut short: its last line has no end")
    return tuple(_update(line, number) for number, line in enumerate(lines, 1))


def _update(line: str, number: int) -> RefUpdate:
    if len(words := line.split(" ")) == 3:
        old, new, ref = words
        update = RefUpdate(ref, old, new)
    elif len(words := line.rsplit(" ", 3)) == 4:  # what the pusher calls it may hold spaces: `main@{1 day ago}`
        local, new, ref, old = words
        update = RefUpdate(ref, old, new, local)
    else:
        raise UsageError(
            f"line {number} of the refs is not one that git gives to pre-push or pre-receive: {line[:80]!r}"
        )
    sizes = {len(oid) if _HEX.issuperset(oid) else 0 for oid in (update.old, update.new)}
    if sizes not in ({40}, {64}) or not update.ref.startswith(("refs/", "HEAD")):
        raise UsageError(f"line {number} of the refs names no objects and ref: {line[:80]!r}")
    return update
