"""Appending to an audit log: whole, in order and on the disk, or not at all.

A writer that is killed leaves at most a torn last line. The next one keeps it in a file beside the log, writes a record
that says so in its place, and goes on. We never wrote a last line that is complete and no record: then nothing more is
appended, since a person has to look.
"""

from __future__ import annotations

import fcntl
import os
import time

from guardrails.audit import files
from guardrails.audit.chain import LINE_LIMIT, Head, digest, head_at, line_after
from guardrails.errors import AuditError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_WINDOW = 8192  # bytes that are read of the end of a log, which usually hold a whole line


def append(path: str, facts: Mapping[str, Any], *, patience: float = files.PATIENCE) -> Head:
    """Append one record and wait until it is on the disk; give the new head.

    `facts` is plain data without floats, and names its `kind`. Waits at most `patience` seconds for other writers.
    Raises AuditError when nothing could be appended; then the log is as it was.
    """
    try:
        files.make_folder(path)
        descriptor = files.hold_locked(path, files.APPEND, patience)
        try:
            return _append(path, descriptor, facts)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise AuditError(f"the audit log {path} cannot be written: {error.strerror}") from None


def _append(path: str, descriptor: int, facts: Mapping[str, Any]) -> Head:
    size = os.fstat(descriptor).st_size
    last, torn = _ending(path, descriptor, size)
    try:
        head = Head() if last is None else head_at(last)
    except ValueError:
        raise AuditError(f"the audit log {path} was altered: guardrails log verify says where") from None
    lines, mended = [], ""
    if torn:
        kept = _keep_torn_line(f"{path}.torn-{head.number + 1}", torn)
        mended = f"the last line of the audit log {path} was torn; the part that was written is in {kept}"
        about = {"kept": os.path.basename(kept), "bytes": len(torn), "digest": digest(torn)}
        lines.append(_line(head, {"kind": "mended", "environment": facts.get("environment"), "torn": about}))
        head = head_at(lines[0])
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_RDWR)  # no longer O_APPEND: what is torn is written over
    lines.append(_line(head, facts))
    _write(descriptor, b"".join(line + b"\n" for line in lines), size - len(torn), torn)
    if head.number == 0:
        _sync_folder(path)
    return head_at(lines[-1]).replaced(mended=mended)


def _line(head: Head, facts: Mapping[str, Any]) -> bytes:
    now = time.time()
    at = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03}Z"
    try:
        return line_after(head, {"at": at, **facts})
    except ValueError as error:
        raise AuditError(f"the audit log cannot take this: {error}") from None


def _ending(path: str, descriptor: int, size: int) -> tuple[bytes | None, bytes]:
    """The last line that is ended, None when there is none, and what is torn after it. A log is not read whole."""
    window = _WINDOW
    while True:
        start = max(0, size - window)
        data = _read(descriptor, start, size)
        ended, newline, torn = data.rpartition(b"\n")
        _, another, last = ended.rpartition(b"\n")
        if another or start == 0:
            return (last if newline else None), torn
        if window > 2 * LINE_LIMIT:
            raise AuditError(f"the audit log {path} was altered: its last line is no record")
        window *= 8


def _read(descriptor: int, start: int, end: int) -> bytes:
    data = b""
    while start + len(data) < end and (part := os.pread(descriptor, end - start - len(data), start + len(data))):
        data += part
    return data


def _keep_torn_line(path: str, torn: bytes) -> str:
    """Keep a torn line in a file of its own, after what may be there from a writer that was killed while mending."""
    descriptor = files.hold_locked(path, files.APPEND, 0.0)  # no writer of ours holds it without the log itself
    try:
        _write(descriptor, torn + b"\n", os.fstat(descriptor).st_size, b"")
    finally:
        os.close(descriptor)
    _sync_folder(path)
    return path


def _write(descriptor: int, data: bytes, at: int, before: bytes) -> None:
    """Put data at the end, in the place of what stands there. When it cannot be written, that stands there again."""
    done = 0
    try:
        while done < len(data):
            done += os.pwrite(descriptor, data[done:], at + done)
        if before:
            os.ftruncate(descriptor, at + len(data))
        os.fsync(descriptor)
    except BaseException:
        try:
            os.pwrite(descriptor, before, at)
            os.ftruncate(descriptor, at + len(before))
        except OSError:
            pass  # then it is torn, and the next writer mends it
        raise


def _sync_folder(path: str) -> None:
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
