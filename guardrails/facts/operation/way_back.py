"""Where a rollback would lead, and whether everything for it is there."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_text
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.reader import complaint
from guardrails.facts.operation.candidate import Candidate
from guardrails.facts.operation.previous import Previous
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class WayBack(Fact):
    """The commit to return to and the one to leave.

    Before a promotion these are HEAD, which the guarded run records, and the candidate; before a rollback, the recorded
    previous commit and HEAD. `target` is None when there is none, for the reason in `problem`; `remedy` is what to
    type. `missing` says which object of the target is not there. `documented` tells whether the document has a heading
    that names a rollback. `operation` is None when neither is in question, or it has got where it leads.
    """

    repo: str
    operation: str | None
    target: str | None = None
    leaves: str | None = None
    missing: str = ""
    document_exists: bool = False
    documented: bool = False
    problem: str = ""
    remedy: str = ""

    @classmethod
    async def gather(cls, world: World, document: str) -> Self:
        """Resolve both commits, and walk every tree and blob of the target."""
        checkout: Checkout = await world.fact(Checkout, None)
        operation = world.operation
        if operation is None or operation.arrived or operation.moves_head_to not in ("candidate", "previous"):
            return cls(checkout.git.path, None)
        target: str | None
        previous = Previous(None)
        if operation.moves_head_to == "candidate":
            target, leaves = checkout.commit, (await world.fact(Candidate)).commit
        else:
            previous = await world.fact(Previous)
            target, leaves = previous.commit, checkout.commit
        headings = _headings(os.path.join(checkout.git.path, document)) if document else None
        return cls(
            repo=checkout.git.path,
            operation=operation.name,
            target=target,
            leaves=leaves,
            missing=await _missing(checkout, target) if target else "",
            document_exists=headings is not None,
            problem=previous.problem,
            remedy=previous.remedy,
            documented=any("rollback" in heading.replace(" ", "").replace("-", "") for heading in headings or ()),
        )


async def _missing(checkout: Checkout, commit: str) -> str:
    """What git says of the first object that is not there; git-rev-list(1) looks at each blob of the tree."""
    done = await checkout.git.attempt("rev-list", "--objects", "--no-walk", "--quiet", "--missing=error", commit, "--")
    if done.status == 0:
        return ""
    if b"missing" in done.stderr or b"bad object" in done.stderr or b"unable to read" in done.stderr:
        return complaint(done)
    raise CannotKnow(f"the objects of {commit} in {checkout.git.path} cannot be told: {complaint(done)}")


def _headings(path: str) -> list[str] | None:
    """The headings of a Markdown file in small letters, None without the file."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        return None
    from itertools import pairwise

    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(text)
    return [inline.content.casefold() for opening, inline in pairwise(tokens) if opening.type == "heading_open"]
