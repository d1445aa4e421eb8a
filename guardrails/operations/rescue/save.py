"""Save the work in a repository where no reset reaches it, and prove that it is saved.

`facts.git.rescues` says what a rescue is made of. The work tree, the index and every other ref stay as they are, and no
filter or hook of the repository runs: bytes go in as they are on disk. The ref comes last, when all that it names has
been read back and compared. A save that is ended before leaves no rescue, and one that is ended later a whole one.
"""

from __future__ import annotations

import json
import os
import time

from guardrails.errors import CannotKnow
from guardrails.facts.git import reflog
from guardrails.facts.git.reader import Repository, complaint
from guardrails.facts.git.refs import commit_of, read_beside_refs, read_ref, read_tracking_ref
from guardrails.facts.git.rescues import RESCUES, holds
from guardrails.facts.git.stashes import find_stashes
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.facts.worktree.every_byte import object_id
from guardrails.operations.rescue.unsaved_work import Work, look
from guardrails.operations.rescue.write_trees import (
    IDENTITY,
    Blobs,
    ModeAndId,
    list_stored,
    read_contents,
    read_objects,
    write_blob,
    write_tree,
)
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from guardrails.operations.rescue.write_trees import Stored
    from guardrails.policy import World

PATIENCE = 600.0  # seconds for one git; there may be much to save
STAGES = 4  # of a save, each told as it begins
_IN_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "REBASE_HEAD")


