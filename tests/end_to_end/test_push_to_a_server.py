"""pre-receive on a server, reached over a path and over ssh: what the client skips or brings along changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from servers import ssh_server
from worlds.hooked import Hooked

over_ssh = pytest.mark.skipif(ssh_server.may_be_skipped(), reason="needs OpenSSH, its server too")


class Reached:
    """The world, and how its server is reached: an address, and what git is told beside it."""

    def __init__(self, world: Hooked, address: str, client: dict[str, str]) -> None:
        self.world, self.address = world, address
        self.client = {"HOME": str(world.home), "GUARDRAILS_ENV": "dev", **client}

    def git(self, repo: Path, *arguments: str) -> None:
        """Run git where it may have to reach the server. Raises AssertionError when it fails."""
        git(repo, *arguments, env=self.client)

    def forbidden_commit(self, repo: Path) -> Path:
        """Commit beside what the server has, move a tag, and bring a configuration that would allow it."""
        git(repo, "reset", "-q", "--hard", self.world.first)
        self.world.commit("aside", repo)
        git(repo, "tag", "-f", "v1", "HEAD")
        (repo / "guardrails.toml").write_text("[policies]\n")
        return repo


@pytest.fixture(scope="module", params=["path", pytest.param("ssh", marks=over_ssh)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reached]:
    """A guarded server; the checkout that pushes is guarded as well, which `--no-verify` skips."""
    folder = tmp_path_factory.mktemp(request.param)
    world = Hooked(folder)
    world.install("pre-receive", "server")
    world.install("pre-push", "dev")
    with ExitStack() as stack:
        start, client = "", {}
        if request.param == "ssh":
            session = {"HOME": str(world.home), "GIT_CONFIG_NOSYSTEM": "1"}
            start, command = stack.enter_context(ssh_server.ssh_server(folder / "sshd", **session))
            client = {"GIT_SSH_COMMAND": command}
        reached = Reached(world, f"{start}{world.server}", client)
        git(world.dev, "remote", "set-url", "origin", reached.address)
        yield reached


def checkout(server: Reached) -> Path:
    """The checkout itself."""
    return server.forbidden_commit(server.world.dev)


def linked_work_tree(server: Reached) -> Path:
    """A work tree that shares the checkout's repository."""
    linked = server.world.folder / "linked"
    git(server.world.dev, "worktree", "add", "-q", "--detach", str(linked))
    return server.forbidden_commit(linked)


def submodule(server: Reached) -> Path:
    """A repository inside of another one, which was cloned from the server."""
    parent = server.world.folder / "parent"
    git(server.world.folder, "init", "-q", "--template=", str(parent))
    server.git(parent, "submodule", "--quiet", "add", server.address, "part")
    return server.forbidden_commit(parent / "part")


def rebase(server: Reached) -> Path:
    """A clone that stands in the middle of a rebase, on a commit beside what the server has."""
    clone = server.world.folder / "rebasing"
    server.git(server.world.folder, "clone", "-q", "--template=", server.address, str(clone))
    server.forbidden_commit(clone)
    (clone / "guardrails.toml").unlink()
    assert try_git(clone, "rebase", "-x", "false", "origin/main").returncode != 0
    git(clone, "checkout", "-q", "--detach", "main")
    assert (clone / ".git/rebase-merge").is_dir()
    return clone


FORBIDDEN: dict[str, tuple[Callable[[Reached], Path], list[str]]] = {
    "force": (checkout, ["--force", "origin", "main"]),
    "force by refspec": (checkout, ["origin", "+main"]),
    "delete": (checkout, ["--delete", "origin", "release/old"]),
    "mirror": (checkout, ["--mirror", "origin"]),
    "all tags": (checkout, ["--force", "--tags", "origin"]),
    "HEAD": (checkout, ["--force", "origin", "HEAD:refs/heads/main"]),
    "linked work tree": (linked_work_tree, ["--force", "origin", "HEAD:refs/heads/main"]),
    "submodule": (submodule, ["--force", "origin", "HEAD:refs/heads/main"]),
    "rebase": (rebase, ["--force", "origin", "HEAD:refs/heads/main"]),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_nothing_forbidden_lands(server: Reached, name: str) -> None:
    make, arguments = FORBIDDEN[name]
    repo = make(server)
    before = server.world.holds()

    brought = {**server.client, "GUARDRAILS_CONFIG": str(repo / "guardrails.toml")}
    done = try_git(repo, "push", "--no-verify", *arguments, env=brought)

    assert done.returncode != 0
    assert b"remote: guardrails " in done.stderr
    assert b"protected-refs" in done.stderr
    assert server.world.holds() == before


def test_what_adds_commits_lands(server: Reached) -> None:
    world = server.world
    git(world.dev, "reset", "-q", "--hard", world.second)
    git(world.dev, "clean", "-qfd")
    new = world.commit("more")

    done = try_git(world.dev, "push", "-q", "origin", "main", env={"HOME": str(world.home), **server.client})

    assert (done.returncode, done.stderr) == (0, b"")
    refs, reachable, _ = world.holds()
    assert f"refs/heads/main {new}" in refs
    assert new in reachable
