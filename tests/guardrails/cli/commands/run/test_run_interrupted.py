"""A run that fails, is interrupted or killed goes on where it was, or leads back; two at once do not happen."""

import json
import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from progress import code_of, come_true, elapsed, output_of
from worlds.guarded_world import PROMOTE, REFUSED, UNVERIFIED, GuardedWorld, no_permit
from worlds.small_world import RELEASE, left_over

MERGE = "git merge -q --ff-only {candidate}"
WAIT = 'sh -c \'echo $$ > "$PNPM_FAILS.pid"; touch "$PNPM_FAILS.waits"; exec sleep 60\''


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    return GuardedWorld(tmp_path)


def waiting(world: GuardedWorld) -> Path:
    return Path(f"{world.fails}.waits")


def killed_in_a_step(world: GuardedWorld) -> subprocess.Popen[str]:
    """Start the promotion, kill it while a step waits, and give what is left of it; the step lives on."""
    with world.start(*PROMOTE) as process:
        come_true(waiting(world).exists)
        come_true(lambda: world.journal()["running"] not in (0, process.pid), "the step that began is noted")
        process.kill()
        process.communicate()
    return process


def test_a_failed_step_is_mended_and_the_run_goes_on(world: GuardedWorld) -> None:
    world.fails.write_text("yes")
    done = world.run(*PROMOTE)

    assert done.returncode == 3
    lines = [line.removeprefix("guardrails: ") for line in done.stderr.splitlines()]
    assert "no space left" in done.stdout
    assert lines[-4:] == [
        f"its output is kept in {next((world.prod / '.git/guardrails/runs').iterdir())}/step-3.log",
        "step 3/3 failed: status 3",
        f"next: mend that, then `guardrails run promote --env prod --config {world.world.configuration} --resume`",
        f"or go back: `guardrails run rollback --env prod --config {world.world.configuration}`",
    ]
    assert world.head() == world.release
    refused = world.run("start", "--env", "prod", "--", "true")
    assert (refused.returncode, "promote is not finished (2 of 3 steps" in refused.stderr) == (REFUSED, True)
    world.fails.unlink()
    again = world.run("promote", "--env", "prod", "--resume")
    assert again.returncode == 0, again.stderr
    assert [line for line in again.stderr.splitlines() if "/3:" in line] == ["guardrails: step 3/3: pnpm build"]
    assert git(world.prod, "rev-list", "--count", "--first-parent", "refs/guardrails/deployments") == "3", (
        "recorded once"
    )
    assert world.run("promote", "--env", "prod", "--resume").returncode == REFUSED, "it is finished"


