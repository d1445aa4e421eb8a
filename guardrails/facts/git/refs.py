"""Refs by their full names, and what a person may write in their place.

git takes a name that is not there for the end of another one: without a ref `refs/guardrails/x`, `refs/guardrails/x`
is the tag `refs/tags/refs/guardrails/x`, which any fetch may bring (gitrevisions(7)). So a ref is looked up here as it
is spelled, and other commands get the full id that was found. No other module hands the name of a ref to a command of
git that guesses; a test holds them to that.
"""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint, resolve
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from guardrails.facts.git.reader import Repository

_AT_ONCE = 500  # names in one question; a command line has its limit
_RULES = ("refs/{}", "refs/tags/{}", "refs/heads/{}", "refs/remotes/{}", "refs/remotes/{}/HEAD")  # git's own
_SHORT_ID = r"(?i)[0-9a-f]{4,63}"
_FULL_ID = r"(?i)[0-9a-f]{40}|[0-9a-f]{64}"  # is itself, whatever ref is called like it


class Ref(Record):
    """A ref by its full name, and the id of the object that it names: of a tag's own object, where it has one."""

    name: str
    oid: str


async def list_refs(git: Repository, *prefixes: str, options: Iterable[str] = (), bare: bool = False) -> list[Ref]:
    """The refs below each prefix, or of just that name. Raises CannotKnow when there is one that cannot be read."""
    pairs = await _pairs(git, "%(objectname) %(refname)", *options, *prefixes, bare=bare)
    return [Ref(name, oid) for oid, name in pairs]


async def read_ref(git: Repository, name: str, *, bare: bool = False) -> str | None:
    """The id of the object that a ref names, None when there is no such ref. Raises CannotKnow for a broken one."""
    return (await read_refs(git, [name], bare=bare)).get(name)


async def read_refs(git: Repository, names: Iterable[str], *, bare: bool = False) -> dict[str, str]:
    """The ids of the objects that refs name; those that are not there are left out. Raises CannotKnow as `read_ref`."""
    wanted = list(dict.fromkeys(names))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        here = wanted[start : start + _AT_ONCE]
        found |= {ref.name: ref.oid for ref in await list_refs(git, *here, bare=bare) if ref.name in here}
    return found


async def commit_of(git: Repository, name: str) -> str | None:
    """The commit that a ref leads to, None when there is no such ref. Raises CannotKnow when it leads to none."""
    for found, ref in await _pairs(git, "%(objecttype):%(objectname) %(refname)", name, bare=False):
        kind, _, oid = found.partition(":")
        if ref == name:
            commit = oid if kind == "commit" else await resolve(git, f"{oid}^{{commit}}")
            if commit is None:
                raise CannotKnow(f"{name} in {git.path} is not a commit that can be read")
            return commit
    return None


async def read_tracking_ref(git: Repository, upstream: str) -> str | None:
    """The commit of a tracking ref such as `upstream/main`. Raises CannotKnow as `commit_of`."""
    return await commit_of(git, f"refs/remotes/{upstream}")


async def read_beside_refs(git: Repository, name: str) -> str | None:
    """The commit of HEAD, MERGE_HEAD and the like, which lie beside `refs/`; None without one that can be read."""
    done = await git.attempt("rev-parse", f"{name}^{{commit}}", "--symbolic-full-name", name)
    commit, _, full = done.stdout.decode("utf-8", "surrogateescape").strip().partition("\n")
    guessed = full.endswith(f"/{name}") or (name != "HEAD" and full != name)
    return commit if done.status == 0 and not guessed else None


async def read_reflog(git: Repository, name: str) -> list[str]:
    """What the reflog of a ref remembers, the newest first; nothing when there is no such ref."""
    if await read_ref(git, name) is None:
        return []
    return (await git.attempt("log", "-g", "--format=%H", name, "--")).stdout.decode().split()


async def read_symbolic(git: Repository, *, bare: bool = False) -> dict[str, str]:
    """The symbolic refs that lead to a ref that is there, each with the one at the end of its chain."""
    return dict(await _pairs(git, "%(if)%(symref)%(then)%(refname) %(symref)%(end)", bare=bare))


async def find_destination(git: Repository, name: str, *, bare: bool = False) -> str:
    """The ref that git moves when it is told to move this one: the end of a chain of symbolic refs, there or not."""
    done = await git.attempt("symbolic-ref", "--quiet", name, bare=bare)
    if done.status not in (0, 1) or done.stderr:
        raise CannotKnow(f"where {name} of {git.path} leads cannot be told: {complaint(done)}")
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n") if done.status == 0 else name


async def resolve_revision(git: Repository, text: str, *, also_objects_of: str | None = None) -> str | None:
    """The commit that a person means, by a short name or an expression too; None when it means nothing here.

    Raises CannotKnow for a name with two meanings, and for one that leads to no readable commit.
    """
    base = re.split(r"[~^:]|@\{", text, maxsplit=1)[0]
    if base in ("HEAD", "@") and await read_beside_refs(git, "HEAD") is None:
        return None
    if base.startswith("refs/") and await read_ref(git, base) is None:
        return None
    if await _is_ambiguous(git, base):
        raise CannotKnow(f"{text} is ambiguous in {git.path}: give refs/heads/…, refs/remotes/… or refs/tags/… in full")
    name = f"{text}^{{commit}}"
    done = await git.attempt("rev-parse", "--verify", "--end-of-options", name, also_objects_of=also_objects_of)
    if done.status == 0:
        return done.stdout.decode().strip()
    if b"is ambiguous" in done.stderr:  # the beginning of several ids
        raise CannotKnow(f"{text} is ambiguous in {git.path}: give the full id")
    there = await git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", text)
    if there.status == 0:
        raise CannotKnow(f"{text} in {git.path} is not a commit that can be read: {complaint(done)}")
    return None


async def _is_ambiguous(git: Repository, base: str) -> bool:
    """Whether the name that begins what a person wrote may be two things: refs, an id, a file beside `refs/`."""
    if not base or base in ("HEAD", "@") or base.startswith("refs/") or re.fullmatch(_FULL_ID, base):
        return False
    refs = await read_refs(git, (rule.format(base) for rule in _RULES))
    if len(refs) != 1:
        return len(refs) > 1
    if await resolve(git, base) not in refs.values():
        return True
    return bool(re.fullmatch(_SHORT_ID, base) and await git.run("rev-parse", f"--disambiguate={base}"))


async def _pairs(git: Repository, form: str, *arguments: str, bare: bool) -> list[tuple[str, str]]:
    """The two words of a format for each ref. No name has a space or a newline; it may hold anything else (U+2028)."""
    done = await git.attempt("for-each-ref", f"--format={form}", *arguments, bare=bare)
    if done.status != 0 or done.stderr:  # a ref that is broken is told on standard error alone
        raise CannotKnow(f"the refs of {git.path} cannot be read: {complaint(done)}")
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    return [(one, other) for one, _, other in (line.partition(" ") for line in lines if line)]
