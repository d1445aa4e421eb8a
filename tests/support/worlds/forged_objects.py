"""Objects of git that hold other bytes than their names say."""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path


def content(repo: Path, kind: str, oid: str) -> bytes:
    """What git says that an object holds."""
    return subprocess.run(["git", "-C", repo, "cat-file", kind, oid], capture_output=True, check=True).stdout


def forge_object(repo: Path, oid: str, kind: str, old: bytes, new: bytes) -> None:
    """Let a loose object under this id hold what it held, with other bytes in place of some."""
    data = content(repo, kind, oid).replace(old, new)
    place = repo / ".git/objects" / oid[:2] / oid[2:]
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    place.write_bytes(zlib.compress(b"%s %d\0" % (kind.encode(), len(data)) + data))
    assert new in content(repo, kind, oid), "git itself believes it"
