"""The file of an audit log: opened only when it is a file of ours alone, and locked with a bounded wait."""

from __future__ import annotations

import fcntl
import os
import stat
import time

from guardrails.errors import AuditError, CannotKnow
from guardrails.safety.ownership import require_ours

PATIENCE = 5.0  # seconds to wait for other writers
_PAUSE = 0.002  # seconds between two tries
READ = os.O_RDONLY
APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT


def hold_locked(path: str, how: int, patience: float = PATIENCE) -> int:
    """A descriptor of the log, held against others until it is closed. `how` is READ or APPEND.

    Raises FileNotFoundError when there is no log to read, other OSErrors as open(2) does, and AuditError when it is no
    file of ours alone, or others hold it too long.
    """
    until = time.monotonic() + patience
    while True:
        descriptor = _open(path, how)
        try:
            _wait(path, descriptor, fcntl.LOCK_SH if how == READ else fcntl.LOCK_EX, until)
            if _is_still(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was moved away meanwhile, and what is written to it would be lost


def release(descriptor: int) -> None:
    """Let others write, while the descriptor stays open."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)


def make_folder(path: str) -> None:
    """Make the folder of a log, and those above it, for us alone.

    Raises AuditError when the folder belongs to somebody else, or when others may write there or replace it.
    """
    folder = os.path.dirname(path)
    missing = []
    while not os.path.lexists(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for one in reversed(missing):
        try:
            os.mkdir(one, 0o700)
        except FileExistsError:
            pass  # another writer was faster
    try:
        require_ours(os.path.dirname(path))
    except CannotKnow as error:
        raise AuditError(f"the folder of the audit log: {error}") from None


def _open(path: str, how: int) -> int:
    try:
        _require_file_of_ours(path, os.lstat(path))  # before opening: opening a device can act on it
    except FileNotFoundError:
        pass
    flags = how | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        _require_file_of_ours(path, os.fstat(descriptor))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _require_file_of_ours(path: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise AuditError(f"the audit log {path} is no regular file")
    if status.st_uid != os.geteuid():
        raise AuditError(f"the audit log {path} belongs to somebody else")
    if status.st_mode & 0o022:
        raise AuditError(f"others can write to the audit log: chmod go-w {_quoted(path)}")


def _wait(path: str, descriptor: int, lock: int, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, lock | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= until:
                raise AuditError(f"the audit log {path} was held by others for too long; try again") from None
        time.sleep(_PAUSE)


def _is_still(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
