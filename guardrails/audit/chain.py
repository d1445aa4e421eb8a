"""The format of the audit log: one record a line, each with the SHA-256 of the line before.

A line is a JSON object with sorted keys, no spaces and ASCII alone, so that equal records are equal bytes:

    at        when it was written, RFC 3339 in UTC
    hash      SHA-256 of this line without this member: what shows that the last line, too, is whole
    kind      check, mended, or what else was recorded
    number    1, 2, 3: the number of the line
    previous  SHA-256 of the line before, without its newline; 64 zeros in the first

and whatever its kind says beside these.
"""

from __future__ import annotations

import json

from guardrails.record import Record
from guardrails.wording.shown_text import without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from hashlib import sha256
    from typing import Any
else:
    try:  # hashlib's own, without the 3 ms that loading OpenSSL takes; renamed in Python 3.12
        from _sha256 import sha256
    except ImportError:
        try:
            from _sha2 import sha256
        except ImportError:
            from hashlib import sha256

LINE_LIMIT = 1 << 20  # bytes; no record comes near
_NOTHING = "0" * 64


class Head(Record):
    """The newest record: its number, and the digest that the next one must hold. `mended` says what was wrong."""

    number: int = 0
    digest: str = _NOTHING
    mended: str = ""


def digest(data: bytes) -> str:
    """The SHA-256 of bytes, in hexadecimal."""
    return sha256(data).hexdigest()


def line_after(head: Head, facts: Mapping[str, Any]) -> bytes:
    """The line of a record that follows `head`, without its newline. Raises ValueError when it is too long."""
    record = without_secrets({**facts, "number": head.number + 1, "previous": head.digest})
    line = _canonical({**record, "hash": digest(_canonical(record))})
    if len(line) > LINE_LIMIT:
        raise ValueError(f"a record of {len(line)} bytes is too long")
    return line


def head_at(line: bytes) -> Head:
    """The head of a log whose last line is this one. Raises ValueError when it is no whole record."""
    return Head(record_in(line)["number"], digest(line))


def record_in(line: bytes) -> dict[str, Any]:
    """The record of one line, without its newline. Raises ValueError when it is not as it was written."""
    try:
        record = json.loads(line)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(record, dict) or type(record.get("number")) is not int:
        raise ValueError("no record")
    member = f'"hash":"{record.get("hash")}",'.encode()
    if member not in line or record.get("hash") != digest(line.replace(member, b"", 1)):
        raise ValueError("its hash is another")
    return record


def _canonical(record: Mapping[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
