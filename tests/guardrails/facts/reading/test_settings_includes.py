"""Settings with the files that they include, merged as OpenClaw 2026.9.6 merges them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow
from guardrails.facts.reading.settings_includes import DEPTH_LIMIT, literal, read_with_includes


def read(folder: Path, whole: Any, **files: Any) -> Any:
    """The settings in a folder, beside files of these names."""
    for name, content in {"main": whole, **files}.items():
        (folder / f"{name}.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return read_with_includes(str(folder / "main.json"))


@pytest.mark.parametrize(
    ("whole", "expected"),
    [
        ({"$include": "a.json"}, {"x": 1, "t": {"a": 1, "l": [1]}}),
        ({"$include": "./a.json", "x": 2}, {"x": 2, "t": {"a": 1, "l": [1]}}),
        ({"$include": "a.json", "t": {"l": [2], "b": 2}}, {"x": 1, "t": {"a": 1, "b": 2, "l": [1, 2]}}),
        ({"$include": "a.json", "t": None}, {"x": 1, "t": None}),
        ({"$include": "a.json", "t": [3]}, {"x": 1, "t": [3]}),
        ({"$include": ["a.json", "b.json"]}, {"x": 1, "t": {"a": 1, "l": [1, 9]}, "y": 1}),
        ({"$include": ["b.json", "a.json"], "y": 3}, {"x": 1, "t": {"a": 1, "l": [9, 1]}, "y": 3}),
        ({"$include": []}, {}),
        ({"in": {"$include": "b.json", "z": 1}}, {"in": {"y": 1, "t": {"l": [9]}, "z": 1}}),
        ({"in": [{"$include": "list.json"}, 2]}, {"in": [[1, 2], 2]}),
        ({"$include": "nested.json"}, {"deep": {"x": 1, "t": {"a": 1, "l": [1]}}}),
        ({"$include": "blocked.json", "x": 1}, {"x": 1}),
    ],
)
def test_what_is_included(tmp_path: Path, whole: Any, expected: Any) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below/inner.json").write_text('{deep: {$include: "../a.json"}}')
    found = read(
        tmp_path,
        whole,
        a={"x": 1, "t": {"a": 1, "l": [1]}},
        b={"y": 1, "t": {"l": [9]}},
        list=[1, 2],
        nested={"$include": "below/inner.json"},
        blocked={"__proto__": {"y": 1}},
    )
    assert found == expected


@pytest.mark.parametrize(
    "include",
    ["absent.json", "../outside.json", "/etc/passwd", "link.json", "main.json", "loop.json", "bad.json", 7, [7],
     "list.json", "a\0b", "fifo.json"],
)  # fmt: skip
def test_what_cannot_be_followed_stays(tmp_path: Path, include: Any) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    (tmp_path / "outside.json").write_text("{}")
    (folder / "link.json").symlink_to(tmp_path / "outside.json")
    os.mkfifo(folder / "fifo.json")
    whole = {"in": {"$include": include, "x": 1}, "y": 2}
    loop = {"$include": "other.json", "x": 1}
    found = read(folder, whole, loop=loop, other={"$include": "loop.json", "x": 1}, bad="{", list=[1])
    if include == "loop.json":  # the loop itself stays where it closes
        assert found["in"]["$include"] == "loop.json"
    else:
        assert found == whole


def test_a_chain_ends(tmp_path: Path) -> None:
    files: dict[str, Any] = {f"f{n}": {"$include": f"f{n + 1}.json"} for n in range(DEPTH_LIMIT + 1)}
    assert read(tmp_path, {"$include": "f1.json"}, **files, f11={"end": 1})["$include"]
    files[f"f{DEPTH_LIMIT}"] = {"end": 1}
    assert read(tmp_path, {"$include": "f1.json"}, **files) == {"end": 1}


def test_settings_that_are_absent_or_damaged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_with_includes(str(tmp_path / "none.json"))
    with pytest.raises(CannotKnow, match=r"main\.json"):
        read(tmp_path, "{")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plain", "plain"),
        ("$${A}/x", "${A}/x"),
        ("a$$${B}", "a$${B}"),
        ("${lower}", "${lower}"),
        ("${1}", "${1}"),
        ("$A", "$A"),
        ("${A", "${A"),
        ("${A}", None),
        ("$${A}${B}", None),
    ],
)
def test_what_a_text_says(text: str, says: str | None) -> None:
    assert literal(text) == says
