"""Trees and blobs written and read without an index, filters or a work tree, for what is kept byte for byte."""

from __future__ import annotations

import os
import tempfile

from guardrails.errors import CannotKnow
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence

    from guardrails.facts.git import Repository

Entry = tuple[str, str]  # mode as git writes it, and object id
IDENTITY = ("-c", "user.name=guardrails", "-c", "user.email=guardrails@localhost")
_MOST, _BYTES = 1000, 32 << 20  # files, and their bytes, that are in memory at a time; a larger file comes alone


class Stored(Record):
    """A file or link of a stored tree; `size` is in bytes."""

    path: bytes
    mode: str
    oid: str
    size: int


async def blobs_of_files(git: Repository, paths: list[bytes]) -> list[str]:
    """Store the bytes of files, seen from the top of the work tree, and give their ids in order."""
    plain = [path for path in paths if not _needs_quotes(path)]
    listing = await git.run("hash-object", "-w", "--no-filters", "--stdin-paths", stdin=_lines(plain)) if plain else b""
    ids = dict(zip(plain, listing.decode().split(), strict=True))
    for path in paths:
        if path not in ids:  # a line could not hold such a name
            with open(os.path.join(os.fsencode(git.path), path), "rb") as file:
                ids[path] = await blob(git, file.read())
    return [ids[path] for path in paths]


async def blobs_of_texts(git: Repository, texts: list[bytes]) -> list[str]:
    """Store short texts, such as where links lead, with one git for all of them."""
    if not texts:
        return []
    with tempfile.TemporaryDirectory(prefix="guardrails-") as folder:
        names = [os.path.join(folder, str(number)) for number in range(len(texts))]
        for name, text in zip(names, texts, strict=True):
            with open(name, "wb") as file:
                file.write(text)
        listing = await git.run(
            "hash-object", "-w", "--no-filters", "--stdin-paths", stdin=_lines(list(map(os.fsencode, names)))
        )
    return listing.decode().split()


async def blob(git: Repository, data: bytes) -> str:
    """Store one text."""
    return (await git.run("hash-object", "-w", "--stdin", stdin=data)).decode().strip()


async def tree(git: Repository, entries: Mapping[bytes, Entry]) -> str:
    """Store a tree of files by their paths, with all folders in between: one `git mktree` for each depth."""
    folders: dict[bytes, dict[bytes, Entry]] = {b"": {}}
    for path, entry in entries.items():
        folder, _, name = path.rpartition(b"/")
        folders.setdefault(folder, {})[name] = entry
        while folder and (above := folder.rpartition(b"/")[0]) not in folders:
            folders[above] = {}
            folder = above
    for depth in range(max(map(_depth, folders)), -1, -1):
        level = [folder for folder in folders if _depth(folder) == depth]
        ids = await _trees(git, [folders[folder] for folder in level])
        for folder, oid in zip(level, ids, strict=True):
            if not folder:
                return oid
            above, _, name = folder.rpartition(b"/")
            folders.setdefault(above, {})[name] = ("040000", oid)
    raise AssertionError("the top is a folder too")


def _depth(folder: bytes) -> int:
    return folder.count(b"/") + 1 if folder else 0


async def _trees(git: Repository, folders: list[dict[bytes, Entry]]) -> list[str]:
    if folders == [{}]:  # mktree takes nothing for the end of its input
        return [(await git.run("hash-object", "-w", "-t", "tree", "--stdin")).decode().strip()]
    data = b"".join(b"".join(_line(name, entry) for name, entry in sorted(one.items())) + b"\0" for one in folders)
    listing = await git.run("mktree", "-z", "--missing", "--batch", stdin=data)
    return listing.decode().split()


def _line(name: bytes, entry: Entry) -> bytes:
    mode, oid = entry
    kind = {"040000": "tree", "160000": "commit"}.get(mode, "blob")
    return f"{mode} {kind} {oid}\t".encode() + name + b"\0"


def _needs_quotes(path: bytes) -> bool:
    return b"\n" in path or path.startswith(b'"')


def _lines(paths: Iterable[bytes]) -> bytes:
    return b"".join(path + b"\n" for path in paths)


async def stored(git: Repository, tree: str) -> list[Stored]:
    """Every file and link of a tree. Raises CannotKnow when one of them was never stored."""
    found = []
    for line in (await git.run("ls-tree", "-r", "-l", "-z", "--full-tree", tree)).split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, kind, oid, size = facts.decode().split()
        if kind != "blob":
            continue
        if not size.isdecimal():
            raise CannotKnow(f"{oid} is not in {git.path}, although {tree} names it")
        found.append(Stored(path, mode, oid, int(size)))
    return found


async def contents(git: Repository, files: Sequence[Stored]) -> AsyncIterator[tuple[Stored, bytes]]:
    """Each file with its bytes, a few at a time."""
    for some in _batches(files):
        wanted = "".join(f"{one.oid}\n" for one in some).encode()
        limit = sum(one.size for one in some) + len(some) * 64
        data = await git.run("cat-file", "--batch=%(objectsize)", stdin=wanted, limit=limit)
        position = 0
        for one in some:
            start = data.find(b"\n", position) + 1
            if data[position : start - 1] != str(one.size).encode():
                raise CannotKnow(f"{one.oid} cannot be read from {git.path}")
            yield one, data[start : start + one.size]
            position = start + one.size + 1


def _batches(files: Sequence[Stored]) -> Iterator[list[Stored]]:
    some: list[Stored] = []
    size = 0
    for one in files:
        if some and (len(some) == _MOST or size + one.size > _BYTES):
            yield some
            some, size = [], 0
        some.append(one)
        size += one.size
    if some:
        yield some
