"""`guardrails run` from outside: what it refuses, what the command gets, the exit codes, and the way back."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from privileges import small_disk
from progress import code_of, output_of
from worlds.guarded_world import PROMOTE, REFUSED, UNVERIFIED, GuardedWorld, no_permit
from worlds.small_world import RELEASE, ROOT


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    return GuardedWorld(tmp_path)


def test_a_release_and_the_way_back(world: GuardedWorld) -> None:
    done = world.run(*PROMOTE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("pnpm install\npnpm build\n"), "standard output is the steps' own"
    assert world.head() == world.release
    assert [line for line in done.stderr.splitlines() if "step " in line] == [
        f"guardrails: step 1/3: git merge --ff-only --no-overwrite-ignore {world.release}",
        "guardrails: step 2/3: pnpm install",
        "guardrails: step 3/3: pnpm build",
    ]
    assert done.stderr.splitlines()[-1] == "guardrails: promote in prod is done, and verified"
    assert world.output(3) == "pnpm build\n"
    assert "refs/attestations/" in git(world.prod, "for-each-ref", "refs/attestations")
    assert "refs/signoffs/" in git(world.prod, "for-each-ref", "refs/signoffs")
    assert git(world.prod, "for-each-ref", "refs/heads", "--format=%(refname)") == "refs/heads/main"
    assert not (world.prod / ".git/FETCH_HEAD").exists()
    assert no_permit(world.prod)

    back = world.run("rollback", "--env", "prod")
    assert back.returncode == 0, back.stderr
    assert world.head() == world.before
    again = world.run("rollback", "--env", "prod")
    assert again.returncode == REFUSED, "there is nothing further back, and forward is no way back"
    assert world.head() == world.before


def test_what_is_refused_changes_nothing(world: GuardedWorld) -> None:
    (world.prod / "src/gateway.ts").write_text("export const port = 1;\n")
    before = snapshot(world.world.folder)
    done = world.run(*PROMOTE, "--", "touch", str(world.folder / "ran"))

    assert (done.returncode, done.stdout) == (REFUSED, "")
    assert "clean-worktree" in done.stderr
    assert "nothing was run" in done.stderr
    assert snapshot(world.world.folder) == before
    assert not (world.folder / "ran").exists()


NONSENSE = (
    (),
    ("promte", "--env", "prod", "--", "touch", "ran"),
    ("promote", "--env", "nowhere", "--", "touch", "ran"),
    ("promote", "--env", "dev", "--", "touch", "ran"),
    ("promote", "--env", "prod", "--", "touch", "ran"),
    ("promote", "--env", "prod", "--candidate", "nothing", "--", "touch", "ran"),
    ("start", "--env", "prod"),
    ("start", "--env", "prod", "--"),
    ("start", "--env", "prod", "--", ""),
    ("start", "--env", "prod", "--", "touch", "ran", "{candidate}"),
    ("nothing", "--env", "prod", "--", "touch", "ran"),
    ("rollback", "--env", "prod", "--", "touch", "ran"),
    ("start", "--env", "prod", "--resume"),
    (*PROMOTE, "--at", "2026-02-01T10:00:00Z", "--", "touch", "ran"),
    (*PROMOTE, "--policy", "clean-worktree", "--", "touch", "ran"),
    (*PROMOTE, "--skip", "clean-worktree", "--", "touch", "ran"),
    (*PROMOTE, "--resume", "--", "touch", "ran"),
    (*PROMOTE, "touch", "ran"),
    (*PROMOTE, "--timeout", "never", "--", "touch", "ran"),
)


def test_a_request_that_makes_no_sense(world: GuardedWorld) -> None:
    world.world.configure("[operations.nothing]\n")
    before = snapshot(world.world.folder)
    for arguments in NONSENSE:
        done = world.run(*arguments)

        assert (done.returncode, done.stdout) == (REFUSED, ""), arguments
        assert "guardrails: " in done.stderr
        assert "Traceback" not in done.stderr
        assert snapshot(world.world.folder) == before


def test_what_the_command_gets(world: GuardedWorld) -> None:
    said = str(world.folder / "said")
    say = f"import json, os, sys; json.dump([sys.argv[1:], dict(os.environ), os.getcwd()], open({said!r}, 'w'))"
    words = ("{candidate}", "x{previous}", "{upstream}", "{state_dir}", "{other}", "--", "-x", "$HOME", "")
    elsewhere: dict[str, str | None] = {
        "OPENCLAW_STATE_DIR": "/elsewhere",
        "GIT_DIR": "/nowhere",
        "GUARDRAILS_PERMIT": "stolen",
    }
    merge = f'git -C {shlex.quote(str(world.prod))} merge -q --ff-only $GUARDRAILS_CANDIDATE_ID && exec "$@"'
    command = ("sh", "-c", merge, "sh", "python3", "-c", say, *words)
    done = world.run(*PROMOTE, "--", *command, env=elsewhere, cwd=world.dev)

    assert done.returncode == 0, done.stderr
    given, variables, folder = json.loads(Path(said).read_text())
    state = str(world.world.prod_state)
    assert given == [world.release, f"x{world.before}", world.before, state, "{other}", "--", "-x", "$HOME", ""]
    assert variables["GUARDRAILS_CANDIDATE_ID"] == world.release
    assert variables["GUARDRAILS_PREVIOUS_ID"] == variables["GUARDRAILS_UPSTREAM_ID"] == world.before
    assert variables["OPENCLAW_STATE_DIR"] == state
    assert variables["GUARDRAILS_PERMIT"] != "stolen"
    assert "GIT_DIR" not in variables
    assert folder == str(world.dev)
    assert "OPENCLAW_STATE_DIR was inherited with another value" in done.stderr
    assert "/elsewhere" not in done.stderr


ENDINGS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("sh", "-c", "exit 7"), 7),
    (("no-such-program",), 127),
    (("/etc/passwd",), 126),
    (("sh", "-c", "kill -TERM $$"), 143),
    (("sh", "-c", "kill -9 $$"), 137),
    (("true",), UNVERIFIED),
    (("git", "-C", "{repo}", "merge", "-q", "--ff-only", "{candidate}"), 0),
)


def test_exit_codes(world: GuardedWorld) -> None:
    world.only("fast-forward-only")
    for command, code in ENDINGS:
        done = world.run(*PROMOTE, "--", *command)

        assert done.returncode == code, (command, done.stderr)
        assert world.head() == (world.release if code == 0 else world.before)
        assert no_permit(world.prod)


def test_output_and_input_are_the_commands_own(world: GuardedWorld) -> None:
    merge = f"git -C {shlex.quote(str(world.prod))} merge -q --ff-only {{candidate}}"
    with world.start(*PROMOTE, "--", "sh", "-c", f"{merge}; cat; echo oops >&2", stdin=-1) as process:
        out, err = output_of(process, "typed\n")

    assert (process.returncode, out) == (0, "typed\n")
    assert "oops\n" in err


def test_a_check_afterwards_that_fails(world: GuardedWorld) -> None:
    (world.upstream / "new.txt").write_text("new\n")
    git(world.upstream, "add", "-A")
    git(world.upstream, "commit", "-qm", "new")
    git(world.prod, "fetch", "-q", "upstream")
    world.steps("update", "git reset -q --hard {upstream}", "sh -c 'echo dirt > dirt.txt'")
    done = world.run("update", "--env", "prod")

    assert done.returncode == UNVERIFIED, done.stderr
    assert "clean-worktree" in done.stderr
    assert "or go back: `guardrails run rollback --env prod --config " in done.stderr
    (world.prod / "dirt.txt").unlink()
    assert world.run("update", "--env", "prod", "--resume").returncode == 0


def test_head_somewhere_else_than_it_must_be(world: GuardedWorld) -> None:
    sneaky = f"git -C {shlex.quote(str(world.prod))} merge -q --ff-only {{candidate}}; "
    sneaky += f"git -C {shlex.quote(str(world.prod))} -c user.name=x -c user.email=x commit -q --allow-empty -m sneaky"
    done = world.run(*PROMOTE, "--", "sh", "-c", sneaky)

    assert done.returncode == UNVERIFIED
    assert "which is not" in done.stderr
    assert git(world.prod, "for-each-ref", "refs/guardrails/deployments") == "", "nobody deployed that commit"


OTHER_STATES = (
    ("env", "OPENCLAW_STATE_DIR={dev}", "touch", "ran"),
    ("env", "-u", "OPENCLAW_STATE_DIR", "touch", "ran"),
    ("env", "--unset=OPENCLAW_STATE_DIR", "touch", "ran"),
    ("/usr/bin/env", "-i", "touch", "ran"),
    ("sh", "-c", "OPENCLAW_STATE_DIR={dev} openclaw gateway; touch ran"),
    ("sh", "-c", "unset OPENCLAW_STATE_DIR; touch ran"),
    ("env", "OPENCLAW_STATE_DIR=", "openclaw", "gateway", "run"),
    ("openclaw", "--dev", "gateway", "run"),
    ("openclaw", "--profile", "other", "gateway"),
    ("openclaw", "--profile=other", "gateway", "start"),
    ("sh", "-c", "exec openclaw --dev gateway"),
)


def test_a_start_on_another_state_is_refused(world: GuardedWorld) -> None:
    before = snapshot(world.world.folder)
    for command in OTHER_STATES:
        words = [word.replace("{dev}", str(world.world.dev_state)) for word in command]
        done = world.run("start", "--env", "prod", "--", *words)

        assert done.returncode == REFUSED, command
        assert snapshot(world.world.folder) == before


def test_a_start_on_its_own_state(world: GuardedWorld) -> None:
    done = world.run("start", "--env", "prod", "--", "env", "OPENCLAW_STATE_DIR={state_dir}", "true")
    assert done.returncode == 0, done.stderr
    same = f"OPENCLAW_STATE_DIR={world.world.prod_state}/"
    done = world.run("start", "--env", "prod", "--", "env", same, "printenv", "OPENCLAW_STATE_DIR")

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().rstrip("/") == str(world.world.prod_state)


def test_a_fetch_by_a_step_is_noted(world: GuardedWorld) -> None:
    world.steps("update", "git fetch -q upstream", "git reset -q --hard {upstream}")
    assert world.run("update", "--env", "prod").returncode == 0
    noted = json.loads(git(world.prod, "cat-file", "blob", "refs/guardrails/fetched"))
    assert noted["upstream/main"]["commit"] == world.before
    assert noted["upstream/main"]["at"].endswith("Z")


def test_hostile_words_stay_words(world: GuardedWorld) -> None:
    name = "release/$(touch${IFS}ran);`touch${IFS}ran`|&x"
    git(world.dev, "branch", name)
    world.steps("promote", "git merge -q --ff-only {candidate}", "printf %s '{candidate};touch ran' '$(touch ran)'")
    done = world.run("promote", "--env", "prod", "--candidate", name)

    assert done.returncode == 0, done.stderr
    assert world.output(2) == f"{world.release};touch ran$(touch ran)"
    assert not list(world.world.folder.rglob("ran"))


def test_a_command_that_speaks_in_control_characters(world: GuardedWorld) -> None:
    world.steps("update", "sh -c \"printf '\\033[31mred --token abcdefgh12345\\n'; exit 4\"")
    done = world.run("update", "--env", "prod")
    assert done.returncode == 4
    assert done.stdout == "\x1b[31mred --token ***\n", "it is the command's own output, but for secrets"
    assert "\x1b" not in done.stderr
    assert f"its output is kept in {world.prod}/.git/guardrails/runs/" in done.stderr


def test_a_closed_standard_error_stops_no_step(world: GuardedWorld) -> None:
    read, written = os.pipe()
    os.close(read)
    with world.start(*PROMOTE, stderr=written) as process:
        os.close(written)
        assert code_of(process) == 0
    assert world.head() == world.release


def test_the_candidate_comes_by_its_full_id_too(world: GuardedWorld) -> None:
    git(world.dev, "checkout", "-q", "--detach")
    done = world.run("promote", "--env", "prod", "--candidate", world.release)
    assert done.returncode == 0, done.stderr
    assert RELEASE not in git(world.prod, "for-each-ref")


def test_steps_that_cannot_be_read(world: GuardedWorld) -> None:
    for number, step in enumerate(("git merge 'open", "", "  ", "''", "merge {candidate", "echo \\")):
        world.only("fast-forward-only")
        text = world.world.configuration.read_text()
        world.world.configuration.write_text(
            text.replace('steps = ["git merge -q --ff-only {candidate}"]', f"steps = {json.dumps(['touch ran', step])}")
        )
        before = snapshot(world.world.folder)
        done = world.run(*PROMOTE)
        if step == "merge {candidate":  # a word like any other, and no command: found when its turn comes
            assert (done.returncode, (world.prod / "ran").exists()) == (127, True)
            (world.prod / "ran").unlink()
        else:
            assert (done.returncode, "Traceback" in done.stderr) == (REFUSED, False), (number, done.stderr)
            assert snapshot(world.world.folder) == before


def test_a_variable_that_has_no_value(world: GuardedWorld) -> None:
    world.only("fast-forward-only")
    text = world.world.configuration.read_text()
    world.world.configuration.write_text(text.replace('branch = "main"', 'variables = { X = "{service}" }'))
    done = world.run(*PROMOTE, "--", "touch", "ran")
    assert done.returncode == REFUSED
    assert "prod has no service" in done.stderr


def test_a_value_that_looks_like_a_pin_is_not_read_again(tmp_path: Path) -> None:
    world = GuardedWorld(tmp_path / "{candidate} {previous};$(touch ran)")
    done = world.run("start", "--env", "prod", "--", "printf", "%s", "{state_dir}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == str(world.world.prod_state)


_HOOK = """#!{python}
import os, subprocess, sys
sys.path.insert(0, {root!r})
from guardrails.operations.guarded_run.permits import allows_move

