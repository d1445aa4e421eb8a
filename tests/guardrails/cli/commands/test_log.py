"""What was decided is on the record before anybody may act on it, and `guardrails log` shows and proves it."""

from __future__ import annotations

import json
import os
import pwd
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, snapshot
from guardrails.audit.chain import head_at
from guardrails.audit.files import APPEND, hold_locked
from guardrails.audit.writer import append
from guardrails.operations.audit import anchor
from guardrails.policy import World
from privileges import without_privileges
from worlds.guarded_world import PROMOTE, GuardedWorld
from worlds.small_world import RELEASE, SmallWorld, small_world, write

PROD = ("--env", "prod")


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


def log_of(world: SmallWorld, environment: str = "prod") -> Path:
    return world.home / ".local/state/guardrails" / environment / "audit.jsonl"


def shown(world: SmallWorld, *arguments: str) -> list[dict[str, Any]]:
    done = world.run("log", "show", *PROD, "--format", "json", *arguments)
    assert done.returncode == 0, done
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def verified(world: SmallWorld) -> tuple[int, dict[str, Any]]:
    done = world.run("log", "verify", *PROD, "--format", "json")
    return done.returncode, json.loads(done.stdout)


def test_every_verdict_is_one_record(world: SmallWorld) -> None:
    report = world.report(*PROD, "--op", "promote", "--candidate", RELEASE, "--at", "2026-02-01T10:00:00Z")
    write(world.prod / "src/gateway.ts", "export const port = 1;\n")
    assert world.check(*PROD, "--skip", "clean-worktree").returncode == 0
    world.check(*PROD)
    world.check("--env", "dev")

    first, _, third = shown(world)
    assert (first["verdict"], first["exit_code"], first["moment"]) == (
        report["verdict"],
        report["exit_code"],
        "promote",
    )
    assert (first["kind"], first["environment"], first["operation"]) == ("check", "prod", "promote")
    assert first["judged_at"] == "2026-02-01T10:00:00Z" < first["at"]
    assert first["candidate"] == git(world.dev, "rev-parse", RELEASE)
    assert first["commit"] == report["subject"]["commit"]
    assert first["policy_set"] == report["policy_set"]["digest"]
    assert (third["verdict"], third["exit_code"], third["moment"]) == ("deny", 1, "standing")
    assert "clean-worktree" in third["blocking"]
    assert len(log_of(world, "dev").read_text().splitlines()) == 1
    assert log_of(world).stat().st_mode & 0o777 == 0o600


def test_show_is_one_line_for_a_check(world: SmallWorld) -> None:
    for _ in range(3):
        world.check(*PROD)
    done = world.run("log", "show", *PROD, "--last", "2")
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["2", "3"]
    who = f"{pwd.getpwuid(os.geteuid()).pw_name}@{os.uname().nodename}"
    assert f"Z  prod  check  standing  allow  {who}  {git(world.prod, 'rev-parse', 'HEAD')[:12]}\n" in done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_narrowed_check_left_out_is_on_the_record(world: SmallWorld) -> None:
    assert world.check(*PROD, "--policy", "clean-worktree").returncode == 0
    assert "service-definition" in shown(world)[0]["left_out"]


def test_a_log_that_is_whole_says_how_much_could_be_cut(world: SmallWorld) -> None:
    for _ in range(3):
        world.check(*PROD)
    assert verified(world)[1]["after_anchor"] == 3
    done = world.run("log", "verify", *PROD)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3 records, whole\nthere is no anchor yet; 3 after it" in done.stdout

    _anchor(world, 2)
    code, found = verified(world)
    assert (code, found["whole"], found["records"], found["anchor"], found["after_anchor"]) == (0, True, 3, 2, 1)


def _anchor(world: SmallWorld, number: int) -> None:
    from guardrails.model import Environment

    environment = Environment(name="prod", repo=str(world.prod))
    line = log_of(world).read_bytes().splitlines()[number - 1]
    anchor(World(environment, {"prod": environment}, at=0.0, home=str(world.home)), head_at(line))


def _cut(log: Path) -> None:
    log.write_bytes(b"".join(log.read_bytes().splitlines(keepends=True)[:1]))


