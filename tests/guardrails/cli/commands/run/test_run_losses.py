"""A guarded run loses nothing: by no setting, in no other folder, and not in the moment before the first command."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dirty.dirty_repository import git, try_git
from guardrails.cli import main
from guardrails.operations.guarded_run import journal, last_look
from worlds.guarded_world import PROMOTE, REFUSED, UNVERIFIED, GuardedWorld
from worlds.small_world import write

RECOVER = ("recover", "--env", "prod")


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    return GuardedWorld(tmp_path)


@pytest.fixture
def behind(world: GuardedWorld, monkeypatch: pytest.MonkeyPatch) -> GuardedWorld:
    """A prod that an update would move, with this process in the place of the script."""
    write(world.upstream / "new", "new\n")
    write(world.upstream / "dist/in-the-way", "theirs\n")
    git(world.upstream, "add", "--all", "--force")
    git(world.upstream, "commit", "-qm", "new")
    git(world.prod, "fetch", "-q", "upstream")
    for name, value in world.world.environment(**world.environment()).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(world.folder / world.world.folder)
    return world


def edit(path: Path, text: str = "in the last moment\n") -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("name", ["src/gateway.ts", "new", "dist/in-the-way"])
@pytest.mark.parametrize("moment", ["the journal is begun", "the last look begins"])
def test_an_edit_before_the_first_command_stops_it(
    behind: GuardedWorld, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], name: str, moment: str
) -> None:
    holder, attribute = (journal, "begin") if "journal" in moment else (last_look, "require_same_pins")
    real = getattr(holder, attribute)

    def then_edit(*arguments: object) -> object:
        done = real(*arguments)
        edit(behind.prod / name)
        return done

    monkeypatch.setattr(holder, attribute, then_edit)
    assert main(["run", "update", "--env", "prod"]) == REFUSED
    assert (behind.prod / name).read_text() == "in the last moment\n"
    assert behind.head() == behind.before
    assert f"{name} was changed after it was checked; nothing was run, try again" in capfd.readouterr().err


def test_what_nobody_edits_is_updated(behind: GuardedWorld) -> None:
    assert main(["run", "update", "--env", "prod"]) == 0


def test_another_work_tree_is_left_alone(world: GuardedWorld, tmp_path: Path) -> None:
    precious = write(tmp_path / "precious/thesis", "mine\n")
    git(world.prod, "config", "core.worktree", str(precious.parent))
    for arguments in (RECOVER, PROMOTE, ("update", "--env", "prod"), (*RECOVER, "--", "git", "clean", "-ffdx")):
        done = world.run(*arguments)
        assert (done.returncode, "step 1" in done.stderr) == (REFUSED, False), arguments
    assert "core.worktree" in done.stderr
    assert precious.read_text() == "mine\n"
    assert world.world.run("check", "--env", "prod", "--op", "recover").returncode == 2
    saved = world.world.run("rescue", "--env", "prod", "save")
    assert (saved.returncode, "unset core.worktree" in saved.stderr) == (2, True)


def test_a_rule_that_nobody_committed_hides_no_work(world: GuardedWorld) -> None:
    write(world.prod / ".gitignore", (world.prod / ".gitignore").read_text() + "drafts/\n")
    write(world.prod / "drafts/thesis", "three weeks\n")
    plan = world.world.run("plan", "recover", "--env", "prod")
    done = world.run(*RECOVER)

    assert "drafts/thesis" in plan.stdout
    assert done.returncode == 0, done.stderr
    [name] = git(world.prod, "for-each-ref", "--format=%(refname)", "refs/rescue").split()
    assert git(world.prod, "show", f"{name}:worktree/drafts/thesis") == "three weeks"


def test_what_lies_in_a_folder_called_git_is_not_swept(world: GuardedWorld) -> None:
    for place in ("new/.git/notes", "src/.git/notes"):
        notes = write(world.prod / place, "mine\n")
        done = world.run(*RECOVER)

        assert (done.returncode, "step 1" in done.stderr) == (REFUSED, False), place
        assert ".git" in done.stderr
        assert notes.read_text() == "mine\n"
        shutil.rmtree(notes.parent)
    assert world.run(*RECOVER).returncode == 0


def test_a_submodule_is_not_reset(world: GuardedWorld) -> None:
    library = world.folder / "library"
    library.mkdir()
    git(library, "init", "-q", "-b", "main")
    write(library / "a", "one\n")
    git(library, "add", "a")
    git(library, "commit", "-qm", "one")
    git(world.upstream, "-c", "protocol.file.allow=always", "submodule", "add", "-q", library, "vendor")
    git(world.upstream, "commit", "-qm", "vendor")
    git(world.prod, "pull", "-q", "upstream", "main")
    git(world.prod, "-c", "protocol.file.allow=always", "submodule", "update", "-q", "--init")
    git(world.prod, "config", "submodule.recurse", "true")
    write(world.prod / "vendor/a", "mine\n")
    assert world.run(*RECOVER).returncode == UNVERIFIED, "nothing else is lost, and the submodule is not clean"
    write(world.prod / "src/gateway.ts", "changed\n")
    done = world.run(*RECOVER)

    assert done.returncode == REFUSED
    assert "vendor is a repository of its own, with work in it" in done.stderr
    assert (world.prod / "vendor/a").read_text() == "mine\n"


def test_a_promotion_prunes_no_evidence(world: GuardedWorld) -> None:
    git(world.prod, "update-ref", "refs/signoffs/mine", "HEAD")
    git(world.prod, "tag", "mine")
    for setting in ("fetch.prune", "fetch.pruneTags", "remote.upstream.prune"):
        git(world.prod, "config", setting, "true")
    done = world.run(*PROMOTE)

    assert done.returncode == 0, done.stderr
    assert git(world.prod, "rev-parse", "refs/signoffs/mine", "refs/tags/mine")


def test_a_step_of_git_has_our_settings_and_a_build_has_none(world: GuardedWorld) -> None:
    git(world.prod, "config", "fetch.prune", "true")
    world.steps("recover", "sh -c 'git config fetch.prune'", "sh -c 'env | grep -c GIT_CONFIG_KEY'")
    world.run(*RECOVER)
    assert (world.output(1), world.output(2)) == ("false\n", "0\n")


def test_an_alias_is_no_step(world: GuardedWorld) -> None:
    git(world.prod, "config", "alias.sync", "clean -ffdx")
    write(world.prod / "mine", "mine\n")
    done = world.run(*RECOVER, "--", "git", "sync")

    assert (done.returncode, "alias.sync" in done.stderr) == (REFUSED, True)
    assert (world.prod / "mine").read_text() == "mine\n"


def test_what_came_while_a_run_stood_still_is_saved_before_it_goes_on(world: GuardedWorld) -> None:
    write(world.upstream / "new", "new\n")
    git(world.upstream, "add", "new")
    git(world.upstream, "commit", "-qm", "new")
    git(world.prod, "fetch", "-q", "upstream")
    world.steps("recover", "git reset --hard {upstream}", "sh -c 'test -e ../go-on'", "git clean --force -d")
    assert world.run(*RECOVER).returncode == 1
    assert world.head() != world.before
    write(world.prod / "mine", "mine\n")
    (world.prod.parent / "go-on").touch()
    done = world.run(*RECOVER, "--resume")

    assert done.returncode == 0, done.stderr
    assert not (world.prod / "mine").exists()
    [name] = git(world.prod, "for-each-ref", "--format=%(refname)", "refs/rescue").split()
    assert git(world.prod, "show", f"{name}:worktree/mine") == "mine"
    assert try_git(world.prod, "diff", "--quiet").returncode == 0
