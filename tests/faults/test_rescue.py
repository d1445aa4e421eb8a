"""Whatever ends a rescue, and wherever: there is none or a whole one, and everything else is as it was."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.facts.git.reader import Repository
from guardrails.operations.rescue import bundles
from guardrails.operations.rescue.restore import list_rescues, open_repository, restore_into_folder
from privileges import on_a_small_disk, without_privileges
from progress import code_of
from worlds.rescue_state import contents
from worlds.small_world import SmallWorld, left_over, small_world

SAVE = ("rescue", "--env", "prod", "save")
ENDED = """
import os, signal, sys
from guardrails.facts.programs import child as children
from guardrails.operations.rescue import git_streams as streams

at, number, whom = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
spawned, started, count = children._spawn_in_folder, streams.subprocess.Popen, 0

def ending(start):
    def begun(*arguments, **more):
        global count
        count += 1
        child = start(*arguments, **more)
        if count == at:
            os.killpg(0, number) if whom == "all" else os.kill(os.getpid(), number)
        return child
    return begun

children._spawn_in_folder, streams.subprocess.Popen = ending(spawned), ending(started)
from guardrails.cli import main
sys.exit(main(sys.argv[4:]))
"""


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    made = small_world(tmp_path)
    (made.prod / "src/gateway.ts").write_text("export const port = 1;\n")
    (made.prod / "hotfix.ts").write_text("fixed\n")
    git(made.prod, "add", "hotfix.ts")
    (made.prod / "hotfix.ts").write_text("and again\n")
    (made.prod / "link").symlink_to("nowhere")
    return made


class State:
    """What a rescue may not touch: files, index, HEAD, and every ref but its own and the audit log's."""

    def __init__(self, repo: Path) -> None:
        self.files = contents(repo)
        self.index = (repo / ".git/index").read_bytes()
        self.head = (repo / ".git/HEAD").read_bytes()
        refs = git(repo, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        self.refs = [one for one in refs if not one.startswith(("refs/rescue/", "refs/guardrails/audit "))]

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other)

    __hash__ = object.__hash__


