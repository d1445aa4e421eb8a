"""What each ref update of a push would do, judged on the objects that are here.

The repository may be the pusher's, or the bare one on a server. A hook of a server sees the pushed objects in a
quarantine, which `GIT_OBJECT_DIRECTORY` of its environment names (git-receive-pack(1)); that is looked through as well,
as data and not as a redirection.
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import News, find_news
from guardrails.facts.git.reader import Repository, complaint, descends, merge_base
from guardrails.facts.operation.receivers import find_receiver
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from guardrails.calls import Action
    from guardrails.model import RefUpdate
    from guardrails.policy import World

UPDATES_LIMIT = 1000  # refs of one push; more are no push that anybody has looked at


class Push(Record):
    """One update, understood. `relation` is how the new commit relates to the old one: same, descendant, ancestor,
    diverged or unrelated; created and deleted when there is only one of them; moved for a tag, and for what names no
    commits; unknown when nobody knows what is there. `names` is what the update moves on the receiving side: the ref
    that git really moves, then all symbolic refs that lead to it. Of a created ref, `known_at` are refs over there that
    hold its commit and more, and `connected` says that it shares history with what is there.
    """

    ref: str
    old: str
    new: str
    local: str
    relation: str
    known_at: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    connected: bool = True

    def matching(self, patterns: Iterable[str]) -> str | None:
        """The first of its names that one of the patterns of fnmatch takes, None when none does."""
        wanted = tuple(patterns)
        names = self.names or (self.ref,)
        return next((name for name in names if any(fnmatchcase(name, pattern) for pattern in wanted)), None)


class Pushes(Fact):
    """Every update of the push in question, in order."""

    repo: str
    updates: tuple[Push, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Compare the old and new commit of each update.

        Raises DoesNotApply when no push is in question, and CannotKnow when nobody said which refs it moves, or an
        object is not here.
        """
        operation = world.operation
        if operation and operation.actions:
            return await cls._of_a_call(world, operation.actions)
        if operation is None or operation.name != "push":
            raise DoesNotApply("no push is in question")
        if operation.updates is None:
            raise CannotKnow("which refs does the push move? git tells its hooks, and --updates takes what it tells")
        return await cls._of(world, operation.updates, operation.remote)

    @classmethod
    async def _of_a_call(cls, world: World, actions: tuple[Action, ...]) -> Self:
        """Add up what the commands of a tool call would push."""
        pushing = [one for one in actions if (one.kind, one.environment) == ("pushes", world.environment.name)]
        if not pushing:
            raise DoesNotApply("nothing in the tool call pushes")
        from guardrails.facts.operation.push_updates import plan_push

        plans = [await plan_push(world, action) for action in pushing]
        found = [await cls._of(world, plan.updates, plan.remote) for plan in plans]
        return cls(found[0].repo, tuple(push for one in found for push in one.updates))

    @classmethod
    async def _of(cls, world: World, updates: tuple[RefUpdate, ...], remote: tuple[str, str] | None) -> Self:
        if len(updates) > UPDATES_LIMIT:
            raise CannotKnow(f"the push moves {len(updates)} refs, more than {UPDATES_LIMIT}")
        look = _Look(world)
        await look.open(updates, remote)
        started = [world.start(look.at(update)) for update in updates]
        return cls(look.git.path, tuple([await push for push in started]))


