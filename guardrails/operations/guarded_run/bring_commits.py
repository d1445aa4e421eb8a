"""What a guarded run brings into the environment's repository itself, and what it notes of a fetch."""

from __future__ import annotations

import json
import os
import time

from guardrails.errors import CannotKnow
from guardrails.facts.approval.upstream import FETCHED
from guardrails.facts.git.reader import Repository, complaint
from guardrails.facts.git.refs import read_ref, read_tracking_ref
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.facts.programs.side_by_side import Completed
    from guardrails.model import Environment

_EVIDENCE = ("refs/attestations/*", "refs/signoffs/*")
_PATIENCE = 300.0  # seconds; a release may bring much


def bring_commits(environment: Environment, source: Environment, candidate: str) -> None:
    """Fetch exactly the pinned candidate, and the evidence about it, from where candidates come from.

    No branch moves and FETCH_HEAD is not written. Raises CannotKnow when anything of it cannot be had.
    """
    if os.path.realpath(source.repo) != os.path.realpath(environment.repo):
        run_to_end(_bring(environment.repo, source.repo, candidate))


async def _bring(repo: str, source: str, candidate: str) -> None:
    git, other = Repository(repo, timeout=_PATIENCE), Repository(source)
    there = await other.attempt("cat-file", "-e", f"{candidate}^{{commit}}")
    wanted = [candidate] if there.status == 0 else []  # a full id may be known in the environment's repository alone
    done = await fetch_commits(git, other, [*wanted, *(f"{refs}:{refs}" for refs in _EVIDENCE)])
    if done.status != 0:
        raise CannotKnow(f"the candidate cannot be fetched from {other.path}: {complaint(done)}")
    if (await git.attempt("cat-file", "-e", f"{candidate}^{{commit}}")).status != 0:
        raise CannotKnow(f"{candidate} is not in {git.path} after it was fetched")


async def fetch_commits(git: Repository, other: Repository, wanted: Sequence[str]) -> Completed:
    """Fetch commits, and refs as REF:REF, from another repository on this machine; the exit status is the caller's.

    It writes nothing else. Raises CannotKnow when the configuration leads elsewhere.
    """
    git.disarm(await git.settings())
    used = (await git.run("ls-remote", "--get-url", other.path)).decode(errors="replace").strip()
    if used != other.path:  # url.*.insteadOf in the repository's own configuration
        raise CannotKnow(f"{git.path} is configured to fetch from elsewhere than {other.path}")
    return await git.attempt(
        "fetch",
        "--quiet",
        "--no-write-fetch-head",
        "--no-tags",
        "--no-prune",
        "--no-prune-tags",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--upload-pack=git-upload-pack",
        "--",
        other.path,
        *wanted,
    )


def fetches_upstream(words: Sequence[str], environment: Environment) -> bool:
    """Whether a step fetches the environment's upstream remote into its repository: `git fetch REMOTE`."""
    remote = (environment.upstream or "").partition("/")[0]
    words = list(words)
    if words[:1] != ["git"] or not remote:
        return False
    words = words[1:]
    if words[:1] == ["-C"] and len(words) > 1:
        if os.path.realpath(os.path.join(environment.repo, words[1])) != os.path.realpath(environment.repo):
            return False
        words = words[2:]
    names = [word for word in words[1:] if not word.startswith("-")]
    return words[:1] == ["fetch"] and (names[:1] == [remote] or "--all" in words)


def note_fetch(environment: Environment) -> None:
    """Record which commit a fetch has just left under the upstream ref; `facts.approval.upstream` reads the record.

    Raises CannotKnow when the earlier record cannot be read, or the new one cannot be kept.
    """
    if environment.upstream:
        run_to_end(_note(Repository(environment.repo), environment.upstream))


async def _note(git: Repository, upstream: str) -> None:
    from guardrails.facts.files import decode, parse_json

    tip, earlier = await read_tracking_ref(git, upstream), await read_ref(git, FETCHED)
    if tip is None:
        raise CannotKnow(f"refs/remotes/{upstream} is not in {git.path} after it was fetched")
    where = f"{FETCHED} of {git.path}"
    record = parse_json(decode(await git.run("cat-file", "blob", earlier), where), where) if earlier else {}
    if not isinstance(record, dict):
        raise CannotKnow(f"{where} makes no sense")
    record[upstream] = {"commit": tip, "at": utc(time.time())}
    text = json.dumps(record, sort_keys=True).encode()
    blob = (await git.run("hash-object", "-w", "--stdin", stdin=text)).decode().strip()
    await git.run("update-ref", "--no-deref", FETCHED, blob)
