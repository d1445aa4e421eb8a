"""What the names of an operation mean, resolved once: the commits and folders that its steps get."""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.deployments import Deployments
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.refs import read_tracking_ref
from guardrails.facts.operation.candidate import Candidate
from guardrails.facts.operation.previous import Previous
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from guardrails.model import Environment
    from guardrails.policy import World

_COMMITS = ("candidate", "upstream", "previous")
_FOLDERS = ("repo", "state_dir", "branch", "service")  # as `guardrails plan` fills them in
_PLACEHOLDER = re.compile(r"\{(" + "|".join((*_COMMITS, *_FOLDERS)) + r")\}")


class Pins(Fact):
    """HEAD, the branch it is on (None: detached), and the commits that the operation may name, by their full ids.

    `previous` is HEAD before the operation or, when the operation leads back, the recorded commit to return to.
    """

    repo: str
    git_dir: str
    head: str
    branch: str | None
    candidate: str | None = None
    upstream: str | None = None
    previous: str | None = None

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve each name once. Raises CannotKnow for a candidate that cannot be had, and where nothing is known."""
        checkout: Checkout = await world.fact(Checkout, None)
        operation = world.operation
        wanted = operation.moves_head_to if operation else None
        named = operation is not None and (operation.candidate is not None or wanted == "candidate")
        if wanted is not None:
            await world.fact(Deployments)  # a record that cannot be believed could not be added to when all is done
        return cls(
            repo=checkout.git.path,
            git_dir=checkout.git_dir,
            head=checkout.commit,
            branch=checkout.branch,
            candidate=(await world.fact(Candidate)).commit if named else None,
            upstream=await read_tracking_ref(checkout.git, upstream)
            if (upstream := world.environment.upstream)
            else None,
            previous=await _returned_to(world) if wanted == "previous" else checkout.commit,
        )

    def target(self, moves_head_to: str | None) -> str | None:
        """The commit where HEAD must be afterwards, None when the operation does not say.

        Raises CannotKnow when there is no such commit.
        """
        if moves_head_to is None:
            return None
        commit: str | None = getattr(self, moves_head_to)
        if commit is None:
            known = {"upstream": "the upstream ref is not there; fetch it first"}
            raise CannotKnow(known.get(moves_head_to, f"there is no {moves_head_to}"))
        return commit

    def fill(self, words: Sequence[str], environment: Environment) -> list[str]:
        """The words with every pin put in. A value is never read again, so it cannot name another pin.

        Raises UsageError for one that has no value here.
        """

        def value(match: re.Match[str]) -> str:
            name = match[1]
            found: str | None = getattr(self if name in _COMMITS else environment, name)
            if found is None:
                more = "; add --candidate REV" if name == "candidate" else ""
                raise UsageError(f"{match[0]} has no value in {environment.name}{more}")
            return found

        return [_PLACEHOLDER.sub(value, word) for word in words]

    def ids(self) -> dict[str, str | None]:
        """What a journal notes of them."""
        return {name: getattr(self, name) for name in ("head", "branch", *_COMMITS)}

    def variables(self) -> dict[str, str]:
        """The commits as a command finds them in its environment."""
        known = {name: getattr(self, name) for name in _COMMITS}
        return {f"GUARDRAILS_{name.upper()}_ID": commit for name, commit in known.items() if commit}


async def _returned_to(world: World) -> str:
    """The commit to return to. Raises CannotKnow without one."""
    previous: Previous = await world.fact(Previous)
    if previous.commit is None:
        raise CannotKnow(f"{previous.problem}, so there is nothing to go back to; {previous.remedy}")
    return previous.commit


def same_path(one: str, other: str) -> bool:
    """Whether two values of a variable lead to the same place; what is no path is compared as it is."""
    if one == other:
        return True
    paths = [os.path.expanduser(value) for value in (one, other)]
    return all(map(os.path.isabs, paths)) and os.path.realpath(paths[0]) == os.path.realpath(paths[1])
