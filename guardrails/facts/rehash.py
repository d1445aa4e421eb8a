"""The slow half of the work-tree probe: read every byte again, and believe no cache of git's.

A file is right when it holds the bytes of its blob, or what a fresh checkout would make of them by the rules that the
tree itself states in `.gitattributes` (line endings, ident, encodings), or the object that a Git LFS pointer names.
"""

from __future__ import annotations

import hashlib
import os
import stat

from guardrails.errors import CannotKnow
from guardrails.facts.worktree import Change, Index

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from guardrails.facts.repository import Checkout

    Entry = tuple[bytes, bytes, str, bytes]  # tag, mode, object id, path

_DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


async def unlike_head(checkout: Checkout, index: Index) -> list[Change]:
    """Where the index differs from HEAD's tree, by listing both instead of asking `git status`."""
    listing = await checkout.git.run("ls-tree", "-r", "-z", "--full-tree", "HEAD")
    head = set()
    for line in listing.split(b"\0")[:-1]:
        facts, _, path = line.partition(b"\t")
        mode, _, oid = facts.split(b" ")
        head.add((path, mode, oid.decode()))
    staged = {(path, mode, oid) for _, mode, oid, path in index.entries()}
    different = {path for path, _, _ in head ^ staged}
    return [Change("staged", os.fsdecode(path), "the index is not HEAD") for path in sorted(different)]


async def unlike_disk(checkout: Checkout, entries: Iterable[Entry], kind: str) -> list[Change]:
    """Where the disk differs from the index; `kind` is that of a file whose bytes differ."""
    found: list[Change] = []
    suspects: list[Entry] = []
    for entry in entries:
        tag, mode, oid, path = entry
        if mode == b"160000":
            continue
        name = os.fsdecode(path)
        try:
            difference = _difference(os.path.join(checkout.top, name), mode, oid, checkout.object_format)
        except FileNotFoundError:
            sparse = tag in (b"S", b"s")
            found.append(Change("sparse" if sparse else kind, name, "not on disk"))
            continue
        except OSError as error:
            raise CannotKnow(f"{name} cannot be read: {error.strerror}") from None
        if difference == "bytes":
            suspects.append(entry)
        elif difference:
            found.append(Change(kind, name, difference))
    unexplained = await _unexplained(checkout, suspects)
    return found + [Change(kind, os.fsdecode(path), "the bytes on disk are not those of HEAD") for path in unexplained]


def special_files(top: str, ignored: frozenset[bytes]) -> Iterator[Change]:
    """FIFOs, sockets and devices, which `git status` passes over."""
    folders = [os.fsencode(top)]
    start = len(folders[0]) + 1
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                path = entry.path[start:]
                if entry.is_dir(follow_symlinks=False):
                    nested = os.path.lexists(os.path.join(entry.path, b".git"))
                    if entry.name != b".git" and not nested and path + b"/" not in ignored:
                        folders.append(entry.path)
                elif not entry.is_file(follow_symlinks=False) and not entry.is_symlink():
                    yield Change("special", os.fsdecode(path), "neither a file, a folder nor a link")


def _difference(path: str, mode: bytes, oid: str, object_format: str) -> str:
    """How a path differs from its index entry; empty when it does not, `bytes` when only its content does."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode) != (mode == b"120000"):
        return "a link and a file have changed places"
    if stat.S_ISLNK(status.st_mode):
        return "" if _blob_id(os.fsencode(os.readlink(path)), object_format) == oid else "the link points elsewhere"
    if not stat.S_ISREG(status.st_mode):
        return "not a file any more"
    if bool(status.st_mode & stat.S_IXUSR) != (mode == b"100755"):
        return "the executable bit is changed"
    return "" if _blob_id(_read(path), object_format) == oid else "bytes"


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:
        return file.read()


def _blob_id(content: bytes, object_format: str) -> str:
    """The object id that git gives these bytes (gitformat-loose: `blob SIZE NUL content`)."""
    digest = _DIGESTS[object_format](b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


async def _unexplained(checkout: Checkout, suspects: list[Entry]) -> list[bytes]:
    """Of the files whose bytes are not their blob's, those that no rule of the tree accounts for."""
    if not suspects:
        return []
    if _has_text(os.path.join(checkout.common_dir, "info", "attributes")):
        return [path for _, _, _, path in suspects]  # rules outside the tree could explain anything
    request = b"".join(oid.encode() + b" " + path + b"\0" for _, _, oid, path in suspects)
    output = await checkout.git.run("cat-file", "--batch", "--filters", "-z", stdin=request)
    raw = await checkout.git.run("cat-file", "--batch", "-z", stdin=b"".join(s[2].encode() + b"\0" for s in suspects))
    unexplained = []
    for entry, expected, blob in zip(suspects, _contents(output), _contents(raw), strict=True):
        data = _read(os.path.join(checkout.top, os.fsdecode(entry[3])))
        if data != expected and not _is_lfs_object(blob, data):
            unexplained.append(entry[3])
    return unexplained


def _contents(output: bytes) -> Iterator[bytes]:
    """The objects in the output of `git cat-file --batch`: `OID TYPE SIZE<newline>CONTENT<newline>` each."""
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        header = output[position:end].split(b" ")
        if len(header) != 3:
            raise CannotKnow(f"an object cannot be read: {os.fsdecode(output[position:end])}")
        size = int(header[2])
        yield output[end + 1 : end + 1 + size]
        position = end + size + 2


def _is_lfs_object(blob: bytes, data: bytes) -> bool:
    oid = b"oid sha256:" + hashlib.sha256(data).hexdigest().encode() + b"\n"
    return blob.startswith(_LFS_POINTER) and len(blob) < 1024 and oid in blob


def _has_text(path: str) -> bool:
    try:
        return os.path.getsize(path) > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