def _alter(log: Path) -> None:
    log.write_bytes(log.read_bytes().replace(b'"allow"', b'"deny"', 1))


def _tear(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-9])


@pytest.mark.parametrize(("spoil", "line"), [(_cut, 2), (_alter, 1), (_tear, 3), (Path.unlink, 1)])
def test_a_log_that_is_not_whole_names_the_line(world: SmallWorld, spoil: Callable[[Path], None], line: int) -> None:
    for _ in range(3):
        world.check(*PROD)
    _anchor(world, 2)
    spoil(log_of(world))
    done = world.run("log", "verify", *PROD)
    assert done.returncode == 1
    assert f"{log_of(world)}:{line}: " in done.stdout
    code, found = verified(world)
    assert (code, found["whole"], found["line"]) == (1, False, line)


def test_a_torn_line_is_mended_and_said_so(world: SmallWorld) -> None:
    for _ in range(2):
        world.check(*PROD)
    _tear(log_of(world))
    done = world.check(*PROD)
    assert (done.returncode, done.stdout.splitlines()[-1].split()[0]) == (0, "ALLOW")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"guardrails: the last line of the audit log {log_of(world)} was torn")
    done = world.run("log", "verify", *PROD)
    assert (done.returncode, f"{log_of(world)}:2: a torn line was mended here" in done.stdout) == (0, True)
    assert "mended" in world.run("log", "show", *PROD).stdout


def _no_folder(log: Path) -> None:
    log.parent.parent.mkdir(parents=True)
    log.parent.write_text("")


def _folder(log: Path) -> None:
    log.mkdir(parents=True)


def _fifo(log: Path) -> None:
    log.parent.mkdir(parents=True)
    os.mkfifo(log)


def _open_to_all(log: Path) -> None:
    log.parent.mkdir(parents=True)
    log.touch()
    log.chmod(0o666)


@pytest.mark.parametrize("broken", [False, True])
@pytest.mark.parametrize("spoil", [_no_folder, _folder, _fifo, _open_to_all])
def test_without_a_record_nothing_is_allowed(world: SmallWorld, spoil: Callable[[Path], None], broken: bool) -> None:
    if broken:
        write(world.prod / "src/gateway.ts", "export const port = 1;\n")
    spoil(log_of(world))
    output = world.folder / "report.json"
    done = world.check(*PROD, "--output", f"json:{output}")
    assert (done.returncode, done.stdout.splitlines()[-1].split()[0]) == (2, "DENY"), done
    [line] = done.stderr.splitlines()
    assert "audit log" in line
    written = json.loads(output.read_text())
    assert (written["verdict"], written["exit_code"]) == ("deny", 2)
    report = world.report(*PROD)
    assert (report["verdict"], report["exit_code"]) == ("deny", 2)
    assert "audit log" in report["errors"][-1]["message"]


def test_a_log_that_another_holds_is_waited_for_but_not_for_ever(world: SmallWorld) -> None:
    world.check(*PROD)
    holder = hold_locked(str(log_of(world)), APPEND)
    try:
        done = world.check(*PROD)
    finally:
        os.close(holder)
    assert (done.returncode, "was held by others for too long" in done.stderr) == (2, True)
    assert len(log_of(world).read_bytes().splitlines()) == 1


def test_a_hostile_path_is_told_in_one_line(world: SmallWorld) -> None:
    world.configure('[audit]\npath = "../a\\nb\\u001b[31m/audit.jsonl"\n')
    write(world.folder.parent / "a\nb\x1b[31m", "no folder")
    done = world.check(*PROD)
    [line] = done.stderr.splitlines()
    assert (done.returncode, "\x1b" in done.stdout + done.stderr) == (2, False)
    assert r"a\nb\x1b[31m/audit.jsonl cannot be written: Not a directory" in line


def test_no_room_for_a_record(world: SmallWorld) -> None:
    world.check(*PROD)
    before = log_of(world).read_bytes()
    for size in (0, len(before), len(before) + 200):
        done = world.check(*PROD, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))  # noqa: B023
        assert (done.returncode, done.stdout.splitlines()[-1].split()[0]) == (2, "DENY")
        assert f"the audit log {log_of(world)} cannot be written: File too large" in done.stderr
        assert log_of(world).read_bytes() == before


