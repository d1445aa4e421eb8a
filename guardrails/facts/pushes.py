"""What each ref update of a push would do, judged on the objects that are here.

The repository may be the pusher's, or the bare one on a server. A hook of a server sees the pushed objects in a
quarantine, which `GIT_OBJECT_DIRECTORY` of its environment names (git-receive-pack(1)); that is looked through as well,
as data and not as a redirection.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.facts.git import Repository, complaint, descends, merge_base
from guardrails.facts.repository import Checkout
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.model import RefUpdate
    from guardrails.policy import World

UPDATES_LIMIT = 1000  # refs of one push; more are no push that anybody has looked at


class Push(Record):
    """One update, understood. `relation` is how the new commit relates to the old one: same, descendant, ancestor,
    diverged or unrelated; created and deleted when there is only one of them; moved for a tag, and for what names no
    commits. `known_at` are refs that hold a created commit already.
    """

    ref: str
    old: str
    new: str
    local: str
    relation: str
    known_at: tuple[str, ...] = ()


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
        if world.operation is None or world.operation.name != "push":
            raise DoesNotApply("no push is in question")
        if world.operation.updates is None:
            raise CannotKnow(
                "which refs does the push move? give git's lines: guardrails check --op push --updates FILE"
            )
        if len(world.operation.updates) > UPDATES_LIMIT:
            raise CannotKnow(f"the push moves {len(world.operation.updates)} refs, more than {UPDATES_LIMIT}")
        look = _Look(world)
        await look.open(world.operation.updates)
        started = [world.start(look.at(update)) for update in world.operation.updates]
        return cls(look.git.path, tuple([await push for push in started]))


class _Look:
    """The repository that the push leaves or reaches."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._commits: dict[str, str] = {}
        self.git = Repository(world.environment.repo, timeout=world.timeout)
        quarantine = world.variables.get("GIT_OBJECT_DIRECTORY") if "GIT_QUARANTINE_PATH" in world.variables else None
        self._objects = os.path.abspath(os.path.join(self.git.path, quarantine)) if quarantine else None

    async def open(self, updates: tuple[RefUpdate, ...]) -> None:
        """Find out whether history is whole, and which commit each object of the updates is, in one go.

        A bare repository is fine here: nothing reads a work tree.
        """
        commits = self._world.start(self._peeled(sorted({oid for update in updates for oid in _compared(update)})))
        if await self._is_shallow():
            raise CannotKnow(f"{self.git.path} is shallow: ancestry cannot be told; fetch the whole history")
        self._commits = await commits

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

        def push(relation: str, known_at: tuple[str, ...] = ()) -> Push:
            return Push(update.ref, update.old, update.new, update.local, relation, known_at)

        if not update.new.strip("0"):
            return push("deleted")
        branch = update.ref.startswith("refs/heads/")
        if not update.old.strip("0"):
            return push("created", await self._holders(self._commit(update.new)) if branch else ())
        if update.old == update.new:
            return push("same")
        if update.ref.startswith("refs/tags/") or not (branch or self._commits.keys() >= {update.old, update.new}):
            return push("moved")
        old, new = self._commit(update.old), self._commit(update.new)
        if old == new:
            return push("same")
        if await self._descends(new, old):
            return push("descendant")
        if await self._descends(old, new):
            return push("ancestor")
        base = await merge_base(self.git, old, new, also_objects_of=self._objects, bare=True)
        return push("diverged" if base else "unrelated")

    async def _peeled(self, oids: list[str]) -> dict[str, str]:
        """The commit that each object is or leads to; those that are not here, or lead to none, are left out."""
        if not oids:
            return {}
        question = "".join(f"{oid}^{{commit}}\n" for oid in oids).encode()
        listing = await self.git.run(
            "cat-file", "--batch-check=%(objecttype) %(objectname)",
            stdin=question, also_objects_of=self._objects, bare=True,
        )  # fmt: skip
        lines = listing.decode("ascii", "replace").splitlines()
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

    async def _holders(self, commit: str) -> tuple[str, ...]:
        """The branches, here or as the remote had them, that hold a commit and more."""
        listing = await self.git.run(
            "for-each-ref", f"--contains={commit}", "--count=5", "--format=%(objectname) %(refname)",
            "refs/heads", "refs/remotes", also_objects_of=self._objects, bare=True,
        )  # fmt: skip
        lines = (line.partition(" ") for line in listing.decode("utf-8", "surrogateescape").splitlines())
        return tuple(ref for oid, _, ref in lines if oid != commit)


def _compared(update: RefUpdate) -> tuple[str, ...]:
    """The objects of an update that tell what it does. A branch leads to commits; another ref may name anything."""
    if not update.new.strip("0") or update.ref.startswith("refs/tags/"):
        return ()
    if not update.old.strip("0"):
        return (update.new,) if update.ref.startswith("refs/heads/") else ()
    return update.old, update.new
