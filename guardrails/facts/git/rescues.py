"""Rescues: work that was saved under `refs/rescue/`, and whether one holds what is there now.

A rescue is a commit whose tree has `worktree` (every file as it was on disk), `index` (what was staged), `raw-index`,
`conflicts` (a folder for each stage of a conflict, where there is one) and `manifest.json`, and whose parents are HEAD,
a commit of the index, the stashes, and what was being merged or picked. It counts only when it is compared with the
present state: a name proves nothing.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git.listings import INDEX_LISTING, TREE_LISTING, read_index_listing, read_tree_listing
from guardrails.facts.git.reader import resolve
from guardrails.facts.git.refs import list_refs
from guardrails.facts.operation.checkout_moves import behind_a_link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from guardrails.facts.git.reader import Repository

RESCUES = "refs/rescue"
LIMIT = 20  # rescues that are compared, the newest first


async def find_holding(git: Repository, object_format: str, paths: Sequence[str], commits: Iterable[str]) -> str | None:
    """The newest rescue that holds each path as it is on disk and in the index, and each commit; None without one."""
    wanted = list(commits)
    for rescue in await list_refs(git, f"{RESCUES}/", options=(f"--count={LIMIT}", "--sort=-creatordate")):
        if await holds(git, object_format, rescue.oid, paths, wanted):
            return rescue.name
    return None


async def list_saved_commits(git: Repository) -> list[str]:
    """The commit of each rescue, by which git keeps all that it holds. A ref without a manifest does not count."""
    listing = await git.run("for-each-ref", "--format=%(objectname)", RESCUES)
    names = "".join(f"{rescue}:manifest.json\n" for rescue in listing.decode().split()).encode()
    if not names:
        return []
    found = await git.run("cat-file", "--batch-check=%(objecttype)", stdin=names)
    kinds = [line.split()[-1] for line in found.split(b"\n")[:-1]]
    return [rescue for rescue, kind in zip(listing.decode().split(), kinds, strict=True) if kind == b"blob"]


async def holds(git: Repository, object_format: str, rescue: str, paths: Sequence[str], commits: Iterable[str]) -> bool:
    """Whether one rescue, known by its commit, holds each path as it is now, and each commit."""
    return await _holds_commits(git, rescue, list(commits)) and await _holds_paths(git, object_format, rescue, paths)


async def _holds_commits(git: Repository, rescue: str, commits: list[str]) -> bool:
    if not commits:
        return True
    done = await git.attempt("rev-list", "--max-count=1", *commits, f"^{rescue}", "--")
    return bool(done.status == 0 and not done.stdout)


async def _holds_paths(git: Repository, object_format: str, rescue: str, paths: Sequence[str]) -> bool:
    if not paths:
        return True
    on_disk, staged = await _tree(git, f"{rescue}:worktree"), await _tree(git, f"{rescue}:index")
    if on_disk is None or staged is None:
        return False
    entries = list(read_index_listing(await git.run(*INDEX_LISTING)))
    index = {path: (mode, oid) for _, mode, oid, stage, path in entries if stage == b"0"}
    if len(index) < len(entries) and not await _holds_index(git, object_format, rescue):
        return False  # a tree cannot hold a conflict; the index itself does
    seen: dict[str, bool] = {}
    for path in map(os.fsencode, paths):
        place = os.path.join(git.path, os.fsdecode(path))
        if staged.get(path) != index.get(path):
            return False
        if behind_a_link(git.path, os.fsdecode(path), seen):
            if path in on_disk:
                return False
            continue
        if not _is_on_disk_as(place, on_disk.get(path), object_format):
            return False
        if _is_repository(place) and index.get(path, (b"",))[0] != b"160000":
            return False  # no tree holds one
    return await _are_there(git, [on_disk[path][1] for path in map(os.fsencode, paths) if path in on_disk])


def _is_repository(place: str) -> bool:
    return not os.path.islink(place) and os.path.lexists(os.path.join(place, ".git"))


async def _are_there(git: Repository, ids: Sequence[str]) -> bool:
    """Whether git has every object of these: a tree may name what was never stored."""
    if not ids:
        return True
    listing = await git.run("cat-file", "--batch-check=%(objecttype)", stdin="\n".join([*ids, ""]).encode())
    return listing.split() == [b"blob"] * len(ids)


def _is_on_disk_as(place: str, entry: tuple[bytes, str] | None, object_format: str) -> bool:
    from guardrails.facts.worktree import every_byte

    if entry is None:
        return not (os.path.islink(place) or os.path.isfile(place))  # a folder or FIFO holds nothing of that path
    try:
        return not every_byte.difference(place, *entry, object_format)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise CannotKnow(f"{place} cannot be read: {error.strerror}") from None


async def _holds_index(git: Repository, object_format: str, rescue: str) -> bool:
    from guardrails.facts.worktree import every_byte

    saved = await resolve(git, f"{rescue}:raw-index")
    git_dir = os.fsdecode((await git.run("rev-parse", "--absolute-git-dir")).removesuffix(b"\n"))
    index = os.path.join(git_dir, "index")
    mode = b"100755" if os.stat(index).st_mode & 0o100 else b"100644"
    return saved is not None and not every_byte.difference(index, mode, saved, object_format)


async def _tree(git: Repository, name: str) -> dict[bytes, tuple[bytes, str]] | None:
    """Path -> mode and object id; None for no such tree."""
    done = await git.attempt(*TREE_LISTING, name)
    if done.status != 0:
        return None
    return {path: (mode, oid) for mode, _, oid, _, path in read_tree_listing(done.stdout)}