class Saved(Record):
    """A proven rescue: its ref and commit, how many files and stashes it holds, and what it only names.

    `named` are empty folders, FIFOs and the like, which hold no work; `unsaved` is work that it could not save.
    """

    ref: str
    commit: str
    files: int
    stashes: int
    named: tuple[str, ...] = ()
    unsaved: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What `list` calls it."""
        return self.ref.removeprefix(f"{RESCUES}/")

    def counted(self) -> dict[str, str | int]:
        """What is logged of it: no text from the world."""
        lists = {"named": len(self.named), "unsaved": len(self.unsaved)}
        return {"ref": self.ref, "commit": self.commit, "files": self.files, "stashes": self.stashes, **lists}


def save(
    world: World, *, ignored: bool = False, also: Iterable[str] = (), told: Callable[[str], None] = lambda _: None
) -> Saved:
    """Save everything that a reset, a clean or a lost stash could destroy.

    Ignored files are saved only on request: all of them with `ignored`, or the paths in `also`. `told` hears of each
    stage. Raises CannotKnow when the repository cannot be read or written, or changes while it is saved.
    """
    try:
        return run_to_end(_Rescue(world, told).save(ignored=ignored, also=also))
    finally:
        world.scratch.remove()


def find_unsaved(world: World, *, also: Iterable[str] = ()) -> tuple[str, ...]:
    """The work that a rescue cannot hold, without making one. Raises CannotKnow as `save` does."""
    try:
        work, _ = run_to_end(_Rescue(world, lambda _: None).find_work(ignored=False, also=also))
    finally:
        world.scratch.remove()
    return work.unsaved


class _Rescue:
    def __init__(self, world: World, told: Callable[[str], None]) -> None:
        self._world = world
        self._branch, self._upstream = world.environment.branch, world.environment.upstream
        self._git = Repository(world.environment.repo, timeout=max(world.timeout, PATIENCE))
        self._told = told

    async def find_work(self, *, ignored: bool, also: Iterable[str]) -> tuple[Work, list[str]]:
        """The work, and the stashes that are whole."""
        await self._require_answer()
        work = await look(self._world, self._git, ignored=ignored, also=also)
        whole, damaged = await self._stashes(work.common_dir, work.head)
        return work.replaced(unsaved=(*work.unsaved, *damaged)), whole

    async def _require_answer(self) -> None:
        """Raise CannotKnow unless git can walk the refs in the time of a check: one may be a file that never ends."""
        git = Repository(self._git.path, timeout=self._world.timeout)
        try:
            await git.attempt("for-each-ref", "--format=")
        except CannotKnow as error:
            raise CannotKnow(f"the refs of {git.path} cannot be listed: {error}") from None

    async def save(self, *, ignored: bool, also: Iterable[str]) -> Saved:
        self._told("looking for work")
        work, kept_stashes = await self.find_work(ignored=ignored, also=also)
        head = work.head
        begun = {name: oid for name in _IN_PROGRESS if (oid := await read_beside_refs(self._git, name))}
        self._told(f"storing {len(work.regular)} files")
        files, raw_index = self._files(work)
        index = await write_tree(self._git, work.staged)
        parents, left = [head] if head else [], [*await self._find_left(head), *await self._find_remembered(work)]
        others = dict.fromkeys((*left, *kept_stashes, *begun.values()))
        kept = [*parents, await self._commit(index, parents, "the index"), *others]
        manifest = await self._manifest(work, head, begun, len(kept_stashes))
        made = await self._commit(await self._root(work, files, index, manifest, raw_index), kept, "work")
        self._told("reading it back")
        self._read_back(files, await list_stored(self._git, f"{made}:worktree"))
        await self._prove(made, work, files, [*parents, *left, *kept_stashes])
        self._told("naming it")
        ref = f"{RESCUES}/{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{made[:8]}"
        done = await self._git.attempt("update-ref", "--no-deref", "--create-reflog", ref, made, "0" * len(made))
        if await read_ref(self._git, ref) != made:  # there may be one already, of the same state in the same second
            raise CannotKnow(f"{ref} in {self._git.path} cannot be written: {complaint(done)}")
        named = (*(f"{folder}/ is empty" for folder in work.empty), *work.named)
        return Saved(ref, made, len(files), len(kept_stashes), named, work.unsaved)

    async def _find_left(self, head: str | None) -> list[str]:
        """The commit of the environment's own branch when HEAD is elsewhere, as in the middle of a rebase."""
        try:
            tip = await commit_of(self._git, f"refs/heads/{self._branch}") if self._branch else None
        except CannotKnow:  # what cannot be read cannot be saved, and is no reason to save nothing
            return []
        return [tip] if tip and tip != head else []

    async def _find_remembered(self, work: Work) -> list[str]:
        """The commits that were checked out here and that neither HEAD nor upstream holds, without their parents.

        A reset took them back, and git forgets them when its reflog does. Those that git has forgotten cannot be saved.
        """
        try:
            made = reflog.read_moves(work.git_dir, work.head) if work.head else None
        except CannotKnow:  # what cannot be read remembers nothing, and is no reason to save nothing
            made = None
        ever = "".join(f"{commit}\n" for commit in reflog.commits_of_moves(made or [])).encode()
        upstream = self._world.environment.upstream
        tip = await read_tracking_ref(self._git, upstream) if upstream else None
        options = ("--topo-order", "--parents", "--ignore-missing", "--stdin", "--not", "HEAD", *([tip] if tip else []))
        found = await self._git.attempt("rev-list", *options, stdin=ever)
        rows = [line.split() for line in found.stdout.decode().split("\n")[:-1]] if ever and found.status == 0 else []
        parents = {parent for _, *rest in rows for parent in rest}
        return [commit for commit, *_ in rows if commit not in parents]

    async def _commit(self, tree_id: str, parents: list[str], what: str) -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        made = await self._git.run(*IDENTITY, "commit-tree", *words, "-m", f"rescue: {what}", tree_id)
        return made.decode().strip()

    async def _stashes(self, common_dir: str, head: str | None) -> tuple[list[str], list[str]]:
        """The stashes that are whole, and what is to be said of the others."""
        found = await find_stashes(self._git, common_dir)
        whole, damaged = [], [found.problem] if found.problem else []
        for number, oid in enumerate(found.ids):
            try:
                ids = await self._git.run(
                    "rev-list", "--objects", "--no-object-names", oid, *(["^" + head] if head else [])
                )
                self._hash(ids.decode().split())
                whole.append(oid)
            except CannotKnow:
                damaged.append(f"stash {number} ({oid}) is not whole in the repository")
        return whole, damaged

    def _hash(self, ids: list[str]) -> None:
        """Read objects and hold each to its id."""
        for oid, (kind, size, pieces) in zip(ids, read_objects(self._git, ids), strict=True):
            if object_id(kind, size, pieces, len(oid)) != oid:
                raise CannotKnow(f"{oid} is damaged")

    def _files(self, work: Work) -> tuple[dict[bytes, ModeAndId], str | None]:
        """Store every file and link of the work tree that is work, and the index."""
        files: dict[bytes, ModeAndId] = {}
        index = os.path.join(work.git_dir, "index")
        with Blobs(self._git, work.object_format, work.git_dir, work.common_dir) as blobs:
            for path in work.regular:
                mode = "100755" if work.modes[os.fsdecode(path)] & 0o100 else "100644"
                files[path] = (mode, blobs.store_file(path))
            for path in work.links:
                files[path] = ("120000", blobs.store_text(os.readlink(os.path.join(os.fsencode(self._git.path), path))))
            raw_index = blobs.store_file(os.fsencode(index)) if os.path.exists(index) else None
        return files, raw_index

    async def _root(
        self, work: Work, files: dict[bytes, ModeAndId], index: str, manifest: bytes, raw_index: str | None
    ) -> str:
        root = {
            b"worktree": ("040000", await write_tree(self._git, files)),
            b"index": ("040000", index),
            b"manifest.json": ("100644", await write_blob(self._git, manifest)),
        }
        if work.conflicts:  # a folder for each stage, since one path has several contents
            staged = {f"{stage}/".encode() + path: entry for (stage, path), entry in work.conflicts.items()}
            root[b"conflicts"] = ("040000", await write_tree(self._git, staged))
        if raw_index is not None:
            root[b"raw-index"] = ("100644", raw_index)
        return await write_tree(self._git, root)

    def _read_back(self, files: dict[bytes, ModeAndId], there: list[Stored]) -> None:
        """Read every file back from git, and hold each to the id that its bytes on disk gave."""
        wanted = {path: oid for path, (_, oid) in files.items()}
        for one, pieces in read_contents(self._git, there):
            if wanted.pop(one.path, None) != one.oid or object_id("blob", one.size, pieces, len(one.oid)) != one.oid:
                raise CannotKnow(f"{os.fsdecode(one.path)} came back as something else; nothing was saved")
        if wanted:
            raise CannotKnow(f"{os.fsdecode(next(iter(wanted)))} did not come back; nothing was saved")

    async def _prove(self, made: str, work: Work, files: dict[bytes, ModeAndId], commits: list[str]) -> None:
        """Compare what is saved with what is there now."""
        paths = [os.fsdecode(path) for path in (work.staged.keys() | files.keys()) - work.out_of_reach]
        if not await holds(self._git, work.object_format, made, paths, commits):
            raise CannotKnow(f"{self._git.path} has changed while it was saved; nothing was saved, try again")

    async def _manifest(self, work: Work, head: str | None, begun: dict[str, str], stashes: int) -> bytes:
        symref = (await self._git.attempt("symbolic-ref", "--quiet", "HEAD")).stdout.decode("utf-8", "replace").strip()
        counted = await self._git.attempt("rev-list", "--count", "HEAD", "--not", "--remotes", "--")
        said = {
            "format": 1,
            "head": head,
            "branch": symref or None,
            "local_commits": int(counted.stdout) if counted.status == 0 else 0,
            "stashes": stashes,
            "in_progress": begun,
            "modes": {name: f"{mode:04o}" for name, mode in work.modes.items() if mode not in (0o644, 0o755)},
            "empty": work.empty,
            "named": work.named,
            "unsaved": work.unsaved,
        }
        return json.dumps(said, indent=1).encode()
