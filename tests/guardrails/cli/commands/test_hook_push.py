"""pre-push and pre-receive in front of real pushes: nothing forbidden lands, and what is allowed does."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from worlds.hooked import Hooked, hook_file

ZEROS = "0" * 40


@pytest.fixture
def world(tmp_path: Path) -> Hooked:
    """A world that is not guarded yet."""
    return Hooked(tmp_path)


def diverge(world: Hooked) -> str:
    git(world.dev, "reset", "-q", "--hard", world.first)
    return world.commit("other")


FORBIDDEN = {
    "force": ["--force", "origin", "main"],
    "force by refspec": ["origin", "+main"],
    "force with lease": ["--force-with-lease", "origin", "main"],
    "force as HEAD": ["--force", "origin", "HEAD:refs/heads/main"],
    "force by id": ["--force", "origin", "HEAD~0:refs/heads/main"],
    "rewind": ["--force", "origin", "v1^{commit}:refs/heads/main"],
    "delete": ["--delete", "origin", "release/old"],
    "delete by refspec": ["origin", ":refs/heads/release/old"],
    "delete a tag": ["origin", ":refs/tags/v1"],
    "move a tag": ["--force", "origin", "HEAD:refs/tags/v1"],
    "all tags": ["--force", "--tags", "origin"],
    "one of several": ["--force", "origin", "main:refs/heads/free", "main"],
    "atomic": ["--atomic", "--force", "origin", "main:refs/heads/free", "main"],
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Hooked:
    """A world that is guarded on both sides, whose next push would be forced; nobody may change its server."""
    world = Hooked(tmp_path_factory.mktemp("guarded"))
    world.install("pre-push", "dev")
    world.install("pre-receive", "server")
    diverge(world)
    return world


@pytest.mark.parametrize("arguments", FORBIDDEN.values(), ids=FORBIDDEN)
def test_pre_push_lets_nothing_forbidden_leave(guarded: Hooked, arguments: list[str]) -> None:
    tag = "HEAD" if "--tags" in arguments else guarded.first
    git(guarded.dev, "tag", "-f", "v1", tag)
    before = guarded.refs()

    done = guarded.push(*arguments)

    assert done.returncode != 0
    assert done.stderr.startswith(b"guardrails ")
    assert b"protected-refs" in done.stderr
    assert b"remote: " not in done.stderr
    assert done.stdout == b""
    assert guarded.refs() == before


SERVER = {**FORBIDDEN, "mirror": ["--mirror", "origin"], "prune": ["--prune", "origin", "refs/heads/*:refs/heads/*"]}


@pytest.mark.parametrize("arguments", SERVER.values(), ids=SERVER)
def test_pre_receive_refuses_what_no_verify_lets_through(guarded: Hooked, arguments: list[str]) -> None:
    tag = "HEAD" if "--tags" in arguments else guarded.first
    git(guarded.dev, "tag", "-f", "v1", tag)
    before = guarded.holds()

    done = guarded.push("--no-verify", *arguments)

    assert done.returncode != 0
    assert b"remote: guardrails " in done.stderr
    assert b"protected-refs" in done.stderr
    assert guarded.holds() == before


@pytest.mark.parametrize("kind", ["pre-push", "pre-receive"])
def test_what_adds_commits_is_let_through(world: Hooked, kind: str) -> None:
    world.install(kind, "dev" if kind == "pre-push" else "server")
    new = world.commit("three")
    git(world.dev, "tag", "v2")

    done = world.push("origin", "main", "v2", "HEAD:refs/heads/release/new", "HEAD:refs/heads/free")

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert world.refs().count(new) == 4
    diverge(world)
    assert world.push("--force", "origin", "HEAD:refs/heads/free").returncode == 0
    assert world.push("origin", ":refs/heads/free").returncode == 0
    assert world.push("origin", "v2").returncode == 0  # moves nothing


def test_the_environment_of_a_push_cannot_choose_another_judge(world: Hooked) -> None:
    world.install("pre-push", "dev")
    diverge(world)
    (world.folder / "loose.toml").write_text(
        'extends = ["openclaw"]\n[policies.protected-refs]\nrefs = []\n[policies.fast-forward-only]\nrefs = []\n'
    )
    (world.dev / "guardrails.toml").write_text((world.folder / "loose.toml").read_text())
    (world.dev / "guardrails").mkdir()
    (world.dev / "guardrails/__init__.py").write_text("")
    (world.dev / "guardrails/__main__.py").write_text("print('hijacked')\n")
    before = world.refs()

    loose = {
        "HOME": str(world.home),
        "GUARDRAILS_CONFIG": str(world.folder / "loose.toml"),
        "GUARDRAILS_ENV": "prod",
        "GUARDRAILS_FORMAT": "json",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(world.dev),
        "PYTHONHOME": "/nowhere",
    }
    done = try_git(world.dev, "push", "-f", "origin", "main", env=loose)

    assert (done.returncode != 0, b"hijacked" in done.stdout + done.stderr) == (True, False)
    assert b"protected-refs" in done.stderr
    assert world.refs() == before


def test_a_linked_work_tree_pushes_through_the_same_hook(world: Hooked) -> None:
    world.install("pre-push", "dev")
    linked = world.folder / "linked"
    git(world.dev, "worktree", "add", "-q", "--detach", linked, world.first)
    world.commit("side", linked)
    before = world.refs()

    done = world.push("-f", "origin", "HEAD:refs/heads/main", cwd=linked)

    assert (done.returncode != 0, b"protected-refs" in done.stderr) == (True, True)
    assert world.refs() == before
    assert world.push("origin", "HEAD:refs/heads/side", cwd=linked).returncode == 0


def test_a_submodule_is_guarded_as_an_environment_of_its_own(world: Hooked) -> None:
    parent, part = world.folder / "parent", world.folder / "parent/part"
    git(world.folder, "init", "-q", "--template=", parent)
    git(parent, "submodule", "--quiet", "add", str(world.server), "part")
    git(parent, "commit", "-qm", "with a part")
    with (world.folder / "guardrails.toml").open("a") as file:
        file.write('\n[environments.part]\nrepo = "parent/part"\n')
    world.install("pre-push", "part")
    assert (parent / ".git/modules/part/hooks/pre-push").is_file()
    assert not (parent / ".git/hooks/pre-push").exists()
    git(part, "reset", "-q", "--hard", world.first)
    world.commit("side", part)
    before = world.refs()

    done = world.push("-f", "origin", "HEAD:main", cwd=part)

    assert (done.returncode != 0, b"protected-refs" in done.stderr) == (True, True)
    assert world.refs() == before
    world.install("pre-receive", "server")
    assert world.push("--no-verify", "-f", "origin", "HEAD:main", cwd=part).returncode != 0
    assert world.refs() == before


def test_a_push_in_the_middle_of_a_rebase_is_judged(world: Hooked) -> None:
    world.install("pre-push", "dev")
    diverge(world)
    stopped = try_git(world.dev, "rebase", "-x", "false", "origin/main")
    assert stopped.returncode != 0
    before = world.refs()
    git(world.dev, "checkout", "-q", "--detach", world.first)

    done = world.push("-f", "origin", "HEAD:refs/heads/main")

    assert (done.returncode != 0, b"protected-refs" in done.stderr) == (True, True)
    assert world.refs() == before


@pytest.mark.parametrize("name", ["a;touch owned", "$(touch${IFS}owned)", "-n", "`id`", "ü-'quote'", 'a"b', "%s%n"])
def test_hostile_names_are_data(guarded: Hooked, name: str) -> None:
    world = guarded
    ref = f"refs/heads/release/{name.replace(' ', '')}"
    git(world.dev, "commit", "-q", "--allow-empty", "-m", name)
    assert world.push("origin", f"HEAD:{ref}").returncode == 0
    assert ref in world.refs()
    before = world.refs()

    assert world.push("origin", f":{ref}").returncode != 0
    assert world.push("--no-verify", "origin", f":{ref}").returncode != 0

    assert world.refs() == before
    assert not list(world.folder.rglob("owned"))


@pytest.mark.parametrize("kind", ["pre-push", "pre-receive"])
def test_a_hook_whose_python_is_gone_refuses_in_one_line(world: Hooked, kind: str) -> None:
    repo = world.dev if kind == "pre-push" else world.server
    environment, configuration = "dev" if kind == "pre-push" else "server", world.folder / "guardrails.toml"
    world.install(kind, environment)
    hook = Path(git(repo, "rev-parse", "--path-format=absolute", "--git-path", f"hooks/{kind}"))
    text = hook.read_text()
    hook.write_text(text.replace(text.split("python=")[1].split("\n")[0], "/gone/python"))
    before = world.refs()

    world.commit("three")
    done = world.push("origin", "main")

    assert done.returncode != 0
    lines = [line.removeprefix("remote: ").rstrip() for line in done.stderr.decode().splitlines()]
    assert [line for line in lines if line.startswith("guardrails")] == [
        f"guardrails: {kind} refused: /gone/python is gone; "
        f"install guardrails there, or: guardrails hook install {kind} --env {environment} --config {configuration}"
    ]
    assert world.refs() == before
    assert world.hook("status", kind, "--env", "dev" if kind == "pre-push" else "server").returncode == 1


@pytest.mark.parametrize(
    "stdin", ["garbage\n", "refs/heads/main aa refs/heads/main bb\n", "no end", f"{ZEROS} {ZEROS} /etc/passwd\n"]
)
def test_what_git_would_not_say_is_refused(world: Hooked, stdin: str) -> None:
    done = world.hook("run", "pre-push", "--env", "dev", cwd=world.dev, stdin=stdin)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("guardrails: ")


def test_a_push_of_nothing_is_allowed(world: Hooked) -> None:
    assert world.hook("run", "pre-push", "origin", "url", cwd=world.dev).returncode == 0


def test_an_object_that_is_not_here_is_refused(world: Hooked) -> None:
    line = f"refs/heads/main {world.second} refs/heads/main {'1' * 40}\n"
    done = world.hook("run", "pre-push", "--env", "dev", cwd=world.dev, stdin=line)
    assert done.returncode == 2
    assert "protected-refs" in done.stderr


def test_a_hook_judges_only_the_repository_that_it_was_made_for(world: Hooked) -> None:
    line = f"refs/heads/main {world.second} refs/heads/main {world.first}\n"
    done = world.hook("run", "pre-push", "--env", "dev", cwd=world.prod, stdin=line)
    assert done.returncode == 2
    assert "git runs it elsewhere" in done.stderr


@pytest.mark.parametrize("narrowing", [["--skip", "protected-refs"], ["--policy", "x"], ["--at", "2026-01-01"]])
def test_a_hook_cannot_be_narrowed(world: Hooked, narrowing: list[str]) -> None:
    done = world.hook("run", "pre-push", "--env", "dev", *narrowing, cwd=world.dev)
    assert done.returncode == 2


def test_the_hook_that_was_there_still_gets_all_that_git_says(world: Hooked) -> None:
    said = world.folder / "said"
    text = f'#!/bin/sh\n{{ echo "$@"; cat; }} > "{said}"\nexit "$(cat "{said}.code" 2>/dev/null || echo 0)"\n'
    hook_file(world.dev, "pre-push", text)
    world.install("pre-push", "dev")
    new = world.commit("three")

    assert world.push("origin", "main").returncode == 0
    assert said.read_text() == (f"origin {world.server}\nrefs/heads/main {new} refs/heads/main {world.second}\n")
    said.unlink()
    diverge(world)
    assert world.push("-f", "origin", "main").returncode != 0
    assert not said.exists()  # what was refused is not judged by anybody else
    git(world.dev, "reset", "-q", "--hard", new)
    assert world.push("origin", "main").returncode == 0  # nothing to push, and it is told so
    assert said.read_text() == f"origin {world.server}\n"
    (world.folder / "said.code").write_text("7")
    world.commit("four")
    before = world.refs()
    assert world.push("origin", "main").returncode != 0
    assert world.refs() == before


def test_a_bare_server_can_be_checked_by_hand(world: Hooked) -> None:
    import subprocess
    import sys

    (world.folder / "updates").write_text(f"{world.second} {world.first} refs/heads/main\n")
    command = [
        sys.executable,
        "-P",
        "-m",
        "guardrails",
        "check",
        "--env",
        "server",
        "--op",
        "push",
        "--updates",
        "updates",
    ]
    done = subprocess.run(
        [*command, "--format", "json"], cwd=world.folder, env=world.variables(), capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout
    assert str(world.server) in done.stdout


def test_pre_commit_says_of_a_push_what_it_knows(world: Hooked) -> None:
    old, new = world.second, diverge(world)
    told = {
        "PRE_COMMIT_FROM_REF": old,
        "PRE_COMMIT_TO_REF": new,
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/main",
    }
    run = ("run", "pre-push", "--from-pre-commit")
    done = world.hook(*run, cwd=world.dev, **told)
    assert (done.returncode, "protected-refs" in done.stderr) == (1, True)
    git(world.dev, "merge", "-q", "-m", "both", old)
    ahead = {**told, "PRE_COMMIT_TO_REF": git(world.dev, "rev-parse", "HEAD")}
    assert world.hook(*run, cwd=world.dev, **ahead).returncode == 0
    assert world.hook(*run, cwd=world.dev).returncode == 2


def test_without_a_configuration_the_profile_judges_whatever_the_pusher_brings(world: Hooked) -> None:
    (world.folder / "guardrails.toml").rename(world.folder / "loose.toml")
    (world.home / "moltbot").symlink_to(world.dev)
    done = world.hook("install", "pre-push", cwd=world.dev)
    assert done.returncode == 0, done.stderr
    diverge(world)
    loose = 'extends = ["openclaw"]\n[policies.protected-refs]\nrefs = []\n[policies.fast-forward-only]\nrefs = []\n'
    (world.dev / "guardrails.toml").write_text(loose)
    before = world.refs()

    brought = {"HOME": str(world.home), "GUARDRAILS_CONFIG": str(world.dev / "guardrails.toml")}
    done_push = try_git(world.dev, "push", "-f", "origin", "main", env=brought)

    assert (done_push.returncode != 0, b"protected-refs" in done_push.stderr) == (True, True)
    assert world.refs() == before


def test_a_push_from_a_work_tree_that_git_alone_knows_is_judged(world: Hooked) -> None:
    world.install("pre-push", "dev")
    diverge(world)
    apart = world.folder / "apart"
    apart.mkdir()
    done = world.push("-f", "origin", "main", cwd=apart)
    assert b"not a git repository" in done.stderr

    by = ["--git-dir", str(world.dev / ".git"), "--work-tree", str(apart)]
    before = world.refs()
    done = try_git(apart, *by, "push", "-q", "-f", "origin", "main", env={"HOME": str(world.home)})

    assert (done.returncode != 0, b"protected-refs" in done.stderr) == (True, True)
    assert world.refs() == before


@pytest.mark.parametrize(
    "spoiled", ["nonsense [", None, 'extends = ["openclaw"]\n', '[environments.dev]\nrepo = "dev"\n']
)
def test_a_hook_that_cannot_decide_refuses(world: Hooked, spoiled: str | None) -> None:
    world.install("pre-push", "dev")
    world.install("reference-transaction", "prod")
    if spoiled is None:
        (world.folder / "guardrails.toml").unlink()
    else:
        (world.folder / "guardrails.toml").write_text(spoiled)
    world.commit("three")
    before, prod = world.refs(), world.refs(world.prod)

    done = world.push("origin", "main")

    assert (done.returncode != 0, b"guardrails" in done.stderr) == (True, True)
    assert world.refs() == before
    assert try_git(world.prod, "commit", "-q", "--allow-empty", "-m", "x").returncode != 0
    assert world.refs(world.prod) == prod


@pytest.mark.parametrize("kind", ["pre-push", "pre-receive"])
def test_records_travel_and_stay(world: Hooked, kind: str) -> None:
    world.install(kind, "dev" if kind == "pre-push" else "server")
    for text in (b"one", b"two"):
        oid = git(world.dev, "hash-object", "-w", "--stdin", stdin=text)
        git(world.dev, "update-ref", f"refs/signoffs/{world.first}/architect-1/{text.decode()}", oid)
    every = "refs/signoffs/*:refs/signoffs/*"

    pushed = world.push("origin", every)
    assert pushed.returncode == 0, pushed.stderr.decode()
    assert world.refs().count("refs/signoffs/") == 2
    before = world.holds()
    one, two = f"refs/signoffs/{world.first}/architect-1/one", f"refs/signoffs/{world.first}/architect-1/two"
    for arguments in ([f":{one}"], ["--force", f"{one}:{two}"]):
        done = world.push("origin", *arguments)
        assert (done.returncode != 0, b"protected-refs" in done.stderr) == (True, True)
    assert world.holds() == before


def test_a_server_anchors_what_it_lets_through_and_nothing_else(world: Hooked) -> None:
    world.install("pre-receive", "server")
    world.commit("three")
    assert world.push("origin", "main").returncode == 0
    anchored = git(world.server, "for-each-ref", "refs/guardrails/audit")
    assert anchored
    before = world.holds()
    diverge(world)
    assert world.push("--force", "origin", "main").returncode != 0
    assert world.holds() == before

    proven = world.guardrails("log", "verify", "--env", "server")
    assert proven.returncode == 0, proven.stderr
    assert "the anchor is record 3; 1 after it could be cut off unseen" in proven.stdout
