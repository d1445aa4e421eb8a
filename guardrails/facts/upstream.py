"""Where updates come from: the commit that the upstream ref names, pinned once, and how HEAD relates to it.

A tracking ref says what the last fetch brought, so its age matters. Neither FETCH_HEAD nor the ref's reflog tells that
(both are left as they are by a fetch that brings nothing); our own record does: the ref `refs/guardrails/fetched` names
a blob of JSON, `{"upstream/main": {"commit": ID, "at": RFC 3339}}`.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.commits import Commit, commits
from guardrails.facts.git import complaint, merge_base, remote_tip
from guardrails.facts.refs import read, tracked
from guardrails.facts.repository import Checkout
from guardrails.policy import Fact
from guardrails.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

FETCHED = "refs/guardrails/fetched"
SKEW = 300.0  # seconds that a record may lie ahead of our clock


class Upstream(Fact):
    """The environment's upstream ref. `commit` is None when there is no such ref.

    `ahead` are the commits that only HEAD has, `behind` those that only upstream has, newest first and at most a
    thousand each; `related` is False when the two share no history. `url` is the remote's address as configured,
    `effective_url` what git makes of it. `fetched_at` is when our own record says that this very commit was fetched, in
    seconds since the epoch. `online` is the remote's tip, when it was to be asked.
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

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve the ref and compare. Raises CannotKnow where history is cut short, or the remote gives no answer."""
        name = world.environment.upstream
        if name is None:
            raise CannotKnow(f"{world.environment.name} has no upstream in the configuration")
        checkout: Checkout = await world.fact(Checkout, None)
        git = checkout.git
        commit = await tracked(git, name)
        if commit is None:
            return cls(git.path, name, checkout.commit, world.at)
        if checkout.shallow or checkout.partial:
            raise CannotKnow(f"{git.path} does not hold its whole history: HEAD and {name} cannot be compared")
        remote, _, branch = name.partition("/")
        url, effective = await _urls(checkout, remote, world.home)
        ahead = await commits(git, checkout.commit, f"^{commit}") if commit != checkout.commit else ()
        behind = await commits(git, commit, f"^{checkout.commit}") if commit != checkout.commit else ()
        return cls(
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


async def _urls(checkout: Checkout, remote: str, home: str) -> tuple[str | None, str | None]:
    """The address as it is written, and as git would use it for whoever has this home directory."""
    written = await checkout.git.attempt("config", "--get", f"remote.{remote}.url")
    if written.status != 0:
        return None, None
    used = await checkout.git.attempt("remote", "get-url", remote, home=home)  # applies url.*.insteadOf, runs nothing
    if used.status != 0:
        raise CannotKnow(f"the address of {remote} in {checkout.git.path} cannot be told: {complaint(used)}")
    return written.stdout.decode(errors="replace").strip(), used.stdout.decode(errors="replace").strip()


async def _fetched_at(checkout: Checkout, name: str, commit: str, at: float) -> float | None:
    blob = await read(checkout.git, FETCHED)
    if blob is None:
        return None
    from guardrails.facts.files import decode, parse_json

    where = f"{FETCHED} of {checkout.git.path}"
    record = parse_json(decode(await checkout.git.run("cat-file", "blob", blob), where), where)
    try:
        entry = record.get(name)
        if entry is None or entry["commit"] != commit:
            return None
        fetched = seconds_of(entry["at"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise CannotKnow(f"{where} makes no sense: {error}") from None
    return fetched if fetched <= at + SKEW else None


async def _tip(url: str, branch: str, world: World) -> str:
    done = await remote_tip(url, f"refs/heads/{branch}", home=world.home, timeout=world.timeout)
    commit = done.stdout.decode(errors="replace").partition("\t")[0]
    if done.status != 0 or not commit:
        raise CannotKnow(f"the remote was asked for {branch} and gave no answer: {complaint(done)}")
    return commit
