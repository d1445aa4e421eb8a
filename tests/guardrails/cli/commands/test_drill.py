"""`guardrails drill` proves the installed policies, says which do not fire, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import stat
from pathlib import Path
from xml.etree import ElementTree

import pytest

from guardrails.plugins import starter
from plugin_packages import PREAMBLE, install, policy_class, provide
from privileges import without_privileges
from progress import come_true
from worlds.small_world import SmallWorld, left_over

QUICK = ("--policy", "required-files", "--policy", "fresh-file")  # on the smallest stage
BLIND = "from guardrails_policies.service.required_files import RequiredFiles\n"


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """Where and as whom the command line runs; nothing is built."""
    made = SmallWorld(tmp_path)
    made.folder.mkdir()
    scratch(made).mkdir()
    return made


def scratch(world: SmallWorld) -> Path:
    return world.folder.parent / "scratch"


def drill(world: SmallWorld, *arguments: str, **rest: object) -> tuple[int, str, str]:
    done = world.run("drill", *arguments, env={"TMPDIR": str(scratch(world))}, **rest)
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if ".cache" not in path.parts)


def test_it_says_of_each_drill_what_was_seen(world: SmallWorld) -> None:
    code, out, err = drill(world, *QUICK, "--format", "json")

    report = json.loads(out)
    assert (code, err) == (0, "")
    assert report["summary"] == {"detonations": 2, "fired": 2, "twins": 2, "allowed": 2}
    assert (report["schema_version"], report["exit_code"], report["unproven"]) == ("1", 0, [])
    by_id = {one.pop("id"): one for one in report["drills"]}
    one = by_id["scratch/required-files/standing/an-empty-file"]
    assert one.pop("duration_ms") > 0
    assert one == {
        "policy": "required-files",
        "operation": "standing",
        "channel": "check",
        "kind": "detonation",
        "expected": "deny",
        "observed": {"exit_code": 1, "policies": ["required-files"]},
        "held": True,
        "problem": None,
        "canary": None,
    }
    assert by_id["scratch/required-files/standing/another-file"]["observed"] == {"exit_code": 0, "policies": []}


def test_it_leaves_no_file_and_no_process_behind(world: SmallWorld) -> None:
    assert world.python  # which is made when it is first needed
    before = files(world.folder.parent)
    code, out, err = drill(world, *QUICK, "--policy", "facts-memory-row", "--policy", "guards-installed")

    assert (code, err) == (0, ""), out
    assert out.endswith("HELD  8 of 8 detonations fired, 5 of 5 twins let through\n")
    assert files(world.folder.parent) == before
    assert left_over(world.session) == []
    assert not [path for path in Path("/proc").glob("[0-9]*/cwd") if str(scratch(world)) in _target(path)]


def _target(link: Path) -> str:
    try:
        return os.readlink(link)
    except OSError:
        return ""


def test_the_list_is_played_by_nobody(world: SmallWorld) -> None:
    code, out, _ = drill(world, "--list", "--policy", "required-files")
    assert code == 0
    assert out.splitlines()[0] == "scratch/required-files/standing/an-empty-file  deny   The file is empty"
    code, out, _ = drill(world, "--list", "--policy", "required-files", "--format", "json")
    assert (code, [one["kind"] for one in json.loads(out)]) == (0, ["detonation", "twin"])
    code, _, err = drill(world, "--list", "--format", "junit")
    assert (code, err.startswith("guardrails: --list is text or JSON")) == (2, True)


def test_reports_are_written_beside_what_is_printed(world: SmallWorld) -> None:
    into = [
        word for name in ("junit:drills.xml", "json:drills.json", "html:drills.html") for word in ("--output", name)
    ]
    code, out, _ = drill(world, *QUICK, *into)
    assert (code, out.splitlines()[0]) == (0, "✓ fresh-file      1 of 1 detonations fired, 1 of 1 twins let through")
    suites = ElementTree.parse(world.folder / "drills.xml").getroot()
    assert [suites.get(name) for name in ("tests", "failures", "errors")] == ["4", "0", "0"]
    assert json.loads((world.folder / "drills.json").read_text())["exit_code"] == 0
    assert "<h1>Held</h1>" in (world.folder / "drills.html").read_text()


@pytest.mark.parametrize(
    ("sabotage", "says"),
    [
        ("RequiredFiles.evaluate = lambda self: iter(())\n", "did not refuse it: exit code 0, refused by nobody"),
        ("RequiredFiles.evaluate = lambda self: iter([1 / 0])\n", "could not decide: exit code 2"),
    ],
    ids=["it finds nothing", "it crashes"],
)
def test_a_policy_that_does_not_fire_is_named(world: SmallWorld, tmp_path: Path, sabotage: str, says: str) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong/sitecustomize.py").write_text(BLIND + sabotage)
    world.python_path.insert(0, str(tmp_path / "wrong"))
    code, out, _ = drill(world, *QUICK, "--output", "junit:drills.xml")

    assert code == 1
    assert f"required-files {says}" in out
    assert "✓ fresh-file " in out
    assert "✗ required-files " in out
    assert "\nNOT HELD  1 of 2 detonations fired, " in out
    assert len(ElementTree.parse(world.folder / "drills.xml").getroot().findall(".//failure")) >= 1


def test_a_policy_of_others_without_a_drill_is_named(world: SmallWorld, tmp_path: Path) -> None:
    source = PREAMBLE + policy_class("never-seen", "pass") + provide("NeverSeen")
    world.python_path.append(str(install(tmp_path / "theirs", "theirs", source)))
    code, out, _ = drill(world, "--policy", "never-seen")
    assert (code, out.splitlines()[0]) == (1, "✗ never-seen  has no drill, so nobody has seen it refuse")


def test_a_new_policy_comes_with_drills_that_hold(world: SmallWorld, tmp_path: Path) -> None:
    source = starter.files_of("written-down")["written_down_policy.py"]
    folder = install(tmp_path / "new", "written-down-policy", source, entry="written-down = written_down_policy")
    world.python_path.append(str(folder))
    code, out, err = drill(world, "--policy", "written-down")
    assert (code, err) == (0, ""), out
    assert out.endswith("HELD  1 of 1 detonations fired, 1 of 1 twins let through\n")


def test_an_unknown_policy(world: SmallWorld) -> None:
    code, out, err = drill(world, "--policy", "required-flies")
    assert (code, out) == (2, "")
    assert err == "guardrails: unknown policy required-flies; did you mean required-files?\n"


def test_kept_worlds_stand_on_their_own(world: SmallWorld) -> None:
    code, _, err = drill(world, "--policy", "required-files", "--keep")
    folder = Path(err.removeprefix("guardrails: the worlds are in ").rstrip("\n"))
    assert (code, folder.parent) == (0, scratch(world))
    for name, answer in (("an-empty-file", 1), ("another-file", 0)):
        kept = folder / f"scratch.required-files.standing.{name}/scratch"
        done = world.check("--env", "prod", cwd=kept, env={"HOME": str(kept / "home")})
        assert done.returncode == answer, done.stdout


def test_without_a_place_for_worlds_nothing_is_played(world: SmallWorld) -> None:
    (world.folder / "closed").mkdir(mode=stat.S_IRUSR | stat.S_IXUSR)
    for place, before in (("missing", []), ("closed", without_privileges())):
        done = world.run("drill", *QUICK, env={"TMPDIR": str(world.folder / place)}, before=before)
        assert (done.returncode, done.stdout) == (2, ""), done
        assert done.stderr.startswith(f"guardrails: no world can be built in {world.folder / place}: ")
        assert done.stderr.count("\n") == 1


def test_on_a_full_disk_nothing_is_played(world: SmallWorld) -> None:
    code, out, err = drill(world, *QUICK, before=("sh", "-c", 'ulimit -f 0; exec "$0" "$@"'))
    assert (code, out) == (2, "")
    assert err.startswith("guardrails: the world scratch cannot be built: ")
    assert err.count("\n") == 1
    assert list(scratch(world).iterdir()) == []


def test_whoever_interrupts_it_finds_nothing_left(world: SmallWorld) -> None:
    with world.start("drill", env=world.environment(TMPDIR=str(scratch(world)))) as running:
        come_true(lambda: any(scratch(world).glob("*/*/*.json")))  # a world stands, and is being broken
        os.kill(running.pid, signal.SIGINT)
        out, err = running.communicate()
    assert (running.returncode, out, err) == (130, "", "guardrails: interrupted\n")
    assert list(scratch(world).iterdir()) == []
    assert left_over(running.pid) == []


@pytest.mark.corpus  # the tests above are a sample of it
def test_every_policy_fires_on_a_fresh_clone(world: SmallWorld) -> None:
    code, out, err = drill(world)
    assert (code, err) == (0, ""), out
    assert "✗" not in out
