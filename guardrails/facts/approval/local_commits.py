"""Commits that an environment's repository has and nobody approved: now, or at any time that its reflog remembers."""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.approval.approved import Approved
from guardrails.facts.approval.deployments import Deployments
from guardrails.facts.approval.upstream import how_to_fetch
from guardrails.facts.git import reflog
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import Commit, list_commits
from guardrails.facts.git.refs import read_tracking_ref
from guardrails.facts.git.rescues import list_saved_commits
from guardrails.policy import Fact
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from guardrails.policy import World


class LocalCommits(Fact):
    """Commits that are neither upstream's nor of an approved release.

    `present` are those that HEAD holds, `past` those that it held until somebody took them back outside of a guarded
    operation, that no rescue keeps and that nobody has accepted; newest first. `reflog` is `whole`, `missing`, or `cut`
    when HEAD moved without it. `approved` are the names of what was taken for approved; `release` says that the present
    ones are on top of a release. Without the upstream ref nothing can be compared, and `remedy` is what to type to have
    it.
    """

    repo: str
    head: str
    upstream: str | None
    present: tuple[Commit, ...] = ()
    past: tuple[Commit, ...] = ()
    reflog: str = "whole"
    approved: tuple[str, ...] = ()
    environment: str = ""
    guardrails: Guardrails = Guardrails()
    release: bool = False
    remedy: str = ""

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Ask what HEAD and its reflog hold beyond what is approved. Raises CannotKnow where history is cut short."""
        checkout: Checkout = await world.fact(Checkout, None)
        if checkout.shallow or checkout.partial:
            raise CannotKnow(f"{checkout.git.path} does not hold its whole history: fetch it")
        git, name = checkout.git, world.environment.upstream
        about = cls(git.path, checkout.commit, name, environment=world.environment.name, guardrails=world.guardrails)
        if name is None:
            return about
        tip = await read_tracking_ref(git, name)
        if tip is None:
            return about.replaced(remedy=await how_to_fetch(git, name))
        known = {f"refs/remotes/{name}": tip}
        moves = reflog.read_moves(checkout.git_dir, checkout.commit)
        ever = reflog.commits_of_moves(moves or [])
        seen = "missing" if moves is None else "whole" if ever[-1:] == [checkout.commit] else "cut"
        present, past = await _beyond(checkout, ever, known, None)
        if present or past:  # usually there is nothing, and the releases need not be known
            approved: Approved = await world.fact(Approved)
            known = approved.all
            settled = [record.previous for record in (await world.fact(Deployments)).records]
            settled += await list_saved_commits(git)
            present, past = await _beyond(checkout, ever, known, approved.objects, settled)
            if past:
                from guardrails.facts.past.accepted_commits import accepted_commits

                accepted = await accepted_commits(world, checkout)
                past = tuple(commit for commit in past if commit.id not in accepted)
            if present:
                about = about.replaced(release=bool(await approved.released(checkout, tip)))
        return about.replaced(present=present, past=past, reflog=seen, approved=tuple(known))


async def _beyond(
    checkout: Checkout, ever: list[str], known: Mapping[str, str], objects: str | None, settled: Sequence[str] = ()
) -> tuple[tuple[Commit, ...], tuple[Commit, ...]]:
    """What HEAD, and what it was before, hold beyond the known commits.

    `settled` are those that a guarded run led away from or a rescue keeps: they count no more once they are gone.
    """
    excluded = [f"^{commit}" for commit in dict.fromkeys(known.values())]
    beyond = set(ever) - set(known.values()) - {checkout.commit}
    present: tuple[Commit, ...] = ()
    if checkout.commit not in known.values():
        present = await list_commits(checkout.git, checkout.commit, *excluded, objects=objects)
    there = await _existing(checkout, [move for move in ever if move in beyond])
    held = {commit.id for commit in present}
    excluded += [f"^{commit}" for commit in settled]
    past = await list_commits(checkout.git, *there, *excluded, objects=objects) if there else ()
    return present, tuple(commit for commit in past if commit.id not in held)


async def _existing(checkout: Checkout, moves: list[str]) -> list[str]:
    """Those commits that are still there; the others were cleaned away, and with them what they were."""
    if not moves:
        return []
    data = "".join(f"{move}\n" for move in moves).encode()
    listing = await checkout.git.run("cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=data)
    return [line.split()[0].decode() for line in listing.split(b"\n") if line.endswith(b" commit")]
