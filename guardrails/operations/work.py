"""What in a work tree and its index is work that a rescue must hold, and what can only be named."""

from __future__ import annotations

import os
import stat

from guardrails.errors import CannotKnow
from guardrails.facts.git import complaint
from guardrails.facts.moves import behind_a_link, below
from guardrails.record import Record
from guardrails.text import lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from guardrails.facts.git import Repository
    from guardrails.operations.trees import Entry

_RULES = "--exclude-per-directory=.gitignore"  # those of the tree, and no others


class Work(Record):
    """The work in one repository. `index` is the path of its index; paths in bytes are seen from the top.

    `staged` are the entries of the index, `conflicts` those by stage and path that are in conflict; `regular` and
    `links` are on disk, with the permission bits of each file in `modes`. `empty` are folders, `named` holds no work,
    `unsaved` is work that cannot be saved, of which `out_of_reach` are paths.
    """

    index: str
    object_format: str
    staged: Mapping[bytes, Entry]
    conflicts: Mapping[tuple[str, bytes], Entry]
    regular: list[bytes]
    links: list[bytes]
    modes: Mapping[str, int]
    empty: tuple[str, ...]
    named: tuple[str, ...]
    unsaved: tuple[str, ...]
    out_of_reach: frozenset[bytes]


async def look(git: Repository, *, ignored: bool, also: Iterable[str]) -> Work:
    """Look through the index and the disk; of what git ignores, at all of it or at the paths in `also`."""
    folders = (await git.run("rev-parse", "--absolute-git-dir", "--show-object-format")).decode().split("\n")
    staged, conflicts = await _staged(git)
    seen = _Seen(git)
    tracked = staged.keys() | {path for _, path in conflicts}
    for path in sorted({*tracked, *map(os.fsencode, also), *await seen.others(ignored=ignored)}):
        seen.add(path)
    await seen.missing(staged)
    empty, special = _unlisted(git.path, seen.passed_over)
    for name in special:
        seen.add(os.fsencode(name))
    return Work(
        index=os.path.join(folders[0], "index"),
        object_format=folders[1],
        staged=staged,
        conflicts=conflicts,
        regular=seen.regular,
        links=seen.links,
        modes=seen.modes,
        empty=tuple(empty),
        named=tuple(dict.fromkeys(seen.named)),
        unsaved=tuple(seen.unsaved),
        out_of_reach=frozenset(seen.out_of_reach),
    )


async def _staged(git: Repository) -> tuple[dict[bytes, Entry], dict[tuple[str, bytes], Entry]]:
    staged: dict[bytes, Entry] = {}
    conflicts: dict[tuple[str, bytes], Entry] = {}
    for line in (await git.run("ls-files", "-s", "-z")).split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, oid, stage = facts.decode().split(" ")
        if stage == "0":
            staged[path] = (mode, oid)
        else:
            conflicts[stage, path] = (mode, oid)
    return staged, conflicts


