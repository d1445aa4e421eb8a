"""What is where a configuration says, on a real file system, and when it was last changed."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, DoesNotApply, FileAge, FileState, NamedFiles
from guardrails.facts import named_files
from guardrails.testing import gather, world


def named(repo: Path, *files: str, **rest: Any) -> list[list[str]]:
    """The paths of each pattern, without the repository in front."""
    found = gather(NamedFiles, world(repo, **rest), files)
    assert [matches.pattern for matches in found.named] == list(files)
    return [[file.path.removeprefix(f"{repo}/") for file in matches.files] for matches in found.named]


def state(repo: Path, file: str) -> FileState:
    [matches] = gather(NamedFiles, world(repo), (file,)).named
    [found] = matches.files
    return found


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def test_a_path_is_itself_whether_or_not_it_is_there(tmp_path: Path) -> None:
    fill(tmp_path, "a/b.js")
    os.utime(tmp_path / "a/b.js", ns=(1, 1_700_000_000_123_456_789))
    assert state(tmp_path, "a/b.js") == FileState(f"{tmp_path}/a/b.js", "a file", 1, 1_700_000_000_123_456_789)
    for absent in ("a/c.js", "a/b.js/c", "no/b.js"):
        assert state(tmp_path, absent).kind is None
    assert [state(tmp_path, absent).nearest for absent in ("a/c.js", "no/b.js")] == [f"{tmp_path}/a", str(tmp_path)]


def test_kinds(tmp_path: Path) -> None:
    fill(tmp_path, "file")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nothing")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(tmp_path)  # the path of a socket must be short
        listener.bind("socket")
        os.chdir(here)
        kinds = {name: state(tmp_path, name).kind for name in ("link", "dangling", "fifo", "socket", ".", "/dev/null")}
    assert kinds == {
        "link": "a file",
        "dangling": None,
        "fifo": "a FIFO",
        "socket": "a socket",
        ".": "a directory",
        "/dev/null": "a device",
    }


def test_patterns(tmp_path: Path) -> None:
    fill(tmp_path, "dist/a.js", "dist/b.js", "dist/.c.js", "dist/d.css", "dist/sub/e.js", "src/a.js")
    (tmp_path / "dist/f.js").symlink_to("nothing")
    assert named(tmp_path, "dist/*.js", "*/a.js", "dist/?.css", "dist/[ab].js", "dist/.*", "no/*", "dist/a.js/*") == [
        ["dist/a.js", "dist/b.js", "dist/f.js"],
        ["dist/a.js", "src/a.js"],
        ["dist/d.css"],
        ["dist/a.js", "dist/b.js"],
        ["dist/.c.js"],
        [],
        [],
    ]
    assert named(tmp_path, "dist//sub/*", f"{tmp_path}/src/*") == [["dist/sub/e.js"], ["src/a.js"]]


def test_any_number_of_folders(tmp_path: Path) -> None:
    fill(tmp_path, "a.js", "dist/b.js", "dist/sub/c.js", "dist/.hidden/d.js", "dist/sub/d.css")
    assert named(tmp_path, "**/*.js", "dist/**/*.js", "dist/**/sub/*.js", "no/**/*.js") == [
        ["a.js", "dist/b.js", "dist/sub/c.js"],
        ["dist/b.js", "dist/sub/c.js"],
        ["dist/sub/c.js"],
        [],
    ]


def test_patterns_go_through_no_link_out_of_their_folder(tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    fill(repo, "releases/5/a.js")
    fill(tmp_path, "elsewhere/b.js")
    (repo / "current").symlink_to("releases/5")
    (repo / "out").symlink_to("../elsewhere")
    (repo / "circle").symlink_to(".")
    assert named(repo, "*/*.js", "**/*.js") == [["current/a.js"], ["releases/5/a.js"]]
    assert named(repo, "out/*.js", "current/*.js") == [["out/b.js"], ["current/a.js"]], "what is named is followed"


def test_placeholders_are_names_and_no_patterns(tmp_path: Path) -> None:
    repo, home = tmp_path / "[a]*", tmp_path / "home"
    fill(repo, "x.js")
    fill(tmp_path / "a", "y.js")
    fill(home, "z.js")
    rest = {"state_dir": str(tmp_path / "a"), "home": str(home)}
    found = gather(NamedFiles, world(repo, **rest), ("*.js", "{repo}/*", "{state_dir}/y.js", "~/*.js", "~", "~x"))
    assert [[file.path for file in matches.files] for matches in found.named] == [
        [f"{repo}/x.js"],
        [f"{repo}/x.js"],
        [f"{tmp_path}/a/y.js"],
        [f"{home}/z.js"],
        [str(home)],
        [f"{repo}/~x"],
    ]


def test_what_cannot_be_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loop").symlink_to("loop")
    for file in ("loop", "loop/*", "x" * 300):
        with pytest.raises(CannotKnow, match="cannot be looked at"):
            named(tmp_path, file)
    fill(tmp_path, *"abc")
    monkeypatch.setattr(named_files, "MATCHES_LIMIT", 2)
    with pytest.raises(CannotKnow, match=r"\* matches more than 2 files"):
        named(tmp_path, "*")
    fill(tmp_path, "x/y/z")
    monkeypatch.setattr(named_files, "FOLDERS_LIMIT", 2)
    with pytest.raises(CannotKnow, match="more than 2 folders"):
        named(tmp_path, "**/z")


def test_nothing_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(DoesNotApply, match="no files"):
        gather(NamedFiles, world(tmp_path), ())
    with pytest.raises(DoesNotApply, match="no file"):
        gather(FileAge, world(tmp_path), "", "")
    with pytest.raises(DoesNotApply, match="prod has no state_dir"):
        named(tmp_path, "{state_dir}/x")


@pytest.mark.parametrize("file", ["", "a\0b", "{statedir}/x"])
def test_what_names_no_file(file: str) -> None:
    with pytest.raises(ValueError, match=r"not a path|stands for nothing"):
        NamedFiles.check(("fine", file))


def test_a_file_beside_another(tmp_path: Path) -> None:
    fill(tmp_path, "dist/a.js", "src/a.ts", "7d")
    age = gather(FileAge, world(tmp_path, at=5.0), "dist/a.js", "{repo}/src/a.ts")
    assert (age.files[0].files[0].path, age.limit, age.at) == (f"{tmp_path}/dist/a.js", None, 5.0)
    assert age.others[0].files == (state(tmp_path, "src/a.ts"),)
    [other] = gather(FileAge, world(tmp_path), "dist/a.js", "./7d").others
    assert other.files == (state(tmp_path, "./7d"),)


def test_a_file_beside_the_clock(tmp_path: Path) -> None:
    fill(tmp_path, "a", "7d")
    age = gather(FileAge, world(tmp_path, at=5.0), "a", "7d")
    assert (age.others, age.limit, age.at, age.written) == ((), 7 * 86400, 5.0, "7d")


def test_files_beside_files_and_the_clock(tmp_path: Path) -> None:
    fill(tmp_path, "dist/a.js", "dist/sub/b.js", "src/a.ts", "src/b.ts", "lock")
    age = gather(FileAge, world(tmp_path), ("dist/**", "dist/*"), ("src/*.ts", "2d", "lock", "no/*", "36h"))
    shown = [[file.path.removeprefix(f"{tmp_path}/") for file in one.files] for one in (*age.files, *age.others)]
    assert shown == [["dist/a.js", "dist/sub/b.js"], ["dist/a.js"], ["src/a.ts", "src/b.ts"], ["lock"], []], (
        "folders are no match"
    )
    assert (age.limit, age.written) == (36 * 3600, "36h")


@pytest.mark.parametrize(("file", "newer_than"), [("a\0", "7d"), ("a", "b\0"), ("{x}", "7d"), ("a", "{x}/b")])
def test_an_age_of_what_names_no_file(file: str, newer_than: str) -> None:
    with pytest.raises(ValueError, match=r"not a path|stands for nothing"):
        FileAge.check(file, newer_than)
