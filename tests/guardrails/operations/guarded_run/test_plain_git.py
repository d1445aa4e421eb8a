"""A step of git does what its words say, whatever the configuration adds: compared with what git does without ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.operations.guarded_run.plain_git import names_git, require_plain, variables
from guardrails.testing import gather, world
from worlds.two_repositories import Repositories, head


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def told(repo: Path, **inherited: str) -> dict[str, str]:
    return {**inherited, **variables(gather(Checkout, world(repo)), inherited)}


def step(repo: Path, *words: str, ours: bool) -> subprocess.CompletedProcess[bytes]:
    """Run git as a step does, with our settings or without them."""
    return try_git(repo, *words, env=told(repo) if ours else {})


def lose_refs(repositories: Repositories) -> tuple[str, ...]:
    git(repositories.prod, "update-ref", "refs/remotes/upstream/mine", "HEAD")
    return ("fetch", "-q", "upstream")


def is_lost(repositories: Repositories) -> bool:
    return try_git(repositories.prod, "rev-parse", "-q", "--verify", "refs/remotes/upstream/mine").returncode != 0


@pytest.mark.parametrize("setting", ["fetch.prune", "remote.upstream.prune", "Remote.upstream.Prune"])
def test_a_fetch_prunes_nothing(repositories: Repositories, setting: str) -> None:
    git(repositories.prod, "config", setting, "true")
    for ours in (True, False):
        words = lose_refs(repositories)
        assert step(repositories.prod, *words, ours=ours).returncode == 0
        assert is_lost(repositories) is not ours


@pytest.mark.parametrize("setting", ["fetch.pruneTags", "remote.upstream.pruneTags"])
def test_a_fetch_prunes_no_tags(repositories: Repositories, setting: str) -> None:
    for name in (setting, "fetch.prune"):
        git(repositories.prod, "config", name, "true")
    for ours in (True, False):
        git(repositories.prod, "tag", "-f", "mine")
        assert step(repositories.prod, "fetch", "-q", "upstream", ours=ours).returncode == 0
        assert (git(repositories.prod, "tag", "--list") == "mine") is ours


def test_a_reset_stays_out_of_submodules(repositories: Repositories) -> None:
    inner, prod = repositories.folder / "lib", repositories.prod
    inner.mkdir()
    git(inner, "init", "-q", "-b", "main")
    repositories.commit(inner, "lib")
    git(prod, "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "vendor")
    git(prod, "commit", "-qm", "vendor")
    git(prod, "config", "submodule.recurse", "true")
    for ours in (True, False):
        (prod / "vendor/lib.txt").write_text("mine\n")
        assert step(prod, "reset", "-q", "--hard", ours=ours).returncode == 0
        assert ((prod / "vendor/lib.txt").read_text() == "mine\n") is ours


def test_a_clean_wants_force(repositories: Repositories) -> None:
    prod = repositories.prod
    git(prod, "config", "clean.requireForce", "false")
    for ours in (True, False):
        (prod / "mine").write_text("mine\n")
        step(prod, "clean", "-q", "-d", ours=ours)
        assert (prod / "mine").exists() is ours


@pytest.mark.parametrize("setting", ["branch.main.mergeOptions", "merge.ff"])
def test_a_merge_goes_forward_without_a_commit(repositories: Repositories, setting: str) -> None:
    prod = repositories.prod
    git(prod, "fetch", "-q", repositories.dev, repositories.release)
    git(prod, "config", setting, "false" if setting == "merge.ff" else "--no-ff")
    for ours in (True, False):
        assert step(prod, "merge", "-q", repositories.release, ours=ours).returncode == 0
        assert (head(prod) == repositories.release) is ours
        git(prod, "reset", "-q", "--hard", repositories.second)


def test_a_merge_stashes_nothing(repositories: Repositories) -> None:
    prod = repositories.prod
    git(prod, "fetch", "-q", repositories.dev, repositories.release)
    git(prod, "config", "merge.autoStash", "true")
    (prod / "first.txt").write_text("mine\n")
    git(prod, "rm", "-q", "--cached", "second.txt")
    assert step(prod, "merge", "-q", "--ff-only", repositories.release, ours=True).returncode in (0, 1)
    assert git(prod, "stash", "list") == ""
    assert (prod / "first.txt").read_text() == "mine\n"


def test_nothing_is_collected(repositories: Repositories) -> None:
    prod = repositories.prod
    gone = git(prod, "commit-tree", "-m", "let go", "HEAD^{tree}")
    for name, value in {"gc.auto": "1", "gc.autoDetach": "false", "gc.pruneExpire": "now"}.items():
        git(prod, "config", name, value)
    (prod / ".git/objects/17").mkdir(exist_ok=True)
    for number in range(300):  # git counts the objects in this folder alone
        (prod / f".git/objects/17/{number:038x}").write_bytes(b"")
    git(prod, "fetch", "-q", repositories.dev, repositories.release, env=told(prod))
    step(prod, "merge", "-q", "--ff-only", repositories.release, ours=True)
    assert try_git(prod, "cat-file", "-e", gone).returncode == 0


def test_the_reflog_is_kept(repositories: Repositories) -> None:
    prod = repositories.prod
    git(prod, "config", "core.logAllRefUpdates", "false")
    (prod / ".git/logs/HEAD").unlink()
    assert step(prod, "reset", "-q", "--hard", "HEAD~1", ours=True).returncode == 0
    assert repositories.second in (prod / ".git/logs/HEAD").read_text()


def test_settings_that_are_there_already_stay(repositories: Repositories) -> None:
    given = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "somebody"}
    env = {**os.environ, **told(repositories.prod, **given)}
    done = subprocess.run(
        ["git", "-C", repositories.prod, "config", "--get-regexp", r"^user\.name$|^fetch\.prune$"],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-2:] == ["user.name somebody", "fetch.prune false"]


@pytest.mark.parametrize(
    ("words", "git_named"),
    [
        (["git", "reset"], True),
        (["/usr/bin/git", "clean"], True),
        (["sh", "-c", "git fetch && pnpm build"], True),
        (["pnpm", "build"], False),
        (["digit"], False),
    ],
)
def test_which_steps_get_them(words: list[str], git_named: bool) -> None:
    assert names_git(words) is git_named


def refused(repo: Path, *steps: str) -> str:
    with pytest.raises(CannotKnow) as caught:
        require_plain(world(repo), steps)
    return str(caught.value)


def test_what_no_setting_undoes_is_refused_by_name(repositories: Repositories, tmp_path: Path) -> None:
    prod = repositories.prod
    steps = ("git -C . sync", "git fetch upstream", "pnpm build")
    require_plain(world(prod), steps)
    git(prod, "config", "alias.sync", "!rm -rf .")
    assert "alias.sync" in refused(prod, *steps)
    require_plain(world(prod), ["git fetch upstream"])
    git(prod, "config", "--add", "remote.upstream.fetch", "refs/signoffs/*:refs/signoffs/*")
    require_plain(world(prod), ["git fetch upstream"])
    git(prod, "config", "--add", "remote.upstream.fetch", "+refs/heads/*:refs/heads/*")
    assert "remote.upstream.fetch = +refs/heads/*:refs/heads/*" in refused(prod, "git fetch upstream")
    require_plain(world(prod), ["git reset --hard"])
    (tmp_path / "elsewhere").mkdir()
    git(prod, "config", "core.worktree", str(tmp_path / "elsewhere"))
    assert "core.worktree" in refused(prod, "git reset --hard")
    require_plain(world(prod), ["pnpm build"])
