"""Save the work in a repository where no reset reaches it, and prove that it is saved.

What a rescue is made of stands in `guardrails.facts.rescues`. The work tree, the index and every other ref stay as they
are, and no filter or hook of the repository runs: bytes go in as they are on disk.
"""

from __future__ import annotations

import json
import os
import stat
import time

from guardrails.errors import CannotKnow
from guardrails.facts.git import Repository
from guardrails.facts.processes import finished
from guardrails.facts.rescues import RESCUES, holding
from guardrails.operations.trees import IDENTITY, Entry, blob, blobs_of_files, blobs_of_texts, tree
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.policy import World


class Saved(Record):
    """A proven rescue: its ref, how many files and stashes it holds, and what it only names.

    `named` are empty folders, FIFOs and the like, which hold no work; `unsaved` is work that it could not save.
    """

    ref: str
    files: int
    stashes: int
    named: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()


def save(world: World, *, ignored: bool = False) -> Saved:
    """Save everything that a reset, a clean or a lost stash could destroy; what git ignores only on request.

    Raises CannotKnow when the repository cannot be read, or changes while it is saved.
    """
    git = Repository(world.environment.repo, timeout=max(world.timeout, 600.0))
    return finished(_Rescue(git, ignored=ignored).save())


class _Rescue:
    def __init__(self, git: Repository, *, ignored: bool) -> None:
        self._git = git
        self._ignored = ignored
        self._named: list[str] = []
        self._unsaved: list[str] = []
        self._empty: list[str] = []
        self._modes: dict[str, int] = {}

    async def save(self) -> Saved:
        head = await self._verified("HEAD^{commit}")
        git_dir, object_format = (
            (await self._git.run("rev-parse", "--absolute-git-dir", "--show-object-format")).decode().split("\n")[:2]
        )
        staged, conflicts = await self._staged()
        files = await self._on_disk(staged.keys() | conflicts)
        stashes = (await self._git.attempt("log", "-g", "--format=%H", "refs/stash", "--")).stdout.decode().split()
        index_tree = await tree(self._git, staged)
        parents = [head] if head else []
        index_commit = await self._commit(index_tree, parents, "the index")
        root = {
            b"worktree": ("040000", await tree(self._git, files)),
            b"index": ("040000", index_tree),
            b"manifest.json": ("100644", await blob(self._git, await self._manifest(head))),
        }
        if os.path.exists(index := os.path.join(git_dir, "index")):
            [raw] = await blobs_of_files(self._git, [os.fsencode(index)])
            root[b"raw-index"] = ("100644", raw)
        kept = [*parents, index_commit, *dict.fromkeys(stashes)]
        made = await self._commit(await tree(self._git, root), kept, "work")
        ref = f"{RESCUES}/{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{made[:8]}"
        await self._git.run("update-ref", "--create-reflog", ref, made, "0" * len(made))
        paths = [os.fsdecode(path) for path in staged.keys() | files.keys()]
        if await holding(self._git, object_format, paths, [*parents, *stashes]) != ref:
            raise CannotKnow(f"{self._git.path} has changed while it was saved; {ref} holds what was there: save again")
        named = (*(f"{folder}/ is empty" for folder in self._empty), *self._named)
        return Saved(ref, len(files), len(stashes), named, tuple(self._unsaved))

    async def _verified(self, name: str) -> str | None:
        done = await self._git.attempt("rev-parse", "--verify", "--quiet", name)
        return done.stdout.decode().strip() if done.status == 0 else None

    async def _commit(self, tree_id: str, parents: list[str], what: str) -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        made = await self._git.run(*IDENTITY, "commit-tree", *words, "-m", f"rescue: {what}", tree_id)
        return made.decode().strip()

    async def _staged(self) -> tuple[dict[bytes, Entry], set[bytes]]:
        """The entries of the index, and the paths in conflict, whose entries only the raw index keeps."""
        staged: dict[bytes, Entry] = {}
        conflicts = set()
        for line in (await self._git.run("ls-files", "-s", "-z")).split(b"\0")[:-1]:
            facts, _, path = line.partition(b"\t")
            mode, oid, stage = facts.decode().split(" ")
            if stage == "0":
                staged[path] = (mode, oid)
            else:
                conflicts.add(path)
        return staged, conflicts

    async def _on_disk(self, tracked: set[bytes]) -> dict[bytes, Entry]:
        """Store every file and link of the work tree that is work."""
        others = (await self._git.run("ls-files", "-z", "-o", *self._excludes())).split(b"\0")[:-1]
        wanted = sorted(tracked.union(others) | (set() if self._ignored else await self._wrongly_ignored()))
        regular: list[bytes] = []
        links: list[bytes] = []
        for path in wanted:
            kind = self._kind(path)
            if kind:
                (links if kind == "link" else regular).append(path)
        top = os.fsencode(self._git.path)
        ids = await blobs_of_files(self._git, regular)
        targets = await blobs_of_texts(self._git, [os.readlink(os.path.join(top, path)) for path in links])
        self._note_empty_folders()
        modes = ["100755" if self._modes[os.fsdecode(path)] & 0o100 else "100644" for path in regular]
        files = dict(zip(regular, zip(modes, ids, strict=True), strict=True))
        return files | {path: ("120000", oid) for path, oid in zip(links, targets, strict=True)}

    def _excludes(self) -> list[str]:
        return [] if self._ignored else ["--exclude-per-directory=.gitignore"]

    async def _wrongly_ignored(self) -> set[bytes]:
        """What only a rule outside the tree hides: a `.gitignore` that nobody has committed is no rule of the tree."""
        listing = await self._git.run("ls-files", "-z", "-o", "-i", "--exclude-per-directory=.gitignore", "--directory")
        if not listing:
            return set()
        rules = (await self._git.run("check-ignore", "-v", "-z", "--stdin", stdin=listing)).split(b"\0")
        tracked = set((await self._git.run("ls-files", "-z", "--", ":(glob)**/.gitignore")).split(b"\0"))
        hidden = [path for source, path in zip(rules[0::4], rules[3::4], strict=False) if source not in tracked]
        return {one for path in hidden for one in self._below(path)}

    def _below(self, path: bytes) -> Iterator[bytes]:
        top = os.fsencode(self._git.path)
        place = os.path.join(top, path)
        if os.path.islink(place.rstrip(b"/")) or not os.path.isdir(place):
            yield path.rstrip(b"/")
            return
        for folder, folders, names in os.walk(place):
            links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
            yield from (os.path.relpath(os.path.join(folder, name), top) for name in (*names, *links))

    def _kind(self, path: bytes) -> str:
        """File or link, empty for what is not there or cannot be saved; notes modes and what is only named."""
        name = os.fsdecode(path)
        try:
            status = os.lstat(os.path.join(self._git.path, name))
        except (FileNotFoundError, NotADirectoryError):
            return ""
        if stat.S_ISLNK(status.st_mode):
            return "link"
        if stat.S_ISREG(status.st_mode):
            self._modes[name] = stat.S_IMODE(status.st_mode)
            return "file"
        if stat.S_ISDIR(status.st_mode):
            if os.path.lexists(os.path.join(self._git.path, name, ".git")):
                self._unsaved.append(f"{name.rstrip('/')} is a repository of its own")
            return ""
        self._named.append(f"{name} is neither a file, a folder nor a link")
        return ""

    def _note_empty_folders(self) -> None:
        for folder, folders, names in os.walk(self._git.path):
            if ".git" in folders:
                folders.remove(".git")
            if not folders and not names and folder != self._git.path:
                self._empty.append(os.path.relpath(folder, self._git.path))

    async def _manifest(self, head: str | None) -> bytes:
        symref = (await self._git.attempt("symbolic-ref", "--quiet", "HEAD")).stdout.decode("utf-8", "replace").strip()
        said = {
            "format": 1,
            "head": head,
            "branch": symref or None,
            "modes": {name: f"{mode:04o}" for name, mode in self._modes.items() if mode not in (0o644, 0o755)},
            "empty": self._empty,
            "named": self._named,
            "unsaved": self._unsaved,
        }
        return json.dumps(said, indent=1).encode()
