"""Objects of git that decide something: what an id names is believed only when it hashes to that id.

git takes the word of its object store: `cat-file` gives whatever lies under a name, in a loose file or a pack, and only
`fsck` hashes it. Whoever can write there could so change what a commit, a tree or a record says and leave every name as
it was.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.facts.git import Repository

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


def object_id(kind: str, data: bytes, length: int = 40) -> str:
    """The id of an object: of 40 hexadecimal digits by SHA-1, or of 64 by SHA-256, as the repository has them."""
    import hashlib

    algorithm = hashlib.sha256 if length == 64 else hashlib.sha1
    found = algorithm(b"%s %d\0" % (kind.encode(), len(data)), usedforsecurity=False)
    found.update(data)
    return found.hexdigest()
