"""The commit that an operation returns to which leads back."""

from __future__ import annotations

from guardrails.facts.approval.approved import Approved
from guardrails.facts.approval.deployments import Deployments
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.reader import descends
from guardrails.policy import Fact
from guardrails.remedies import a_look
from guardrails.wording.shown_text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class Previous(Fact):
    """The commit that ran before, by the record of deployments; None when there is no way back, with the reason.

    `remedy` is what to type then.
    """

    commit: str | None
    problem: str = ""
    remedy: str = ""

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Follow the record back from HEAD, to a commit that is approved.

        Nobody approved the commits that a recovery took out of production, so no way leads back to them. An operation
        that has arrived has returned to it. Raises CannotKnow when the record cannot be believed.
        """
        checkout: Checkout = await world.fact(Checkout, None)
        if world.operation and world.operation.arrived and world.operation.moves_head_to == "previous":
            return cls(checkout.commit)
        deployments: Deployments = await world.fact(Deployments)
        repo = _quote(checkout.git.path)
        look = a_look(f"git -C {repo} reflog", "what ran before? Promote that commit to run it again")
        target = deployments.way_back
        if not deployments.records:
            return cls(None, "no earlier deployment is recorded", look)
        if target is None:
            return cls(None, "no deployment before this one is recorded", look)
        newest = deployments.records[0]
        if checkout.commit != newest.commit and not await _goes_on(checkout, deployments):
            problem = f"HEAD is at {checkout.commit}, and record {newest.number} led to {newest.commit}"
            return cls(None, f"{problem}: it was moved by hand since", look)
        if world.environment.upstream:
            approved: Approved = await world.fact(Approved)
            if unapproved := await approved.unapproved(checkout, target):
                problem = f"what ran before holds commits that nobody approved: {listed(unapproved)}"
                remedy = f"git -C {repo} log --oneline -{len(unapproved)} {target}"
                return cls(None, problem, a_look(remedy, "put what is needed on a release branch in dev"))
        return cls(target)


async def _goes_on(checkout: Checkout, deployments: Deployments) -> bool:
    """Whether HEAD only adds to what the newest record led to.

    A ref that was moved back to an earlier record looks the same, unless the audit log says which one is the newest.
    """
    return deployments.logged and await descends(checkout.git, checkout.commit, deployments.records[0].commit)


def _quote(text: str) -> str:
    from shlex import quote

    return quote(text)
