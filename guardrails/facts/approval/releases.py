"""The branch that a release is made on: in the environment itself, or where the candidate comes from."""

from __future__ import annotations

from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.refs import list_refs, read_ref
from guardrails.facts.operation.candidate import Candidate
from guardrails.facts.worktree.worktree import Worktree
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class ReleaseSource(Fact):
    """A repository in which a release is made.

    `branch` is what is checked out (None: detached), `commit` its commit. `name` is what the candidate was called, and
    `candidate` its id; both are those of `branch` where no candidate is in question. `tips` is the branch of that name
    or, for a candidate called otherwise, those with that tip; `tagged` says that a tag has the name of the branch too.
    `dirt` are the changes of the work tree, by path.
    """

    repo: str
    branch: str | None
    commit: str
    name: str
    candidate: str
    tips: tuple[tuple[str, str], ...]
    tagged: bool
    dirt: tuple[str, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Look at the candidate's repository, or at the environment's own when no candidate is in question.

        Raises CannotKnow as `Candidate` and `Worktree` do.
        """
        operation = world.operation
        source = operation.candidate_from if operation else None
        path = source.repo if source and source.repo != world.environment.repo else None
        checkout: Checkout = await world.fact(Checkout, path)
        if operation and (operation.candidate or source):
            wanted: Candidate = await world.fact(Candidate)
            name, candidate = wanted.name.removeprefix("refs/heads/"), wanted.commit
        else:
            name, candidate = checkout.branch or "", checkout.commit
        heads = await list_refs(checkout.git, "refs/heads")
        branches = [(ref.name.removeprefix("refs/heads/"), ref.oid) for ref in heads]
        named = tuple(one for one in branches if one[0] == name)
        tips = named or tuple(one for one in branches if name and one[1] == candidate)
        tag = f"refs/tags/{tips[0][0] if tips else name}"
        tagged = await read_ref(checkout.git, tag) is not None
        worktree: Worktree = await world.fact(Worktree, "fast", path)
        dirt = tuple(dict.fromkeys(change.path for change in worktree.changes))
        return cls(checkout.git.path, checkout.branch, checkout.commit, name, candidate, tips, tagged, dirt)
