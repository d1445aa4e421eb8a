"""Files that say what to do, or whom to believe, and that others own or may write to: nothing of them is believed."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from worlds.guarded_world import PROMOTE, REFUSED, GuardedWorld
from worlds.small_world import SmallWorld, bare_world, write

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """A repository, and a configuration that extends another, in folders of ours."""
    made = bare_world(tmp_path)
    made.configuration.write_text('extends = ["base/rules.toml"]\n[environments.prod]\nrepo = "prod"\n')
    proof = made.folder.parent / "proof"
    rule = f'[policies.rule]\nuse = "healthy-command"\ncommand = "touch {proof}"\nenforcement = "hard-mandatory"\n'
    write(made.folder / "base/rules.toml", rule + "[policies.clean-worktree]\n")
    write(made.folder / "guardrails.waivers.toml", "")
    for path in (made.folder, made.folder / "base"):
        path.chmod(0o755)
    return made


def opened(path: Path) -> None:
    path.chmod(path.stat().st_mode | stat.S_IWOTH)


def given_away(path: Path) -> None:
    os.chown(path, NOBODY, NOBODY)


FILES: dict[str, Callable[[SmallWorld], Path]] = {
    "the configuration": lambda world: world.configuration,
    "its folder": lambda world: world.folder,
    "what it extends": lambda world: world.folder / "base/rules.toml",
    "the folder of that": lambda world: world.folder / "base",
    "the waivers": lambda world: world.folder / "guardrails.waivers.toml",
}
HOW = [pytest.param(opened, id="open"), pytest.param(given_away, id="given", marks=needs_root)]


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("which", FILES)
@pytest.mark.parametrize("warm", [False, True], ids=["cold", "warm"])
@pytest.mark.sample(3)
def test_it_stops_the_check_until_it_is_ours(
    world: SmallWorld, which: str, how: Callable[[Path], None], *, warm: bool
) -> None:
    proof = world.folder.parent / "proof"
    if warm:
        assert world.check().returncode == 0
        proof.unlink()
    how(FILES[which](world))
    done = world.check()
    assert (done.returncode, proof.exists()) == (2, False)
    (line,) = done.stderr.splitlines()
    subprocess.run(["sh", "-c", line.partition("if it is right: ")[2]], check=True, cwd="/")
    assert world.check().returncode == 0
    assert proof.exists()


@needs_root
def test_a_configuration_that_somebody_left_in_a_folder_for_all(world: SmallWorld, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    (shared / "mine").mkdir(parents=True)
    shared.chmod(0o1777)
    (shared / "guardrails.toml").write_bytes(world.configuration.read_bytes().replace(b"base/", b"../world/base/"))
    given_away(shared / "guardrails.toml")
    for place in (shared, shared / "mine"):
        done = world.check(cwd=place)
        assert (done.returncode, f"chown 0 {shared}/guardrails.toml" in done.stderr) == (2, True)
    (shared / "guardrails.toml").unlink()
    (shared / "guardrails.toml").symlink_to(world.configuration)
    assert world.check("--config", str(shared / "guardrails.toml")).returncode == 2, "it extends what is not beside it"
    os.chown(shared / "guardrails.toml", NOBODY, NOBODY, follow_symlinks=False)
    assert f"chown -h 0 {shared}/guardrails.toml" in world.check(cwd=shared).stderr


def test_the_profile_is_its_installers(world: SmallWorld) -> None:
    """Its code is run anyway, so that whoever may write it needs no profile."""
    import guardrails_policies

    world.configuration.write_text('extends = ["openclaw"]\n[environments.prod]\nrepo = "prod"\n')
    done = world.run("config", "show")
    assert done.returncode == 0, done.stderr
    assert (Path(guardrails_policies.__file__).parent / "openclaw.toml").is_file()


class TestAtARun:
    @pytest.fixture
    def guarded(self, tmp_path: Path) -> GuardedWorld:
        made = GuardedWorld(tmp_path)
        made.only("clean-worktree")
        return made

    @pytest.fixture
    def journal(self, guarded: GuardedWorld) -> Path:
        """That of a run whose second step fails."""
        text = guarded.world.configuration.read_text()
        guarded.world.configuration.write_text(text.replace('{candidate}"]', '{candidate}", "false"]'))
        assert guarded.run(*PROMOTE).returncode == 1
        (path,) = (guarded.prod / ".git/guardrails/runs").glob("*/journal.json")
        return path

    @pytest.mark.parametrize("how", HOW)
    @pytest.mark.parametrize("up", [0, 1, 2, 3])
    def test_a_journal(self, guarded: GuardedWorld, journal: Path, how: Callable[[Path], None], up: int) -> None:
        how(([journal, *journal.parents])[up])
        for arguments in (("promote", "--env", "prod", "--resume"), PROMOTE):
            done = guarded.run(*arguments)
            assert (done.returncode, "is not ours alone" in done.stderr) == (REFUSED, True), done.stderr

    def test_the_folder_of_the_first_journal(self, guarded: GuardedWorld) -> None:
        (guarded.prod / ".git/guardrails").mkdir()
        (guarded.prod / ".git/guardrails").chmod(0o777)
        done = guarded.run(*PROMOTE)
        assert (done.returncode, "is not ours alone" in done.stderr) == (REFUSED, True), done.stderr
        assert guarded.head() == guarded.before

    @pytest.mark.parametrize("how", HOW)
    def test_who_may_sign(self, guarded: GuardedWorld, how: Callable[[Path], None]) -> None:
        signers = write(guarded.world.folder / "signers", "")
        guarded.world.configure('[trust]\nallowed_signers = "signers"\n')
        guarded.only(f'required-signoffs\nroles = {{ "architect-1" = [] }}\n[trust]\nallowed_signers = "{signers}"')
        report = guarded.world.report("--env", "prod", "--op", "promote", "--candidate", guarded.release)
        assert report["exit_code"] == 1, report
        how(signers)
        report = guarded.world.report("--env", "prod", "--op", "promote", "--candidate", guarded.release)
        (result,) = report["results"]
        assert (report["exit_code"], "is not ours alone" in result["reason"]) == (2, True), result
        assert git(guarded.prod, "rev-parse", "HEAD") == guarded.before