def test_a_step_is_seen_while_it_runs_and_kept_when_the_run_is_killed(world: GuardedWorld) -> None:
    world.steps(
        "promote", "sh -c 'echo before; until test -e \"$PNPM_FAILS.go\"; do sleep 0.1; done; echo after'", MERGE
    )
    with world.start(*PROMOTE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "before\n"
        come_true(lambda: world.journal()["running"] not in (0, process.pid))
        process.kill()
        assert process.stdout.read() == "", "nothing holds our output open"
    refused = world.run("promote", "--env", "prod", "--resume")
    assert (refused.returncode, "step-1.log; wait until it is over" in refused.stderr) == (REFUSED, True)
    Path(f"{world.fails}.go").touch()
    come_true(lambda: world.output(1) == "before\nafter\n")


def test_a_failed_release_leads_back(world: GuardedWorld) -> None:
    world.fails.write_text("yes")
    assert world.run(*PROMOTE).returncode == 3
    world.fails.unlink()
    plan = world.world.run("plan", "rollback", "--env", "prod", "--format", "json")
    assert json.loads(plan.stdout)["verdict"] == "allow"
    done = world.run("rollback", "--env", "prod")
    assert done.returncode == 0, done.stderr
    assert world.head() == world.before
    assert world.run("promote", "--env", "prod", "--resume").returncode == REFUSED, "that is over"


def test_a_rollback_that_is_typed_twice_goes_back_once(world: GuardedWorld) -> None:
    assert world.run(*PROMOTE).returncode == 0
    world.fails.write_text("yes")
    assert world.run("rollback", "--env", "prod").returncode == 3
    again = world.run("rollback", "--env", "prod")
    assert (again.returncode, "rollback is not finished" in again.stderr) == (REFUSED, True)
    assert world.head() == world.before
    world.fails.unlink()
    assert world.run("rollback", "--env", "prod", "--resume").returncode == 0


def test_a_step_that_never_moved_head_is_in_nobodys_way(world: GuardedWorld) -> None:
    world.steps("promote", "false", MERGE)
    assert world.run(*PROMOTE).returncode == 1
    assert world.head() == world.before
    assert world.run(*PROMOTE, "--", "git", "-C", str(world.prod), "merge", "-q", "{candidate}").returncode == 0


def test_resuming_where_somebody_else_has_been(world: GuardedWorld) -> None:
    world.fails.write_text("yes")
    assert world.run(*PROMOTE).returncode == 3
    git(world.prod, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "direct")
    before = snapshot(world.world.folder)
    done = world.run("promote", "--env", "prod", "--resume")
    assert done.returncode == REFUSED
    assert "HEAD is at" in done.stderr
    assert snapshot(world.world.folder) == before


def test_before_head_moves_resuming_checks_again(world: GuardedWorld) -> None:
    world.steps("promote", "sh -c 'test ! -e \"$PNPM_FAILS\"'", MERGE)
    world.fails.write_text("yes")
    assert world.run(*PROMOTE).returncode == 1
    world.fails.unlink()
    (world.prod / "dirt.txt").write_text("dirt\n")
    done = world.run("promote", "--env", "prod", "--resume")
    assert (done.returncode, "clean-worktree" in done.stderr) == (REFUSED, True)
    (world.prod / "dirt.txt").unlink()
    git(world.dev, "commit", "-q", "--allow-empty", "-m", "moved on")
    moved = world.run("promote", "--env", "prod", "--resume")
    assert moved.returncode == REFUSED
    git(world.dev, "reset", "-q", "--hard", world.release)
    assert world.run("promote", "--env", "prod", "--resume").returncode == 0
    assert world.head() == world.release


@pytest.mark.parametrize("moved", [True, False])
def test_killed_in_the_middle_of_a_step(world: GuardedWorld, *, moved: bool) -> None:
    gate = 'sh -c \'test -e "$PNPM_FAILS.go" || { touch "$PNPM_FAILS.waits"; exec sleep 60; }\''
    merged = f"sh -c 'git merge -q --ff-only $GUARDRAILS_CANDIDATE_ID; {gate[7:-1]}'"
    world.steps("promote", "true", merged if moved else gate, *(() if moved else (MERGE,)))
    process = killed_in_a_step(world)
    child = world.journal()["running"]
    assert world.head() == (world.release if moved else world.before)
    refused = world.run("promote", "--env", "prod", "--resume")
    assert (refused.returncode, f"still runs as process {child}" in refused.stderr) == (REFUSED, True)
    os.kill(child, signal.SIGKILL)
    Path(f"{world.fails}.go").touch()
    come_true(lambda: left_over(process.pid, within=0) == [])
    done = world.run("promote", "--env", "prod", "--resume")

    assert done.returncode == 0, done.stderr
    assert "step 1/" not in done.stderr
    assert world.head() == world.release
    assert no_permit(world.prod)
    assert git(world.prod, "rev-list", "--count", "--first-parent", "refs/guardrails/deployments") == "3", (
        "recorded once"
    )


def test_killed_after_the_move_leads_back(world: GuardedWorld) -> None:
    world.steps("promote", f"sh -c 'git merge -q --ff-only $GUARDRAILS_CANDIDATE_ID; {WAIT[7:-1]}'")
    killed_in_a_step(world)
    os.kill(world.journal()["running"], signal.SIGKILL)
    done = world.run("rollback", "--env", "prod")
    assert done.returncode == 0, done.stderr
    assert world.head() == world.before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_go_to_the_command(world: GuardedWorld, number: signal.Signals) -> None:
    catch = f'trap "echo caught > {world.folder}/caught; exit 9" TERM HUP INT; touch {waiting(world)}; '
    catch += "while :; do sleep 0.05; done"
    with world.start(*PROMOTE, "--", "sh", "-c", catch) as process:
        come_true(waiting(world).exists)
        process.send_signal(number)
        _, err = output_of(process)
    assert process.returncode == 9, err
    assert (world.folder / "caught").exists()
    assert no_permit(world.prod)
    assert left_over(process.pid) == []


def test_a_step_ended_by_a_signal(world: GuardedWorld) -> None:
    world.steps("promote", MERGE, WAIT, "pnpm build")
    with world.start(*PROMOTE) as process:
        come_true(waiting(world).exists)
        process.send_signal(signal.SIGTERM)
        _, err = output_of(process)
    assert process.returncode == 143, err
    assert "step 3/3" not in err
    assert "--resume" in err
    assert world.journal()["done"] == 1


def test_a_step_that_takes_no_notice_is_the_last(world: GuardedWorld) -> None:
    stubborn = f"sh -c 'trap : TERM; touch {waiting(world)}; sleep 0.5; sleep 0.5; exit 0'"
    world.steps("promote", MERGE, stubborn, "pnpm build")
    with world.start(*PROMOTE) as process:
        come_true(waiting(world).exists)
        process.send_signal(signal.SIGTERM)
        _, err = output_of(process)
    assert process.returncode == 143, err
    assert "step 3/3" not in err
    done = world.run("promote", "--env", "prod", "--resume")
    assert done.returncode == 0, done.stderr


def test_ctrl_c_at_a_terminal_reaches_the_command_once(world: GuardedWorld) -> None:
    counts = f'trap "echo x >> {world.folder}/count" INT; touch {waiting(world)}; sleep 1; sleep 1; exit 5'
    main, side = pty.openpty()
    environment = world.world.environment(**world.environment())
    arguments = ["guardrails", "run", *PROMOTE, "--", "sh", "-c", counts]
    code = "import os, sys, fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    code += "os.execv(sys.executable, [sys.executable, '-P', '-m', *sys.argv[1:]])"
    with subprocess.Popen(
        [world.world.python, "-c", code, *arguments],
        cwd=world.world.folder,
        env=environment,
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
    ) as process:
        come_true(waiting(world).exists)
        os.write(main, b"\x03")
        assert code_of(process) == 5
    os.close(side)
    os.close(main)
    assert (world.folder / "count").read_text() == "x\n"


def test_two_at_once(world: GuardedWorld) -> None:
    go = world.folder / "go"
    wait = f"touch {waiting(world)}; while [ ! -e {go} ]; do sleep 0.05; done; "
    with world.start(
        *PROMOTE, "--", "sh", "-c", f"{wait} git -C {world.prod} merge -q --ff-only {{candidate}}"
    ) as first:
        come_true(waiting(world).exists)
        began = time.monotonic()
        second = world.run(*PROMOTE, "--", "touch", str(world.folder / "ran"))
        assert second.returncode == REFUSED
        assert f"process {first.pid}, promote in prod" in second.stderr
        assert time.monotonic() - began > 4
        assert elapsed(began) < 20
        with world.start("update", "--env", "prod") as third:
            time.sleep(0.5)
            go.touch()
            assert code_of(first) == 0
            _, err = output_of(third)
    assert not (world.folder / "ran").exists()
    assert third.returncode == REFUSED, "an update would un-deploy what the first one brought"
    assert "reset-loses-nothing" in err


def test_a_repository_that_cannot_be_written_to(world: GuardedWorld) -> None:
    (world.prod / ".git/guardrails").write_text("in the way\n")
    done = world.run(*PROMOTE, "--", "touch", str(world.folder / "ran"))
    assert done.returncode == REFUSED
    assert not (world.folder / "ran").exists()


def test_a_journal_that_makes_no_sense(world: GuardedWorld) -> None:
    world.fails.write_text("yes")
    assert world.run(*PROMOTE).returncode == 3
    (journal,) = (world.prod / ".git/guardrails/runs").glob("*/journal.json")
    journal.write_text("{")
    for arguments in (("promote", "--env", "prod", "--resume"), ("rollback", "--env", "prod")):
        done = world.run(*arguments)
        assert (done.returncode, "Traceback" in done.stderr) == (REFUSED, False)


def test_a_step_that_makes_head_unreadable(world: GuardedWorld) -> None:
    world.steps("promote", "sh -c 'echo nonsense > .git/HEAD'")
    done = world.run(*PROMOTE)
    assert done.returncode == UNVERIFIED
    assert "Traceback" not in done.stderr
    assert RELEASE not in git(world.dev, "status", "--porcelain")


def test_a_journal_that_is_gone_in_the_middle(world: GuardedWorld) -> None:
    world.steps("promote", MERGE, "sh -c 'sleep 0.5; rm -r .git/guardrails; echo > .git/guardrails'", "touch ran")
    done = world.run(*PROMOTE)
    assert (done.returncode, "Traceback" in done.stderr) == (UNVERIFIED, False), done.stderr
    assert "cannot be told or noted" in done.stderr
    assert not (world.prod / "ran").exists()


def test_a_terminal_that_is_lost(world: GuardedWorld) -> None:
    main, side = pty.openpty()
    code = "import os, sys, fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    code += "os.execv(sys.executable, [sys.executable, '-P', '-m', *sys.argv[1:]])"
    world.steps("promote", MERGE, WAIT, "pnpm build")
    with subprocess.Popen(
        [world.world.python, "-c", code, "guardrails", "run", *PROMOTE],
        cwd=world.world.folder,
        env=world.world.environment(**world.environment()),
        stdin=side,
        stdout=side,
        stderr=side,
        start_new_session=True,
    ) as process:
        os.close(side)
        come_true(waiting(world).exists)
        os.close(main)
        assert code_of(process) == 128 + signal.SIGHUP
    assert world.journal()["done"] == 1
    assert left_over(process.pid) == []
