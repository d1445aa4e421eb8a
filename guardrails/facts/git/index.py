"""The index of a repository, as git lists it, and held to its own checksum."""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.git.listings import read_index_listing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.facts.git.checkout import Checkout

_SMALL = 400_000  # bytes that are hashed in 2 ms without OpenSSL


class Index:
    """The index as `listings.INDEX_LISTING` prints it; what its tags mean is said by `read_index_listing`."""

    def __init__(self, listing: bytes) -> None:
        self._listing = b"\0" + listing
        self.has_flags = self._listing.count(b"\0H ") + self._listing.count(b"\0M ") != listing.count(b"\0")

    def tracks(self, path: bytes) -> bool:
        """Whether a path is in the index. A name may hold a tab, so the one found must be the first of its line."""
        wanted, found = b"\t" + path + b"\0", 0
        while path and (found := self._listing.find(wanted, found + 1)) >= 0:
            if b"\t" not in self._listing[self._listing.rindex(b"\0", 0, found) : found]:
                return True
        return False

    def entries(self) -> Iterator[tuple[bytes, bytes, str, bytes]]:
        """Each entry that is not in conflict: tag, mode, object id, path."""
        for tag, mode, oid, stage, path in read_index_listing(self._listing[1:]):
            if stage == b"0":
                yield tag, mode, oid, path

    def flagged(self) -> Iterator[tuple[bytes, bytes, str, bytes]]:
        """The entries that git does not compare because of a flag."""
        return (entry for entry in self.entries() if entry[0] != b"H")

    def gitlinks(self) -> list[tuple[bytes, str]]:
        """Path and recorded commit of each submodule."""
        if b" 160000 " not in self._listing:
            return []
        return [(path, oid) for _, mode, oid, path in self.entries() if mode == b"160000"]


def require_checksum(data: bytes, checkout: Checkout) -> None:
    """Hold an index to its own checksum, which git itself does not (gitformat-index; zeros mean index.skipHash)."""
    size = len(checkout.commit) // 2
    if any(data[-size:]) and _digest(checkout.object_format, data[:-size]) != data[-size:]:
        raise CannotKnow(f"the index of {checkout.git.path} is damaged: it does not match its checksum")


def _digest(object_format: str, data: bytes) -> bytes:
    """The digest of a repository's object format. Loading OpenSSL takes longer than a small index without it."""
    if object_format == "sha1" and len(data) < _SMALL:
        from _sha1 import sha1  # type: ignore[import-not-found]  # what hashlib falls back to, in every CPython

        return bytes(sha1(data).digest())
    import hashlib

    return hashlib.new(object_format, data, usedforsecurity=False).digest()
