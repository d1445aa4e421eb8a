"""Installing, asking for the status and uninstalling: where git looks, without losing anybody's hook."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.guards import KINDS
from worlds.hooked import Hooked, hook_file

THEIRS = "#!/bin/sh\n# theirs \xff\nexit 0\n"


@pytest.fixture
def world(tmp_path: Path) -> Hooked:
    return Hooked(tmp_path)


def state(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file below a folder, with its mode and bytes; links by their target."""
    return {
        str(path.relative_to(folder)): (
            path.lstat().st_mode,
            os.readlink(path).encode() if path.is_symlink() else path.read_bytes(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_installed_asked_for_and_removed(world: Hooked, kind: str) -> None:
    repo, name = {
        "pre-push": (world.dev, "dev"),
        "pre-receive": (world.server, "server"),
        "reference-transaction": (world.prod, "prod"),
    }[kind]
    before = state(repo)
    absent = world.hook("status", kind, "--env", name)
    assert absent.returncode == 1
    assert f"guardrails hook install {kind} --env {name}" in absent.stdout

    for _ in range(2):
        done = world.hook("install", kind, cwd=repo)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{kind} guards {name}: git runs it" in done.stdout
    status = world.hook("status", kind, "--env", name)
    assert status.returncode == 0
    assert "gap: " in status.stdout
    assert [path.name for path in (repo / ("" if kind == "pre-receive" else ".git") / "hooks").iterdir()] == [kind]

    assert world.hook("uninstall", kind, "--env", name).returncode == 0
    assert state(repo) == before
    again = world.hook("uninstall", kind, "--env", name)
    assert (again.returncode, "nothing to remove" in again.stdout) == (0, True)


def test_the_status_of_pre_push_names_what_git_does_not_show(world: Hooked) -> None:
    world.install("pre-push", "dev")
    said = world.hook("status", "pre-push", "--env", "dev").stdout
    assert "--mirror" in said
    assert "--prune" in said


@pytest.mark.parametrize("mode", [0o755, 0o644, 0o700])
def test_an_earlier_hook_is_kept_named_and_restored(world: Hooked, mode: int) -> None:
    hook_file(world.dev, "pre-push", THEIRS, mode=mode)
    before = state(world.dev)

    for _ in range(2):
        done = world.hook("install", "pre-push", "--env", "dev")
        assert (done.returncode, "pre-push.guardrails-chained" in done.stdout) == (0, True)
    assert (world.dev / ".git/hooks/pre-push.guardrails-chained").read_text() == THEIRS

    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert state(world.dev) == before


def test_an_earlier_hook_may_be_a_link(world: Hooked) -> None:
    hook_file(world.dev, "shared", THEIRS)
    (world.dev / ".git/hooks/pre-push").symlink_to("shared")
    before = state(world.dev)
    world.install("pre-push", "dev")
    assert (world.dev / ".git/hooks/shared").read_text() == THEIRS
    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert state(world.dev) == before


def test_an_interrupted_installation_is_finished(world: Hooked) -> None:
    hook = hook_file(world.dev, "pre-push", THEIRS)
    before = state(world.dev)
    os.link(hook, f"{hook}.guardrails-chained")
    world.install("pre-push", "dev")
    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert state(world.dev) == before


def test_a_hook_of_somebody_else_over_ours_is_left_alone(world: Hooked) -> None:
    hook_file(world.dev, "pre-push", THEIRS)
    world.install("pre-push", "dev")
    hook = hook_file(world.dev, "pre-push", "#!/bin/sh\n# another\n")
    before = state(world.dev)
    for action in ("install", "uninstall"):
        done = world.hook(action, "pre-push", "--env", "dev")
        assert (done.returncode, str(hook) in done.stderr, "guardrails-chained" in done.stderr) == (2, True, True)
    assert state(world.dev) == before
    status = world.hook("status", "pre-push", "--env", "dev")
    assert (status.returncode, "is not from guardrails" in status.stdout) == (1, True)


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_what_is_no_file_is_left_alone(world: Hooked, make: Callable[[Path], None]) -> None:
    hook = world.dev / ".git/hooks/pre-push"
    hook.parent.mkdir()
    make(hook)
    before = hook.lstat()
    for action, code in (("install", 2), ("uninstall", 2), ("status", 1)):
        assert world.hook(action, "pre-push", "--env", "dev").returncode == code
    assert hook.lstat() == before


def test_a_dangling_link_is_kept_and_restored(world: Hooked) -> None:
    (world.dev / ".git/hooks").mkdir()
    (world.dev / ".git/hooks/pre-push").symlink_to("gone")
    before = state(world.dev)
    world.install("pre-push", "dev")
    assert world.push("origin", "HEAD:refs/heads/free").returncode == 0
    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert [path for path in state(world.dev) if "hooks" in path] == [path for path in before if "hooks" in path]


def test_a_hook_that_git_would_skip_is_no_guard(world: Hooked) -> None:
    world.install("pre-push", "dev")
    hook = world.dev / ".git/hooks/pre-push"
    hook.chmod(0o644)
    skipped = world.hook("status", "pre-push", "--env", "dev")
    assert (skipped.returncode, "not executable" in skipped.stdout) == (1, True)
    hook.chmod(0o755)
    git(world.dev, "config", "core.hooksPath", "/dev/null")
    elsewhere = world.hook("status", "pre-push", "--env", "dev")
    assert (elsewhere.returncode, "/dev/null" in elsewhere.stdout) == (1, True)


def test_a_hook_that_was_changed_or_is_out_of_date_is_no_guard(world: Hooked) -> None:
    world.install("reference-transaction", "prod")
    with (world.folder / "guardrails.toml").open("a") as file:
        file.write('\n[environments.other]\nrepo = "other"\n')
    text = (world.folder / "guardrails.toml").read_text()
    assert world.hook("status", "reference-transaction", "--env", "prod").returncode == 0
    (world.folder / "guardrails.toml").write_text(text.replace('branch = "main"', 'branch = "live"'))
    assert world.hook("status", "reference-transaction", "--env", "prod").returncode == 1


def other_python(world: Hooked, text: str = f'exec {sys.executable} "$@"') -> Path:
    other = world.folder / "python"
    other.write_text(f"#!/bin/sh\n{text}\n")
    other.chmod(0o755)
    return other


def test_a_hook_that_names_a_python_which_installed_none_is_no_guard(world: Hooked) -> None:
    world.install("pre-push", "dev")
    hook = world.dev / ".git/hooks/pre-push"
    text = hook.read_text()
    for edit in (f"{other_python(world)}", "/bin/true", f"{sys.executable}; exit 0", f"{sys.executable} #"):
        hook.write_text(text.replace(f"python={sys.executable}", f"python={edit}"))
        assert world.hook("status", "pre-push", "--env", "dev").returncode == 1


def test_each_byte_of_a_hook_counts(world: Hooked) -> None:
    world.install("pre-push", "dev")
    hook = world.dev / ".git/hooks/pre-push"
    text = hook.read_bytes()
    lines = text.splitlines(keepends=True)
    edits = [text + b"\n", text[:-1], text.replace(b"\n", b"\r\n"), b"".join([lines[0], b"exit 0\n", *lines[1:]])]
    edits += [b"".join([*lines[:at], *lines[at + 1 :]]) for at in range(2, len(lines), 5)]
    for edit in edits:
        hook.write_bytes(edit)
        assert world.hook("status", "pre-push", "--env", "dev").returncode == 1, edit


def test_the_python_that_installed_a_hook_may_be_another_one_than_asks(world: Hooked) -> None:
    world.install("pre-push", "dev")
    hook, memory = world.dev / ".git/hooks/pre-push", world.home / ".local/state/guardrails/dev/guards.json"
    other = str(other_python(world))
    hook.write_text(hook.read_text().replace(f"python={sys.executable}", f"python={other}"))
    memory.write_text(memory.read_text().replace(sys.executable, other))
    assert world.hook("status", "pre-push", "--env", "dev").returncode == 0
    other_python(world, "exit 0")
    status = world.hook("status", "pre-push", "--env", "dev")
    assert (status.returncode, "does not get an answer" in status.stdout) == (1, True)
    Path(other).unlink()
    status = world.hook("status", "pre-push", "--env", "dev")
    assert (status.returncode, "which is gone" in status.stdout) == (1, True)


def test_the_hooks_path_of_the_repository_is_used(world: Hooked) -> None:
    git(world.dev, "config", "core.hooksPath", str(world.folder / "hooks of dev"))
    world.install("pre-push", "dev")
    assert (world.folder / "hooks of dev/pre-push").is_file()
    assert not (world.dev / ".git/hooks/pre-push").exists()
    git(world.dev, "reset", "-q", "--hard", world.first)
    assert world.push("-f", "origin", "main").returncode != 0


def test_a_hooks_path_that_others_share_is_refused(world: Hooked) -> None:
    (world.home / ".gitconfig").write_text("[core]\n\thooksPath = ~/all-hooks\n")
    done = world.hook("install", "pre-push", "--env", "dev", GIT_CONFIG_GLOBAL=str(world.home / ".gitconfig"))
    assert (done.returncode, "core.hooksPath" in done.stderr) == (2, True)
    assert not (world.home / "all-hooks").exists()


def test_a_user_that_sends_git_elsewhere_leaves_the_hook_unrun(world: Hooked) -> None:
    world.install("pre-push", "dev")
    (world.home / "config").write_text("[core]\n\thooksPath = /nowhere\n")
    done = world.hook("status", "pre-push", "--env", "dev", GIT_CONFIG_GLOBAL=str(world.home / "config"))
    assert (done.returncode, "/nowhere" in done.stdout) == (1, True)


def test_a_linked_work_tree_with_a_hooks_path_of_its_own_is_seen(world: Hooked) -> None:
    world.install("pre-push", "dev")
    linked = world.folder / "linked"
    git(world.dev, "worktree", "add", "-q", linked)
    assert world.hook("status", "pre-push", cwd=linked).returncode == 0
    git(world.dev, "config", "extensions.worktreeConfig", "true")
    git(linked, "config", "--worktree", "core.hooksPath", str(world.folder / "apart"))
    assert world.hook("status", "pre-push", "--env", "dev").returncode == 1
    world.install("pre-push", "dev")
    assert (world.folder / "apart/pre-push").is_file()


def test_an_environment_may_be_a_linked_work_tree(world: Hooked) -> None:
    linked = world.folder / "linked"
    git(world.prod, "worktree", "add", "-q", linked)
    git(world.prod, "config", "extensions.worktreeConfig", "true")
    text = (world.folder / "guardrails.toml").read_text()
    (world.folder / "guardrails.toml").write_text(text.replace('repo = "prod"', 'repo = "linked"'))
    world.install("reference-transaction", "prod")
    git(world.prod, "config", "--worktree", "core.hooksPath", "/nowhere")
    assert world.hook("status", "reference-transaction", "--env", "prod").returncode == 1


def test_the_repository_must_belong_to_an_environment(world: Hooked) -> None:
    stranger = world.folder / "dev/stranger"
    git(world.folder, "init", "-q", "--template=", stranger)
    for folder in (stranger, world.folder):
        done = world.hook("install", "pre-push", cwd=folder)
        assert done.returncode == 2
    assert world.hook("install", "pre-push", "--env", "nowhere").returncode == 2
    assert not (stranger / ".git/hooks").exists()


def test_a_leaked_git_dir_leads_nowhere_else(world: Hooked) -> None:
    done = world.hook("install", "pre-push", "--env", "dev", GIT_DIR=str(world.prod / ".git"))
    assert done.returncode == 0
    assert (world.dev / ".git/hooks/pre-push").is_file()
    assert not (world.prod / ".git/hooks").exists()


def test_what_could_only_refuse_is_not_installed(world: Hooked) -> None:
    no_branch = world.hook("install", "reference-transaction", "--env", "dev")
    assert (no_branch.returncode, "branch" in no_branch.stderr) == (2, True)
    (world.folder / "guardrails.toml").write_text('[environments.dev]\nrepo = "dev"\n[operations.push]\n')
    no_policy = world.hook("install", "pre-push", "--env", "dev")
    assert (no_policy.returncode, "no policy applies" in no_policy.stderr) == (2, True)


def test_arguments_belong_to_run_alone(world: Hooked) -> None:
    assert world.hook("install", "pre-push", "pre-receive", "--env", "dev").returncode == 2
    assert world.hook("install", "pre-commit", "--env", "dev").returncode == 2


def test_a_hooks_path_in_the_work_tree_is_said(world: Hooked) -> None:
    git(world.dev, "config", "core.hooksPath", ".githooks")
    done = world.hook("install", "pre-push", "--env", "dev")
    assert (done.returncode, "lies in the work tree" in done.stdout) == (0, True)
    assert (world.dev / ".githooks/pre-push").is_file()
    git(world.dev, "config", "--unset", "core.hooksPath")
    for kind, name in (("pre-push", "dev"), ("pre-receive", "server")):
        assert "work tree" not in world.hook("install", kind, "--env", name).stdout
