"""Reading an audit log line by line, and holding each line to the one before."""

from __future__ import annotations

import os

from guardrails.audit import files
from guardrails.audit.chain import LINE_LIMIT, Head, digest, record_in
from guardrails.errors import AuditError
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


class Verified(Record):
    """What a log is like: how many lines are as they were written, and what is wrong with the first that is not.

    `line` is where, counted from 1, or None when nothing is wrong. `mended` are the lines that tell of a torn one.
    """

    records: int
    line: int | None = None
    problem: str = ""
    mended: tuple[int, ...] = ()


def verify(path: str, anchor: Head | None) -> Verified:
    """Hold every line to the one before, and the line of the anchor to what was anchored.

    Raises AuditError when the log cannot be read.
    """
    head = Head()
    mended: list[int] = []
    try:
        for number, line in read_lines(path):
            try:
                record = _following(head, line)
                following = Head(number, digest(line[:-1]))
                if anchor and anchor.number == number and anchor.digest != following.digest:
                    raise ValueError("it is not the record that was anchored")
            except ValueError as error:
                return Verified(number - 1, number, str(error), tuple(mended))
            head = following
            if record.get("kind") == "mended":
                mended.append(number)
    except FileNotFoundError:
        return Verified(0, 1, "there is no such log")
    if anchor and anchor.number > head.number:
        problem = f"it was cut: {anchor.number} records were there when it was anchored"
        return Verified(head.number, head.number + 1, problem, tuple(mended))
    return Verified(head.number, mended=tuple(mended))


def _following(head: Head, line: bytes) -> dict[str, Any]:
    """The record of a line that comes after `head`. Raises ValueError with what is wrong with it."""
    if not line.endswith(b"\n"):
        raise ValueError("it is torn; the next record will say so, and what there is of it will be kept")
    try:
        record = record_in(line[:-1])
    except ValueError as error:
        raise ValueError(f"it was altered: {error}") from None
    if record["number"] != head.number + 1:
        raise ValueError(f"it is record {record['number']}; the one that should be here is missing")
    if record.get("previous") != head.digest:
        raise ValueError("it does not follow the line before, which was altered")
    return record


def records(path: str) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Each line's number and record, None for a line that is not a record. Raises as `lines`."""
    for number, line in read_lines(path):
        try:
            yield number, record_in(line.removesuffix(b"\n"))
        except ValueError:
            yield number, None


def newest(path: str, kind: str, **said: str) -> dict[str, Any] | None:
    """The last record of a kind that says all of this, None without one; lines of other kinds are not looked at.

    Raises AuditError when the log cannot be read, or a line of that kind is not as it was written.
    """
    mark = f'"kind":"{kind}"'.encode()
    found = None
    try:
        for number, line in read_lines(path):
            if mark not in line or not line.endswith(b"\n"):
                continue
            try:
                record = record_in(line[:-1])
            except ValueError:
                raise AuditError(f"line {number} of {path} was altered: guardrails log verify says more") from None
            if record.get("kind") == kind and said.items() <= record.items():
                found = record
    except FileNotFoundError:
        return None
    return found


def read_lines(path: str) -> Iterator[tuple[int, bytes]]:
    """Each line that is there now, with its newline, counted from 1.

    Raises FileNotFoundError when there is no log, AuditError when it cannot be read.
    """
    try:
        descriptor = files.hold_locked(path, files.READ)
    except FileNotFoundError:
        raise
    except NotADirectoryError as error:
        raise FileNotFoundError(*error.args) from None
    except OSError as error:
        raise AuditError(f"the audit log {path} cannot be read: {error.strerror}") from None
    with open(descriptor, "rb") as file:
        left = os.fstat(descriptor).st_size
        files.release(descriptor)  # writers only add after what is there now
        number = 0
        while left > 0 and (line := file.readline(min(left, LINE_LIMIT + 2))):
            number, left = number + 1, left - len(line)
            yield number, line
