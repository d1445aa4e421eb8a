"""Objects of git that decide something: what an id names is believed only when it hashes to that id.

git believes its object store: `cat-file` gives the bytes that lie under a name, in a loose file or a pack, and only
`fsck` hashes them. So anybody who can write there could change what a commit, a tree or a record says and leave every
name as it was.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.git.listings import TREE_LISTING, read_tree_listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.facts.git.reader import Repository

_HEADER_LIMIT = 256  # bytes before each object: its id, its kind and its size


async def read_verified(
    git: Repository, kind: str, ids: Sequence[str], *, also_objects_of: str | None = None, limit: int | None = None
) -> list[bytes]:
    """The contents of objects of one kind, by their full ids, in order.

    `limit` is of their bytes in all. Raises CannotKnow when one is missing, of another kind, or not what its id says.
    """
    if not ids:
        return []
    most = None if limit is None else limit + len(ids) * _HEADER_LIMIT
    asked = "".join(f"{oid}\n" for oid in ids).encode()
    output = await git.run("cat-file", "--batch", stdin=asked, also_objects_of=also_objects_of, limit=most)
    contents, position = [], 0
    for oid in ids:
        end = output.find(b"\n", position)
        header = output[position:end].decode("utf-8", "replace").split(" ")
        if header[:2] != [oid, kind] or len(header) != 3:
            raise CannotKnow(f"{oid} of {git.path} is {' '.join(header[1:2]) or 'gone'}, not a {kind} that can be read")
        start = end + 1
        position = start + int(header[2]) + 1
        data = output[start : position - 1]
        if object_id(kind, data, len(oid)) != oid:
            raise CannotKnow(f"{oid} of {git.path} holds other bytes than its id says; git fsck tells more")
        contents.append(data)
    return contents


async def files_of(git: Repository, commit: str) -> set[tuple[bytes, bytes, str]]:
    """Every file of a commit as path, mode and id; the bytes of the commit and of each tree are what their ids say.

    Raises CannotKnow as `read_verified` does.
    """
    (data,) = await read_verified(git, "commit", [commit])
    top = tree_of(data)
    listing = await git.run(*TREE_LISTING, "-d", top)  # only says which trees there may be
    ids = {top, *(oid for _, kind, oid, _, _ in read_tree_listing(listing) if kind == b"tree")}
    contents = dict(zip(ids, await read_verified(git, "tree", list(ids)), strict=True))
    files = set()
    pending = [(b"", top)]
    while pending:
        folder, oid = pending.pop()
        if oid not in contents:
            raise CannotKnow(f"{oid} of {git.path} is not among the trees that git lists of {commit}")
        for mode, name, one in entries_of(contents[oid], len(top)):
            if mode == b"40000":
                pending.append((folder + name + b"/", one))
            else:
                files.add((folder + name, mode, one))
    return files


async def find(git: Repository, commit: str, path: str) -> tuple[bytes, str] | None:
    """The mode and the id of what a commit has at a path, None for nothing; verified as `files_of` does."""
    (data,) = await read_verified(git, "commit", [commit])
    mode, oid = b"40000", tree_of(data)
    for name in path.encode("utf-8", "surrogateescape").split(b"/"):
        if mode != b"40000":
            return None
        (tree,) = await read_verified(git, "tree", [oid])
        found = next(((one, other) for one, named, other in entries_of(tree, len(oid)) if named == name), None)
        if found is None:
            return None
        mode, oid = found
    return mode, oid


def tree_of(commit: bytes) -> str:
    """The id of the tree that the bytes of a commit name in their first line."""
    return commit[5 : commit.index(b"\n")].decode()


def entries_of(tree: bytes, length: int) -> list[tuple[bytes, bytes, str]]:
    """Mode, name and id of each entry of a tree's bytes; `length` is that of an id in hexadecimal digits.

    Modes are as an index has them: of a file's bits git keeps whether it may be executed (gitformat-index).
    """
    entries, at, width = [], 0, length // 2
    while at < len(tree):
        space = tree.index(b" ", at)
        end = tree.index(b"\0", space) + 1
        mode = tree[at:space]
        if mode not in (b"100644", b"40000") and mode.startswith(b"100"):
            mode = b"100755" if int(mode, 8) & 0o100 else b"100644"
        entries.append((mode, tree[space + 1 : end - 1], tree[end : end + width].hex()))
        at = end + width
    return entries


def object_id(kind: str, data: bytes, length: int = 40) -> str:
    """The id of an object: of 40 hexadecimal digits by SHA-1, or of 64 by SHA-256, as the repository has them."""
    import hashlib

    algorithm = hashlib.sha256 if length == 64 else hashlib.sha1
    found = algorithm(b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
    found.update(data)
    return found.hexdigest()