class _Seen:
    """What was found on disk so far."""

    def __init__(self, git: Repository) -> None:
        self._git = git
        self.regular: list[bytes] = []
        self.links: list[bytes] = []
        self.modes: dict[str, int] = {}
        self.named: list[str] = []
        self.unsaved: list[str] = []
        self.out_of_reach: set[bytes] = set()
        self._links: dict[str, bool] = {}
        self.passed_over: set[str] = set()  # folders that the tree's own rules ignore

    async def others(self, *, ignored: bool) -> set[bytes]:
        """The paths that are not in the index; a folder among them, with a slash at its end, is a repository."""
        done = await self._git.attempt("ls-files", "-z", "-o", *(() if ignored else (_RULES,)))
        for line in lines(done.stderr.decode("utf-8", "surrogateescape")):
            self.unsaved.append(line.removeprefix("warning: "))  # a folder that may not be opened
        others = set(done.stdout.split(b"\0")[:-1])
        return others if ignored else others | await self._wrongly_ignored()

    async def _wrongly_ignored(self) -> set[bytes]:
        """What only a rule outside the tree hides: a `.gitignore` that nobody has committed is no rule of the tree."""
        done = await self._git.attempt("ls-files", "-z", "-o", "-i", _RULES, "--directory")
        if done.status != 0:
            raise CannotKnow(f"git ls-files in {self._git.path}: {complaint(done)}")
        listing = done.stdout  # it warns of folders that may not be opened, which are named already
        if not listing:
            return set()
        rules = (await self._git.run("check-ignore", "-v", "-z", "--stdin", stdin=listing)).split(b"\0")
        tracked = set((await self._git.run("ls-files", "-z", "--", ":(glob)**/.gitignore")).split(b"\0"))
        sources = dict(zip(rules[3::4], rules[0::4], strict=False))
        hidden = [path for path, source in sources.items() if source not in tracked]
        self.passed_over = {os.fsdecode(path).rstrip("/") for path in sources.keys() - set(hidden)}
        return {os.fsencode(one) for path in hidden for one in below(self._git.path, os.fsdecode(path))}

    def add(self, path: bytes) -> None:
        """Take a path for a file or a link, or note why it is neither; what is not there is nothing."""
        name = os.fsdecode(path)
        place = os.path.join(self._git.path, name)
        if behind_a_link(self._git.path, name, self._links):
            return
        try:
            status = os.lstat(place)
        except (FileNotFoundError, NotADirectoryError):
            return
        except PermissionError:
            self._leave(path, "cannot be looked at")
            return
        if stat.S_ISLNK(status.st_mode):
            self.links.append(path)
        elif stat.S_ISDIR(status.st_mode):
            if os.path.lexists(os.path.join(place, ".git")):
                self._leave(path, "is a repository of its own")
        elif not stat.S_ISREG(status.st_mode):
            self.named.append(f"{name} is neither a file, a folder nor a link")
        elif not os.access(place, os.R_OK):
            self._leave(path, "cannot be read")
        else:
            self.regular.append(path)
            self.modes[name] = stat.S_IMODE(status.st_mode)

    def _leave(self, path: bytes, why: str) -> None:
        self.unsaved.append(f"{os.fsdecode(path).rstrip('/')} {why}")
        self.out_of_reach.add(path)

    async def missing(self, staged: Mapping[bytes, Entry]) -> None:
        """Note what is staged under an id that git has no content for, unless HEAD names the same."""
        files = {path: entry for path, entry in staged.items() if entry[0] != "160000"}
        wanted = "".join(f"{oid}\n" for _, oid in files.values()).encode()
        listing = await self._git.run("cat-file", "--batch-check=%(objecttype)", stdin=wanted) if files else b""
        answers = zip(files, listing.split(b"\n")[:-1], strict=True)
        if gone := [path for path, answer in answers if answer.endswith(b" missing")]:
            head = await self._git.attempt("ls-tree", "-r", "-z", "--full-tree", "HEAD")
            known = set(head.stdout.split(b"\0"))
            for path in gone:
                mode, oid = files[path]
                if f"{mode} blob {oid}\t".encode() + path not in known:
                    self.unsaved.append(f"what is staged of {os.fsdecode(path)} is missing from the repository")


def _unlisted(top: str, passed_over: set[str]) -> tuple[list[str], list[str]]:
    """The empty folders, and the FIFOs, sockets and devices below a folder: git lists none of them when untracked."""
    empty: list[str] = []
    special: list[str] = []
    for folder, folders, names in os.walk(top):
        inner = "" if folder == top else os.path.relpath(folder, top) + os.sep
        if not folders and not names and inner:
            empty.append(inner.rstrip(os.sep))
        folders[:] = [name for name in folders if name != ".git" and inner + name not in passed_over]
        special += [inner + name for name in names if _is_special(os.path.join(folder, name))]
    return empty, special


def _is_special(path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False  # it has gone; what may not be looked at is told by git
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode))
