"""`guardrails verify` from outside: one machine issues, another one accepts it, and its log says so."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from worlds.carried import NEXT, Carried, resigned
from worlds.small_world import write


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    """Two machines and a verdict for a promotion; tests leave them as they are."""
    pair = Carried(tmp_path_factory.mktemp("made"))
    pair.issued("--op", "promote", "--candidate", NEXT)
    return pair


def test_it_names_every_field_and_the_last_line_is_the_verdict(made: Carried) -> None:
    done = made.verify("--op", "promote", "--candidate", NEXT)
    assert (done.returncode, done.stderr) == (0, "")
    candidate = git(made.host.prod, "rev-parse", NEXT)
    assert f"✓ candidate commit  {candidate}" in done.stdout
    assert done.stdout.splitlines()[-1].startswith(
        f"ALLOW  promote of {candidate[:12]} in prod, issued by ci@example.org"
    )


def test_without_an_operation_it_says_what_it_is_for(made: Carried) -> None:
    assert made.verify().stdout.splitlines()[-1].startswith("ALLOW  promote of")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("--op", "start"), "moment"),
        (("--op", "promote", "--after"), "moment"),
        (("--candidate", "main"), "candidate commit"),
        (("--at", "2100-01-01T00:00:00Z"), "expiry"),
        (("--at", "2020-01-01T00:00:00Z"), "time"),
    ],
)
def test_what_differs_is_one_line(made: Carried, given: tuple[str, ...], field: str) -> None:
    done = made.verify(*given)
    assert (done.returncode, done.stderr) == (1, "")
    (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"✗ {field} ")]
    assert ", expected " in line
    assert field in done.stdout.splitlines()[-1].removeprefix("DENY  does not hold: ").split(", ")


def test_a_standing_verdict_is_for_no_candidate(made: Carried, tmp_path: Path) -> None:
    output = f"attestation:{tmp_path}/standing"
    done = made.ci.check("--env", "prod", "--output", output, "--key", made.signers.key("ci").path)
    assert done.returncode == 0
    assert made.verify(file=tmp_path / "standing").returncode == 0
    assert made.verify("--candidate", NEXT, file=tmp_path / "standing").returncode == 1
    assert made.verify("--op", "promote", "--candidate", NEXT, file=tmp_path / "standing").returncode == 1


def test_as_json(made: Carried) -> None:
    report = json.loads(made.verify("--format", "json").stdout)
    assert (report["verdict"], report["exit_code"], report["errors"]) == ("allow", 0, [])
    assert (report["moment"], report["signers"], report["host"]) == (
        "promote",
        ["ci@example.org"],
        os.uname().nodename,
    )
    assert all(field["holds"] for field in report["fields"])


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    "given",
    [
        ("--env", "nowhere"),
        ("--op", "nothing"),
        ("--after",),
        ("--config", "/none"),
        ("--config-ref", "main"),
        ("--at", "noon"),
    ],
)
def test_what_makes_no_sense_is_2(made: Carried, given: tuple[str, ...], form: str) -> None:
    done = made.verify(*given, "--format", form)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    if done.stdout:
        assert json.loads(done.stdout)["verdict"] == "deny"
    else:
        assert done.stderr.count("\n") == 1


def test_what_is_no_verdict_is_2_and_is_logged(made: Carried, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    cut = tmp_path / "cut"
    cut.write_bytes(made.verdict.read_bytes()[:-9])
    for path in (tmp_path / "none", tmp_path, tmp_path / "fifo", Path("/dev/zero"), cut):
        done = made.verify(file=path)
        assert (done.returncode, done.stdout.splitlines()[-1]) == (2, "DENY  could not decide"), done
        (record,) = json.loads(made.host.run("log", "show", "--env", "prod", "--last", "1", "--format", "json").stdout)
        assert (record["kind"], record["verdict"], record["exit_code"]) == ("verify", "deny", 2)
        assert record["errors"]


@pytest.mark.parametrize("name", ["::error::forged", "##[error]forged"])
def test_in_a_github_job_no_text_is_a_command(made: Carried, name: str) -> None:
    done = made.host.run("verify", name, "--env", "prod", env={"GITHUB_ACTIONS": "true"})
    assert done.returncode == 2
    assert not [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(name[:2])]
    assert "##[" not in done.stdout + done.stderr


def test_every_answer_is_in_the_log(made: Carried) -> None:
    made.verify()
    made.verify("--op", "start")
    told = json.loads(made.host.run("log", "show", "--env", "prod", "--last", "2", "--format", "json").stdout)
    assert [(one["kind"], one["verdict"], one["moment"]) for one in told] == [
        ("verify", "allow", "promote"),
        ("verify", "deny", "start"),
    ]
    assert told[0]["signers"] == ["ci@example.org"]
    assert told[0]["candidate"] == git(made.host.prod, "rev-parse", NEXT)
    assert told[1]["blocking"] == ["moment"]
    assert made.host.run("log", "verify", "--env", "prod").returncode == 0


def test_of_a_nonce_the_log_keeps_what_tells_two_verdicts_apart(made: Carried, tmp_path: Path) -> None:
    def lengthen(said: dict[str, Any]) -> None:
        said["predicate"]["guardrails"]["nonce"] = "0" * 65

    file = tmp_path / "long.json"
    file.write_bytes(resigned(made.verdict.read_bytes(), lengthen, made.signers))
    assert made.verify(file=file).returncode == 0
    (record,) = json.loads(made.host.run("log", "show", "--env", "prod", "--last", "1", "--format", "json").stdout)
    assert record["nonce"] == "0" * 64


def test_what_cannot_be_logged_is_not_allowed(tmp_path: Path) -> None:
    pair = Carried(tmp_path)
    pair.issued()
    write(pair.host.folder / "file", "")
    pair.host.configure('[audit]\npath = "file/audit.jsonl"\n')
    done = pair.verify()
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert json.loads(pair.verify("--format", "json").stdout)["verdict"] == "deny"


def test_nothing_of_the_repository_changes(made: Carried) -> None:
    before = {path: path.stat().st_mtime_ns for path in made.host.prod.rglob("*")}
    assert made.verify().returncode == 0
    assert {path: path.stat().st_mtime_ns for path in made.host.prod.rglob("*")} == before


def test_rules_from_a_trusted_ref_on_both_sides(tmp_path: Path) -> None:
    """The same rules, read from the same commit on two machines, have one digest, and the work tree decides nothing."""
    pair = Carried(tmp_path)
    for world in (pair.ci, pair.host):
        world.configuration.unlink()
        text = (
            '[environments.prod]\nrepo = "."\n[policies.clean-worktree]\n'
            '[trust]\nallowed_signers = "signers"\nrevoked = "revoked"\n'
        )
        world.configuration = write(world.prod / "guardrails.toml", text)
        write(world.prod / "signers", pair.signers.allowed.read_text())
        write(world.prod / "revoked", "# nobody yet\n")
        git(world.prod, "add", "-A")
        git(world.prod, "-c", "user.email=a@example.org", "commit", "-qm", "rules")
    assert git(pair.ci.prod, "rev-parse", "HEAD") == git(pair.host.prod, "rev-parse", "HEAD")
    assert pair.check("--config-ref", "main", cwd=pair.ci.prod).returncode == 0
    assert pair.verify("--config-ref", "main", cwd=pair.host.prod).returncode == 0
    assert pair.verify(cwd=pair.host.prod).returncode == 0
    write(pair.host.prod / "revoked", f"{pair.signers.public('ci')}\n")
    assert pair.verify("--config-ref", "main", cwd=pair.host.prod).returncode == 0
    assert "✗ signature" in pair.verify(cwd=pair.host.prod).stdout