class _Look:
    """The repository that the push leaves or reaches."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._names: dict[str, tuple[str, ...]] = {}
        self._commits: dict[str, str] = {}
        self._news: News = News()
        self.git = Repository(world.environment.repo, timeout=world.timeout)
        quarantine = world.variables.get("GIT_OBJECT_DIRECTORY") if "GIT_QUARANTINE_PATH" in world.variables else None
        self._objects = os.path.abspath(os.path.join(self.git.path, quarantine)) if quarantine else None

    async def open(self, updates: tuple[RefUpdate, ...], remote: tuple[str, str] | None) -> None:
        """Find out whether history is whole, what each update moves, and which commit each object is, in one go.

        A bare repository is fine here: nothing reads a work tree.
        """
        whole = self._world.start(self._is_shallow())
        self._receiver = await find_receiver(self._world, updates, remote)
        self._objects = self._objects or self._receiver.objects
        asked = [(update.ref, self._world.start(self._receiver.names(update))) for update in updates]
        self._names = {ref: await names for ref, names in asked}
        wanted = {oid for update in updates for oid in _objects_to_compare(update, self._names[update.ref][0])}
        self._commits = await self._peel(sorted(wanted))
        if await whole:
            raise CannotKnow(f"{self.git.path} is shallow: ancestry cannot be told; fetch the whole history")
        created = {self._commits[update.new] for update in updates if _is_new(update) and update.new in self._commits}
        if created and (tips := await self._receiver.tips()):
            self._news = await find_news(self.git, created, tips, self._objects)

    async def _is_shallow(self) -> bool:
        try:
            checkout: Checkout = await self._world.fact(Checkout, None)
            return checkout.shallow
        except CannotKnow:  # it has no work tree, or no commit yet
            done = await self.git.attempt("rev-parse", "--is-shallow-repository", bare=True)
            if done.status != 0:
                raise CannotKnow(f"{self.git.path}: {complaint(done)}") from None
            return done.stdout.strip() != b"false"

    async def at(self, update: RefUpdate) -> Push:
        """Understand one update."""
        names = self._names[update.ref]
        push = Push(update.ref, update.old, update.new, update.local, await self._relation(update, names[0]))
        push = push.replaced(names=names)
        if push.relation != "created" or update.new not in self._commits:
            return push
        commit = self._commits[update.new]
        old = names[0].startswith("refs/heads/") and self._news.known and commit not in self._news.connected
        known_at = await self._receiver.holders(commit, self._objects) if old else ()
        return push.replaced(known_at=known_at, connected=self._news.connected.get(commit, True))

    async def _relation(self, update: RefUpdate, real: str) -> str:
        """How the old and the new commit of the ref that is really moved relate."""
        if not update.new.strip("0"):  # git deletes a ref also for a pusher who says that there is none
            return "deleted" if update.old.strip("0") or await self._receiver.has(real) else "same"
        if not update.old:
            return "unknown"
        branch = real.startswith("refs/heads/")
        if _is_new(update):
            if branch:
                self._commit(update.new)
            return "created"
        if update.old == update.new:
            return "same"
        if real.startswith("refs/tags/") or not (branch or self._commits.keys() >= {update.old, update.new}):
            return "moved"
        old, new = self._commit(update.old), self._commit(update.new)
        if old == new:
            return "same"
        if await self._descends(new, old):
            return "descendant"
        if await self._descends(old, new):
            return "ancestor"
        base = await merge_base(self.git, old, new, also_objects_of=self._objects, bare=True)
        return "diverged" if base else "unrelated"

    async def _peel(self, oids: list[str]) -> dict[str, str]:
        """The commit that each object is or leads to; those that are not here, or lead to none, are left out."""
        if not oids:
            return {}
        question = "".join(f"{oid}^{{commit}}\n" for oid in oids).encode()
        done = await self.git.attempt(
            "cat-file", "--batch-check=%(objecttype) %(objectname)",
            stdin=question, also_objects_of=self._objects, bare=True,
        )  # fmt: skip
        if done.status != 0:  # what leads to no commit is told on standard error too, and is an answer
            raise CannotKnow(f"git cat-file in {self.git.path}: {complaint(done)}")
        lines = done.stdout.decode("ascii", "replace").removesuffix("\n").split("\n")
        if len(lines) != len(oids):
            raise CannotKnow(f"git cat-file in {self.git.path} gave {len(lines)} answers to {len(oids)} questions")
        pairs = zip(oids, lines, strict=True)
        return {oid: line.removeprefix("commit ") for oid, line in pairs if line.startswith("commit ")}

    def _commit(self, oid: str) -> str:
        if oid not in self._commits:
            raise CannotKnow(f"{oid} is no commit that {self.git.path} has; fetch first, then push again")
        return self._commits[oid]

    async def _descends(self, newer: str, older: str) -> bool:
        return await descends(self.git, newer, older, also_objects_of=self._objects, bare=True)


def _is_new(update: RefUpdate) -> bool:
    return bool(update.old) and not update.old.strip("0") and bool(update.new.strip("0"))


def _objects_to_compare(update: RefUpdate, real: str) -> tuple[str, ...]:
    """The objects of an update that tell what it does. A branch leads to commits; another ref may name anything."""
    if not update.new.strip("0") or not update.old:
        return ()
    if _is_new(update):
        return (update.new,)
    return () if real.startswith("refs/tags/") else (update.old, update.new)
