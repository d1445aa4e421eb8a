from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from guardrails.facts.tool_call.actions import actions_of
from guardrails.facts.tool_call.places import Places, guarded_places
from guardrails.model import Environment
from shell_examples import example_places, reading


def did(text: str, folder: str = "/srv/prod", places: Places | None = None) -> list[str]:
    actions = actions_of(reading(text, folder), places or example_places())
    return [f"{'?' if one.why else ''}{one.kind} {one.environment}" for one in actions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git checkout -b new", ["moves-head prod"]),
        ("git checkout .", ["loses-work prod"]),
        ("git checkout HEAD~1 src/a.ts", ["loses-work prod"]),
        ("git checkout -f main", ["moves-head prod", "loses-work prod"]),
        ("git switch --discard-changes main", ["moves-head prod", "loses-work prod"]),
        ("git reset", ["writes prod"]),
        ("git reset HEAD src/a.ts", ["writes prod"]),
        ("git reset --soft HEAD~1", ["moves-head prod"]),
        ("git reset --keep v1", ["moves-head prod"]),
        ("git restore --staged a", ["writes prod"]),
        ("git restore a", ["loses-work prod"]),
        ("git clean -n", []),
        ("git clean -ffdx", ["loses-work prod"]),
        ("git branch", []),
        ("git branch -m other", ["moves-head prod"]),
        ("git tag v1", []),
        ("git tag -d v1", ["loses-work prod"]),
        ("git stash pop", ["writes prod"]),
        ("git rebase --abort", ["loses-work prod", "moves-head prod"]),
        ("git symbolic-ref HEAD", []),
        ("git symbolic-ref HEAD refs/heads/x", ["moves-head prod"]),
        ("git update-ref refs/heads/main v1", ["moves-head prod"]),
        ("git update-ref -d refs/guardrails/audit", ["loosens prod"]),
        ("git reflog expire --expire=now --all", ["loses-work prod"]),
        ("git gc", []),
        ("git gc --prune=now", ["loses-work prod"]),
        ("git remote -v", []),
        ("git remote set-url origin x", ["writes prod"]),
        ("git config user.name x", ["writes prod"]),
        ("git config --list", []),
        ("git config --unset core.hooksPath", ["loosens prod"]),
        ("git config --global core.hooksPath /tmp", ["loosens prod", "loosens dev"]),
        ("git config --global user.name x", []),
        ("git -c core.pager=cat log", []),
        ("git -c core.fsmonitor=/tmp/x status", ["?writes prod"]),
        ("git -c alias.x='!rm -rf dist' x", ["?writes prod"]),
        ("git -c alias.x=y -c alias.y=clean x", ["loses-work prod"]),
        ("git push /srv/dev main", ["pushes prod", "writes dev"]),
        ("git push -n --no-verify", []),
        ("git commit -Sn -m x", ["moves-head prod"]),
        ("git commit -m -n", ["moves-head prod"]),
        ("git init", ["writes prod"]),
        ("git clone https://example.org/x.git", ["writes prod"]),
        ("git archive -o /tmp/a.tar HEAD", []),
        ("git format-patch -1 -o /tmp", []),
        ("git format-patch -1", ["writes prod"]),
        ("git worktree add /tmp/x", []),
        ("git submodule update --init", ["writes prod"]),
        ("git submodule status", []),
        ("git bisect log", []),
        ("git notes", []),
        ("git notes show", []),
        ("git notes add -m x", ["writes prod"]),
        ("git maintenance run", []),
        ("git maintenance start", ["writes prod"]),
        ("git commit-tree HEAD^{tree} -m x", []),
        ("git config --global alias.x '!git -C /srv/dev pull'", ["?writes dev"]),
        ("git config --global alias.x '!ls /tmp'", []),
        ("git config --global alias.x 'log /srv/prod'", []),
        ("git bisect start", ["moves-head prod"]),
        ("git --no-pager diff", []),
        ("git --version", []),
        ("git", []),
    ],
)
def test_a_verb(text: str, expected: list[str]) -> None:
    assert did(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("git -C /srv -C prod pull", ["moves-head prod"]),
        ("git -C/srv/prod pull", []),  # no option of git: it refuses to run
        ("git --git-dir=/srv/prod/.git update-ref -d refs/heads/x", ["loses-work prod"]),
        ("GIT_DIR=/srv/prod/.git git gc --prune=now", ["loses-work prod"]),
        ("git --work-tree=/srv/prod checkout -f", ["moves-head prod", "loses-work prod"]),
        ("GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=/tmp git -C /srv/prod pull",
         ["moves-head prod", "loosens prod"]),
        ("git -C /srv/pro[d] pull", ["moves-head prod"]),
        ("git -C $X/prod push", ["?pushes prod"]),
        ("git -C /srv/prod/$X pull", ["moves-head prod"]),
    ],
)  # fmt: skip
def test_where_it_works(text: str, expected: list[str]) -> None:
    assert did(text, "/srv/elsewhere") == expected


def test_another_index_is_nobodys_and_the_own_one_is() -> None:
    assert did("GIT_INDEX_FILE=/tmp/i git add -A") == []
    assert did("GIT_INDEX_FILE=.git/other git add -A") == ["writes prod"]
    assert did("GIT_INDEX_FILE=/tmp/i git commit -m x") == ["moves-head prod"]
    assert did("GIT_INDEX_FILE=/srv/prod/.git/index git add x", "/srv/elsewhere") == ["writes prod"]
    assert did("GIT_INDEX_FILE=/srv/prod/.git/index git diff", "/srv/elsewhere") == []


def git(*words: str | Path) -> None:
    subprocess.run(
        ["git", "-c", "user.name=n", "-c", "user.email=n@example.org", *words], check=True, capture_output=True
    )


def test_real_repositories(tmp_path: Path) -> None:
    prod, linked, other = tmp_path / "prod", tmp_path / "linked", tmp_path / "prod/vendor/other"
    git("init", "-q", prod)
    git("-C", prod, "commit", "-q", "--allow-empty", "-m", "one")
    git("-C", prod, "worktree", "add", "-q", "-b", "linked", linked)
    git("init", "-q", other)
    git("init", "-q", tmp_path / "free")
    git("-C", tmp_path / "free", "remote", "add", "prod", prod)
    environments = {"prod": Environment("prod", str(prod))}
    places = guarded_places(environments, home=str(tmp_path))

    def here(text: str, folder: Path) -> list[str]:
        return did(text, str(folder), places)

    assert here("git reset --hard HEAD~1", prod) == ["moves-head prod", "loses-work prod"]
    assert here("git reset --hard HEAD~1", linked) == []
    assert here("git stash drop", linked) == ["loses-work prod"]
    assert here("git branch -D x", linked) == ["loses-work prod"]
    assert here("git push", linked) == ["pushes prod"]
    assert here("git reset --hard HEAD~1", other) == ["writes prod"] * 1
    assert here("git push prod main", tmp_path / "free") == ["writes prod"]
    assert here("git reset --hard", tmp_path / "free") == []
    (prod / "main.ts").write_text("")
    assert here("git checkout main.ts", prod) == ["loses-work prod"]
    assert here("git checkout main", prod) == ["moves-head prod"]
