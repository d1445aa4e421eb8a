"""What a rescue holds is told in numbers and lines, whatever the repository's configuration would make of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.operations.rescue import describe
from guardrails.operations.rescue.describe import Shown, compare_rescue, summary
from guardrails.operations.rescue.restore import find_rescue, open_repository
from guardrails.operations.rescue.save import save
from guardrails.testing import world
from guardrails.wording.times import seconds_of
from worlds.two_repositories import Repositories, head


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    return Repositories(tmp_path).prod


def seen(repo: Path) -> tuple[dict[str, str], Shown]:
    saved = save(world(repo))
    rescue = find_rescue(open_repository(str(repo)), saved.name)
    one = compare_rescue(open_repository(str(repo)), rescue)
    return dict(summary(rescue, one, seconds_of(rescue.at) + 3 * 3600)), one


def test_how_much_of_what(prod: Path) -> None:
    git(prod, "commit", "-q", "--allow-empty", "-m", "local")
    (prod / "second.txt").write_text("stashed\n")
    git(prod, "stash", "-q")
    (prod / "second.txt").write_text("staged\n")
    (prod / "fresh.txt").write_text("staged too\n")
    git(prod, "add", "second.txt", "fresh.txt")
    (prod / "first.txt").unlink()
    (prod / "notes.md").write_text("untracked\n")
    (prod / "empty").mkdir()
    (prod / "inner").mkdir()
    git(prod / "inner", "init", "-q")
    told, one = seen(prod)

    assert re.fullmatch(rf"{told['rescue'][:4]}-[0-9-]+T[0-9:]+Z \(3 hours ago\)", told["saved"])
    del told["rescue"], told["saved"]
    assert told == {
        "branch": "main",
        "HEAD": head(prod),
        "local commits": "1",
        "staged": "2",
        "unstaged": "1",
        "untracked": "1",
        "stashes": "1",
        "only named": "1: empty/ is empty",
        "NOT SAVED": "inner is a repository of its own",
    }
    assert "+staged" in one.staged.lines
    assert "-second" in one.staged.lines
    assert {"-first", "+untracked"} <= set(one.on_disk.lines)
    assert "+staged" not in one.on_disk.lines


def test_conflicts_and_what_is_in_progress(prod: Path) -> None:
    git(prod, "checkout", "-q", "-b", "other")
    (prod / "first.txt").write_text("theirs\n")
    git(prod, "commit", "-qam", "theirs")
    git(prod, "checkout", "-q", "--detach", "main")
    (prod / "first.txt").write_text("ours\n")
    git(prod, "commit", "-qam", "ours")
    with pytest.raises(AssertionError):
        git(prod, "merge", "-q", "other")
    told, _ = seen(prod)

    assert told["branch"] == "none (a detached HEAD)"
    assert (told["in conflict"], told["in progress"]) == ("first.txt", "MERGE_HEAD")
    assert (told["unstaged"], told["untracked"]) == ("0", "0")


def test_an_unborn_branch(tmp_path: Path) -> None:
    repo = tmp_path / "unborn"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "main")
    (repo / "work.txt").write_text("work\n")
    git(repo, "add", "work.txt")
    told, one = seen(repo)

    assert (told["HEAD"], told["staged"]) == ("none yet", "1")
    assert "+work" in one.staged.lines


def test_nothing_of_the_configuration_has_a_say(prod: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    settings = {
        "diff.external": f"touch {ran}",
        "diff.x.textconv": f"touch {ran}; cat",
        "diff.x.command": f"touch {ran}",
    }
    settings |= {"color.ui": "always", "color.diff": "always", "diff.noprefix": "true", "core.pager": f"touch {ran}"}
    for name, value in settings.items():
        git(prod, "config", name, value)
    (prod / ".git/info").mkdir(exist_ok=True)
    (prod / ".git/info/attributes").write_text("* diff=x\n")
    (prod / "first.txt").write_text("changed\n")
    _, one = seen(prod)

    assert "diff --git a/first.txt b/first.txt" in one.on_disk.lines
    assert "+changed" in one.on_disk.lines
    assert not ran.exists()


def test_text_from_the_world_is_data(prod: Path) -> None:
    (prod / "first.txt").write_bytes(b"\x1b[31mred\x07\r\n\ttab \xff\ntoken=abcdefghijkl\n")
    (prod / "\x1b[2Jname").write_text("x\n")
    (prod / ":(top)magic").write_text("magic\n")
    _, one = seen(prod)
    text = "\n".join(one.on_disk.lines)

    assert "+\\x1b[31mred\\x07\\r" in one.on_disk.lines
    assert "+\ttab \\\\xff" in one.on_disk.lines or "+\ttab \\xff" in one.on_disk.lines
    assert "+magic" in one.on_disk.lines
    assert "abcdefghijkl" not in text
    assert "\x1b" not in text


def test_what_is_too_much_is_cut_and_said(prod: Path) -> None:
    (prod / "first.txt").write_text("".join(f"{number}\n" for number in range(describe.LINES + 500)))
    (prod / "huge.txt").write_text("x" * (describe._BYTES + 1))
    (prod / "wide.txt").write_text("y" * 5000 + "\n")
    (prod / "binary").write_bytes(bytes(range(256)) * 10)
    _, one = seen(prod)

    assert len(one.on_disk.lines) < describe.LINES + 10
    assert any(line.startswith("… cut: 5") and line.endswith("more lines") for line in one.on_disk.lines)
    assert one.on_disk.lines[-1] == "… cut: 1 files are too large or too many to show: huge.txt"
    assert any(line.startswith("Binary files") for line in one.on_disk.lines)
    assert max(map(len, one.on_disk.lines)) < describe.WIDTH + 100


def test_many_files(prod: Path) -> None:
    for number in range(describe._FILES + 20):
        (prod / f"new-{number:03}").write_text("new\n")
    told, one = seen(prod)

    assert told["untracked"] == str(describe._FILES + 20)
    assert one.on_disk.lines[-1].startswith("… cut: 20 files are too large or too many to show: new-200,")
