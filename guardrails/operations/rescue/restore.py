"""List rescues, and bring back what one holds: into a folder, or as commits on a new branch.

Files are written from git's objects as they were saved, without a checkout, so that no filter or attribute has a say.
The repository that a rescue is read from may be a bundle's (`guardrails.operations.rescue.bundles`).
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.files import decode, parse_json
from guardrails.facts.git.reader import Repository, complaint
from guardrails.facts.git.refs import commit_of, read_ref
from guardrails.facts.git.rescues import RESCUES
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.guarded_run.bring_commits import fetch_commits
from guardrails.operations.rescue.save import PATIENCE
from guardrails.operations.rescue.write_trees import IDENTITY, list_stored, read_contents
from guardrails.record import Record
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Rescue(Record):
    """One rescue: its name below refs/rescue, its commit, when it was made (RFC 3339), and what its manifest says."""

    name: str
    commit: str
    at: str
    manifest: dict[str, Any]

    @property
    def ref(self) -> str:
        """The ref that holds it in its repository."""
        return f"{RESCUES}/{self.name}"


def open_repository(repo: str) -> Repository:
    """A repository whose rescues are to be read."""
    return Repository(repo, timeout=PATIENCE)


def list_rescues(git: Repository) -> tuple[Rescue, ...]:
    """Every rescue, the newest first. Raises CannotKnow for a ref that is not a rescue."""
    return run_to_end(_rescues(git))


def find_rescue(git: Repository, name: str) -> Rescue:
    """The rescue of that name. Raises UsageError without one; what else is below refs/rescue does not matter."""
    return run_to_end(_find_rescue(git, name))


def restore_into_folder(git: Repository, rescue: Rescue, folder: str) -> int:
    """Write the whole work tree into a folder that is empty or absent, and give the number of files."""
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise UsageError(f"{folder} is there and not an empty folder")
    return run_to_end(_write(git, rescue, os.path.abspath(folder)))


def restore_as_branch(git: Repository, rescue: Rescue, branch: str, into: str | None = None) -> str:
    """Make a new branch of the former HEAD, the index and the work tree, each a commit where it differs; give its tip.

    With `into`, the path of another repository, the branch is made there: objects and this one ref are all that it
    gets. Raises UsageError for a name that no branch can have, CannotKnow when there is one of that name.
    """
    if into is None or os.path.realpath(into) == git.path:
        return run_to_end(_branch(git, rescue, branch))
    return run_to_end(_branch_elsewhere(git, rescue, branch, open_repository(into)))


def is_on_branch(rescue: Rescue, git: Repository, branch: str, repo: str) -> bool:
    """Whether the branch of a repository has a commit of the very work tree that was saved."""
    return run_to_end(_is_on_branch(rescue, git, branch, open_repository(repo)))


async def _is_on_branch(rescue: Rescue, git: Repository, branch: str, other: Repository) -> bool:
    wanted = await _tree(git, f"{rescue.commit}:worktree")
    tip = await commit_of(other, f"refs/heads/{branch}")
    if tip is None:
        return False
    done = await other.attempt("log", "--format=%T", "--first-parent", tip, "--")
    return done.status == 0 and wanted in done.stdout.decode().split()


async def _rescues(git: Repository) -> tuple[Rescue, ...]:
    return tuple([await _read(git, *one) for one in await _refs(git)])


async def _find_rescue(git: Repository, name: str) -> Rescue:
    refs = {one[1].removeprefix(f"{RESCUES}/"): one for one in await _refs(git)}
    if name not in refs:
        raise UsageError(f"there is no rescue {name}; there are: {', '.join(refs) or 'none'}")
    return await _read(git, *refs[name])


async def _refs(git: Repository) -> list[tuple[str, str, str]]:
    """Every ref below refs/rescue, the newest first: its object, its name, and when the object was made, if it says."""
    form = "--format=%(objectname) %(creatordate:unix) %(refname)"
    listing = await git.run("for-each-ref", "--sort=-creatordate", "--sort=-refname", form, f"{RESCUES}/")
    fields = [line.split(" ", 2) for line in os.fsdecode(listing).split("\n")[:-1]]
    return [(commit, ref, at) for commit, at, ref in fields]


async def _read(git: Repository, commit: str, ref: str, at: str) -> Rescue:
    where = f"{ref} of {git.path}"
    manifest = parse_json(decode(await git.run("cat-file", "blob", f"{commit}:manifest.json"), where), where)
    if not at or not _is_manifest(manifest):
        raise CannotKnow(f"{where} is no rescue")
    return Rescue(ref.removeprefix(f"{RESCUES}/"), commit, utc(float(at)), manifest)


def _is_manifest(said: Any) -> bool:
    """Whether this is what `rescue.save` writes, of now or of 0.2.0; a bundle may hold anything."""
    if not isinstance(said, dict) or not isinstance(modes := said.get("modes"), dict):
        return False
    head, lists = said.get("head"), [said.get(name, []) for name in ("empty", "named", "unsaved")]
    return (
        (head is None or (isinstance(head, str) and re.fullmatch(r"[0-9a-f]{40,64}", head) is not None))
        and all(isinstance(mode, str) and re.fullmatch(r"[0-7]{4}", mode) for mode in modes.values())
        and all(isinstance(one, list) and all(map(_is_name, one)) for one in lists)
        and isinstance(said.get("in_progress", {}), dict)
    )


def _is_name(text: Any) -> bool:
    try:
        return isinstance(text, str) and bool(os.fsencode(text))
    except UnicodeEncodeError:
        return False


async def _write(git: Repository, rescue: Rescue, folder: str) -> int:
    files = await list_stored(git, f"{rescue.commit}:worktree")
    empty = [os.fsencode(one) for one in rescue.manifest.get("empty", ())]
    _require_sound_paths(rescue, [one.path for one in files], empty)
    os.makedirs(folder, exist_ok=True)
    last = [one for one in files if one.mode == "120000"]  # nothing is to be written through a link of ours
    for path in empty:
        os.makedirs(os.path.join(os.fsencode(folder), path), exist_ok=True)
    for one, pieces in read_contents(git, [one for one in files if one.mode != "120000"] + last):
        name = os.fsdecode(one.path)
        _restore(os.path.join(folder, name), one.mode, pieces, rescue.manifest["modes"].get(name))
    return len(files)


def _require_sound_paths(rescue: Rescue, files: list[bytes], empty: list[bytes]) -> None:
    """Raise CannotKnow for paths that no work tree has; a bundle may come from anywhere."""
    taken = set(files)
    for path in (*files, *empty):
        parts = path.split(b"/")
        above = {b"/".join(parts[:length]) for length in range(1, len(parts))}
        if any(part in (b"", b".", b"..", b".git") for part in parts) or above & taken:
            raise CannotKnow(f"the rescue {rescue.name} has a path that no work tree has: {os.fsdecode(path)!r}")
    if len(taken) < len(files) or taken.intersection(empty):
        raise CannotKnow(f"the rescue {rescue.name} has a path twice")


def _restore(place: str, mode: str, pieces: Iterator[bytes], permissions: str | None) -> None:
    os.makedirs(os.path.dirname(place), exist_ok=True)
    if mode == "120000":
        os.symlink(b"".join(pieces), os.fsencode(place))
        return
    bits = int(permissions, 8) if permissions else 0o755 if mode == "100755" else 0o644
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        file.writelines(pieces)
        os.fchmod(descriptor, bits)


async def _branch(git: Repository, rescue: Rescue, branch: str) -> str:
    ref = await _new_ref(git, branch)
    tip = rescue.manifest.get("head")
    tree = await _tree(git, f"{tip}^{{tree}}") if tip else ""
    for part, says in (("index", "what was staged"), ("worktree", "what was in the work tree")):
        new = await _tree(git, f"{rescue.commit}:{part}")
        if new != tree:
            parents = ["-p", tip] if tip else []
            message = f"{says} (rescue {rescue.name})"
            tip = (await git.run(*IDENTITY, "commit-tree", *parents, "-m", message, new)).decode().strip()
            tree = new
    await git.run(
        "update-ref", "--no-deref", "--create-reflog", ref, str(tip), "0" * len(str(tip))
    )  # never over another branch
    return str(tip)


async def _branch_elsewhere(git: Repository, rescue: Rescue, branch: str, other: Repository) -> str:
    await _new_ref(other, branch)
    done = await fetch_commits(other, git, [rescue.commit])
    if done.status != 0:
        raise CannotKnow(f"the rescue {rescue.name} cannot be fetched into {other.path}: {complaint(done)}")
    return await _branch(other, rescue, branch)


async def _new_ref(git: Repository, branch: str) -> str:
    ref = f"refs/heads/{branch}"
    if (await git.attempt("check-ref-format", ref)).status != 0:
        raise UsageError(f"{branch!r} cannot be the name of a branch")
    if await read_ref(git, ref):
        raise CannotKnow(f"there is a branch {branch} in {git.path} already")
    return ref


async def _tree(git: Repository, name: str) -> str:
    return (await git.run("rev-parse", "--verify", name)).decode().strip()
