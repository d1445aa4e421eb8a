"""Trees and blobs written and read without an index, filters or a work tree, for what is kept byte for byte."""

from __future__ import annotations

import os
import stat
import tempfile

from guardrails.errors import CannotKnow
from guardrails.facts.git.listings import TREE_LISTING, read_tree_listing
from guardrails.facts.git.reader import quote_alternate
from guardrails.facts.worktree.every_byte import DIGESTS
from guardrails.operations.rescue.git_streams import PIECE, Stream
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Self

    from guardrails.facts.git.reader import Repository

ModeAndId = tuple[str, str]  # mode as git writes it, and object id
IDENTITY = ("-c", "user.name=guardrails", "-c", "user.email=guardrails@localhost")
PIECEWISE = (  # git takes what is larger piece by piece as well, and sees little of a pack at a time
    *("-c", "core.bigFileThreshold=1m"),
    *("-c", "core.packedGitWindowSize=1m"),
    *("-c", "core.packedGitLimit=8m"),
)
_IMPORT = ("-c", "fastimport.unpackLimit=0", "-c", "pack.compression=1", "fast-import", "--quiet", "--depth=0")
_WANTED = 500  # ids that git is asked for at once; a pipe takes them even while nobody reads the answers


class Stored(Record):
    """A file or link of a stored tree; `size` is in bytes."""

    path: bytes
    mode: str
    oid: str
    size: int


