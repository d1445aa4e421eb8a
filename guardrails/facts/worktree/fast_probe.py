"""The fast half of the work-tree probe: what git says, and what git passes over without reading files again.

It trusts the file times that git recorded in the index. The slow half, `every_byte.py`, trusts none of them.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.index import Index
from guardrails.facts.witness import look
from guardrails.facts.worktree.change import Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator

    from guardrails.facts.worktree.questions import Questions
    from guardrails.policy import World

_IN_PROGRESS = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "REBASE_HEAD": "a rebase",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase or am",
    "sequencer": "a cherry-pick or revert sequence",
    "BISECT_LOG": "a bisect",
}


class Probe:
    """One look at one work tree, to a depth, `fast` or `full`. `look_into` gives the changes in a submodule."""

    def __init__(
        self,
        world: World,
        checkout: Checkout,
        questions: Questions,
        depth: str,
        look_into: Callable[[str], Awaitable[Iterable[Change]]],
    ) -> None:
        self._world = world
        self._checkout = checkout
        self._questions = questions
        self._contents = questions.contents
        self._git = questions.contents.git
        self._depth = depth
        self._look_into = look_into

    async def find_changes(self) -> list[Change]:
        """Put git's answers together, and look meanwhile at what it is not asked about."""
        start, git = self._world.start, self._git
        found = list(self._leftovers())
        self._contents.require_whole_index(self._checkout)
        index = Index(await self._questions.listing)
        submodules = [start(self._submodule(path, oid)) for path, oid in index.gitlinks()]
        read_again = self._read_again(index)
        ignored: list[bytes] = []
        foreign: list[bytes] = []  # folders that git lists by name alone, such as repositories inside this one
        for entry in (await self._questions.status).split(b"\0")[:-1]:
            if entry.startswith(b"! "):
                ignored.append(entry[2:])
                continue
            if entry.startswith(b"? ") and entry.endswith(b"/"):
                foreign.append(entry[2:])
            found += _read_status(entry)
        found = await self._without_large_files(found, index)
        found += await self._hidden(ignored, index)
        known = {change.path for change in found}
        for reading in read_again:
            found += [change for change in await reading if change.path not in known]
        if self._depth == "full":
            found += [change for change in self._find_unlisted(index, ignored + foreign) if change.path not in known]
        for submodule in submodules:
            found += await submodule
        look(*await self._contents.touched(self._world, git.path))
        return found

    def _leftovers(self) -> Iterator[Change]:
        """Operations in progress, locks, replace refs and a sparse checkout."""
        checkout = self._checkout
        names = set(_names(checkout.git_dir))
        for name, what in _IN_PROGRESS.items():
            if name in names:
                yield Change("operation", os.path.join(checkout.git_dir, name), f"{what} is in progress")
        folders = {checkout.git_dir, checkout.common_dir}
        locks = [os.path.join(folder, name) for folder in sorted(folders) for name in _names(folder)]
        if checkout.branch:
            locks.append(os.path.join(checkout.common_dir, "refs", "heads", *checkout.branch.split("/")) + ".lock")
        for path in locks:
            if path.endswith(".lock") and os.path.lexists(path):
                yield Change("lock", path, "a lock file is left behind, or another git is at work")
        for ref in checkout.replaced_by:
            yield Change("replaced", ref, "an object is replaced by another one")
        if checkout.sparse:
            yield Change("sparse", checkout.git_dir, "the checkout is sparse: not every file of HEAD is there")

    async def _hidden(self, ignored: list[bytes], index: Index) -> list[Change]:
        """Of the ignored paths, those that no rule of the tree itself ignores."""
        rules = await self._rules(ignored)
        return [
            Change("hidden", os.fsdecode(path), f"ignored by {os.fsdecode(rules.get(path, b'no rule'))}")
            for path in ignored
            if not index.tracks(rules.get(path, b""))
        ]

    async def _rules(self, paths: list[bytes]) -> dict[bytes, bytes]:
        """The file whose rule ignores each path; paths that none ignores are left out (git-check-ignore(1))."""
        if not paths:
            return {}
        done = await self._git.attempt("check-ignore", "-z", "-v", "--stdin", stdin=b"\0".join(paths) + b"\0")
        if done.status > 1:
            raise CannotKnow(f"git check-ignore in {self._git.path} ended with status {done.status}")
        fields = done.stdout.split(b"\0")
        rows = zip(fields[0::4], fields[2::4], fields[3::4], strict=False)
        return {path: source for source, pattern, path in rows if not pattern.startswith(b"!")}

    async def _without_large_files(self, found: list[Change], index: Index) -> list[Change]:
        """Leave out files that Git LFS keeps elsewhere: with its filter off, git takes each for modified."""
        modified = {os.fsencode(change.path) for change in found if change.kind == "modified"}
        if not modified:
            return found
        from guardrails.facts.worktree import every_byte

        entries = [entry for entry in index.entries() if entry[3] in modified and entry[1] != b"160000"]
        large = {os.fsdecode(path) for path in await every_byte.find_large_files(self._git, entries)}
        return [change for change in found if change.kind != "modified" or change.path not in large]

    async def _submodule(self, path: bytes, recorded: str) -> list[Change]:
        """The state of one submodule; git's own recursion would run the submodule's filters."""
        name = os.fsdecode(path)
        folder = os.path.join(self._git.path, name)
        if os.path.islink(folder):
            return [Change("submodule", name, "a link stands in its place")]
        if not os.path.lexists(os.path.join(folder, ".git")):
            if not os.path.isdir(folder):
                return [Change("submodule", name, "its folder is gone")]
            return [Change("submodule", name, "files where it is not checked out")] if os.listdir(folder) else []
        checkout = await self._world.fact(Checkout, folder)
        moved = [Change("submodule", name, "another commit is checked out")] if checkout.commit != recorded else []
        return moved + [
            Change("submodule", os.path.join(name, change.path), f"{change.kind}: {change.detail}")
            for change in await self._look_into(folder)
        ]

    def _read_again(self, index: Index) -> list[Awaitable[list[Change]]]:
        """Start to read the files that git is not asked about, or not believed, beside `git status`."""
        if self._depth != "full" and not index.has_flags:
            return []
        from guardrails.facts.worktree import every_byte

        if self._depth != "full":
            return [self._world.start(every_byte.compare_with_disk(self._git, self._checkout, index.flagged()))]
        looks = (
            every_byte.compare_with_head(self._git, self._checkout.commit, index),
            every_byte.compare_with_disk(self._git, self._checkout, index.entries()),
        )
        return [self._world.start(look) for look in looks]

    def _find_unlisted(self, index: Index, passed_over: list[bytes]) -> Iterator[Change]:
        from guardrails.facts.worktree import every_byte

        submodules = (path + b"/" for path, _ in index.gitlinks())
        return every_byte.find_unlisted(self._git.path, {*passed_over, *submodules})


def _read_status(entry: bytes) -> Iterator[Change]:
    """The changes in one line of `git status --porcelain=v2 -z` (git-status(1), Porcelain Format Version 2)."""
    kind = entry[:2]
    if kind == b"? ":
        yield Change("untracked", os.fsdecode(entry[2:]), "not in HEAD and not ignored by the tree")
    elif kind == b"1 ":
        fields = entry.split(b" ", 8)
        path, staged, unstaged = os.fsdecode(fields[8]), fields[1][:1], fields[1][1:]
        if staged != b".":
            yield Change("staged", path, _LETTERS.get(staged, "changed") + " in the index")
        if unstaged == b"A":
            yield Change("staged", path, "marked as intended to be added")
        elif unstaged != b".":
            yield Change("modified", path, _LETTERS.get(unstaged, "changed") + " in the work tree")
    elif kind == b"u ":
        yield Change("conflict", os.fsdecode(entry.split(b" ", 10)[10]), "in conflict")
    elif not entry.startswith(b"# "):
        raise CannotKnow(f"git status printed a line that is not known: {entry[:80]!r}")


_LETTERS = {b"M": "changed", b"A": "added", b"D": "deleted", b"T": "of another type"}


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be listed: {error.strerror}") from None
