"""pre-receive on a server that is reached over ssh: what its client skips or brings along changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import ssh_server
from dirty_repository import git, try_git
from hooked import Hooked

pytestmark = pytest.mark.skipif(not ssh_server.usable(), reason="needs OpenSSH, its server too")

FORBIDDEN = [
    ["--force", "origin", "main"],
    ["--delete", "origin", "release/old"],
    ["--mirror", "origin"],
    ["--force", "--tags", "origin"],
    ["--force", "origin", "HEAD:refs/heads/main"],
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hooked]:
    folder = tmp_path_factory.mktemp("ssh")
    world = Hooked(folder)
    world.install("pre-receive", "server")
    with ssh_server.ssh_server(folder / "sshd", HOME=str(world.home), GIT_CONFIG_NOSYSTEM="1") as (address, client):
        git(world.dev, "remote", "set-url", "origin", f"{address}{world.server}")
        git(world.dev, "config", "core.sshCommand", client)
        yield world


def test_what_adds_commits_lands(world: Hooked) -> None:
    new = world.commit("over-ssh")
    done = world.push("origin", "main")
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"refs/heads/main {new}" in world.refs()


@pytest.mark.parametrize("arguments", FORBIDDEN, ids=[" ".join(words) for words in FORBIDDEN])
def test_nothing_forbidden_lands(world: Hooked, arguments: list[str]) -> None:
    git(world.dev, "reset", "-q", "--hard", world.first)
    world.commit("aside")
    git(world.dev, "tag", "-f", "v1", "HEAD")
    (world.dev / "guardrails.toml").write_text("[policies]\n")
    before = world.refs()

    brought = {"HOME": str(world.home), "GUARDRAILS_ENV": "dev", "GIT_DIR": str(world.dev / ".git")}
    done = try_git(world.dev, "push", "--no-verify", *arguments, env=brought)

    assert done.returncode != 0
    assert b"remote: guardrails " in done.stderr
    assert b"protected-refs" in done.stderr
    assert world.refs() == before
