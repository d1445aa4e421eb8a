"""Where `cd` and its like lead."""

from __future__ import annotations

import pytest

from readings import HOME, lines


def after(text: str, **variables: str) -> list[str]:
    """The folders in which a command after a text may run."""
    return [one.partition(":")[0] for one in lines(f"{text} && ls", variables=variables) if one.endswith(": ls")]


@pytest.mark.parametrize(
    ("text", "folder"),
    [
        ("cd", HOME),
        ("cd ~", HOME),
        ("cd -- /p", "/p"),
        ("cd -P /p/", "/p"),
        ("cd p/../q/.//r", "/w/q/r"),
        ("cd ''", "/w"),
        ("cd ..", "/"),
        ("cd ../..", "/"),
        ("cd //p", "/p"),
        ("cd /p && cd -", "/w"),
        ("cd -", "?"),
        ("cd $X", "?"),
        ("cd $X && cd /p", "/p"),
        ("cd $X && cd p", "?"),
        ("HOME=/h; cd", "/h"),
        ("pushd /p && pushd /q && popd", "/p"),
        ("pushd /p && pushd", "/w"),
        ("pushd +1", "?"),
        ("popd +1", "?"),
        ("command cd /p", "/p"),
        ("builtin cd /p", "/p"),
        ("cd /p >/dev/null 2>&1", "/p"),
    ],
)
def test_a_folder_is_told_by_words_alone(text: str, folder: str) -> None:
    assert after(text) == [folder]


def test_a_search_path_makes_it_unknown() -> None:
    assert after("cd p", CDPATH="/q") == ["?", "/w/p"]
    assert after("cd ./p", CDPATH="/q") == ["/w/p"]


@pytest.mark.parametrize("text", ["cd a b", "popd", "false", "cd /a && false"])
def test_nothing_runs_after_what_fails(text: str) -> None:
    assert after(text) == []
