"""The slow half of the work-tree probe: read every byte again, and believe no cache of git's.

A file is right when it holds the bytes of its blob, or what a fresh checkout would make of them by the rules that the
tree itself states in `.gitattributes` (line endings, ident, encodings), or the object that a Git LFS pointer names.
"""

from __future__ import annotations

import hashlib
import os
import stat

from guardrails.errors import CannotKnow
from guardrails.facts.git.objects import files_of, read_verified
from guardrails.facts.programs.side_by_side import Pause
from guardrails.facts.worktree.change import Change

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from guardrails.facts.git.checkout import Checkout
    from guardrails.facts.git.index import Index
    from guardrails.facts.git.reader import Repository

    StagedEntry = tuple[bytes, bytes, str, bytes]  # tag, mode, object id, path

DIGESTS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
_SHA1_LENGTH = 40  # digits
_AT_ONCE = 500  # files
_CHUNK = 1 << 16  # bytes that are read at once
_LFS_POINTER_LIMIT = 1024  # bytes (git-lfs specification)
_LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\n"


async def compare_with_head(git: Repository, commit: str, index: Index) -> list[Change]:
    """Where the index differs from the trees of HEAD, by listing both instead of asking `git status`.

    git would believe the trees by their names, and the index where it says that a whole folder is as in HEAD.
    """
    head = await files_of(git, commit)
    staged = {(path, mode, oid) for _, mode, oid, path in index.entries()}
    different = {path for path, _, _ in head ^ staged}
    return [Change("staged", os.fsdecode(path), "the index is not HEAD") for path in sorted(different)]


async def compare_with_disk(git: Repository, checkout: Checkout, entries: Iterable[StagedEntry]) -> list[Change]:
    """Where the disk differs from the index. Whoever waits for a child goes on in between."""
    found: list[Change] = []
    suspects: list[StagedEntry] = []
    top = os.path.join(os.fsencode(checkout.top), b"")
    for number, entry in enumerate(entries):
        if number % _AT_ONCE == 0:
            await Pause(0)
        tag, mode, oid, path = entry
        if mode == b"160000":
            continue
        try:
            unlike = difference(top + path, mode, oid, checkout.object_format)
        except (FileNotFoundError, NotADirectoryError):
            kind = "sparse" if tag in (b"S", b"s") else _kind(entry)
            found.append(Change(kind, os.fsdecode(path), "not on disk"))
            continue
        except OSError as error:
            raise CannotKnow(f"{os.fsdecode(path)} cannot be read: {error.strerror}") from None
        if unlike == "bytes":
            suspects.append(entry)
        elif unlike:
            found.append(Change(_kind(entry), os.fsdecode(path), unlike))
    for entry in await _find_unexplained(git, checkout, suspects):
        found.append(Change(_kind(entry), os.fsdecode(entry[3]), "the bytes on disk are not those of HEAD"))
    return found


def _kind(entry: StagedEntry) -> str:
    return "converted" if entry[0] == b"H" else "flagged"


def find_unlisted(top: str, passed_over: set[bytes]) -> Iterator[Change]:
    """What `git status` does not see: FIFOs, sockets and devices, and whatever lies in a folder called `.git`.

    `passed_over` are the folders, each with a slash at its end, that are ignored, reported already or submodules.
    """
    folders = [os.fsencode(top)]
    start = len(folders[0]) + 1
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                path = entry.path[start:]
                if entry.name == b".git":
                    if path != b".git":
                        yield Change("special", os.fsdecode(path), "git never looks into what is called .git")
                elif entry.is_dir(follow_symlinks=False):
                    if path + b"/" not in passed_over:
                        folders.append(entry.path)
                elif not entry.is_file(follow_symlinks=False) and not entry.is_symlink():
                    yield Change("special", os.fsdecode(path), "neither a file, a folder nor a link")


