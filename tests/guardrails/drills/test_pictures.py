"""A picture shows every change but those of guardrails' own log and cache, and those that are expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails.drills.pictures import changed, picture


@pytest.fixture
def world(tmp_path: Path) -> Path:
    for name in ("prod", "home/.local/state", "home/.cache", "tmp"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "prod/file").write_text("a")
    (tmp_path / "prod/link").symlink_to("file")
    return tmp_path


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        (lambda world: (world / "prod/file").write_text("b"), ["prod/file"]),
        (lambda world: (world / "prod/file").chmod(0o600), ["prod/file"]),
        (lambda world: (world / "prod/link").unlink(), ["prod/link"]),
        (lambda world: (world / "prod/new").mkdir(), ["prod/new"]),
        (lambda world: (world / "home/.local/state/log").touch(), []),
        (lambda world: (world / "home/.cache/a").touch(), []),
        (lambda world: (world / "tmp/a").touch(), []),
        (lambda world: None, []),
    ],
)
def test_a_change_is_seen(world: Path, change: Callable[[Path], object], seen: list[str]) -> None:
    before = picture(str(world))
    change(world)
    assert changed(before, picture(str(world)), ()) == seen


def test_what_is_expected_is_left_out(world: Path) -> None:
    before = picture(str(world))
    (world / "prod/file").unlink()
    assert changed(before, picture(str(world)), ("prod/f*",)) == []
    assert changed(before, picture(str(world)), ("prod",)) == ["prod/file"]
