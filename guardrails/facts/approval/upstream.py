"""Where updates come from: the commit that the upstream ref names, pinned once, and how HEAD relates to it.

A tracking ref says what the last fetch brought, so its age matters. Neither FETCH_HEAD nor the ref's reflog tells that
(both are left as they are by a fetch that brings nothing); our own record does: the ref `refs/guardrails/fetched` names
a blob of JSON, `{"upstream/main": {"commit": ID, "at": RFC 3339}}`.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.approval.deployments import Deployments
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.commits import Commit, list_commits
from guardrails.facts.git.objects import read_verified
from guardrails.facts.git.reader import ask_for_tip, complaint, merge_base
from guardrails.facts.git.refs import read_ref, read_tracking_ref
from guardrails.facts.operation.candidate import Candidate, candidate_source
from guardrails.policy import Fact
from guardrails.remedies import a_look
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from guardrails.facts.git.reader import Repository
    from guardrails.policy import World

FETCHED = "refs/guardrails/fetched"
SKEW = 300.0  # seconds that a record may lie ahead of our clock


class Upstream(Fact):
    """The environment's upstream ref. `commit` is None when there is no such ref.

    `ahead` are the commits that only HEAD has, `behind` those that only upstream has, newest first and at most a
    thousand each; `related` is False when the two share no history. `url` is the remote's address as configured,
    `effective_url` what git makes of it. `fetched_at` is when our own record says that this very commit was fetched, in
    seconds since the epoch. `online` is the remote's tip, when it was to be asked.

    Before HEAD is led to a candidate, `release` says that it is at a recorded release, or at one that was merged by
    hand and accepted by a person. `lacking` are the upstream commits that the candidate does not hold, and `merge` is
    what to type to merge them into it. `remedy` is what to type to have the ref, where there is none.
    """

    repo: str
    name: str
    head: str
    at: float
    commit: str | None = None
    ahead: tuple[Commit, ...] = ()
    behind: tuple[Commit, ...] = ()
    related: bool = True
    url: str | None = None
    effective_url: str | None = None
    fetched_at: float | None = None
    online: str | None = None
    release: bool = False
    lacking: tuple[Commit, ...] = ()
    merge: str = ""
    remedy: str = ""

    @property
    def absence(self) -> tuple[str, str]:
        """Why there is no commit, and what to type; empty where there is one."""
        return ("", "") if self.commit else (f"there is no {self.name}", self.remedy)

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve the ref and compare. Raises CannotKnow where history is cut short, or the remote gives no answer."""
        name = world.environment.upstream
        if name is None:
            raise CannotKnow(f"{world.environment.name} has no upstream in the configuration")
        checkout: Checkout = await world.fact(Checkout, None)
        git = checkout.git
        commit = await read_tracking_ref(git, name)
        if commit is None:
            return cls(git.path, name, checkout.commit, world.at, remedy=await how_to_fetch(git, name))
        if checkout.shallow or checkout.partial:
            raise CannotKnow(f"{git.path} does not hold its whole history: HEAD and {name} cannot be compared")
        remote, _, branch = name.partition("/")
        url, effective = await _urls(checkout, remote, world.home)
        ahead = await list_commits(git, checkout.commit, f"^{commit}") if commit != checkout.commit else ()
        behind = await list_commits(git, commit, f"^{checkout.commit}") if commit != checkout.commit else ()
        found = cls(
            repo=git.path,
            name=name,
            head=checkout.commit,
            at=world.at,
            commit=commit,
            ahead=ahead,
            behind=behind,
            related=not (ahead and behind) or await merge_base(git, checkout.commit, commit) is not None,
            url=url,
            effective_url=effective,
            fetched_at=await _fetched_at(checkout, name, commit, world.at),
            online=await _tip(effective or "", branch, world) if world.online else None,
        )
        operation = world.operation
        if operation is None or operation.after or operation.moves_head_to != "candidate":
            return found
        if checkout.commit == commit:
            return found  # whether the candidate holds it is whether it holds HEAD, which fast-forward-only judges
        return found.replaced(**await _read_followed(found, checkout, world))


