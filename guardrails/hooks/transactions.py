"""Which changes of refs need a guarded operation: any of the environment's branch, and of a tag that is there.

A transaction is shown as `<old> <new> <ref>` (githooks(5)), where `old` is zeros when the caller did not care, so the
ref itself is read. A new tag is free, as any fetch brings some, and so is what changes nothing. That includes how git
packs refs: it writes the packed value, then deletes the loose file, which looks like a deletion. A real one holds the
lock of `packed-refs` meanwhile; pruning does not.
"""

from __future__ import annotations

import os

from guardrails.errors import UsageError
from guardrails.facts.git.reader import Repository
from guardrails.facts.git.refs import read_refs
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.guarded_run import permits
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.model import Environment

_TAGS = "refs/tags/"


class Move(Record):
    """One protected ref that would change: object ids, zeros for none."""

    ref: str
    old: str
    new: str


def find_refused(data: bytes, environment: Environment, permit: str) -> tuple[Move, ...]:
    """The changes in a prepared transaction that no guarded operation is making; `permit` is what the caller shows.

    Raises UsageError for lines that git does not write, and CannotKnow when the ref cannot be read.
    """
    moves = _protected(data, environment.branch)
    return run_to_end(_refused(moves, Repository(environment.repo), permit)) if moves else ()


def _protected(data: bytes, branch: str | None) -> list[Move]:
    moves = []
    for line in data.decode("utf-8", "surrogateescape").removesuffix("\n").split("\n"):
        if len(words := line.split(" ")) != 3:
            raise UsageError(f"this is no line of a reference transaction: {line[:80]!r}")
        old, new, ref = words
        if ref.startswith(_TAGS) or ref == f"refs/heads/{branch}":
            moves.append(Move(ref, old, new))
    return moves


async def _refused(moves: list[Move], git: Repository, permit: str) -> tuple[Move, ...]:
    folders = await git.run("rev-parse", "--path-format=absolute", "--git-dir", "--git-common-dir", bare=True)
    git_dir, common_dir = os.fsdecode(folders).split("\n")[:2]
    there = await read_refs(git, [move.ref for move in moves], bare=True)
    found = []
    for move in moves:
        if move.ref.startswith(_TAGS) and move.ref not in there:
            continue
        current = there.get(move.ref, "0" * len(move.new))
        if move.new == current or _only_prunes(common_dir, move, current):
            continue
        if not permit or not permits.allows_move(git_dir, permit, move.ref, current, move.new):
            found.append(move.replaced(old=current))
    return tuple(found)


def _only_prunes(common_dir: str, move: Move, current: str) -> bool:
    """Whether this deletes a loose file whose value is packed, and so leaves the ref where it is (git-pack-refs(1))."""
    packed = os.path.join(common_dir, "packed-refs")
    if move.new.strip("0") or move.old != current or os.path.lexists(f"{packed}.lock"):
        return False
    try:
        with open(packed, "rb") as file:
            return any(line.rstrip(b"\n") == os.fsencode(f"{current} {move.ref}") for line in file)
    except OSError:
        return False