class Blobs:
    """Stores contents of any size as they are, one after the other; they are there when the block ends well.

    git gets bytes, and never a name: what is at a path may be something else by the time that git would open it.
    """

    def __init__(self, git: Repository, object_format: str, git_dir: str, common_dir: str) -> None:
        self._top = os.fsencode(git.path)
        self._digest = DIGESTS[object_format]
        self._git_dir = git_dir
        self._objects = os.path.join(common_dir, "objects")
        try:  # a name of which git removes what is left over, should we be killed
            self._apart = tempfile.TemporaryDirectory(prefix="tmp_objdir-guardrails-", dir=self._objects)
        except OSError as error:
            raise CannotKnow(f"{self._objects} cannot be written: {error.strerror}") from None
        variables = {
            "GIT_OBJECT_DIRECTORY": self._apart.name,
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": quote_alternate(self._objects),
        }
        self._stream = Stream(git.with_variables(variables).attempt(*PIECEWISE, *_IMPORT))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *error: object) -> None:
        try:
            with self._stream:
                if kind is None:
                    self._stream.end()
                    self._hand_over()
        finally:
            self._apart.cleanup()
            report = os.path.join(self._git_dir, f"fast_import_crash_{self._stream.pid}")
            if os.path.lexists(report):  # it says of a failure what the error says
                os.unlink(report)

    def _hand_over(self) -> None:
        """Put the new packs among the others; each counts as soon as its index is there."""
        made, packs = os.path.join(self._apart.name, "pack"), os.path.join(self._objects, "pack")
        names = os.listdir(made) if os.path.isdir(made) else []
        os.makedirs(packs, exist_ok=True)
        for name in sorted(names, key=lambda one: one.endswith(".idx")):
            os.replace(os.path.join(made, name), os.path.join(packs, name))

    def store_text(self, data: bytes) -> str:
        """Store one text, and give its id."""
        return self._store(len(data), iter([data]))

    def store_file(self, path: bytes) -> str:
        """Store a file by its path as seen from the top, and give its id; raises CannotKnow when it is not a file."""
        place = os.path.join(self._top, path)
        try:
            descriptor = os.open(place, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise CannotKnow(f"{os.fsdecode(path)} cannot be read: {error.strerror}; nothing was saved") from None
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _changed(path)
            return self._store(status.st_size, _pieces(descriptor, status.st_size, path))
        finally:
            os.close(descriptor)

    def _store(self, size: int, pieces: Iterator[bytes]) -> str:
        digest = self._digest(b"blob %d\0" % size)
        self._stream.write(b"blob\ndata %d\n" % size)
        for piece in pieces:
            digest.update(piece)
            self._stream.write(piece)
        self._stream.write(b"\n")
        return digest.hexdigest()


def _pieces(descriptor: int, size: int, path: bytes) -> Iterator[bytes]:
    """The bytes of a file that has so many. Raises CannotKnow when there are fewer by now, or more."""
    while size:
        piece = os.read(descriptor, min(size, PIECE))
        if not piece:
            raise _changed(path)
        size -= len(piece)
        yield piece
    if os.read(descriptor, 1):
        raise _changed(path)


def _changed(path: bytes) -> CannotKnow:
    return CannotKnow(f"{os.fsdecode(path)} has changed while it was saved; nothing was saved, try again")


async def write_blob(git: Repository, data: bytes) -> str:
    """Store one text."""
    return (await git.run("hash-object", "-w", "--stdin", stdin=data)).decode().strip()


async def write_tree(git: Repository, entries: Mapping[bytes, ModeAndId]) -> str:
    """Store a tree of files by their paths, with all folders in between: one `git mktree` for each depth."""
    folders: dict[bytes, dict[bytes, ModeAndId]] = {b"": {}}
    for path, entry in entries.items():
        folder, _, name = path.rpartition(b"/")
        folders.setdefault(folder, {})[name] = entry
        while folder and (above := folder.rpartition(b"/")[0]) not in folders:
            folders[above] = {}
            folder = above
    for depth in range(max(map(_depth, folders)), -1, -1):
        level = [folder for folder in folders if _depth(folder) == depth]
        ids = await _write_folders(git, [folders[folder] for folder in level])
        for folder, oid in zip(level, ids, strict=True):
            if not folder:
                return oid
            above, _, name = folder.rpartition(b"/")
            folders.setdefault(above, {})[name] = ("040000", oid)
    raise AssertionError("the top is a folder too")


def _depth(folder: bytes) -> int:
    return folder.count(b"/") + 1 if folder else 0


async def _write_folders(git: Repository, folders: list[dict[bytes, ModeAndId]]) -> list[str]:
    if folders == [{}]:  # mktree takes nothing for the end of its input
        return [(await git.run("hash-object", "-w", "-t", "tree", "--stdin")).decode().strip()]
    data = b"".join(b"".join(_line(name, entry) for name, entry in sorted(one.items())) + b"\0" for one in folders)
    listing = await git.run("mktree", "-z", "--missing", "--batch", stdin=data)
    return listing.decode().split()


def _line(name: bytes, entry: ModeAndId) -> bytes:
    mode, oid = entry
    kind = {"040000": "tree", "160000": "commit"}.get(mode, "blob")
    return f"{mode} {kind} {oid}\t".encode() + name + b"\0"


async def list_stored(git: Repository, tree: str) -> list[Stored]:
    """Every file and link of a tree. Raises CannotKnow when one of them was never stored."""
    found = []
    for mode, kind, oid, size, path in read_tree_listing(await git.run(*TREE_LISTING, "-l", tree)):
        if kind != b"blob":
            continue
        if size is None:
            raise CannotKnow(f"{oid} is not in {git.path}, although {tree} names it")
        found.append(Stored(path, mode.decode(), oid, size))
    return found


def read_contents(git: Repository, files: Sequence[Stored]) -> Iterator[tuple[Stored, Iterator[bytes]]]:
    """Each file with its bytes, in pieces."""
    by_turn = iter(files)
    for kind, size, pieces in read_objects(git, [one.oid for one in files]):
        one = next(by_turn)
        if (kind, size) != ("blob", one.size):
            raise CannotKnow(f"{one.oid} cannot be read from {git.path}")
        yield one, pieces


def read_objects(git: Repository, ids: Sequence[str]) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Each object's type and size, and its bytes in pieces. Raises CannotKnow when one cannot be read."""
    with Stream(git.attempt(*PIECEWISE, "cat-file", "--batch=%(objecttype) %(objectsize)")) as stream:
        for first in range(0, len(ids), _WANTED):
            some = ids[first : first + _WANTED]
            stream.write("".join(f"{oid}\n" for oid in some).encode())
            for oid in some:
                kind, _, size = stream.read_line().decode("ascii", "replace").partition(" ")
                if not size.isdecimal():
                    raise CannotKnow(f"{oid} cannot be read from {git.path}")
                pieces = stream.read_pieces(int(size) + 1)
                yield kind, int(size), _but_the_last(pieces)
                for _ in pieces:
                    pass
        stream.end()


def _but_the_last(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """All but the last byte, which only ends the answer."""
    before = b""
    for piece in pieces:
        if before:
            yield before
        before = piece
    yield before[:-1]
