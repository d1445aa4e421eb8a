"""A rescue in a file outside of its repository, as git-bundle(1) writes it, which needs nothing else to be read.

A bundle appears under its name whole and proven, or not at all: it is made in a folder beside that, for its owner
alone, read back into an empty repository, and then linked into place, which replaces nothing.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.git.reader import Repository, complaint
from guardrails.facts.git.refs import commit_of
from guardrails.facts.git.rescues import RESCUES
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.rescue.save import PATIENCE
from guardrails.operations.rescue.write_trees import PIECEWISE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.operations.rescue.save import Saved

_FETCH = (*PIECEWISE, "-c", "fetch.unpackLimit=1", "fetch")
_HEADER = 4096  # bytes, in which the object format stands when it is not SHA-1 (gitformat-bundle)


def require_place(path: str, repo: str) -> None:
    """Raise UsageError for a path where no bundle of this repository can be: it is taken, or lies inside of it."""
    folder = os.path.dirname(path)
    if os.path.lexists(path):
        raise UsageError(f"--bundle {path} is there already; name a new file")
    if not os.path.isdir(folder):
        raise UsageError(f"--bundle {path}: there is no folder {folder}")
    for inside in (repo, *run_to_end(_folders(Repository(repo)))):
        if f"{os.path.realpath(folder)}/".startswith(os.path.realpath(inside).rstrip("/") + "/"):
            raise UsageError(f"--bundle {path} is inside of the repository, which is what it is to outlive")


def write(repo: str, saved: Saved, path: str) -> None:
    """Write a rescue of a repository into a new file. Raises CannotKnow when it cannot, and then leaves no file."""
    try:
        with tempfile.TemporaryDirectory(prefix=".guardrails-", dir=os.path.dirname(path)) as folder:
            made = os.path.join(folder, "bundle")
            run_to_end(_write(Repository(repo, timeout=PATIENCE), saved, made))
            os.link(made, path)
        _flush(os.path.dirname(path))
    except OSError as error:
        raise CannotKnow(f"{path} cannot be written: {error.strerror}") from None


@contextmanager
def open_bundle(path: str) -> Iterator[Repository]:
    """A repository, for as long as the block runs, that holds what is in a bundle.

    Raises UsageError when there is no such file, CannotKnow when it is no bundle, or not whole.
    """
    with tempfile.TemporaryDirectory(prefix="guardrails-") as folder:
        yield run_to_end(_unpack(path, folder))


async def _folders(git: Repository) -> tuple[str, ...]:
    found = await git.run("rev-parse", "--path-format=absolute", "--absolute-git-dir", "--git-common-dir")
    return tuple(os.fsdecode(found).split("\n")[:-1])


async def _write(git: Repository, saved: Saved, path: str) -> None:
    done = await git.attempt(
        *PIECEWISE, "bundle", "create", "--quiet", path, saved.ref
    )  # hints at grafts before it reads settings
    if done.status != 0:
        raise CannotKnow(f"git bundle in {git.path}: {complaint(done)}")
    os.chmod(path, 0o600)  # it may hold what only its owner could read
    _flush(path)
    scratch = os.path.join(os.path.dirname(path), "empty")
    os.mkdir(scratch)
    other = await _unpack(path, scratch)
    if await commit_of(other, saved.ref) != saved.commit:
        raise CannotKnow(f"{saved.ref} came back from the bundle as something else")


async def _unpack(path: str, folder: str) -> Repository:
    """Fetch every rescue of a bundle into an empty repository, which has git hold every object to its id."""
    git = Repository(folder, timeout=PATIENCE)
    await git.run("init", "--quiet", "--template=", f"--object-format={_object_format(path)}")
    verified = await git.attempt("bundle", "verify", "--quiet", path)
    if verified.status != 0:
        raise CannotKnow(f"{path} is no bundle that can stand alone: {complaint(verified)}")
    refs = f"{RESCUES}/*:{RESCUES}/*"
    done = await git.attempt(*_FETCH, "--quiet", "--no-write-fetch-head", "--no-tags", "--", path, refs)
    if done.status != 0:
        raise CannotKnow(f"{path} cannot be read: {complaint(done)}")
    return git


def _object_format(path: str) -> str:
    try:
        with open(path, "rb") as file:
            header = file.read(_HEADER)
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"--bundle {path}: there is no such file") from None
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    return "sha256" if b"\n@object-format=sha256\n" in header else "sha1"


def _flush(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
