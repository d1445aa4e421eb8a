"""State directories are what the file system says they are, whatever their names."""

import os
import time
from pathlib import Path

import pytest

from guardrails import CannotKnow, Environment, NothingAsked, StateDirectories, World
from guardrails.testing import gather, world


def look(prod: Path, dev: Path | None) -> StateDirectories:
    environments = {
        "prod": Environment(name="prod", repo="/nowhere", state_dir=str(prod)),
        "dev": Environment(name="dev", repo="/nowhere", state_dir=str(dev) if dev else None),
    }
    return gather(StateDirectories, World(environments["prod"], environments, at=time.time(), home="/home/alice"))


def test_two_directories_have_identities_of_their_own(tmp_path: Path) -> None:
    (tmp_path / ".openclaw").mkdir()
    (tmp_path / ".openclaw-dev").mkdir()

    prod, dev = look(tmp_path / ".openclaw", tmp_path / ".openclaw-dev").directories

    assert prod.identity != dev.identity
    assert prod.identity not in dev.ancestors


def test_a_link_gives_the_identity_of_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to("state")

    prod, dev = look(tmp_path / "state", tmp_path / "link").directories

    assert (prod.real, prod.identity) == (dev.real, dev.identity)


def test_the_folders_above_are_known(tmp_path: Path) -> None:
    (tmp_path / "outer" / "between" / "inner").mkdir(parents=True)

    outer, inner = look(tmp_path / "outer", tmp_path / "outer" / "between" / "inner").directories

    assert outer.identity in inner.ancestors


def test_what_is_absent_has_no_identity(tmp_path: Path) -> None:
    (tmp_path / "dangling").symlink_to("gone")

    prod, dev = look(tmp_path / "missing", tmp_path / "dangling").directories

    assert prod.identity is None
    assert dev.identity is None


def test_an_environment_without_state_is_left_out(tmp_path: Path) -> None:
    tmp_path.joinpath("state").mkdir()

    assert [one.environment for one in look(tmp_path / "state", None).directories] == ["prod"]


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")

    with pytest.raises(CannotKnow, match="is not a directory"):
        look(tmp_path / "state", None)


def test_a_circle_of_links_cannot_be_known(tmp_path: Path) -> None:
    os.symlink("b", tmp_path / "a")
    os.symlink("a", tmp_path / "b")

    with pytest.raises(CannotKnow, match="cannot be reached"):
        look(tmp_path / "a", None)


@pytest.mark.skipif(os.geteuid() != 0, reason="a bind mount needs root")
def test_a_bind_mount_is_the_same_directory(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "state").mkdir()
    (tmp_path / "twin").mkdir()
    mount = ["mount", "--bind", str(tmp_path / "state"), str(tmp_path / "twin")]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("bind mounts are not allowed here")
    try:
        prod, dev = look(tmp_path / "state", tmp_path / "twin").directories
    finally:
        subprocess.run(["umount", str(tmp_path / "twin")], check=True)

    assert prod.identity == dev.identity
    assert prod.real != dev.real


def test_an_environment_without_a_state_directory_says_so_to_who_asks_for_it() -> None:
    assert world(state_dir="/s").environment.require_state_dir() == "/s"
    with pytest.raises(NothingAsked, match="prod has no state_dir"):
        world().environment.require_state_dir()
