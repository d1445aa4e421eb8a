"""Commits that an environment's repository has and nobody approved: now, or at any time that its reflog remembers.

What counts is reachability, never a reflog's message, which anybody can set (GIT_REFLOG_ACTION, git-reflog(1)).
"""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from guardrails.errors import CannotKnow
from guardrails.facts.commits import Commit, commits
from guardrails.facts.deployments import Deployments
from guardrails.facts.files import read_bytes
from guardrails.facts.refs import listed, tracked
from guardrails.facts.repository import Checkout
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from guardrails.policy import World

REFLOG_LIMIT = 64 * 1024 * 1024  # bytes; half a million moves of HEAD


class LocalCommits(Fact):
    """Commits that are neither upstream's nor of an approved release.

    `present` are those that HEAD holds, `past` those that it held until somebody took them back outside of a guarded
    operation, which would have asked for a rescue of them; newest first. `reflog` is `whole`, `missing`,
    or `cut` when HEAD moved without it. `approved` are the names of what was taken for approved.
    """

    repo: str
    head: str
    upstream: str | None
    present: tuple[Commit, ...] = ()
    past: tuple[Commit, ...] = ()
    reflog: str = "whole"
    approved: tuple[str, ...] = ()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Ask what HEAD and its reflog hold beyond upstream, the release branches and the recorded deployments.

        Release branches are those of the option `branches` of `release-branch`, in the repositories that candidates
        come from. Raises CannotKnow where history is cut short.
        """
        checkout: Checkout = await world.fact(Checkout, None)
        if checkout.shallow or checkout.partial:
            raise CannotKnow(f"{checkout.git.path} does not hold its whole history: fetch it")
        git, name = checkout.git, world.environment.upstream
        if name is None:
            return cls(git.path, checkout.commit, None)
        tip = await tracked(git, name)
        known = {f"refs/remotes/{name}": tip} if tip else {}
        ever = _moves(checkout)
        reflog = "missing" if ever is None else "whole" if ever[-1:] == [checkout.commit] else "cut"
        present, past = await _beyond(checkout, ever or [], known, None)
        if present or past:  # usually there is nothing, and the releases need not be known
            known |= await _releases(world)
            led_away = [record.previous for record in (await world.fact(Deployments)).records]
            present, past = await _beyond(checkout, ever or [], known, await _objects(world), led_away)
        return cls(git.path, checkout.commit, name, present, past, reflog, tuple(known))


async def _beyond(
    checkout: Checkout, ever: list[str], known: Mapping[str, str], objects: str | None, led_away: Sequence[str] = ()
) -> tuple[tuple[Commit, ...], tuple[Commit, ...]]:
    """What HEAD, and what it was before, hold beyond the known commits; `led_away` are those it was led away from."""
    excluded = [f"^{commit}" for commit in dict.fromkeys(known.values())]
    beyond = set(ever) - set(known.values()) - {checkout.commit}
    present: tuple[Commit, ...] = ()
    if checkout.commit not in known.values():
        present = await commits(checkout.git, checkout.commit, *excluded, objects=objects)
    there = await _existing(checkout, [move for move in ever if move in beyond])
    held = {commit.id for commit in present}
    excluded += [f"^{commit}" for commit in led_away]
    past = await commits(checkout.git, *there, *excluded, objects=objects) if there else ()
    return present, tuple(commit for commit in past if commit.id not in held)


async def _releases(world: World) -> Mapping[str, str]:
    """The approved release refs, and the commits of recorded deployments: name -> commit."""
    patterns: tuple[Any, ...] = tuple(world.options.get("release-branch", {}).get("branches", ()))
    found = {record.record: record.commit for record in (await world.fact(Deployments)).records}
    for source in world.sources:
        checkout = await world.fact(Checkout, source.repo)
        for ref in await listed(checkout.git, "refs/heads"):
            if any(fnmatchcase(ref.name.removeprefix("refs/heads/"), pattern) for pattern in patterns):
                found[f"{ref.name} of {source.name}"] = ref.oid
    return found


async def _objects(world: World) -> str | None:
    """The objects of the one repository that candidates come from; its release branches are known there alone."""
    for source in world.sources:
        if source.repo != world.environment.repo:
            objects: str = (await world.fact(Checkout, source.repo)).objects
            return objects
    return None


def _moves(checkout: Checkout) -> list[str] | None:
    """Every commit that HEAD ever was, the last one last; None without a reflog (gitrepository-layout(5))."""
    try:
        data = read_bytes(os.path.join(checkout.git_dir, "logs", "HEAD"), REFLOG_LIMIT)
    except FileNotFoundError:
        return None
    moves: dict[str, None] = {}
    for line in data.splitlines():
        old, _, rest = line.partition(b" ")
        for oid in (old, rest[: len(old)]):
            text = oid.decode("ascii", "replace")
            if len(text) != len(checkout.commit) or not set(text) <= set("0123456789abcdef"):
                raise CannotKnow(f"the reflog of HEAD in {checkout.git_dir} is damaged")
            if text.strip("0"):
                moves.pop(text, None)
                moves[text] = None
    return list(moves)


async def _existing(checkout: Checkout, moves: list[str]) -> list[str]:
    """Those commits that are still there; the others were cleaned away, and with them what they were."""
    if not moves:
        return []
    data = "".join(f"{move}\n" for move in moves).encode()
    listing = await checkout.git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=data)
    return [line.split()[0].decode() for line in listing.splitlines() if line.endswith(b" commit")]