async def _read_followed(upstream: Upstream, checkout: Checkout, world: World) -> dict[str, Any]:
    """How a candidate that is to follow HEAD relates to upstream."""
    release = False
    if upstream.ahead:
        deployments: Deployments = await world.fact(Deployments)
        release = checkout.commit in deployments.releases.values()
        if not release:
            from guardrails.facts.past.accepted_commits import is_accepted_release

            release = await is_accepted_release(world, checkout)
    if world.operation is None or not world.operation.candidate:
        return {"release": release}
    candidate: Candidate = await world.fact(Candidate)
    there = await candidate_source(world)
    objects = there.objects if there else None
    lacking = await list_commits(checkout.git, str(upstream.commit), f"^{candidate.commit}", objects=objects)
    merge = _merge(upstream, there or checkout, candidate) if lacking else ""
    return {"release": release, "lacking": lacking, "merge": merge}


def _merge(upstream: Upstream, there: Checkout, candidate: Candidate) -> str:
    """What to type to merge upstream, as it is known in the environment, into the branch of the candidate."""
    from shlex import quote

    git, branch = f"git -C {quote(there.git.path)}", candidate.name.removeprefix("refs/heads/")
    switch = "" if there.branch == branch else f"{git} switch {quote(branch)} && "
    if candidate.name == candidate.commit:
        return a_look(f"{git} branch --contains {candidate.commit}", f"merge {upstream.commit} into its branch")
    return f"{switch}{git} pull --no-rebase --no-edit {quote(upstream.repo)} refs/remotes/{quote(upstream.name)}"


async def how_to_fetch(git: Repository, name: str) -> str:
    """What to type to have the tracking ref of that name."""
    from shlex import quote

    remote, repo = name.partition("/")[0], quote(git.path)
    if (await git.attempt("config", "--get", f"remote.{remote}.url")).status == 0:
        return f"git -C {repo} fetch {quote(remote)}"
    return a_look(f"git -C {repo} remote --verbose", f"no remote is called {remote}; add it with its address")


async def _urls(checkout: Checkout, remote: str, home: str) -> tuple[str | None, str | None]:
    """The address as it is written, and as git would use it for the user with this home directory."""
    written = await checkout.git.attempt("config", "--get", f"remote.{remote}.url")
    if written.status != 0:
        return None, None
    used = await checkout.git.attempt("remote", "get-url", remote, home=home)  # applies url.*.insteadOf, runs nothing
    if used.status != 0:
        raise CannotKnow(f"the address of {remote} in {checkout.git.path} cannot be told: {complaint(used)}")
    return written.stdout.decode(errors="replace").strip(), used.stdout.decode(errors="replace").strip()


async def _fetched_at(checkout: Checkout, name: str, commit: str, at: float) -> float | None:
    blob = await read_ref(checkout.git, FETCHED)
    if blob is None:
        return None
    from guardrails.facts.files import decode, parse_json

    where = f"{FETCHED} of {checkout.git.path}"
    (data,) = await read_verified(checkout.git, "blob", [blob])
    record = parse_json(decode(data, where), where)
    try:
        entry = record.get(name)
        if entry is None or entry["commit"] != commit:
            return None
        fetched = seconds_of(entry["at"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CannotKnow(f"{where} makes no sense: {error}") from None
    return fetched if fetched <= at + SKEW else None


async def _tip(url: str, branch: str, world: World) -> str:
    done = await ask_for_tip(url, f"refs/heads/{branch}", home=world.home, timeout=world.timeout)
    commit = done.stdout.decode(errors="replace").partition("\t")[0]
    if done.status != 0 or not commit:
        raise CannotKnow(f"the remote was asked for {branch} and gave no answer: {complaint(done)}")
    return commit


async def upstream_of(checkout: Checkout) -> str | None:
    """The tracking ref that updates come from: of the remote `upstream`, of `origin`, or what the branch says."""
    branches = dict.fromkeys(name for name in (checkout.branch, "main", "master") if name)
    likely = [f"refs/remotes/{remote}/{branch}" for remote in ("upstream", "origin") for branch in branches]
    own = f"refs/heads/{checkout.branch}"
    asked = [own, *likely] if checkout.branch else likely
    listing = await checkout.git.run("for-each-ref", "--format=%(refname) %(upstream)", "--", *asked)
    there = dict(line.split(" ") for line in os.fsdecode(listing).split("\n")[:-1])
    ref = next((one for one in likely if one in there), there.get(own, ""))
    return ref.removeprefix("refs/remotes/") if ref.startswith("refs/remotes/") else None
