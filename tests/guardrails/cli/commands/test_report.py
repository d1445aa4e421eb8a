"""`guardrails report` from outside: 0 when the page is written, whatever the verdict, and 2 when it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrails.reporters.page.page_data import read_data
from worlds.small_world import RELEASE, SmallWorld, small_world, write


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    return small_world(tmp_path_factory.mktemp("world"))


def test_the_way_of_a_break_and_its_mending_is_on_the_page(world: SmallWorld, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    broken = world.prod / "hotfix.ts"
    for word in ("Allow", "Deny", "Allow"):
        if word == "Deny":
            write(broken, "fixed\n")
        done = world.run("report", "--env", "prod", "--output", str(page))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert f"<h1>{word}</h1>" in page.read_text(encoding="utf-8")
        broken.unlink(missing_ok=True)

    text = page.read_text(encoding="utf-8")
    data = read_data(text, "page")
    assert [one["verdict"] for one in data["log"]["verdicts"]] == ["allow", "deny", "allow"]
    assert data["record"] == data["log"]["verdicts"][-1]["number"]
    assert "<span>gone</span> <code>clean-worktree</code>" in text
    assert "<ins>+ clean-worktree</ins>" in text
    assert data["moves"]["environment"] == "prod"
    assert "Moves of the branch" in text

    again = tmp_path / "again.html"
    assert world.run("report", "--from", str(page), "--output", str(again)).returncode == 0
    assert again.read_text(encoding="utf-8") == text


def test_a_check_and_a_plan_write_one_too(world: SmallWorld, tmp_path: Path) -> None:
    promote = ("--env", "prod", "--candidate", RELEASE, "--output", f"html:{tmp_path}/page.html")
    done = world.check("--op", "promote", *promote)
    data = read_data((tmp_path / "page.html").read_text(encoding="utf-8"), "page")
    assert done.returncode == data["report"]["exit_code"]
    assert (data["moment"], data["plan"]) == ("promote", None)
    assert data["log"]["verdicts"][-1]["number"] == data["record"]

    done = world.run("plan", "promote", *promote)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    data = read_data(text, "page")
    assert done.returncode == data["report"]["exit_code"] == data["plan"]["exit_code"]
    assert data["plan"]["digest"] in text
    assert "What it would do" in text
    assert data["record"] is None


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--env", "nowhere", "--output", "{}/page.html"), "nowhere"),
        (("--env", "prod"), "where to? add --output PATH"),
        (("--env", "prod", "--output", "{}/no/such/page.html"), "No such file or directory"),
        (("--from", "{}/missing", "--output", "{}/page.html"), "there is no such file"),
        (("--from", "{}/empty", "--output", "{}/page.html"), "holds no report"),
        (("--from", "{}/deep", "--output", "{}/page.html"), "what no report can hold"),
        (("--from", "{}/long", "--output", "{}/page.html"), "what no report can hold"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    world: SmallWorld, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "deep").write_text('{"results": [], "errors": ' + "[" * 700 + "]" * 700 + "}")
    (tmp_path / "long").write_text('{"results": [], "duration_ms": ' + "9" * 401 + "}")
    done = world.run("report", *(word.format(tmp_path) for word in words))
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "page.html").exists()


def test_a_plan_is_written_in_each_format_and_is_undecided_when_one_fails(world: SmallWorld, tmp_path: Path) -> None:
    forms = ("text", "json", "html")
    every = [word for form in forms for word in ("--output", f"{form}:{tmp_path}/plan.{form}")]
    done = world.run("plan", "update", "--env", "prod", *every, "--format", "json")
    assert json.loads((tmp_path / "plan.json").read_text()) == json.loads(done.stdout)
    assert (tmp_path / "plan.text").read_text().split("\n")[-2].startswith("ALLOW")

    done = world.run("plan", "update", "--env", "prod", *every, "--output", f"html:{tmp_path}/no/plan.html")
    assert (done.returncode, done.stdout.split("\n")[-2]) == (2, "DENY  could not decide")
    assert "cannot be written" in done.stderr
    assert json.loads((tmp_path / "plan.json").read_text())["exit_code"] == 2
    assert "<h1>Undecided</h1>" in (tmp_path / "plan.html").read_text(encoding="utf-8")


def test_a_check_that_cannot_write_its_page_is_undecided(world: SmallWorld, tmp_path: Path) -> None:
    done = world.check("--env", "prod", "--output", f"html:{tmp_path}/no/page.html")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    done = world.check("--env", "nowhere", "--output", f"html:{tmp_path}/page.html")
    assert done.returncode == 2
    assert "<h1>Undecided</h1>" in (tmp_path / "page.html").read_text(encoding="utf-8")
