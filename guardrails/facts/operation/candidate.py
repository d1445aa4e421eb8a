"""The candidate of an operation, resolved once, and how it descends from what is checked out."""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.reader import descends, merge_base
from guardrails.facts.git.refs import resolve_revision
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

_HEX = frozenset("0123456789abcdef")


class Candidate(Fact):
    """The commit that the operation would bring: the name it was given, and its full id."""

    name: str
    commit: str

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve the candidate: a full id is itself, a name is looked up where candidates come from, then here.

        Raises CannotKnow when there is none, when it resolves nowhere, is ambiguous, or means two things.
        """
        name = world.operation.candidate if world.operation else None
        if not name:
            raise CannotKnow("the operation needs a candidate: add --candidate REV")
        if name.startswith("-"):
            raise CannotKnow(f"{name} is not the name of a candidate")
        here = await world.fact(Checkout, None)
        there = await candidate_source(world)
        if len(name) == len(here.commit) and _HEX.issuperset(name):
            objects = there.objects if there else None
            peeled = await here.git.run("rev-parse", "--verify", name + "^{commit}", also_objects_of=objects)
            if peeled.decode().strip() != name:
                raise CannotKnow(f"{name} is a tag of the commit {peeled.decode().strip()}: give the id of the commit")
            return cls(name, name)
        own = await resolve_revision(here.git, name)
        theirs = await resolve_revision(there.git, name) if there else None
        if there and own and theirs and own != theirs:
            raise CannotKnow(
                f"{name} means {theirs} in {there.git.path} and {own} in {here.git.path}: give the full id"
            )
        commit = theirs or own
        if not commit:
            places = " or ".join(one.git.path for one in (there, here) if one)
            raise CannotKnow(f"the candidate {name!r} is not a commit in {places}")
        return cls(name, commit)


class Ancestry(Fact):
    """How the candidate relates to HEAD: same, descendant, ancestor, diverged or unrelated.

    `base` is the newest common commit when they diverged. Replace refs, grafts and commit-graph files are not believed.
    """

    repo: str
    head: str
    candidate: Candidate
    relation: str
    base: str | None = None

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Compare HEAD of the environment with the candidate, through both object stores, writing to neither.

        Raises CannotKnow where history is cut short (shallow, partial or missing objects), since a missing parent
        looks like an unrelated one.
        """
        here = await world.fact(Checkout, None)
        there = await candidate_source(world)
        candidate = await world.fact(Candidate)
        for checkout in (here, there):
            if checkout and (checkout.shallow or checkout.partial):
                what = "shallow" if checkout.shallow else "a partial clone"
                raise CannotKnow(f"{checkout.git.path} is {what}: ancestry cannot be told; fetch the whole history")
        objects = there.objects if there else None

        relation, base = "unrelated", None
        if candidate.commit == here.commit:
            relation = "same"
        elif await descends(here.git, candidate.commit, here.commit, also_objects_of=objects):
            relation = "descendant"
        elif await descends(here.git, here.commit, candidate.commit, also_objects_of=objects):
            relation = "ancestor"
        elif base := await merge_base(here.git, here.commit, candidate.commit, also_objects_of=objects):
            relation = "diverged"
        return cls(here.git.path, here.commit, candidate, relation, base)


async def candidate_source(world: World) -> Checkout | None:
    """The repository that candidates come from, unless that is the environment's own."""
    source = world.operation.candidate_from if world.operation else None
    if source is None or source.repo == world.environment.repo:
        return None
    checkout: Checkout = await world.fact(Checkout, source.repo)
    return checkout