def ask(*words):
    return subprocess.run(["git", "rev-parse", *words], capture_output=True, text=True).stdout.strip()

lines = [line.split() for line in sys.stdin]
for old, new, ref in lines if sys.argv[1] == "prepared" else ():
    if ref == "refs/heads/main":
        now, nonce = ask(ref), os.environ.get("GUARDRAILS_PERMIT", "")
        if new != now and not allows_move(ask("--absolute-git-dir"), nonce, ref, now, new):
            sys.exit("no permission")
"""


def test_a_hook_lets_the_step_move_the_branch_and_nothing_else(world: GuardedWorld) -> None:
    hook = world.prod / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(_HOOK.format(python=sys.executable, root=str(ROOT)))
    hook.chmod(0o755)
    direct = ["git", "-C", str(world.prod), "-c", "user.name=x", "-c", "user.email=x", "commit", "--allow-empty", "-mx"]
    refused = subprocess.run(direct, capture_output=True, text=True, check=False)
    assert (refused.returncode, "no permission" in refused.stderr) == (128, True)
    permit = world.prod.parent / "permit"
    world.steps("promote", f"sh -c 'echo $GUARDRAILS_PERMIT > {permit}'", "git merge -q --ff-only {candidate}")
    done = world.run(*PROMOTE)
    assert done.returncode == 0, done.stderr
    assert world.head() == world.release
    replayed = {**os.environ, "GUARDRAILS_PERMIT": permit.read_text().strip()}
    assert len(replayed["GUARDRAILS_PERMIT"]) == 64
    back = ["git", "-C", str(world.prod), "update-ref", "refs/heads/main", world.before]
    assert subprocess.run(back, env=replayed, capture_output=True, check=False).returncode == 128
    assert world.run("rollback", "--env", "prod").returncode == 0
    assert world.head() == world.before


def test_a_full_disk_of_the_audit_log_allows_nothing(world: GuardedWorld, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        world.world.configure(f'[audit]\npath = "{disk}/audit.jsonl"\n')
        (disk / "full").write_bytes(b"x" * 65536)
        before = snapshot(world.world.folder)
        done = world.run(*PROMOTE)

        assert (done.returncode, done.stdout) == (REFUSED, "")
        assert "audit.jsonl cannot be written: No space left on device" in done.stderr
        assert snapshot(world.world.folder) == before
        (disk / "full").unlink()
        assert world.run(*PROMOTE).returncode == 0, "and with space again it is allowed"


def test_steps_that_nobody_approved_do_not_run(world: GuardedWorld) -> None:
    world.world.configure('[operations.promote]\nsteps = ["git merge --ff-only {candidate}", "touch added"]\n')
    done = world.run(*PROMOTE)
    assert (done.returncode, world.head()) == (REFUSED, world.before)
    assert "it approves another plan (steps or operation have changed)" in done.stdout + done.stderr
    assert not (world.prod / "added").exists()
    world.world.sign_off()
    assert world.run(*PROMOTE).returncode == 0
    assert world.head() == world.release
