"""A line of the log is one record, and says so itself."""

from __future__ import annotations

import json

import pytest

from guardrails.audit.chain import LINE_LIMIT, Head, digest, head_at, line_after, record_in

FACTS = {
    "kind": "check",
    "environment": "prod",
    "errors": ["ein Fehler: \u00e4\u2028\x1b"],
    "at": "2026-02-01T10:00:00.000Z",
}


def test_a_line_is_canonical_and_names_the_line_before() -> None:
    first = line_after(Head(), FACTS)
    second = line_after(head_at(first), FACTS)
    assert first.isascii()
    assert list(json.loads(first)) == sorted(json.loads(first))
    assert line_after(Head(), dict(reversed(FACTS.items()))) == first
    assert record_in(first)["previous"] == "0" * 64
    assert record_in(second)["previous"] == digest(first)
    assert record_in(second)["number"] == 2


def test_a_hash_is_that_of_the_record_without_it() -> None:
    record = record_in(line_after(Head(), FACTS))
    hashed = record.pop("hash")
    assert digest(json.dumps(record, sort_keys=True, separators=(",", ":")).encode()) == hashed


def test_every_flipped_bit_is_seen() -> None:
    line = line_after(Head(), {**FACTS, "of": '"hash":"x",'})
    for at in range(len(line)):
        changed = bytearray(line)
        changed[at] ^= 1
        with pytest.raises(ValueError, match=r"."):
            record_in(bytes(changed))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'{"number":1}',
        b'{"number":true}',
        b'{"number":1,"hash":null}',
        b'{"number":1,"of":{"hash":"None","x":1}}',
        b'{"hash":"\\ud800","number":1}',
        b'{"number":' + b"1" * 5000 + b"}",
        b'{"number":1,"of":NaN}',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_record_is_none(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        record_in(line)


def test_a_record_has_a_longest_line() -> None:
    with pytest.raises(ValueError, match="too long"):
        line_after(Head(), {"kind": "x" * LINE_LIMIT})
