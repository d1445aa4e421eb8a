"""Aliases that a call of git brings with it are replaced; git itself is given as well, which knows better."""

from __future__ import annotations

import pytest

from readings import lines, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git -c alias.x='reset --hard' x HEAD", "/w: git -c alias.x=reset --hard reset --hard HEAD"),
        ("git -C /p -c Alias.X=clean x -fd", "/w: git -C /p -c Alias.X=clean clean -fd"),
        ("git -c alias.x='!rm -rf' x /p", "/w: rm -rf /p"),
        ("git -c alias.x='!cd /p && rm' x y", "/p: rm y"),
    ],
)
def test_an_alias_is_what_it_stands_for(text: str, expected: str) -> None:
    assert expected in lines(text)
    assert lines(text)[-1].startswith("/w: git")


def test_an_alias_that_cannot_be_told_is_said() -> None:
    assert read('git -c alias.x="!$X" x /p').untold != ()
    assert "?" in lines("git -c alias.x='\"a b\" c' x")[0]
    assert lines("git -c user.name=x log") == ["/w: git -c user.name=x log"]
