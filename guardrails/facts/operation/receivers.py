"""Where a push arrives, as far as it can be seen from here: which ref git really moves there, and what it has.

A server is the repository itself. The remote of a pusher can be looked into when it is a folder of this machine; of any
other, the remote-tracking refs say what it had when it was last heard of, and nothing says which of its refs are
symbolic (git-push(1), gitremote-helpers(7)).
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git import refs
from guardrails.facts.git.reader import Repository
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.model import RefUpdate
    from guardrails.policy import World

_BRANCHES_AND_TAGS = ("refs/heads/", "refs/tags/")


class Receiver(Record):
    """The repository `git` in which the receiving side's refs are seen, below `prefixes`.

    `symbolic` are its symbolic refs, each with the ref at the end of its chain; None where they cannot be seen.
    `objects` is the folder where its objects lie, when that is another repository's than the one in question.
    """

    git: Repository
    prefixes: tuple[str, ...]
    symbolic: dict[str, str] | None = None
    objects: str | None = None

    async def names(self, update: RefUpdate) -> tuple[str, ...]:
        """What the update moves: the ref that git will really move, then every symbolic ref that leads to it."""
        if self.symbolic is None:
            return (update.ref,)
        real = self.symbolic.get(update.ref, "")
        if not real:  # one that leads nowhere yet is not among them, and HEAD is not listed with the refs
            asked = not update.old.strip("0") or not update.ref.startswith("refs/")
            real = await refs.find_destination(self.git, update.ref, bare=True) if asked else update.ref
        aliases = [name for name, target in self.symbolic.items() if target == real]
        return tuple(dict.fromkeys((real, *aliases, update.ref)))

    async def has(self, name: str) -> bool:
        """Whether there is such a ref; where its refs cannot be seen, there may be."""
        return self.symbolic is None or await refs.read_ref(self.git, name, bare=True) is not None

    async def tips(self) -> tuple[str, ...]:
        """The objects that its branches and tags name."""
        return tuple(dict.fromkeys(ref.oid for ref in await refs.list_refs(self.git, *self.prefixes, bare=True)))

    async def holders(self, commit: str, objects: str | None) -> tuple[str, ...]:
        """Those of its refs that hold a commit and more. `objects` is a folder of objects to look through as well."""
        listing = await self.git.run(
            "for-each-ref", f"--contains={commit}", "--format=%(objectname) %(*objectname) %(refname)", *self.prefixes,
            also_objects_of=objects, bare=True,
        )  # fmt: skip
        lines = (line.rsplit(" ", 1) for line in listing.decode("utf-8", "surrogateescape").split("\n") if line)
        return tuple(ref for oids, ref in lines if commit not in oids)


async def find_receiver(world: World, updates: tuple[RefUpdate, ...], remote: tuple[str, str] | None) -> Receiver:
    """Where the updates arrive. What a pusher is about to send has a name of the pusher's own; a server knows none.

    `remote` is the name and the address of where they go.
    """
    here = Repository(world.environment.repo, timeout=world.timeout)
    if not any(update.local for update in updates):
        return Receiver(here, _BRANCHES_AND_TAGS, await refs.read_symbolic(here, bare=True))
    name, url = remote or ("", "")
    if there := await find_on_this_machine(url, world.timeout):
        return there
    return Receiver(here, (f"refs/remotes/{name}/" if name not in ("", url) else "refs/remotes/",))


async def find_on_this_machine(url: str, timeout: float) -> Receiver | None:
    """The remote as a folder that can be read, None for one that cannot."""
    path = url.removeprefix("file://")
    for place in (path, f"{path}.git"):
        if os.path.isabs(place) and os.path.isdir(place):
            try:
                git = Repository(place, timeout=timeout)
                objects = await git.run("rev-parse", "--path-format=absolute", "--git-path", "objects", bare=True)
                symbolic = await refs.read_symbolic(git, bare=True)
                return Receiver(git, _BRANCHES_AND_TAGS, symbolic, os.fsdecode(objects).removesuffix("\n"))
            except CannotKnow:  # it may be somebody else's; its own hook is the one that judges
                return None
    return None