def test_a_read_only_folder(world: SmallWorld) -> None:
    log_of(world).parent.mkdir(parents=True)
    log_of(world).parent.chmod(0o500)
    done = world.check(*PROD, before=without_privileges())
    assert (done.returncode, "Permission denied" in done.stderr) == (2, True)


def test_an_output_that_cannot_be_written_is_on_the_record(world: SmallWorld) -> None:
    assert world.check(*PROD, "--output", f"json:{world.folder}/none/x").returncode == 2
    first, second = shown(world)
    assert (first["verdict"], second["verdict"], second["exit_code"]) == ("allow", "deny", 2)
    assert "cannot be written" in second["errors"][0]


def test_no_log_yet_is_said(world: SmallWorld) -> None:
    done = world.run("log", "show", *PROD)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no audit log" in done.stderr


def test_a_line_that_is_no_record_is_said(world: SmallWorld) -> None:
    world.check(*PROD)
    with log_of(world).open("a") as file:
        file.write("\x1b[31mnonsense\n")
    done = world.run("log", "show", *PROD)
    assert (done.returncode, len(done.stdout.splitlines())) == (2, 1)
    assert f"{log_of(world)}:2 is no record" in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


def test_a_record_that_somebody_made_up_is_shown_as_it_is(world: SmallWorld) -> None:
    said = {"kind": "\x1b[31m", "environment": "prod", "blocking": 5, "errors": [None], "torn": "x", "candidate": {}}
    append(str(log_of(world)), said)
    append(str(log_of(world)), {**said, "torn": {}, "verdict": ["\u202e"]})
    done = world.run("log", "show", *PROD)
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (0, 5, "")
    assert r"\x1b[31m" in done.stdout
    assert "\u202e" not in done.stdout


def test_looking_changes_nothing(world: SmallWorld) -> None:
    world.check(*PROD)
    before = snapshot(world.folder), log_of(world).read_bytes()
    world.run("log", "show", *PROD)
    world.run("log", "verify", *PROD)
    assert (snapshot(world.folder), log_of(world).read_bytes()) == before


def test_environments_may_share_a_log(world: SmallWorld) -> None:
    world.configure('[audit]\npath = "../shared.jsonl"\n')
    world.check(*PROD)
    world.check("--env", "dev")
    assert [record["environment"] for record in shown(world)] == ["prod"]
    assert verified(world)[1]["records"] == 2


def test_a_run_is_one_entry_with_its_steps(tmp_path: Path) -> None:
    guarded = GuardedWorld(tmp_path)
    guarded.world.check(*PROD)
    guarded.fails.write_text("yes")
    assert guarded.run(*PROMOTE).returncode == 3
    guarded.fails.write_text("no")
    assert guarded.run(*PROMOTE, "--resume").returncode == 0

    first, *failed, before, _, step, _, _ = records = shown(guarded.world)
    assert len({one["run"] for one in records}) == 3
    assert [one["kind"] for one in failed] == ["run", "run", "deployment", "step", "step", "step", "run"]
    [*done, last] = [one for one in failed if one["kind"] == "step"]
    assert [(one["step"], one["steps"], one["exit_code"]) for one in done] == [(1, 3, 0), (2, 3, 0)]
    assert (last["words"], last["exit_code"], last["operation"]) == ("pnpm build", 3, "promote")
    assert Path(last["output"]).read_text().splitlines()[1] == "no space left"
    assert (step["step"], step["exit_code"], step["run"]) == (3, 0, before["run"])

    text = guarded.world.run("log", "show", *PROD).stdout
    heads = [line.split()[0] for line in text.splitlines() if not line.startswith("     ")]
    assert heads == [str(first["number"]), "2-8", "9-13"]
    assert f"{guarded.before[:12]} → {guarded.release[:12]}" in text
    assert f"step 3/3    status 3       pnpm build\n           output    {last['output']}\n" in text
    newest = guarded.world.run("log", "show", *PROD, "--last", "1").stdout.splitlines()
    assert (newest[0].split()[0], len(newest)) == ("9-13", 6)
