"""The work in a work tree and its index that a rescue must hold, and the work that it can only name."""

from __future__ import annotations

import os
import stat

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.listings import INDEX_LISTING, TREE_LISTING, read_index_listing, read_tree_listing
from guardrails.facts.git.refs import read_beside_refs, read_tracking_ref
from guardrails.facts.operation.checkout_moves import behind_a_link, require_own_tree
from guardrails.facts.worktree.untracked import list_others, rules_of
from guardrails.facts.worktree.worktree import Worktree
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from guardrails.facts.git.reader import Repository
    from guardrails.operations.rescue.write_trees import ModeAndId
    from guardrails.policy import World

_GITLINK = "160000"
_PLACES = ("--absolute-git-dir", "--path-format=absolute", "--git-common-dir", "--show-toplevel")


class Work(Record):
    """The work in one repository; paths in bytes are seen from the top, the folders of git are absolute.

    `head` is the commit that is checked out, None before the first.
    `staged` are the entries of the index, `conflicts` those by stage and path that are in conflict; `regular` and
    `links` are on disk, with the permission bits of each file in `modes`. `empty` are folders, `named` holds no work,
    `unsaved` is work that cannot be saved, of which `out_of_reach` are paths.
    """

    head: str | None
    git_dir: str
    common_dir: str
    object_format: str
    staged: Mapping[bytes, ModeAndId]
    conflicts: Mapping[tuple[str, bytes], ModeAndId]
    regular: list[bytes]
    links: list[bytes]
    modes: Mapping[str, int]
    empty: tuple[str, ...]
    named: tuple[str, ...]
    unsaved: tuple[str, ...]
    out_of_reach: frozenset[bytes]