def names(repo: Path) -> list[str]:
    return git(repo, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/rescue").split()


def locks(repo: Path, *, whole_group: bool) -> list[Path]:
    """Lock files; one of a rescue's own name, which nobody else will ever use, is what a killed git leaves."""
    found = [path for path in (repo / ".git").rglob("*.lock") if path.is_file()]
    return [path for path in found if not (whole_group and path.parent.name == "rescue")]


def restored(source: Repository, folder: Path) -> dict[str, tuple[str, int, bytes]]:
    restore_into_folder(source, list_rescues(source)[0], str(folder))
    return contents(folder)


def ended(world: SmallWorld, at: int, number: int, whom: str, *more: str) -> int:
    """Save, and send a signal when the n-th git has just been started, to guardrails alone or to all; the status."""
    command = [world.python, "-c", ENDED, str(at), str(number), whom, *SAVE, *more]
    scratch = world.folder.parent / "scratch"  # what is killed cannot tidy up
    scratch.mkdir(exist_ok=True)
    with subprocess.Popen(
        command,
        cwd=world.folder,
        env=world.environment(TMPDIR=str(scratch)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        status = code_of(process)
    assert left_over(process.pid) == []
    return status


@pytest.mark.parametrize("whom", ["one", "all"])
@pytest.mark.sample(2)
def test_killed_at_any_step(world: SmallWorld, tmp_path: Path, whom: str) -> None:
    before, at, seen = State(world.prod), 0, 0
    work = {name: one for name, one in before.files.items() if not name.startswith(("dist/", "node_modules/"))}
    bundle = tmp_path / "out/saved.bundle"
    bundle.parent.mkdir()
    status = -signal.SIGKILL
    while status == -signal.SIGKILL:
        at += 1
        bundle.unlink(missing_ok=True)
        status = ended(world, at, signal.SIGKILL, whom, "--bundle", str(bundle))
        assert State(world.prod) == before
        assert locks(world.prod, whole_group=whom == "all") == []
        if len(names(world.prod)) > seen:
            seen = len(names(world.prod))
            assert restored(open_repository(str(world.prod)), tmp_path / f"back-{at}") == work
        if bundle.exists():
            with bundles.open_bundle(str(bundle)) as inside:
                assert restored(inside, tmp_path / f"out-{at}") == work
    assert status == 0
    assert at > 20, "it was killed at every git that it starts"
    assert 0 < seen < at, "some were early enough for none, and some late enough for a whole one"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(world: SmallWorld, tmp_path: Path, number: int, status: int) -> None:
    before = State(world.prod)
    for at in (3, 8, 13, 18):
        assert ended(world, at, number, "one") == status
        assert State(world.prod) == before
        assert locks(world.prod, whole_group=False) == []
        assert names(world.prod) == []
    (tmp_path / "out").mkdir()
    assert ended(world, 30, number, "one", "--bundle", str(tmp_path / "out/saved.bundle")) == status
    assert list((tmp_path / "out").iterdir()) == []


def refused(world: SmallWorld, before: list[str], **rest: object) -> subprocess.CompletedProcess[str]:
    command = [*before, world.python, "-P", "-m", "guardrails", *SAVE]
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        command, cwd=world.folder, env=world.environment(), capture_output=True, text=True, check=False, **rest
    )


def assert_nothing_saved(world: SmallWorld, done: subprocess.CompletedProcess[str], before: State) -> None:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done
    assert State(world.prod) == before
    assert names(world.prod) == []
    assert locks(world.prod, whole_group=False) == []


def test_a_file_that_is_too_large_for_the_disk(world: SmallWorld) -> None:
    (world.prod / "large").write_bytes(os.urandom(1 << 20))
    before = State(world.prod)
    most = (1 << 18, 1 << 18)
    done = refused(world, [], preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, most))

    assert_nothing_saved(world, done, before)


def test_a_full_disk(world: SmallWorld) -> None:
    (world.prod / "large").write_bytes(os.urandom(1 << 20))
    look = "; printf '%s\\n' \"$?\"; find .git -name '*.lock' -o -name 'tmp_*'; git for-each-ref refs/rescue"
    look += "; sha256sum .git/index large"
    script = f'cd "{world.prod}"; "$@" 2>"{world.folder}/said"{look}'
    command = [world.python, "-P", "-m", "guardrails", *SAVE, "--config", str(world.configuration)]
    done = subprocess.run(
        [*on_a_small_disk(world.prod, "2m"), "sh", "-c", script, "sh", *command],
        env=world.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    digests = subprocess.run(["sha256sum", ".git/index", "large"], cwd=world.prod, capture_output=True, check=True)

    assert done.stdout == f"2\n{digests.stdout.decode()}", done
    said = (world.folder / "said").read_text()
    assert ("Out of diskspace" in said, said.count("\n")) == (True, 1), said


def test_a_full_disk_for_the_bundle(world: SmallWorld, tmp_path: Path) -> None:
    (world.prod / "large").write_bytes(os.urandom(1 << 20))
    place = tmp_path / "small"
    place.mkdir()
    script = f'"$@"; printf "%s\\n" "$?"; ls -A "{place}"'
    command = [world.python, "-P", "-m", "guardrails", *SAVE, "--bundle", str(place / "saved.bundle")]
    done = subprocess.run(
        [*on_a_small_disk(place, "512k"), "sh", "-c", script, "sh", *command],
        cwd=world.folder,
        env=world.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    saved, failed, *rest = done.stdout.splitlines()

    assert (len(names(world.prod)), rest) == (1, ["1"]), done
    assert (saved.startswith("saved 10 files"), failed.startswith("  NOT BUNDLED: ")) == (True, True), done.stdout


def test_a_repository_that_may_not_be_written_to(world: SmallWorld) -> None:
    before = State(world.prod)
    folders = [world.prod / ".git", *(path for path in (world.prod / ".git").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    done = refused(world, without_privileges())
    for folder in folders:
        folder.chmod(0o755)

    assert_nothing_saved(world, done, before)


def test_a_log_that_cannot_be_written(world: SmallWorld) -> None:
    (world.home / ".local/state").mkdir(parents=True)
    (world.home / ".local/state/guardrails").write_text("in the way\n")
    done = world.run(*SAVE)

    assert (done.returncode, len(names(world.prod))) == (1, 1)
    assert "  NOT LOGGED: " in done.stdout
