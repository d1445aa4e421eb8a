"""Rescues: work that was saved under `refs/rescue/`, and whether one holds what is there now.

A rescue is a commit whose tree has `worktree` (every file as it was on disk), `index` (what was staged), `raw-index`
and `manifest.json`, and whose parents are HEAD, a commit of the index and the stashes. It counts only when it
is compared with the present state: a name proves nothing.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.repository import Checkout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LIMIT = 20  # rescues that are compared, the newest first


async def holding(checkout: Checkout, paths: Sequence[str], commits: Iterable[str]) -> str | None:
    """The newest rescue that holds each path as it is on disk and in the index, and each commit; None without one."""
    wanted = list(commits)
    listing = await checkout.git.run(
        "for-each-ref", f"--count={LIMIT}", "--sort=-creatordate", "--format=%(objectname) %(refname)", "refs/rescue"
    )
    for line in listing.decode("utf-8", "surrogateescape").splitlines():
        rescue, _, ref = line.partition(" ")
        if await _holds_commits(checkout, rescue, wanted) and await _holds_paths(checkout, rescue, paths):
            return ref
    return None


async def _holds_commits(checkout: Checkout, rescue: str, commits: list[str]) -> bool:
    if not commits:
        return True
    done = await checkout.git.attempt("rev-list", "--max-count=1", *commits, f"^{rescue}", "--")
    return bool(done.status == 0 and not done.stdout)


async def _holds_paths(checkout: Checkout, rescue: str, paths: Sequence[str]) -> bool:
    if not paths:
        return True
    from guardrails.facts import rehash

    on_disk, staged = await _tree(checkout, f"{rescue}:worktree"), await _tree(checkout, f"{rescue}:index")
    if on_disk is None or staged is None:
        return False
    index = _entries((await checkout.git.run("ls-files", "-z", "-s")).split(b"\0"), staged=True)
    for path in map(os.fsencode, paths):
        place = os.path.join(checkout.top, os.fsdecode(path))
        if staged.get(path) != index.get(path):
            return False
        if path not in on_disk:
            if os.path.lexists(place):
                return False
            continue
        mode, oid = on_disk[path]
        try:
            if rehash.difference(place, mode, oid, checkout.object_format):
                return False
        except FileNotFoundError:
            return False
        except OSError as error:
            raise CannotKnow(f"{place} cannot be read: {error.strerror}") from None
    return True


async def _tree(checkout: Checkout, name: str) -> dict[bytes, tuple[bytes, str]] | None:
    done = await checkout.git.attempt("ls-tree", "-r", "-z", "--full-tree", name)
    return _entries(done.stdout.split(b"\0"), staged=False) if done.status == 0 else None


def _entries(lines: list[bytes], *, staged: bool) -> dict[bytes, tuple[bytes, str]]:
    """Path -> mode and object id, from `git ls-files -s` (MODE OID STAGE) or `git ls-tree` (MODE TYPE OID)."""
    found = {}
    for line in filter(None, lines):
        facts, _, path = line.partition(b"\t")
        fields = facts.split(b" ")
        found[path] = (fields[0], fields[1 if staged else 2].decode())
    return found