async def look(world: World, git: Repository, *, ignored: bool, also: Iterable[str]) -> Work:
    """Look through the index and the disk, and at ignored files: at all of them, or at the paths in `also`.

    Raises CannotKnow when git works on another folder.
    """
    places = os.fsdecode(await git.run("rev-parse", "--show-object-format", *_PLACES)).split("\n")[:-1]
    if len(places) != len(_PLACES):
        raise CannotKnow(f"the paths of the repository at {git.path} cannot be told apart")
    object_format, git_dir, common_dir, top = places
    require_own_tree(git.path, top)
    head = await read_beside_refs(git, "HEAD")
    staged, conflicts = await _list_staged(git)
    links = {path: oid for path, (mode, oid) in staged.items() if mode == _GITLINK}
    seen = _Seen(world, git, links)
    known = staged.keys() | {path for _, path in conflicts}
    for path in sorted({*known, *map(os.fsencode, also), *await seen.others(head, ignored=ignored)}):
        seen.add(path)
    await seen.note_missing(staged)
    empty = seen.find_unlisted()
    return Work(
        head=head,
        git_dir=git_dir,
        common_dir=common_dir,
        object_format=object_format,
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


async def _list_staged(git: Repository) -> tuple[dict[bytes, ModeAndId], dict[tuple[str, bytes], ModeAndId]]:
    staged: dict[bytes, ModeAndId] = {}
    conflicts: dict[tuple[str, bytes], ModeAndId] = {}
    for _, mode, oid, stage, path in read_index_listing(await git.run(*INDEX_LISTING)):
        if stage == b"0":
            staged[path] = (mode.decode(), oid)
        else:
            conflicts[stage.decode(), path] = (mode.decode(), oid)
    return staged, conflicts


class _Seen:
    """What was found on disk so far; `gitlinks` are the submodules, each with the commit that the index has."""

    def __init__(self, world: World, git: Repository, gitlinks: Mapping[bytes, str]) -> None:
        self._world = world
        self._git = git
        self._gitlinks = gitlinks
        self.regular: list[bytes] = []
        self.links: list[bytes] = []
        self.modes: dict[str, int] = {}
        self.named: list[str] = []
        self.unsaved: list[str] = []
        self.out_of_reach: set[bytes] = set()
        self._links: dict[str, bool] = {}
        self._repositories: set[str] = set()
        self._passed_over: frozenset[str] = frozenset()  # what the rules of the tree ignore

    async def others(self, head: str | None, *, ignored: bool) -> set[bytes]:
        """The paths that are not in the index. A file that only a rule ignores which a reset undoes is work."""
        if ignored:
            done = await self._git.attempt("ls-files", "-z", "-o")
            self._note_warnings(done.stderr.decode("utf-8", "surrogateescape").split("\n")[:-1])
            return set(done.stdout.split(b"\0")[:-1])
        upstream = self._world.environment.upstream
        tip = await read_tracking_ref(self._git, upstream) if upstream else None
        rules = [await rules_of(self._git, commit) for commit in (head, tip) if commit] or [{}]
        found = await list_others(self._world, self._git, rules)
        self._note_warnings(found.warnings)
        self._passed_over = found.passed_over
        return set(map(os.fsencode, found.files))

    def _note_warnings(self, lines: Iterable[str]) -> None:
        """Of a folder that may not be opened."""
        self.unsaved += [line.removeprefix("warning: ") for line in lines]

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
                self._repositories.add(name.rstrip("/"))
                self._repository(path, place)
        elif not stat.S_ISREG(status.st_mode):
            self.named.append(f"{name} is neither a file, a folder nor a link")
        elif not os.access(place, os.R_OK):
            self._leave(path, "cannot be read")
        else:
            self.regular.append(path)
            self.modes[name] = stat.S_IMODE(status.st_mode)

    def _repository(self, path: bytes, place: str) -> None:
        """Leave a repository; a submodule without work in it has nothing that is to be saved."""
        recorded = self._gitlinks.get(path)
        if recorded is None:
            self._leave(path, "is a repository of its own")
            return
        try:
            commit = gather_fact(Checkout, self._world, place).commit
            work = commit != recorded or gather_fact(Worktree, self._world, "full", place).changes
        except CannotKnow:
            work = True  # it may be
        if work:
            self._leave(path, "is a repository of its own, with work in it")

    def _leave(self, path: bytes, why: str) -> None:
        self.unsaved.append(f"{os.fsdecode(path).rstrip('/')} {why}")
        self.out_of_reach.add(path)

    async def note_missing(self, staged: Mapping[bytes, ModeAndId]) -> None:
        """Note what is staged under an id that git has no content for, unless HEAD names the same."""
        files = {path: entry for path, entry in staged.items() if entry[0] != _GITLINK}
        wanted = "".join(f"{oid}\n" for _, oid in files.values()).encode()
        listing = await self._git.run("cat-file", "--batch-check=%(objecttype)", stdin=wanted) if files else b""
        answers = zip(files, listing.split(b"\n")[:-1], strict=True)
        if gone := [path for path, answer in answers if answer.endswith(b" missing")]:
            head = await self._git.attempt(*TREE_LISTING, "HEAD")
            listed = read_tree_listing(head.stdout) if head.status == 0 else ()
            known = {path: (mode.decode(), oid) for mode, _, oid, _, path in listed}
            for path in gone:
                if known.get(path) != files[path]:
                    self.unsaved.append(f"what is staged of {os.fsdecode(path)} is missing from the repository")

    def find_unlisted(self) -> list[str]:
        """Find what git lists of no folder: FIFOs, sockets, devices and all that is called .git; give empty folders."""
        empty: list[str] = []
        for folder, folders, names in os.walk(self._git.path):
            inner = "" if folder == self._git.path else os.path.relpath(folder, self._git.path) + os.sep
            if inner.rstrip(os.sep) in self._repositories:
                folders.clear()
                continue
            if inner and not folders and not names:
                empty.append(inner.rstrip(os.sep))
            if inner and ".git" in (*folders, *names) and _holds_files(os.path.join(folder, ".git")):
                self._leave(os.fsencode(inner + ".git"), "is no repository, and git looks into nothing of that name")
            folders[:] = [name for name in folders if name != ".git" and inner + name not in self._passed_over]
            for name in names:
                if name != ".git" and _is_special(os.path.join(folder, name)):
                    self.add(os.fsencode(inner + name))
        return empty


def _holds_files(place: str) -> bool:
    """Whether there is a file, or a folder with anything but empty folders in it."""
    return not os.path.isdir(place) or os.path.islink(place) or any(names for _, _, names in os.walk(place))


def _is_special(path: str) -> bool:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return False  # it has gone; what may not be looked at is told by git
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode))
