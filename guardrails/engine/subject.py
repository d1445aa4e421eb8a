"""What the report is about: the repository as it was found, and the candidate's full id."""

from __future__ import annotations

import os

from guardrails.facts.git.checkout import Checkout
from guardrails.model import Subject

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.engine.gather import Gathering
    from guardrails.facts.operation.candidate import Candidate
    from guardrails.facts.programs.side_by_side import Task
    from guardrails.policy import World


class SubjectSearch:
    """Gathers the subject beside the policies' facts. A part that cannot be known stays None."""

    def __init__(self, world: World, gathering: Gathering) -> None:
        self._world = world
        self._checkout = gathering.task(Checkout, (None,))
        self._candidate: Task | None = None
        if world.operation and world.operation.candidate:
            from guardrails.facts.operation.candidate import Candidate

            self._candidate = gathering.task(Candidate)

    def subject(self) -> Subject:
        """The subject, once gathering is finished."""
        checkout: Checkout | None = self._checkout.result
        candidate: Candidate | None = self._candidate.result if self._candidate else None
        return Subject(
            repo=self._world.environment.repo,
            branch=checkout.branch if checkout else None,
            commit=checkout.commit if checkout else None,
            tree=checkout.tree if checkout else None,
            candidate=candidate.commit if candidate else None,
        )

    def errors(self) -> list[str]:
        """The errors that leave the whole run undecided: no repository, or a candidate that cannot be had."""
        if not os.path.isdir(self._world.environment.repo):
            return [str(self._checkout.error)]
        error = self._candidate.error if self._candidate else None
        return [str(error)] if error else []
