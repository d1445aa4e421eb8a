"""What `git reset --hard TARGET`, or the commands of a tool call, would destroy, and whether a rescue holds it."""

from __future__ import annotations

import os

from guardrails.errors import DoesNotApply
from guardrails.facts.approval.approved import Approved
from guardrails.facts.approval.upstream import Upstream
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import Commit, list_commits
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.git.refs import commit_of, list_refs
from guardrails.facts.git.rescues import RESCUES, find_holding
from guardrails.facts.git.stashes import find_stashes
from guardrails.facts.operation.checkout_moves import (
    behind_a_link,
    compare_commits,
    find_in_the_way,
    list_below,
    list_local_changes,
    literal_pattern,
    require_own_tree,
    sets_branch,
)
from guardrails.facts.operation.cleaned_files import clean_steps, find_cleaned_files
from guardrails.facts.operation.previous import Previous
from guardrails.facts.worktree.worktree import Worktree
from guardrails.policy import Fact
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.facts.git.reader import Repository
    from guardrails.model import Operation
    from guardrails.policy import World


class Losses(Fact):
    """What a hard reset of the repository of `environment` to `target` would cost.

    `drops` are the commits that HEAD would no longer hold, newest first; `orphans` are those of them that no branch,
    tag, remote or rescue holds either; `undeploys` those of releases, recorded or merged by hand. `loses` are tracked
    paths with changes of their own, `overwrites` files that are not git's and stand where the target has one, `sweeps`
    those that a `git clean` among the steps removes; `stashes` how many there are, which a reset leaves alone. `rescue`
    is the ref that holds all of it as it is now; `saves` says that `guardrails run` would see to that by itself,
    and `saving` that it is about to.
    `leads_back` says that the operation returns to what ran before, and so takes a release out of use on purpose;
    `recorded` that such an operation has a recorded commit to return to.
    `target` is None when the operation has nowhere to go; `problem` says why, and `remedy` what to type.

    Of a tool call, `target` is HEAD, `orphans`, `loses`, `overwrites` and `sweeps` are what its commands would take,
    `branches` the tips of deleted or moved branches whose commits nothing else would hold, which no rescue saves, and
    `elsewhere` the linked work trees that it would remove with work in them.
    """

    repo: str
    operation: str
    target: str | None
    drops: tuple[Commit, ...] = ()
    orphans: tuple[Commit, ...] = ()
    undeploys: tuple[Commit, ...] = ()
    loses: tuple[str, ...] = ()
    overwrites: tuple[str, ...] = ()
    sweeps: tuple[str, ...] = ()
    stashes: int = 0
    rescue: str | None = None
    environment: str = ""
    saves: bool = False
    saving: bool = False
    leads_back: bool = False
    recorded: bool = False
    problem: str = ""
    remedy: str = ""
    guardrails: Guardrails = Guardrails()
    branches: tuple[Commit, ...] = ()
    elsewhere: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether something would be lost that is nowhere else, but perhaps in a rescue."""
        return bool(self.orphans or self.loses or self.overwrites or self.sweeps)

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Compare HEAD, the index, the disk and every ref with the target.

        Raises DoesNotApply for an operation that resets nothing, and CannotKnow as the facts do that it rests on.
        """
        if world.operation and world.operation.actions:
            return await cls._of_a_call(world, world.operation)
        checkout: Checkout = await world.fact(Checkout, None)
        require_own_tree(checkout.git.path, checkout.top)
        operation, target, problem, remedy = await _target(world)
        git, head = checkout.git, checkout.commit
        back = operation.moves_head_to == "previous"
        if target is None:
            return cls(git.path, operation.name, None, leads_back=back, problem=problem, remedy=remedy)
        worktree: Worktree = await world.fact(Worktree, "full", None)
        _, added = await compare_commits(git, head, target)
        tips = (head, *await _find_left(world, checkout, operation))
        drops = await list_commits(git, *tips, f"^{target}")
        loses = list_local_changes(worktree)
        replaced = {path for path in loses if not _is_file(git.path, path)}
        contents = (await world.fact(Contents)).git
        overwrites = await _in_the_way(contents, added | replaced)
        sweeps = await find_cleaned_files(world, operation.steps, [head, target])
        if clean_steps(operation.steps):
            sweeps += tuple(one.path for one in worktree.changes if one.path.endswith("/.git"))
        found = cls(
            repo=git.path,
            operation=operation.name,
            target=target,
            drops=drops,
            orphans=await _orphans(world, checkout, tips, target),
            undeploys=await (await world.fact(Approved)).released(checkout, target) if drops else (),
            loses=loses,
            overwrites=overwrites,
            sweeps=tuple(path for path in sweeps if path not in overwrites),
            stashes=len((await find_stashes(git, checkout.common_dir)).ids),
            environment=world.environment.name,
            guardrails=world.guardrails,
            saves=operation.rescue,
            saving=operation.saving,
            leads_back=back,
        )
        if found.undeploys and not back:
            found = found.replaced(recorded=(await world.fact(Previous)).commit is not None)
        if not found.anything:
            return found
        paths = [*loses, *overwrites, *found.sweeps]
        return found.replaced(
            rescue=await find_holding(git, checkout.object_format, paths, [commit.id for commit in found.orphans])
        )

    @classmethod
    async def _of_a_call(cls, world: World, operation: Operation) -> Self:
        """Add up what the commands of a tool call take."""
        name = world.environment.name
        actions = [one for one in (operation.actions or ()) if (one.kind, one.environment) == ("loses-work", name)]
        if not actions:
            raise DoesNotApply("nothing in the tool call takes work out of a repository")
        from guardrails.facts.operation.call_losses import find_taken

        checkout: Checkout = await world.fact(Checkout, None)
        require_own_tree(checkout.git.path, checkout.top)
        every = [await find_taken(world, action) for action in actions]
        found = cls(
            repo=checkout.git.path,
            operation=operation.name,
            target=checkout.commit,
            orphans=tuple(dict.fromkeys(commit for one in every for commit in one.commits)),
            loses=tuple(dict.fromkeys(path for one in every for path in one.changed)),
            overwrites=tuple(dict.fromkeys(path for one in every for path in one.overwritten)),
            sweeps=tuple(dict.fromkeys(path for one in every for path in one.swept)),
            environment=name,
            guardrails=world.guardrails,
            branches=tuple(dict.fromkeys(commit for one in every for commit in one.branches)),
            elsewhere=tuple(dict.fromkeys(path for one in every for path in one.elsewhere)),
        )
        return found.replaced(rescue=await _rescue(found, checkout)) if found.anything else found


