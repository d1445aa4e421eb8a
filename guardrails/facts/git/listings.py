"""The one reader of each of git's two listings: of the index by git-ls-files(1), and of a tree by git-ls-tree(1).

Both are read as NUL-separated records, in which a path is any bytes. A record of another form is never skipped.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    IndexEntry = tuple[bytes, bytes, str, bytes, bytes]  # tag, mode, object id, stage, path
    TreeEntry = tuple[bytes, bytes, str, int | None, bytes]  # mode, kind, object id, size, path

INDEX_LISTING = ("ls-files", "-z", "-v", "-s")  # prints `TAG MODE OID STAGE<tab>PATH`
TREE_LISTING = ("ls-tree", "-r", "-z", "--full-tree")  # prints `MODE KIND OID<tab>PATH`; with -l, SIZE after OID

_STAGES = (b"0", b"1", b"2", b"3")
_KINDS = (b"blob", b"tree", b"commit")
_NO_SIZE = (b"-", b"BAD")  # of what has none, and of a blob that is missing
_ID_LENGTHS = (40, 64)  # digits, by SHA-1 and SHA-256
_SHOWN = 80  # bytes of a record that makes no sense


def read_index_listing(listing: bytes) -> Iterator[IndexEntry]:
    """Each entry of what `INDEX_LISTING` prints: tag, mode, object id, stage and path.

    Tags (git-ls-files(1)): `H` is normal, lower case means assume-unchanged, `S` skip-worktree, `M` unmerged. The stage
    is 0 unless the path is in conflict. Raises CannotKnow for a record of another form.
    """
    for record in _split_records(listing, "ls-files"):
        facts, _, path = record.partition(b"\t")
        fields = facts.split(b" ")
        if len(fields) != 4 or not path:
            raise _not_known(record, "ls-files")
        tag, mode, oid, stage = fields
        if len(tag) != 1 or not tag.isalpha() or stage not in _STAGES or not (_is_mode(mode) and _is_id(oid)):
            raise _not_known(record, "ls-files")
        yield tag, mode, oid.decode(), stage, path


def read_tree_listing(listing: bytes) -> Iterator[TreeEntry]:
    """Each entry of what `TREE_LISTING` prints: mode, kind, object id, size and path.

    The size is None without `-l`, and for what has none: a tree, a submodule, and a blob that git does not have.
    Raises CannotKnow for a record of another form.
    """
    for record in _split_records(listing, "ls-tree"):
        facts, _, path = record.partition(b"\t")
        fields = facts.split(b" ", 3)
        if len(fields) < 3 or not path:
            raise _not_known(record, "ls-tree")
        mode, kind, oid = fields[:3]
        size = fields[3].lstrip(b" ") if len(fields) > 3 else b"-"
        known = kind in _KINDS and (size.isdigit() or size in _NO_SIZE)
        if not (known and _is_mode(mode) and _is_id(oid)):
            raise _not_known(record, "ls-tree")
        yield mode, kind, oid.decode(), int(size) if size.isdigit() else None, path


def _split_records(listing: bytes, command: str) -> list[bytes]:
    """The records, each of which git ends with a NUL."""
    *records, rest = listing.split(b"\0")
    if rest:
        raise _not_known(rest, command)
    return records


def _is_mode(text: bytes) -> bool:
    return len(text) == 6 and not text.strip(b"01234567")


def _is_id(text: bytes) -> bool:
    return len(text) in _ID_LENGTHS and not text.strip(b"0123456789abcdef")


def _not_known(record: bytes, command: str) -> CannotKnow:
    return CannotKnow(f"git {command} printed a record that is not known: {record[:_SHOWN]!r}")
