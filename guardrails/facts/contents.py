"""Reading a work tree and its index through a git directory of our own.

Commands that look at files, such as `git status`, obey the configuration of the repository: it may name programs, and
may change between two commands. Some of them also write: an object for each folder of a sparse index, and the time of
the shared half of a split one. So they get a git directory that we made, with a configuration that is empty. What they
need of the real one are the objects, which they find as alternates, the index, and the rules of `info/exclude`. Rules
for attributes are those of the tree alone (gitrepository-layout(5), git(1) ENVIRONMENT VARIABLES).
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes, write_new
from guardrails.facts.git import Repository, quoted
from guardrails.facts.repository import Checkout
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

_CONFIGURATION = "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectFormat = {}\n"
_SHARED_INDEX = "sharedindex."
_INDEX_LIMIT = 1 << 30  # bytes


class Contents(Fact):
    """A reader of the work tree and the index of a checkout; `git` is to be used while the look is under way."""

    git: Repository

    @classmethod
    async def gather(cls, world: World, path: str | None = None) -> Self:
        """Make the git directory. Raises CannotKnow as Checkout does, and when there is no place for it."""
        checkout: Checkout = await world.fact(Checkout, path)
        folder = world.scratch.folder()
        try:
            _furnish(folder, checkout)
        except OSError as error:
            raise CannotKnow(f"{folder} cannot be written: {error.strerror}") from None
        variables = {
            "GIT_DIR": folder,
            "GIT_WORK_TREE": checkout.git.path,
            "GIT_INDEX_FILE": _index(folder, checkout),
            "GIT_OBJECT_DIRECTORY": os.path.join(folder, "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": quoted(checkout.objects),
        }
        exclude = os.path.join(checkout.common_dir, "info", "exclude")
        return cls(checkout.git.told(variables, f"core.excludesFile={exclude}"))


def _furnish(folder: str, checkout: Checkout) -> None:
    """What git wants to see in a git directory, with HEAD at the commit that is looked at."""
    for name in ("objects", "refs"):
        os.mkdir(os.path.join(folder, name), 0o700)
    write_new(os.path.join(folder, "config"), _CONFIGURATION.format(checkout.object_format).encode())
    write_new(os.path.join(folder, "HEAD"), f"{checkout.commit}\n".encode())


def _index(folder: str, checkout: Checkout) -> str:
    """The index to read: the real one or, when it is split, a copy of both halves.

    git touches the shared half whenever it reads it, and looks for it in the git directory. The copy keeps the time of
    the index, by which git tells which files it must compare again (Documentation/technical/racy-git.txt).
    """
    real = os.path.join(checkout.git_dir, "index")
    halves = [name for name in os.listdir(checkout.git_dir) if name.startswith(_SHARED_INDEX)]
    if not halves:
        return real
    for name in ("index", *halves):
        path, copy = os.path.join(checkout.git_dir, name), os.path.join(folder, name)
        try:
            status = os.stat(path)
            write_new(copy, read_bytes(path, _INDEX_LIMIT))
        except FileNotFoundError:
            continue
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    return os.path.join(folder, "index")
