"""Each canary of git's hooks reaches the hook, whatever a user has set, and is harmless where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git, script, snapshot
from guardrails import Environment
from guardrails.canaries import git_hooks
from guardrails.canaries.bounded import ended_within
from guardrails.canaries.canary import Answer
from guardrails.canaries.channels import channels_of
from guardrails.guards import KINDS, Guard

MAKERS = {"pre-push": "pre_push", "pre-receive": "pre_receive", "reference-transaction": "reference_transaction"}
REFUSES = ('cat >>"$0.heard"', 'case $1 in prepared | "") ;; /*) ;; *) exit 0 ;; esac', "echo no >&2", "exit 1")


@pytest.fixture(autouse=True)
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of a user that would keep a push from its hook, or make more of it."""
    settings = tmp_path / "settings"
    hooks = tmp_path / "hooks-of-the-user"
    script(hooks / "pre-receive", "exit 1")
    for name, value in {
        "protocol.file.allow": "never",
        "push.followTags": "true",
        "push.gpgSign": "true",
        "push.pushOption": "ci.skip",
        "push.recurseSubmodules": "check",
        "gc.auto": "1",
        "user.name": "A",
        "user.email": "a@example.org",
    }.items():
        git(tmp_path, "config", "--file", settings, name, value)
    for name, value in {"HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_NOSYSTEM": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_DIR", "/no/such/repository")


def repository(folder: Path, *options: str, bare: bool, commits: int = 2) -> Path:
    repo = folder / "repo"
    git(folder, "init", "-q", "-b", "main", "--template=", *options, *(["--bare"] if bare else []), repo)
    if not bare:
        for name in map(str, range(commits)):
            git(repo, "commit", "-q", "--allow-empty", "-m", name)
            git(repo, "tag", "-a", "-m", name, f"v{name}")
    return repo


def hooks(repo: Path, kind: str) -> Path:
    return (repo if kind == "pre-receive" else repo / ".git") / "hooks"


def sent(kind: str, repo: Path, scratch: Path) -> tuple[str, Answer]:
    scratch.mkdir()
    environment = Environment(name="prod", repo=str(repo), branch="main")
    canary = getattr(git_hooks, MAKERS[kind])(environment, str(repo), str(scratch), "canary-1")
    return canary.token, canary.answer(ended_within(canary.command, 60))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_the_hook_hears_of_it_and_refuses(tmp_path: Path, kind: str, object_format: str) -> None:
    repo = repository(tmp_path, f"--object-format={object_format}", bare=kind == "pre-receive")
    hook = script(hooks(repo, kind) / kind, *REFUSES)
    before = snapshot(repo, times=False)
    token, answer = sent(kind, repo, tmp_path / "scratch")
    assert (answer.refused, "no" in answer.said.split()) == (True, True), answer
    heard = Path(f"{hook}.heard")
    assert token in heard.read_text()
    heard.unlink()
    assert snapshot(repo, times=False) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("commits", [0, 2])
def test_nothing_is_left_where_there_is_no_hook(tmp_path: Path, kind: str, commits: int) -> None:
    repo = repository(tmp_path, bare=kind == "pre-receive", commits=commits)
    if kind != "pre-receive" and commits:
        git(repo, "pack-refs", "--all")
    before = snapshot(repo, times=False)
    _, answer = sent(kind, repo, tmp_path / "scratch")
    assert not answer.refused, answer
    assert snapshot(repo, times=False) == before


def test_a_server_runs_none_of_its_other_hooks(tmp_path: Path) -> None:
    repo = repository(tmp_path, bare=True)
    git(repo, "config", "receive.updateServerInfo", "true")
    for kind in ("update", "post-receive", "post-update", "reference-transaction"):
        script(repo / "hooks" / kind, f"echo {kind} >>{tmp_path}/ran")
    before = snapshot(repo, times=False)
    _, answer = sent("pre-receive", repo, tmp_path / "scratch")
    assert not answer.refused
    assert not (tmp_path / "ran").exists()
    assert snapshot(repo, times=False) == before


def test_each_place_where_git_looks_has_a_channel(tmp_path: Path) -> None:
    """A work tree may have hooks of its own."""
    repo, linked = repository(tmp_path, bare=False), tmp_path / "linked"
    git(repo, "worktree", "add", "-q", linked)
    environment = Environment(name="prod", repo=str(repo), branch="main")
    guard = Guard("pre-push", (), "install it")
    assert [one.id for one in channels_of(guard, environment, apart=False)] == ["prod/pre-push"]
    git(repo, "config", "extensions.worktreeConfig", "true")
    git(linked, "config", "--worktree", "core.hooksPath", str(tmp_path / "own"))
    found = [*channels_of(guard, environment, apart=False)]
    assert [(one.id, one.place) for one in found] == [
        ("prod/pre-push", str(repo / ".git/hooks/pre-push")),
        ("prod/pre-push/2", str(tmp_path / "own/pre-push")),
    ]