def difference(path: str | bytes, mode: bytes, oid: str, object_format: str) -> str:
    """How a path differs from its index entry; empty when it does not, `bytes` when only its content does."""
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode) != (mode == b"120000"):
        return "a link and a file have changed places"
    if stat.S_ISLNK(status.st_mode):
        return "" if blob_id(os.readlink(os.fsencode(path)), object_format) == oid else "the link points elsewhere"
    if not stat.S_ISREG(status.st_mode):
        return "not a file any more"
    if bool(status.st_mode & stat.S_IXUSR) != (mode == b"100755"):
        return "the executable bit is changed"
    return "" if _id_of(path, object_format) == oid else "bytes"


def _id_of(path: str | bytes, object_format: str) -> str:
    """The id of a file's bytes, whatever its size: it is read piece by piece."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        digest = DIGESTS[object_format](b"blob %d\0" % os.fstat(descriptor).st_size)
        while part := os.read(descriptor, _CHUNK):
            digest.update(part)
    finally:
        os.close(descriptor)
    return digest.hexdigest()


def _read(path: str | bytes) -> bytes:
    """The bytes of a file. Nothing of `io` is used, which would take half as long again for a small one."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        parts = []
        while part := os.read(descriptor, _CHUNK):
            parts.append(part)
    finally:
        os.close(descriptor)
    return b"".join(parts)


def blob_id(content: bytes, object_format: str) -> str:
    """The object id that git gives these bytes (gitformat-loose: `blob SIZE NUL content`)."""
    digest = DIGESTS[object_format](b"blob %d\0" % len(content))
    digest.update(content)
    return digest.hexdigest()


def object_id(kind: str, size: int, pieces: Iterable[bytes], length: int) -> str:
    """The id, so many digits long, that git gives an object of this kind."""
    digest = (hashlib.sha1 if length == _SHA1_LENGTH else hashlib.sha256)(f"{kind} {size}\0".encode())
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


async def _find_unexplained(git: Repository, checkout: Checkout, suspects: list[StagedEntry]) -> list[StagedEntry]:
    """Of the files whose bytes are not their blob's, those that no rule of the tree accounts for."""
    if not suspects or _has_text(os.path.join(checkout.common_dir, "info", "attributes")):
        return suspects  # rules outside the tree could explain anything
    large = await find_large_files(git, suspects)
    smudged = await _find_smudged(git, suspects)
    return [
        entry
        for entry, expected in zip(suspects, smudged, strict=True)
        if entry[3] not in large and _read(os.path.join(git.path, os.fsdecode(entry[3]))) != expected
    ]


async def find_large_files(git: Repository, entries: list[StagedEntry]) -> set[bytes]:
    """The paths that hold exactly the object that their blob, a Git LFS pointer, names."""
    found = set()
    blobs = await read_verified(git, "blob", [oid for _, _, oid, _ in entries])
    for (_, _, _, path), blob in zip(entries, blobs, strict=True):
        if blob.startswith(_LFS_POINTER) and len(blob) < _LFS_POINTER_LIMIT:
            try:
                data = _read(os.path.join(git.path, os.fsdecode(path)))
            except OSError:
                continue
            if _is_lfs_object(blob, data):
                found.add(path)
    return found


async def _find_smudged(git: Repository, entries: list[StagedEntry]) -> list[bytes]:
    """What a checkout makes of each entry's blob. A random header separates them, since git gives the blobs' sizes."""
    if not entries:
        return []
    header = os.urandom(16).hex()
    request = b"".join(oid.encode() + b" " + path + b"\0" for _, _, oid, path in entries)
    output = await git.run("cat-file", f"--batch={header}%(rest)", "--filters", "-z", stdin=request)
    objects = []
    for (_, _, _, path), text in zip(entries, output.split(header.encode())[1:], strict=False):
        if not text.startswith(path + b"\n"):
            break
        objects.append(text[len(path) + 1 : -1])
    if len(objects) != len(entries):
        raise CannotKnow(f"{os.fsdecode(entries[len(objects)][3])} cannot be read from {git.path}")
    return objects


def _is_lfs_object(blob: bytes, data: bytes) -> bool:
    oid = b"oid sha256:" + hashlib.sha256(data).hexdigest().encode() + b"\n"
    return oid in blob


def _has_text(path: str) -> bool:
    try:
        return os.path.getsize(path) > 0
    except FileNotFoundError:
        return False
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
