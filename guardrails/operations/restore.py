"""List rescues, and bring back what one holds: into a folder, or as commits on a new branch.

Files are written from git's objects as they were saved, without a checkout, so that no filter or attribute has a say.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.files import decode, parse_json
from guardrails.facts.git import Repository
from guardrails.facts.processes import finished
from guardrails.facts.rescues import RESCUES
from guardrails.operations.trees import IDENTITY
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from guardrails.policy import World

_AT_ONCE = 200  # files whose bytes are in memory at a time


class Rescue(Record):
    """One rescue: its name below refs/rescue, its commit, and what its manifest says."""

    name: str
    commit: str
    manifest: dict[str, Any]


def rescues(world: World) -> tuple[Rescue, ...]:
    """Every rescue, the newest first. Raises CannotKnow for a ref that is none."""
    return finished(_rescues(Repository(world.environment.repo, timeout=world.timeout)))


def named(world: World, name: str) -> Rescue:
    """The rescue of that name. Raises UsageError without one."""
    found = {one.name: one for one in rescues(world)}
    if name not in found:
        raise UsageError(f"there is no rescue {name}; there are: {', '.join(found) or 'none'}")
    return found[name]


def into_folder(world: World, rescue: Rescue, folder: str) -> int:
    """Write the whole work tree into a folder that is empty or absent, and give the number of files."""
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise UsageError(f"{folder} is there and not an empty folder")
    git = Repository(world.environment.repo, timeout=max(world.timeout, 600.0))
    return finished(_write(git, rescue, os.path.abspath(folder)))


def as_branch(world: World, rescue: Rescue, branch: str) -> str:
    """Make a new branch of what HEAD was, the index and the work tree, each a commit where it differs; give its tip."""
    return finished(_branch(Repository(world.environment.repo, timeout=world.timeout), rescue, branch))


async def _rescues(git: Repository) -> tuple[Rescue, ...]:
    form = "--format=%(objectname) %(refname)"
    listing = await git.run("for-each-ref", "--sort=-creatordate", "--sort=-refname", form, f"{RESCUES}/")
    found = []
    for line in listing.decode("utf-8", "surrogateescape").splitlines():
        commit, _, ref = line.partition(" ")
        where = f"{ref} of {git.path}"
        manifest = parse_json(decode(await git.run("cat-file", "blob", f"{commit}:manifest.json"), where), where)
        if not isinstance(manifest, dict) or not isinstance(manifest.get("modes"), dict):
            raise CannotKnow(f"{where} is no rescue")
        found.append(Rescue(ref.removeprefix(f"{RESCUES}/"), commit, manifest))
    return tuple(found)


async def _write(git: Repository, rescue: Rescue, folder: str) -> int:
    entries: list[tuple[str, str, str]] = []
    for line in (await git.run("ls-tree", "-r", "-z", f"{rescue.commit}:worktree")).split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, _, oid = facts.decode().split(" ")
        if any(part in (b"", b".", b"..", b".git") for part in path.split(b"/")):
            raise CannotKnow(f"the rescue {rescue.name} has a path that no work tree has: {os.fsdecode(path)!r}")
        entries.append((mode, oid, os.fsdecode(path)))
    os.makedirs(folder, exist_ok=True)
    for start in range(0, len(entries), _AT_ONCE):
        some = entries[start : start + _AT_ONCE]
        wanted = "".join(f"{oid}\n" for _, oid, _ in some).encode()
        data = await git.run("cat-file", "--batch=%(objectsize)", stdin=wanted)
        for (mode, _, name), content in zip(some, _contents(data), strict=True):
            _restore(os.path.join(folder, name), mode, content, rescue.manifest["modes"].get(name))
    for empty in rescue.manifest.get("empty", ()):
        os.makedirs(os.path.join(folder, str(empty)), exist_ok=True)
    return len(entries)


def _contents(data: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(data):
        end = data.index(b"\n", position)
        start, position = end + 1, end + 2 + int(data[position:end])
        yield data[start : position - 1]


def _restore(place: str, mode: str, content: bytes, permissions: str | None) -> None:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if mode == "120000":
        os.symlink(content, os.fsencode(place))
        return
    bits = int(permissions, 8) if permissions else 0o755 if mode == "100755" else 0o644
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        os.fchmod(descriptor, bits)


async def _branch(git: Repository, rescue: Rescue, branch: str) -> str:
    ref = f"refs/heads/{branch}"
    if (await git.attempt("check-ref-format", ref)).status != 0:
        raise UsageError(f"{branch!r} cannot be the name of a branch")
    tip = rescue.manifest.get("head")
    tree = await _tree(git, f"{tip}^{{tree}}") if tip else ""
    for part, says in (("index", "what was staged"), ("worktree", "what was in the work tree")):
        new = await _tree(git, f"{rescue.commit}:{part}")
        if new != tree:
            parents = ["-p", tip] if tip else []
            message = f"{says} (rescue {rescue.name})"
            tip = (await git.run(*IDENTITY, "commit-tree", *parents, "-m", message, new)).decode().strip()
            tree = new
    await git.run("update-ref", "--create-reflog", ref, str(tip), "0" * len(str(tip)))  # never over another branch
    return str(tip)


async def _tree(git: Repository, name: str) -> str:
    return (await git.run("rev-parse", "--verify", name)).decode().strip()
