"""Scenes in which each policy about repositories finds something."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dirty.dirty_repository import git, try_git
from guardrails.calls import Action
from remedied.remedy_cases import Cases
from remedied.remedy_world import Change, RemedyWorld
from worlds.small_world import RELEASE

case = Cases()
PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", RELEASE)
UPDATE = ("--env", "prod", "--op", "update")
ROLLBACK = ("--env", "prod", "--op", "rollback")
DEV_CALL = ("--env", "dev", "--op", "tool-call")
ZERO = "0" * 40


# What is not as HEAD says. Production is made clean by a guarded run where something does that, else by its reader.


@case("clean_worktree.evaluate#1", ends=True)
def an_edit(world: RemedyWorld) -> None:
    (world.prod / "src/gateway.ts").write_text("edited\n")


@case("clean_worktree.evaluate#1", ends=True)
def a_staged_edit(world: RemedyWorld) -> None:
    (world.prod / "src/gateway.ts").write_text("edited\n")
    git(world.prod, "add", "src/gateway.ts")


@case("clean_worktree.evaluate#1", ends=True)
def a_file_that_git_does_not_know(world: RemedyWorld) -> None:
    (world.prod / "it's new.txt").write_text("new\n")


@case("clean_worktree.evaluate#1", ends=True)
def an_edit_that_skip_worktree_hides(world: RemedyWorld) -> None:
    git(world.prod, "update-index", "--skip-worktree", "src/gateway.ts")
    (world.prod / "src/gateway.ts").write_text("edited\n")


@case("clean_worktree.evaluate#1", ends=True)
def an_edit_that_assume_unchanged_hides(world: RemedyWorld) -> None:
    git(world.prod, "update-index", "--assume-unchanged", "src/gateway.ts")
    (world.prod / "src/gateway.ts").write_text("edited\n")


@case("clean_worktree.evaluate#1", names="src/gateway.ts", ends=True)
def a_hidden_file_where_nothing_recovers(world: RemedyWorld) -> None:
    _nothing_recovers(world)
    git(world.prod, "update-index", "--skip-worktree", "src/gateway.ts")
    (world.prod / "src/gateway.ts").unlink()


@case("clean_worktree.evaluate#1", ends=True)
def a_conflict(world: RemedyWorld) -> None:
    git(world.prod, "checkout", "-q", "-b", "side")
    world.commit(world.prod, "one", "README.md")
    git(world.prod, "checkout", "-q", "main")
    world.commit(world.prod, "two", "README.md")
    try_git(world.prod, "merge", "side")


@case("clean_worktree.evaluate#1")
def an_own_rule_that_hides_a_file(world: RemedyWorld) -> None:
    (world.prod / ".git/info").mkdir(exist_ok=True)
    (world.prod / ".git/info/exclude").write_text("*.local\n")
    (world.prod / "x.local").write_text("x\n")


@case("clean_worktree.evaluate#1")
def a_repository_in_the_repository(world: RemedyWorld) -> None:
    git(world.prod, "init", "-q", "inner")
    world.commit(world.prod / "inner")


@case("clean_worktree.evaluate#1", names="index.lock")
def a_lock(world: RemedyWorld) -> None:
    (world.prod / ".git/index.lock").touch()


@case("clean_worktree.evaluate#1", names="refs/replace", ends=True)
def a_commit_that_is_replaced(world: RemedyWorld) -> None:
    head = git(world.prod, "rev-parse", "HEAD")
    other = git(world.prod, "commit-tree", "-m", "other", "HEAD^{tree}")
    git(world.prod, "replace", head, other)


@case("clean_worktree.evaluate#1", ends=True)
def a_sparse_checkout(world: RemedyWorld) -> None:
    git(world.prod, "sparse-checkout", "set", "--no-cone", "/docs/")


@case("clean_worktree.evaluate#1", ends=True)
def a_work_tree_elsewhere(world: RemedyWorld) -> None:
    git(world.prod, "config", "core.worktree", str(world.dev))


@case("clean_worktree.evaluate#1", "clean-worktree", "--env", "prod")
def a_fifo(world: RemedyWorld) -> None:
    os.mkfifo(world.prod / "pipe")
    world.policy("clean-worktree", 'depth = "full"')


@case("clean_worktree.evaluate#1", ends=True)
def a_rebase_that_stopped(world: RemedyWorld) -> None:
    git(world.prod, "checkout", "-q", "-b", "side")
    world.commit(world.prod, "one", "README.md")
    git(world.prod, "checkout", "-q", "main")
    world.commit(world.prod, "two", "README.md")
    try_git(world.prod, "rebase", "side")


@case("clean_worktree.evaluate#1")
def an_edit_where_nothing_recovers(world: RemedyWorld) -> None:
    _nothing_recovers(world)
    (world.prod / "src/gateway.ts").write_text("edited\n")


def _nothing_recovers(world: RemedyWorld) -> None:
    path = world.small.configuration
    path.write_text(
        f'[environments.prod]\nrepo = "{world.prod}"\nbranch = "main"\n'
        '[policies.clean-worktree]\nwhen = ["standing"]\n[policies.expected-branch]\nwhen = ["standing"]\n'
    )


# Which branch is checked out.


@case("expected_branch.evaluate#1", ends=True)
def a_bisect(world: RemedyWorld) -> None:
    git(world.prod, "bisect", "start")


@case("expected_branch.evaluate#1", ends=True)
def a_bisect_where_nothing_recovers(world: RemedyWorld) -> None:
    _nothing_recovers(world)
    git(world.prod, "bisect", "start")


@case("expected_branch.evaluate#2", ends=True)
def another_branch(world: RemedyWorld) -> None:
    git(world.prod, "switch", "-q", "-c", "other")


@case("expected_branch.evaluate#2", ends=True)
def another_branch_where_nothing_recovers(world: RemedyWorld) -> None:
    _nothing_recovers(world)
    git(world.prod, "switch", "-q", "-c", "other")


@case("expected_branch.evaluate#2", ends=True)
def the_middle_of_a_rebase(world: RemedyWorld) -> None:
    a_rebase_that_stopped(world)


# Commits of production's own.


@case("no_direct_edits.evaluate#2", names="commits from neither", ends=True)
def a_commit_of_its_own(world: RemedyWorld) -> None:
    world.commit(world.prod)


@case("no_direct_edits.evaluate#3", names="taken back", ends=True)
def a_commit_that_was_taken_back(world: RemedyWorld) -> None:
    world.commit(world.prod)
    git(world.prod, "reset", "-q", "--hard", "HEAD~1")


@case("no_direct_edits.evaluate#4", names="has no reflog", ends=True)
def no_reflog(world: RemedyWorld) -> None:
    shutil.rmtree(world.prod / ".git/logs")


@case("no_direct_edits.evaluate#1", names="there is no", ends=True)
def nothing_to_compare_with(world: RemedyWorld) -> None:
    git(world.prod, "update-ref", "-d", "refs/remotes/upstream/main")


@case("matches_upstream._finding#1", "matches-upstream", *PROMOTE)
def a_commit_that_upstream_lacks(world: RemedyWorld) -> None:
    world.commit(world.prod)


@case("matches_upstream._finding#1", "matches-upstream", *PROMOTE, ends=True)
def an_upstream_that_went_on(world: RemedyWorld) -> None:
    world.commit(world.upstream)
    git(world.prod, "fetch", "-q", "upstream")
    git(world.dev, "fetch", "-q", "upstream")
    git(world.dev, "merge", "-q", "-m", "with upstream", "upstream/main")


@case("matches_upstream._finding#1", "matches-upstream", *PROMOTE, names="is not there", ends=True)
def no_upstream(world: RemedyWorld) -> None:
    git(world.prod, "update-ref", "-d", "refs/remotes/upstream/main")


@case("matches_upstream._finding#1", "matches-upstream", *PROMOTE, "--online", names="remote has now", ends=True)
def an_upstream_that_was_not_fetched(world: RemedyWorld) -> None:
    world.commit(world.upstream)


@case("matches_upstream._finding#1", "matches-upstream", *UPDATE, names="share no history")
def another_history(world: RemedyWorld) -> None:
    git(world.prod, "checkout", "-q", "--orphan", "new")
    world.commit(world.prod)
    git(world.prod, "branch", "-M", "main")


@case("matches_upstream._address#1", "matches-upstream", *UPDATE)
def a_remote_of_another_address(world: RemedyWorld) -> None:
    world.policy("matches-upstream", 'url = "https://example.org/openclaw.git"')


# Where HEAD is, and what a reset would cost.


@case(
    "expected_head.evaluate#2", "expected-head", "--env", "prod", "--op", "promote", "--after", "--candidate", RELEASE
)
def a_promotion_that_did_not_happen(world: RemedyWorld) -> None:
    pass


@case("expected_head.evaluate#1", "expected-head", "--env", "prod", "--op", "rollback", "--after")
def a_rollback_without_a_record(world: RemedyWorld) -> None:
    pass


@case("reset_loses_nothing.evaluate#1", "reset-loses-nothing", *ROLLBACK)
def nothing_to_reset_to(world: RemedyWorld) -> None:
    pass


@case("reset_loses_nothing.evaluate#2", "reset-loses-nothing", *UPDATE, ends=True)
def an_edit_that_a_reset_would_lose(world: RemedyWorld) -> None:
    (world.prod / "src/gateway.ts").write_text("edited\n")


@case("reset_loses_nothing.evaluate#3", "reset-loses-nothing", *UPDATE, names="un-deployed")
def a_release_that_was_merged_by_hand(world: RemedyWorld) -> None:
    git(world.prod, "fetch", "-q", str(world.dev), RELEASE)
    git(world.prod, "merge", "-q", "--ff-only", "FETCH_HEAD")


@case("reset_loses_nothing._out_of_a_rescue#1", "reset-loses-nothing", *DEV_CALL, ends=True)
def a_branch_that_an_agent_deletes(world: RemedyWorld) -> None:
    git(world.dev, "branch", "topic", git(world.dev, "commit-tree", "-m", "topic", "-p", "HEAD", "HEAD^{tree}"))
    _tries(world, "git", "branch", "-D", "topic")


@case("reset_loses_nothing._out_of_a_rescue#2", "reset-loses-nothing", *DEV_CALL, ends=True)
def a_work_tree_that_an_agent_removes(world: RemedyWorld) -> None:
    git(world.dev, "worktree", "add", "-q", "--detach", "../linked", "HEAD")
    (world.dev.parent / "linked/notes").write_text("mine\n")
    _tries(world, "git", "worktree", "remove", "--force", "../linked")


def _tries(world: RemedyWorld, *words: str) -> None:
    world.call = (Action("loses-work", "dev", "repo", str(world.dev), words, str(world.dev)),)
    world.tries_again = True


@case("rollback_ready.evaluate#1", "rollback-ready", *ROLLBACK)
def nothing_to_go_back_to(world: RemedyWorld) -> None:
    pass


@case("rollback_ready.evaluate#2", "rollback-ready", *PROMOTE)
def a_candidate_that_is_there(world: RemedyWorld) -> None:
    git(world.prod, "fetch", "-q", str(world.dev), RELEASE)
    git(world.prod, "merge", "-q", "--ff-only", "FETCH_HEAD")


@case("rollback_ready.evaluate#3", "rollback-ready", *PROMOTE)
def a_missing_object(world: RemedyWorld) -> None:
    blob = git(world.prod, "rev-parse", "HEAD:src/gateway.ts")
    _loose(world.prod)
    (world.prod / f".git/objects/{blob[:2]}/{blob[2:]}").unlink()


def _loose(repo: Path) -> None:
    packs = sorted((repo / ".git/objects/pack").glob("*.pack"))
    for pack in packs:
        data = pack.read_bytes()
        pack.unlink()
        pack.with_suffix(".idx").unlink()
        git(repo, "unpack-objects", "-q", stdin=data)


@case("rollback_ready.evaluate#4", "rollback-ready", *PROMOTE)
def no_section_on_rollbacks(world: RemedyWorld) -> None:
    (world.prod / "docs/DEPLOYMENT.md").write_text("# Rules\n")


# The candidate.


@case("fast_forward_only.evaluate#1", "fast-forward-only", *PROMOTE)
def a_candidate_of_another_line(world: RemedyWorld) -> None:
    world.commit(world.prod)


@case("fast_forward_only.evaluate#1", "fast-forward-only", "--env", "prod", "--op", "promote", "--candidate", "old")
def an_older_candidate(world: RemedyWorld) -> None:
    git(world.dev, "branch", "old", "main")
    git(world.prod, "fetch", "-q", str(world.dev), RELEASE)
    git(world.prod, "merge", "-q", "--ff-only", "FETCH_HEAD")


@case("fast_forward_only.evaluate#1", "fast-forward-only", "--env", "prod", "--op", "promote", "--candidate", "alien")
def a_candidate_of_another_history(world: RemedyWorld) -> None:
    git(world.dev, "checkout", "-q", "--orphan", "alien")
    world.commit(world.dev)


@case("release_branch.evaluate#1", "release-branch", "--env", "prod", "--op", "promote", "--candidate", "main")
def a_branch_that_is_not_for_releases(world: RemedyWorld) -> None:
    git(world.dev, "branch", "-f", "main", "HEAD~1")


@case(
    "release_branch.evaluate#2",
    "release-branch",
    *PROMOTE[:-1],
    f"refs/heads/{RELEASE}",
    names="is a tag as well",
    ends=True,
)
def a_tag_of_the_same_name(world: RemedyWorld) -> None:
    git(world.dev, "tag", RELEASE, RELEASE)


@case("release_branch.evaluate#3", "release-branch", *PROMOTE, names="not the tip")
def a_branch_that_goes_on_meanwhile(world: RemedyWorld) -> Change:
    before = git(world.dev, "rev-parse", "HEAD~1")
    return lambda facts: {"source": facts["source"].replaced(candidate=before)}


@case("release_branch.evaluate#4", "release-branch", *PROMOTE, names="not everything", ends=True)
def what_is_not_committed(world: RemedyWorld) -> None:
    (world.dev / "src/new.ts").write_text("new\n")


# Pushes. The refs are those that git gives to pre-push.


def _push(world: RemedyWorld, ref: str, old: str, new: str) -> None:
    (world.small.folder / "updates").write_text(f"{ref} {new} {ref} {old}\n")


PUSH = ("--env", "dev", "--op", "push", "--updates", "updates")


@case("protected_refs.evaluate#1", "protected-refs", *PUSH)
def a_branch_that_would_be_deleted(world: RemedyWorld) -> None:
    _push(world, "refs/heads/main", git(world.dev, "rev-parse", "main"), ZERO)


@case("protected_refs.evaluate#1", "protected-refs", *PUSH)
def a_branch_that_would_be_rewound(world: RemedyWorld) -> None:
    _push(world, "refs/heads/main", git(world.dev, "rev-parse", RELEASE), git(world.dev, "rev-parse", "main"))


@case("protected_refs.evaluate#1", "protected-refs", *PUSH)
def a_tag_that_would_move(world: RemedyWorld) -> None:
    _push(world, "refs/tags/v1", git(world.dev, "rev-parse", RELEASE), git(world.dev, "rev-parse", "main"))


@case("guards_installed.evaluate#1", "guards-installed", "--env", "dev", ends=True)
def a_hook_that_is_gone(world: RemedyWorld) -> None:
    done = world.type(f"guardrails hook install pre-push --env dev --config {world.small.configuration}")
    assert done.returncode == 0, done.stderr
    (world.dev / ".git/hooks/pre-push").unlink()


@case("guards_installed.evaluate#1", "guards-installed", "--env", "dev")
def hooks_that_are_in_the_way(world: RemedyWorld) -> None:
    a_hook_that_is_gone(world)
    hooks = world.dev / ".git/hooks"
    for name in ("pre-push", "pre-push.guardrails-chained"):
        (hooks / name).write_text(f"#!/bin/sh\n# {name}\n")
        (hooks / name).chmod(0o755)