async def _rescue(found: Losses, checkout: Checkout) -> str | None:
    """The rescue that holds everything that would be lost."""
    git = checkout.git
    if not await list_refs(git, f"{RESCUES}/", options=("--count=1",)):
        return None
    swept = [one for path in found.sweeps for one in list_below(git.path, path)]
    paths = [*found.loses, *found.overwrites, *swept]
    return await find_holding(git, checkout.object_format, paths, [commit.id for commit in found.orphans])


async def _in_the_way(git: Repository, paths: set[str]) -> tuple[str, ...]:
    """The files and links that stand in the way of these paths, those in folders one by one."""
    return tuple(dict.fromkeys(one for path in await find_in_the_way(git, paths) for one in list_below(git.path, path)))


def _is_file(top: str, path: str) -> bool:
    place = os.path.join(top, path)
    return not behind_a_link(top, path, {}) and (os.path.islink(place) or os.path.isfile(place))


async def _target(world: World) -> tuple[Operation, str | None, str, str]:
    """The operation, and the commit that it resets to; without one, why, and what to type."""
    operation = world.operation
    if operation is None or operation.moves_head_to not in ("upstream", "previous"):
        raise DoesNotApply("no operation is in question that resets to another commit")
    if operation.moves_head_to == "upstream":
        upstream: Upstream = await world.fact(Upstream)
        return operation, upstream.commit, *upstream.absence
    previous: Previous = await world.fact(Previous)
    return operation, previous.commit, previous.problem, previous.remedy


async def _find_left(world: World, checkout: Checkout, operation: Operation) -> tuple[str, ...]:
    """The commit of the environment's own branch, when that is not in use and the steps take it from there."""
    branch = world.environment.branch
    if branch is None or branch == checkout.branch or not sets_branch(operation.steps):
        return ()
    tip = await commit_of(checkout.git, f"refs/heads/{branch}")
    return (tip,) if tip else ()


async def _orphans(world: World, checkout: Checkout, tips: tuple[str, ...], target: str) -> tuple[Commit, ...]:
    """The commits of these tips that only the branch in use, or that of the environment, holds.

    `--exclude` takes a pattern without `refs/heads/` when `--branches` follows; with it, it would exclude nothing, and
    nothing would ever be an orphan (git-rev-list(1)).
    """
    moved = {checkout.branch, world.environment.branch if len(tips) > 1 else None} - {None}
    excluded = [f"--exclude={literal_pattern(str(branch))}" for branch in sorted(map(str, moved))]
    kept = [*excluded, "--branches", "--tags", "--remotes", "--glob=refs/rescue/", "--glob=refs/guardrails/"]
    return await list_commits(checkout.git, *tips, "--not", target, *kept)
