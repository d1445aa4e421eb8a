"""A verdict that others act on is asked in full, of now, and signed; whatever goes wrong, none is left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from worlds.carried import NEXT, Carried, payload_in
from worlds.small_world import write

OLD = "an older verdict\n"


@pytest.fixture
def made(tmp_path: Path) -> Carried:
    pair = Carried(tmp_path)
    pair.verdict.write_text(OLD)
    return pair


@pytest.mark.parametrize(
    ("narrowed", "says"),
    [
        (("--policy", "clean-worktree"), "never narrowed"),
        (("--skip", "clean-worktree"), "never narrowed"),
        (("--at", "2026-02-01T10:00:00Z"), "is of now"),
        (("--at", "1970-01-01T00:00:00Z"), "is of now"),
        (("--op", "promote", "--updates", "lines"), "where it happens"),
    ],
)
def test_it_is_asked_in_full_and_of_now(made: Carried, narrowed: tuple[str, ...], says: str) -> None:
    done = made.check(*narrowed)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert says in done.stderr
    assert made.verdict.read_text() == ""


def test_a_refusal_makes_no_file(made: Carried) -> None:
    made.verdict.unlink()
    assert made.check("--skip", "clean-worktree").returncode == 2
    assert not made.verdict.exists()


def test_a_key_is_for_a_verdict_that_is_carried(made: Carried) -> None:
    done = made.ci.check("--env", "prod", "--key", made.signers.key("ci").path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "add --output attestation:PATH" in done.stderr
    assert made.ci.check("--env", "prod", env={"GUARDRAILS_KEY": "/none"}).returncode == 0


def test_the_variable_stands_for_the_key(made: Carried) -> None:
    assert made.check(key=None, env={"GUARDRAILS_KEY": made.signers.key("ci").path}).returncode == 0
    assert made.verify().returncode == 0


@pytest.mark.parametrize("key", [None, "/none"])
def test_what_cannot_be_signed_is_undecided(made: Carried, key: str | None) -> None:
    """The other reports are written anew."""
    report = made.folder / "report.json"
    done = made.check("--output", f"json:{report}", key=None, env={"GUARDRAILS_KEY": key})
    assert done.returncode == 2
    assert f"--output {made.verdict} cannot be written: " in done.stderr
    assert json.loads(report.read_text())["verdict"] == "deny"
    assert made.verdict.read_text() == ""
    (record,) = json.loads(made.ci.run("log", "show", "--env", "prod", "--last", "1", "--format", "json").stdout)
    assert record["verdict"] == "deny"


def test_no_key_of_a_phrase_waits_for_it(made: Carried) -> None:
    path = made.folder / "locked"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "a long phrase", "-C", "", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin"})
    assert made.check("--key", str(path), key=None).returncode == 2


def test_a_place_that_cannot_be_written(made: Carried) -> None:
    made.verdict.unlink()
    made.verdict.mkdir()
    done = made.check()
    assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "DENY  could not decide: 1 pass")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_another_place_that_cannot_be_written(made: Carried) -> None:
    assert made.check("--output", "json:/dev/full").returncode == 2
    assert payload_in(made.verdict.read_bytes())["predicate"]["verificationResult"] == "FAILED"
    assert made.verify().returncode == 1


@pytest.mark.parametrize("line", [">/dev/full", "| { exec <&-; sleep 0.1; }", ">&-"])
def test_a_verdict_that_nobody_was_told_is_none(made: Carried, line: str) -> None:
    command = f"{sys.executable} -m guardrails check --env prod --verbose --output attestation:{made.verdict} {line}"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=made.ci.folder,
        env=made.ci.environment(GUARDRAILS_KEY=made.signers.key("ci").path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {2, 141}
    assert made.verify().returncode == 2
    assert made.verdict.read_text() in {"", OLD}  # the older one is from before the check was even asked


def test_what_cannot_be_logged_is_not_issued(made: Carried) -> None:
    write(made.ci.folder / "file", "")
    made.ci.configure('[audit]\npath = "file/audit.jsonl"\n')
    assert made.check().returncode == 2
    assert payload_in(made.verdict.read_bytes())["predicate"]["verificationResult"] == "FAILED"


def test_an_older_verdict_does_not_outlive_a_refusal(made: Carried) -> None:
    assert made.check("--op", "nothing").returncode == 2
    assert made.verdict.read_text() == ""


def test_an_older_verdict_does_not_outlive_an_interruption(made: Carried) -> None:
    command = write(made.folder / "slow", "#!/bin/sh\nsleep 30\n")
    command.chmod(0o755)
    made.ci.configure(f'[policies.slow]\nuse = "healthy-command"\ncommand = "{command}"\n')
    with made.ci.start("check", "--env", "prod", "--output", f"attestation:{made.verdict}") as process:
        time.sleep(1)
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 128 + signal.SIGTERM
    assert made.verdict.read_text() == ""


def test_a_deny_is_carried_as_one(made: Carried) -> None:
    write(made.ci.prod / "README.md", "an edit\n")
    assert made.check().returncode == 1
    predicate = payload_in(made.verdict.read_bytes())["predicate"]
    assert (predicate["verificationResult"], predicate["verifiedLevels"]) == ("FAILED", ["FAILED"])
    assert made.verify().returncode == 1


def test_the_private_key_shows_nowhere(made: Carried) -> None:
    lines = Path(made.signers.key("ci").path).read_text().splitlines()[1:-1]
    done = made.check("--op", "promote", "--candidate", NEXT)
    told = done.stdout + done.stderr + made.verdict.read_text() + made.verify().stdout
    told += "".join(path.read_text() for path in made.folder.rglob("audit.jsonl"))
    assert [line for line in lines if line in told] == []


def test_no_program_of_the_repository_signs_or_verifies(made: Carried) -> None:
    canary = made.folder / "ran"
    evil = write(made.folder / "evil", f"#!/bin/sh\necho ran >> {canary}\nexit 0\n")
    evil.chmod(0o755)
    for world in (made.ci, made.host):
        for name in ("gpg.ssh.program", "gpg.program", "gpg.x509.program", "gpg.ssh.defaultKeyCommand"):
            git(world.prod, "config", name, str(evil))
        git(world.prod, "config", "gpg.format", "ssh")
        git(world.prod, "config", "gpg.ssh.allowedSignersFile", str(evil))
    made.issued("--op", "promote", "--candidate", NEXT)
    assert made.verify().returncode == 0
    assert not canary.exists()
