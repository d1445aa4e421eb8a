"""The permission to move a protected ref, good for one step of one guarded run.

It lies in the repository as `<git-dir>/guardrails/permit`, for nobody else to read: a JSON object with `nonce`, `ref`,
`old`, `new` (the ids that the ref may move to), `pid` (of the run), its `mark` and `started` (seconds since the epoch).
The command gets the nonce as GUARDRAILS_PERMIT. When the step is over, or the run is dead, the permission is gone: the
environment of a finished run opens nothing.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager

from guardrails.errors import CannotKnow
from guardrails.safety.ownership import require_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

VARIABLE = "GUARDRAILS_PERMIT"
_NAME = "permit"
_LIMIT = 65536  # bytes


@contextmanager
def grant(git_dir: str, ref: str, allowed: Sequence[str], *, old: str) -> Iterator[str]:
    """Let `ref` move from `old` to one of the allowed ids while the block runs; gives the nonce.

    Raises OSError when the permission cannot be written.
    """
    import secrets

    from guardrails.facts.programs.process_table import mark_of

    nonce = secrets.token_hex(32)
    said = {
        "nonce": nonce,
        "ref": ref,
        "old": old,
        "new": list(allowed),
        "pid": os.getpid(),
        "mark": mark_of(os.getpid()),
        "started": time.time(),
    }
    path = _path(git_dir)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    try:
        _write(path, json.dumps(said))
        yield nonce
    finally:
        _remove(path)


def allows_move(git_dir: str, nonce: str, ref: str, old: str, new: str) -> bool:
    """Whether the run that gave out this nonce is still at the step, and allows this very move.

    `old` is the id that the ref names now; within a step it may already be at one of the allowed ids. The answer is no
    whenever something is wrong with the permission.
    """
    from guardrails.facts.programs.process_table import lives

    try:
        said = json.loads(_read(_path(git_dir)))
        return bool(
            nonce
            and _same(said["nonce"], nonce)
            and said["ref"] == ref
            and new in said["new"]
            and old in (said["old"], *said["new"])
            and lives(said["pid"], said["started"], said["mark"])
        )
    except (OSError, ValueError, CannotKnow, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return False


def _path(git_dir: str) -> str:
    return os.path.join(git_dir, "guardrails", _NAME)


def _same(one: str, other: str) -> bool:
    from hmac import compare_digest

    return compare_digest(one.encode(), other.encode())


def _write(path: str, text: str) -> None:
    """Put it there whole or not at all; what an earlier run left is replaced."""
    partial = f"{path}.{os.getpid()}"
    _remove(partial)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(partial, path)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def _read(path: str) -> bytes:
    """The bytes of our own file; one that somebody else wrote, or may write, raises ValueError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid() or status.st_mode & 0o7777077 != 0o100000:
            raise ValueError("not a file of ours alone")
        require_ours(path)
        return file.read(_LIMIT)
