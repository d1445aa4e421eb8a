"""JSON5 is read where programs read it, and nothing that is cut off or ambiguous is ever taken for a file."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails import CannotKnow
from guardrails.facts.reading import json5_files
from guardrails.facts.reading.json5_files import read_json5
from worlds.openclaw_state import OLD, job, real_state, write_jobs


def read(tmp_path: Path, text: str) -> object:
    path = tmp_path / "file.json"
    path.write_text(text)
    return read_json5(str(path))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 2.5, true, null]}', {"a": [1, 2.5, True, None]}),
        ("{a: 'b', /* c */ d: [1,], // e\n}", {"a": "b", "d": [1]}),
        ("{a: 0x1F, b: +1, c: .5, d: 'x\\\ny'}", {"a": 31, "b": 1, "c": 0.5, "d": "xy"}),
        ('\ufeff{"a": 1}', {"a": 1}),
    ],
)
def test_json_and_json5_are_read(tmp_path: Path, text: str, value: object) -> None:
    assert read(tmp_path, text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "{",
        "{} {}",
        '{"a": 1, "a": 2}',
        "{a: 1, a: 2}",
        "{a: {b: 1, 'b': 2}}",
        "{a: NaN}",
        "{a: -NaN}",
        "{a: Infinity}",
        "{a: +Infinity}",
        "{a: -Infinity}",
        '{"a": NaN}',
        '{"a": 1e999}',
        "{a: 1e999}",
        "{a: -1e999}",
        "[" * 5000,
        "{a:" * 5000,
        "[" * 400 + "]" * 400 + ",",
        "{a: " + "9" * 5000 + "}",
        "\0" * 100,
    ],
    ids=repr,
)
def test_what_is_not_clear_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(CannotKnow, match=r"file\.json"):
        read(tmp_path, text)


def test_absent_and_unreadable_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_json5(str(tmp_path / "no.json"))
    with pytest.raises(CannotKnow, match="a directory"):
        read_json5(str(tmp_path))
    (tmp_path / "latin").write_bytes(b"{a: '\xe4'}")
    with pytest.raises(CannotKnow, match="not UTF-8"):
        read_json5(str(tmp_path / "latin"))


def test_json5_has_a_limit_of_its_own_since_it_is_slow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json5_files, "JSON5_LIMIT", 20)
    assert read(tmp_path, "{a: '" + "x" * 13 + "'}") == {"a": "x" * 13}
    with pytest.raises(CannotKnow, match="too long to be tried as JSON5"):
        read(tmp_path, "{a: '" + "x" * 14 + "'}")
    assert read(tmp_path, json.dumps({"a": "x" * 100})) == {"a": "x" * 100}


def test_strict_json_does_not_load_the_library(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text('{"a": 1}')
    script = """
import sys
from guardrails.facts.reading.json5_files import read_json5
assert read_json5(sys.argv[1]) == {"a": 1}
assert "json5" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "file.json")], check=True)


def test_a_captured_store_that_is_cut_anywhere_is_refused(tmp_path: Path) -> None:
    whole = (real_state(OLD, tmp_path / "state") / "cron" / "jobs.json").read_bytes()
    path = tmp_path / "jobs.json"
    for size in [*range(200), *range(200, len(whole), 53), *range(len(whole) - 60, len(whole))]:
        path.write_bytes(whole[:size])
        with pytest.raises(CannotKnow):
            read_json5(str(path))
    path.write_bytes(whole)
    assert len(read_json5(str(path))["jobs"]) == 6


def test_a_small_store_that_is_cut_at_any_byte_is_refused(tmp_path: Path) -> None:
    whole = write_jobs(tmp_path, job("daily", {"kind": "cron", "expr": "0 9 * * 1-5", "tz": "Europe/Berlin"}))
    content = whole.read_bytes()
    for size in range(len(content)):
        whole.write_bytes(content[:size])
        with pytest.raises(CannotKnow):
            read_json5(str(whole))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_damaged_byte_is_refused_or_changes_one_value_only(tmp_path: Path, place: int, byte: int) -> None:
    value = {"version": 1, "jobs": [job("daily"), job("weekly")]}
    content = bytearray(json.dumps(value).encode())
    content[place % len(content)] = byte
    (tmp_path / "file.json").write_bytes(content)
    try:
        found = read_json5(str(tmp_path / "file.json"))
    except CannotKnow:
        return
    assert len(found) == 2
    jobs = next(part for part in found.values() if isinstance(part, list))
    assert len(jobs) == 2
    assert all(len(one) == 5 for one in jobs)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.text(max_size=60))
def test_any_text_gives_a_value_or_cannot_know(tmp_path: Path, text: str) -> None:
    (tmp_path / "file.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with suppress(CannotKnow):
        assert read_json5(str(tmp_path / "file.json")) is not ...
