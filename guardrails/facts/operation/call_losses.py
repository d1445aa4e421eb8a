"""What one command of git in a tool call would destroy that exists nowhere else, as the repository is now.

Each command is judged as if git ran it next: a clean tree may be reset, and a branch whose commits another one holds
may go. Of two commands in a row, each is judged by what it would lose now.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import Commit
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.operation.checkout_moves import compare_commits, find_in_the_way, list_below
from guardrails.facts.operation.git_commands import GitCommand, understand
from guardrails.facts.operation.ref_losses import (
    find_dropped_stashes,
    find_lost_tips,
    find_unnamed_tips,
    find_untagged_commits,
    only_in,
    resolve_word,
)
from guardrails.facts.operation.swept_files import find_swept_files
from guardrails.facts.worktree.worktree import Worktree
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from guardrails.calls import Action
    from guardrails.facts.worktree.change import Change
    from guardrails.policy import World

_ON_DISK = ("modified", "conflict", "flagged", "converted")  # kinds of change that a checkout from the index destroys
_TRACKED = (*_ON_DISK, "staged")
_INTENDED = "marked as intended"  # the index has its name, and no content


class Taken(Record):
    """What would be gone: commits that a rescue of this work tree holds, and those of `branches`, which none does;
    `changed` tracked paths, `overwritten` files in the way, `swept` ones that git does not know, all seen from the top;
    and `elsewhere`, the linked work trees that hold files of their own.
    """

    commits: tuple[Commit, ...] = ()
    branches: tuple[Commit, ...] = ()
    changed: tuple[str, ...] = ()
    overwritten: tuple[str, ...] = ()
    swept: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()


async def find_taken(world: World, action: Action) -> Taken:
    """What the command of an action takes from the repository of the environment. Raises CannotKnow where unclear.

    A change that is only taken out of the index is still on the disk, perhaps in a later version, and counts as kept.
    """
    if action.why:
        raise CannotKnow(f"{' '.join(action.words)}: {action.why}")
    command = understand(action)
    checkout: Checkout = await world.fact(Checkout, None)
    look = _Look(world, checkout, command)
    verbs = {
        "branch": look.branch,
        "checkout": look.checkout,
        "clean": look.clean,
        "reset": look.reset,
        "restore": look.restore,
        "stash": look.stash,
        "switch": look.switch,
        "tag": look.tag,
        "worktree": look.worktree,
    }
    if command.verb not in verbs:
        raise CannotKnow(f"what git {command.verb} would lose cannot be told")
    if command.has("-p", "--patch"):
        raise CannotKnow(f"git {command.verb} --patch asks what to take")
    return await verbs[command.verb]()


class _Look:
    """One command in one repository."""

    def __init__(self, world: World, checkout: Checkout, command: GitCommand) -> None:
        self._world = world
        self._checkout = checkout
        self._git = checkout.git
        self._command = command

    async def reset(self) -> Taken:
        command = self._command
        words = command.words or ("HEAD",)
        if command.paths is not None or len(words) > 1:
            return Taken()  # it takes paths out of the index, and leaves the disk
        target = await self._revision(words[0], or_path=True)
        if target is None:
            return Taken()
        orphans = await self._left_by_head(target)
        if not command.has("--hard", "--merge"):
            return Taken(commits=orphans)
        changed = self._worth(await self._changes(), _TRACKED)
        return Taken(orphans, changed=changed, overwritten=await self._in_the_way(target, forced=True))

    async def checkout(self) -> Taken:
        command = self._command
        words, paths = command.words, command.paths
        if words and not command.has("-b", "-B", "--orphan"):
            source = await self._revision(words[0], or_path=True)
            if source is None:
                return await self._from_tree(None, (*words, *(paths or ())))
            if paths or len(words) > 1:
                return await self._from_tree(source, (*words[1:], *(paths or ())))
        elif paths:
            return await self._from_tree(None, paths)
        return await self._switched(words, command.value("-B"), forced=command.has("-f", "--force"))

    async def switch(self) -> Taken:
        command = self._command
        forced = command.has("-f", "--force", "--discard-changes")
        return await self._switched(command.words, command.value("-C", "--force-create"), forced=forced)

    async def restore(self) -> Taken:
        command = self._command
        if command.has("-S", "--staged") and not command.has("-W", "--worktree"):
            return Taken()
        source = command.value("-s", "--source")
        if source is None and command.has("-S", "--staged"):
            source = "HEAD"
        target = None if source is None else await self._revision(source)
        specs = (*command.words, *(command.paths or ()))
        return await self._from_tree(target, specs, whole=True, keeps_index=not command.has("-S", "--staged"))

    async def clean(self) -> Taken:
        command = self._command
        if command.has("-n", "--dry-run"):
            return Taken()
        return Taken(swept=await find_swept_files(self._world, command, self._prefix()))

    async def stash(self) -> Taken:
        return Taken(commits=await find_dropped_stashes(self._checkout, self._command.words))

    async def branch(self) -> Taken:
        return Taken(branches=await find_unnamed_tips(self._checkout, self._command))

    async def tag(self) -> Taken:
        return Taken(branches=await find_untagged_commits(self._checkout, self._command))

    async def worktree(self) -> Taken:
        """A linked work tree that is removed by force, with files and commits that only it has."""
        command = self._command
        if command.words[:1] != ("remove",) or not command.has("-f", "--force") or len(command.words) != 2:
            return Taken()
        place = os.path.realpath(os.path.join(self._folder(), command.words[1]))
        if not os.path.isdir(place):
            return Taken()
        linked: Checkout = await self._world.fact(Checkout, place)
        if linked.common_dir != self._checkout.common_dir or linked.git_dir == self._checkout.git_dir:
            raise CannotKnow(f"{place} is no linked work tree of {self._git.path}")
        found: Worktree = await self._world.fact(Worktree, "fast", place)
        own = [one for one in found.changes if one.kind == "untracked" or one.path in _worth(found.changes, place)]
        left = await only_in(self._git, (linked.commit,)) if linked.branch is None else ()
        return Taken(branches=left[:1], elsewhere=(place,) if own else ())

    async def _switched(self, words: tuple[str, ...], moved: str | None, *, forced: bool) -> Taken:
        """Another commit is checked out; by force, local changes go, else only ignored files that stand in the way."""
        target = await self._revision(words[-1] if words else "HEAD", or_path=True)
        if target is None:
            return Taken()  # git makes a branch of a remote's, or knows no such name
        changed = self._worth(await self._changes(), _TRACKED)
        if not forced and not self._command.has("-m", "--merge") and await self._is_refused(target, changed):
            return Taken()
        left = await only_in(self._git, (self._checkout.commit,), target) if self._checkout.branch is None else ()
        branches = await find_lost_tips(self._checkout, [f"refs/heads/{moved}"], target) if moved else ()
        overwritten = await self._in_the_way(target, forced=forced)
        return Taken(left, branches=branches, changed=changed if forced else (), overwritten=overwritten)

    async def _from_tree(
        self, source: str | None, specs: tuple[str, ...], *, whole: bool = False, keeps_index: bool = False
    ) -> Taken:
        """Files are taken from a commit, or from the index.

        `whole`: those that the commit lacks are removed; `keeps_index`: what is staged stays there.
        """
        if not specs or self._command.has("--pathspec-from-file"):
            raise CannotKnow(f"which paths git {self._command.verb} takes cannot be told")
        git, there = (await self._world.fact(Contents)).git, ("-C", self._prefix())
        tracked = set(_names(await git.run(*there, "ls-files", "-z", "--full-name", "--", *specs)))
        if source is not None and not whole:
            tracked &= set(_names(await self._git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", source)))
        kinds = _ON_DISK if source is None or keeps_index else _TRACKED
        changed = tuple(path for path in self._worth(await self._changes(), kinds) if path in tracked)
        if source is None:
            return Taken(changed=changed)
        listing = await self._git.run(
            *there, "diff-tree", "-r", "-z", "--no-renames", "--diff-filter=A", "--name-only",
            self._checkout.commit, source, "--", *specs,
        )  # fmt: skip
        added = [path for path in _names(listing) if path not in tracked]
        return Taken(changed=changed, overwritten=self._inside(await find_in_the_way(git, added)))

    async def _in_the_way(self, target: str, *, forced: bool) -> tuple[str, ...]:
        """The files that git does not know and would overwrite: all of them by force, else those that are ignored."""
        if target == self._checkout.commit or (not forced and self._command.has("--no-overwrite-ignore")):
            return ()
        _, added = await compare_commits(self._git, self._checkout.commit, target)
        there = await find_in_the_way((await self._world.fact(Contents)).git, added)
        return self._inside(path for path, ignored in there.items() if forced or ignored)

    async def _is_refused(self, target: str, changed: tuple[str, ...]) -> bool:
        """Whether git itself refuses to check a commit out, since it would overwrite what is not committed."""
        if target == self._checkout.commit:
            return False
        differing, added = await compare_commits(self._git, self._checkout.commit, target)
        there = await find_in_the_way((await self._world.fact(Contents)).git, added)
        return bool(differing.intersection(changed)) or not all(there.values())

    def _inside(self, paths: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one for path in paths for one in list_below(self._git.path, path)))

    async def _changes(self) -> tuple[Change, ...]:
        found: Worktree = await self._world.fact(Worktree, "fast", None)
        return found.changes

    def _worth(self, changes: Iterable[Change], kinds: tuple[str, ...]) -> tuple[str, ...]:
        return _worth(changes, self._git.path, kinds)

    async def _left_by_head(self, target: str) -> tuple[Commit, ...]:
        """The commits that nothing but HEAD, or its branch, holds, when that moves to a target."""
        if target == self._checkout.commit:
            return ()
        branch = self._checkout.branch
        but = (f"refs/heads/{branch}",) if branch else ()
        return await only_in(self._git, (self._checkout.commit,), target, but=but)

    async def _revision(self, name: str, *, or_path: bool = False) -> str | None:
        """The commit that a word names. Without one, None where the word may be a path, else raises CannotKnow."""
        found = await resolve_word(self._git, name)
        if found is None and not or_path:
            raise CannotKnow(f"{name} names no commit in {self._git.path}")
        return found

    def _folder(self) -> str:
        if self._command.folder is None:
            raise CannotKnow(f"in which folder git {self._command.verb} runs cannot be told")
        return os.path.realpath(self._command.folder)

    def _prefix(self) -> str:
        """The folder where git runs, seen from the top of the work tree; the top itself is a dot."""
        top, here = self._git.path, self._folder()
        if here == top or here.startswith(f"{top}/"):
            return os.path.relpath(here, top)
        if self._command.is_led:
            return "."
        raise CannotKnow(f"{here} is outside of {top}")


def _worth(changes: Iterable[Change], top: str, kinds: tuple[str, ...] = _TRACKED) -> tuple[str, ...]:
    """The tracked paths whose change is lost when it is taken back: not those that were only deleted."""
    gone = {
        one.path
        for one in changes
        if one.detail.startswith("deleted in ") and not os.path.lexists(os.path.join(top, one.path))
    }
    paths = (one.path for one in changes if one.kind in kinds or one.detail.startswith(_INTENDED))
    return tuple(dict.fromkeys(path for path in paths if path not in gone))


def _names(listing: bytes) -> list[str]:
    return os.fsdecode(listing).split("\0")[:-1]
