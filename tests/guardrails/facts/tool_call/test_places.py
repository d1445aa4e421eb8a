from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from guardrails.calls import Place
from guardrails.facts.tool_call.places import Places, guarded_places
from guardrails.model import Environment


def git(*words: str | Path) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words], check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    for name in ("prod", "dev", "inside/other"):
        git("init", "-q", "-b", "main", home / name)
        git("-C", home / name, "commit", "-q", "--allow-empty", "-m", "one")
    git("-C", home / "prod", "worktree", "add", "-q", "-b", "linked", home / "linked")
    git("init", "-q", home / "prod/vendor/other")
    hook = home / "prod/.git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\n# guardrails hook: reference-transaction\n")
    (home / "state").mkdir()
    (home / "alias").symlink_to("prod")
    (home / "prod/escape").symlink_to("../state")
    return home


@pytest.fixture(scope="module")
def places(home: Path) -> Places:
    environments = {
        "prod": Environment("prod", f"{home}/prod", f"{home}/state", service="gateway"),
        "dev": Environment("dev", f"{home}/dev"),
    }
    return guarded_places(environments, home=str(home), files=(Place("log", "prod", f"{home}/log/audit.jsonl"),))


def kinds(found: tuple[Place, ...]) -> list[str]:
    return [f"{place.environment} {place.kind}" for place in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("prod", ["prod repo"]),
        ("prod/src/a.ts", ["prod repo"]),
        ("prod/../prod/a", ["prod repo"]),
        ("alias/new/file", ["prod repo"]),
        ("prod/.git/HEAD", ["prod repo"]),
        ("prod/.git/hooks/reference-transaction", ["prod hook", "prod repo"]),
        ("state/a.db", ["prod state_dir"]),
        ("prod/escape/a.db", ["prod state_dir"]),
        ("log/audit.jsonl", ["prod log"]),
        (".config/systemd/user/gateway.service", ["prod service"]),
        ("Library/LaunchAgents/gateway.plist", ["prod service"]),
        ("linked/a", []),
        ("prod-other/a", []),
        ("production", []),
        (".", []),
    ],
)
def test_a_path_leads_to_a_place(home: Path, places: Places, path: str, expected: list[str]) -> None:
    assert sorted(kinds(places.touched(f"{home}/{path}"))) == expected


def test_what_a_link_in_a_place_leads_to_counts_for_the_place_as_written(home: Path, places: Places) -> None:
    (home / "prod/out").symlink_to(home / "inside")
    assert kinds(places.touched(f"{home}/prod/out/a")) == ["prod repo"]


def test_what_is_above_places_counts_for_what_reaches_below(home: Path, places: Places) -> None:
    assert set(kinds(places.touched(str(home), deep=True))) == {
        "prod repo", "prod state_dir", "prod service", "prod hook", "prod log", "dev repo",
    }  # fmt: skip
    assert kinds(places.touched("/", deep=True)) == kinds(places.touched(str(home), deep=True))


@pytest.mark.parametrize(
    ("pattern", "deep", "expected"),
    [
        ("pro*", False, ["prod repo"]),
        ("p[a-z]od/a", False, ["prod repo"]),
        ("{prod,dev}/a", False, ["prod repo", "dev repo"]),
        ("st?te/*", False, ["prod state_dir"]),
        ("*/a", False, ["prod repo", "prod state_dir", "dev repo"]),
        ("prod/*.map", False, ["prod repo"]),
        ("other*", False, []),
        ("inside/{a,b}", False, []),
        ("../*", True, ["prod repo", "prod hook", "prod state_dir", "prod service", "dev repo", "prod log"]),
        ("../*", False, []),
    ],
)
def test_a_pattern_could_match(home: Path, places: Places, pattern: str, deep: bool, expected: list[str]) -> None:
    found = kinds(places.matched(f"{home}/{pattern}", deep=deep))
    assert sorted(set(found)) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("eval ~/prod/x", ["prod repo"]),
        ("cd '{home}/prod'", ["prod repo"]),
        ("systemctl $X gateway", ["prod service"]),
        ("cat state-of-things production", []),
        ("log/audit.jsonl", ["prod log"]),
        ("audit.jsonl", []),
    ],
)
def test_a_text_names_a_place(home: Path, places: Places, text: str, expected: list[str]) -> None:
    assert kinds(places.named_in(text.format(home=home))) == expected


def test_git_works_on_the_repository_that_it_finds(home: Path, places: Places) -> None:
    found = places.repository(f"{home}/prod/src/deep/not-there")
    assert (kinds(found.tree), kinds(found.refs), found.top) == (["prod repo"], ["prod repo"], f"{home}/prod")
    assert kinds(places.repository(f"{home}/alias").tree) == ["prod repo"]
    assert kinds(places.repository(f"{home}/inside/other").tree) == []


def test_a_linked_work_tree_shares_the_refs_and_has_files_of_its_own(home: Path, places: Places) -> None:
    found = places.repository(f"{home}/linked")
    assert (kinds(found.tree), kinds(found.refs), kinds(found.around)) == ([], ["prod repo"], [])


def test_a_repository_inside_of_a_place_is_not_the_guarded_one(home: Path, places: Places) -> None:
    found = places.repository(f"{home}/prod/vendor/other")
    assert (kinds(found.tree), kinds(found.refs), kinds(found.around)) == ([], [], ["prod repo"])


def test_git_works_where_it_is_told_to(home: Path, places: Places) -> None:
    told = places.repository("/", git_dir=f"{home}/prod/.git", work_tree=f"{home}/inside")
    assert (kinds(told.tree), kinds(told.refs)) == (["prod repo"], ["prod repo"])
    foreign = places.repository("/", git_dir=f"{home}/inside/other/.git", work_tree=f"{home}/prod")
    assert (kinds(foreign.tree), kinds(foreign.refs)) == (["prod repo"], [])
    assert kinds(places.repository(f"{home}/prod/.git").tree) == ["prod repo"]


def test_two_environments_that_share_a_repository_share_its_refs(home: Path) -> None:
    environments = {name: Environment(name, f"{home}/{path}") for name, path in (("prod", "prod"), ("dev", "linked"))}
    places = guarded_places(environments, home=str(home))
    found = places.repository(f"{home}/linked")
    assert (kinds(found.tree), set(kinds(found.refs))) == (["dev repo"], {"prod repo", "dev repo"})
    assert kinds(places.touched(f"{home}/linked/a")) == ["dev repo"]


def test_of_places_in_one_another_the_innermost_counts(home: Path) -> None:
    environments = {"prod": Environment("prod", f"{home}/prod"), "dev": Environment("dev", f"{home}/prod/vendor/other")}
    places = guarded_places(environments, home=str(home))
    assert kinds(places.touched(f"{home}/prod/vendor/other/a")) == ["dev repo"]
    assert set(kinds(places.touched(f"{home}/prod/vendor", deep=True))) == {"prod repo", "dev repo"}


def test_looking_changes_nothing(home: Path, places: Places) -> None:
    before = {path: os.lstat(path).st_mtime_ns for path in home.rglob("*")}
    places.repository(f"{home}/prod")
    places.touched(f"{home}/prod/x", deep=True)
    assert {path: os.lstat(path).st_mtime_ns for path in home.rglob("*")} == before
