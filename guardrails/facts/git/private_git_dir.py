"""Reading a work tree and its index through a git directory of our own.

Commands that look at files, such as `git status`, obey the configuration of the repository: it may name programs, and
may change between two commands. Some of them also write: an object for each folder of a sparse index, and the time of
the shared half of a split one. So they get a git directory that we made, with an empty configuration and a copy of the
index. From the real one they need the objects, which they find as alternates, and the rules of `info/exclude`. Only the
tree has rules for attributes (gitrepository-layout(5), git(1) ENVIRONMENT VARIABLES).
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes, write_new
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.index import require_checksum
from guardrails.facts.git.layout import layout_of
from guardrails.facts.git.reader import Repository, quote_alternate
from guardrails.facts.witness import state_of
from guardrails.policy import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.facts.git.layout import Layout
    from guardrails.policy import World

_CONFIGURATION = "[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectFormat = {}\n"
_SHARED_INDEX = "sharedindex."
_INDEX_LIMIT = 1 << 30  # bytes


class Contents(Fact):
    """A reader of the work tree and the index of a checkout; `git` is to be used while the look is under way.

    `index` is the path of its copy of the index, and `state` that of the copy before any git saw it.
    """

    git: Repository
    index: str
    state: list[int]

    @classmethod
    async def gather(cls, world: World, path: str | None = None) -> Self:
        """Make the git directory. Raises CannotKnow as Checkout does, and when there is no place for it."""
        checkout: Checkout = await world.fact(Checkout, path)
        return cls.make(world, checkout.git, layout_of(checkout))

    @classmethod
    def make(cls, world: World, git: Repository, layout: Layout) -> Self:
        """Make the git directory for a repository of that layout. Raises CannotKnow when there is no place for it."""
        folder = world.scratch.make_folder()
        try:
            _furnish(folder, layout)
            index = _copy_index(folder, layout)
        except OSError as error:
            raise CannotKnow(f"{folder} cannot be written: {error.strerror}") from None
        variables = {
            "GIT_DIR": folder,
            "GIT_WORK_TREE": git.path,
            "GIT_INDEX_FILE": index,
            "GIT_OPTIONAL_LOCKS": "1",  # so that the copy tells what `touched` asks
            "GIT_OBJECT_DIRECTORY": os.path.join(folder, "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": quote_alternate(layout.objects),
        }
        exclude = os.path.join(layout.common_dir, "info", "exclude")
        return cls(git.with_variables(variables, f"core.excludesFile={exclude}"), index, state_of(index))

    def require_whole_index(self, checkout: Checkout) -> None:
        """Raise CannotKnow unless the index matches its own checksum; best asked while git is at work."""
        for name in os.listdir(os.path.dirname(self.index)):
            if name == "index" or name.startswith(_SHARED_INDEX):
                with open(os.path.join(os.path.dirname(self.index), name), "rb") as file:
                    require_checksum(file.read(), checkout)

    async def touched(self, world: World, path: str | None = None) -> list[str]:
        """The files that changed since git wrote the index, whatever they hold now; to be asked after `git status`.

        `status` says nothing of a file that it finds as the index has it, but then it writes the index anew.
        """
        if state_of(self.index) == self.state:
            return []
        again = await Contents.gather(world, path)
        names = await again.git.run("diff-files", "-z", "--name-only", "--ignore-submodules=all")
        return [os.path.join(self.git.path, name) for name in os.fsdecode(names).split("\0")[:-1]]


def _furnish(folder: str, layout: Layout) -> None:
    """What git wants to see in a git directory, with HEAD at the commit that is looked at."""
    for name in ("objects", "refs"):
        os.mkdir(os.path.join(folder, name), 0o700)
    write_new(os.path.join(folder, "config"), _CONFIGURATION.format(layout.object_format).encode())
    write_new(os.path.join(folder, "HEAD"), f"{layout.commit}\n".encode())


def _copy_index(folder: str, layout: Layout) -> str:
    """A copy of the index, with that of the shared half where it is split, which git looks for in the git directory.

    The copy keeps the time of the index, by which git tells which files it must compare again
    (Documentation/technical/racy-git.txt).
    """
    halves = [name for name in os.listdir(layout.git_dir) if name.startswith(_SHARED_INDEX)]
    for name in ("index", *halves):
        path, copy = os.path.join(layout.git_dir, name), os.path.join(folder, name)
        try:
            status = os.stat(path)
            data = read_bytes(path, _INDEX_LIMIT)
        except FileNotFoundError:
            continue  # without an index, git status shows every file as deleted
        write_new(copy, data)
        os.utime(copy, ns=(status.st_atime_ns, status.st_mtime_ns))
    return os.path.join(folder, "index")
