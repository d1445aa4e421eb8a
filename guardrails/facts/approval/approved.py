"""What counts as approved in an environment: upstream, the release branches, and what guarded runs have brought."""

from __future__ import annotations

from fnmatch import fnmatchcase

from guardrails.facts.approval.deployments import Deployments
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import list_commits
from guardrails.facts.git.refs import list_refs, read_tracking_ref
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from guardrails.facts.git.commits import Commit
    from guardrails.policy import World


class Approved(Fact):
    """Approved commits by what makes them so: with each, everything that it is built on.

    `releases` are the release branches where candidates come from and the commits of recorded promotions, `upstream`
    the tracking ref and the commits of recorded updates. `objects` is the object folder that release branches are in.
    """

    repo: str
    releases: Mapping[str, str]
    upstream: Mapping[str, str]
    objects: str | None = None

    @property
    def all(self) -> dict[str, str]:
        """Every name, and its commit."""
        return {**self.upstream, **self.releases}

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read the refs and the record of deployments.

        Release branches are those of the option `branches` of `release-branch`, in the repositories that candidates
        come from.
        """
        checkout: Checkout = await world.fact(Checkout, None)
        deployments: Deployments = await world.fact(Deployments)
        name, objects = world.environment.upstream, None
        tip = await read_tracking_ref(checkout.git, name) if name else None
        releases = dict(deployments.releases)
        for source in world.sources:
            there: Checkout = await world.fact(Checkout, source.repo)
            releases |= {f"{ref} of {source.name}": commit for ref, commit in await _release_branches(there, world)}
            if source.repo != world.environment.repo:
                objects = objects or there.objects
        upstream = {f"refs/remotes/{name}": tip} if tip else {}
        return cls(checkout.git.path, releases, {**upstream, **deployments.updates}, objects)

    async def unapproved(self, checkout: Checkout, commit: str) -> tuple[Commit, ...]:
        """The commits below a commit of this repository that nobody approved, newest first."""
        excluded = [f"^{one}" for one in dict.fromkeys(self.all.values())]
        return await list_commits(checkout.git, commit, *excluded, objects=self.objects)

    async def released(self, checkout: Checkout, target: str, *, head: str | None = None) -> tuple[Commit, ...]:
        """The commits of releases that HEAD, or `head`, holds and `target` does not, whoever brought them there."""
        own = [head or checkout.commit, f"^{target}", *(f"^{one}" for one in dict.fromkeys(self.upstream.values()))]
        dropped = await list_commits(checkout.git, *own, objects=self.objects)
        if not dropped:
            return ()
        excluded = [f"^{one}" for one in dict.fromkeys(self.releases.values())]
        others = {one.id for one in await list_commits(checkout.git, *own, *excluded, objects=self.objects)}
        return tuple(commit for commit in dropped if commit.id not in others)


async def _release_branches(checkout: Checkout, world: World) -> list[tuple[str, str]]:
    patterns: tuple[Any, ...] = tuple(world.options.get("release-branch", {}).get("branches", ()))
    branches = await list_refs(checkout.git, "refs/heads")
    return [
        (ref.name, ref.oid)
        for ref in branches
        if any(fnmatchcase(ref.name.removeprefix("refs/heads/"), pattern) for pattern in patterns)
    ]
