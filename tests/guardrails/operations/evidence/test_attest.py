"""A command is recorded only when what it ran on is exactly a commit, before and after."""

import os
import sys
import time
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.evidence import RecordedRun, RecordedRuns
from guardrails.model import Trust
from guardrails.operations.evidence.attest import Attested, attest
from guardrails.testing import gather, world
from worlds.two_repositories import Repositories

PASSING = '<testsuite><testcase name="a"/></testsuite>'
FAILING = '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'


@pytest.fixture
def repositories(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def attested(repositories: Repositories, *command: str, **rest: object) -> Attested:
    junit = str(rest.pop("junit", ""))
    return attest(world(repositories.dev, state_dir="/state", **rest), "test", command, junit=junit)


def recorded(repositories: Repositories) -> tuple[RecordedRun, ...]:
    return gather(RecordedRuns, world(repositories.dev, operation="release", at=time.time() + 1)).runs


def test_a_success_is_recorded_for_the_tree(repositories: Repositories) -> None:
    done = attested(repositories, "sh", "-c", "exit 0")

    [run] = recorded(repositories)
    assert (done.code, done.ref) == (0, run.ref)
    assert (run.name, run.command, run.result, run.tests) == ("test", ("sh", "-c", "exit 0"), "PASSED", None)


def test_where_only_signed_records_count_an_unsigned_one_says_that_it_does_not(repositories: Repositories) -> None:
    trust = Trust(str(repositories.folder / "allowed_signers"))
    assert "nobody signed it, so it does not count" in attested(repositories, "true", trust=trust).says
    assert "count" not in attested(repositories, "true").says


def test_a_failure_is_recorded_too(repositories: Repositories) -> None:
    assert attested(repositories, "sh", "-c", "exit 3").code == 3
    assert [run.result for run in recorded(repositories)] == ["FAILED"]


def test_it_runs_in_the_repository_with_the_variables_of_the_environment(repositories: Repositories) -> None:
    script = f'test "$STATE" = /state && test "$(pwd -P)" = {repositories.dev.resolve()}'

    assert attested(repositories, "sh", "-c", script, variables={"STATE": "{state_dir}"}).code == 0


@pytest.mark.parametrize("spoil", ["echo x > first.txt", "echo x > new.txt", "git commit -q --allow-empty -m more"])
def test_what_is_not_committed_before_or_after_is_not_recorded(repositories: Repositories, spoil: str) -> None:
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.org")):
        git(repositories.dev, "config", name, value)

    done = attested(repositories, "sh", "-c", spoil)
    assert (done.code, done.ref) == (125, "")
    if "commit" not in spoil:
        assert "holds more than its commit" in done.says
        assert attested(repositories, "sh", "-c", f"touch {repositories.folder}/ran").code == 125
        assert not (repositories.folder / "ran").exists()
    assert recorded(repositories) == ()


@pytest.mark.parametrize("hidden", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_was_told_not_to_look_at_is_looked_at(repositories: Repositories, hidden: str) -> None:
    git(repositories.dev, "update-index", hidden, "first.txt")
    (repositories.dev / "first.txt").write_text("edited\n")
    assert git(repositories.dev, "status", "--porcelain") == ""

    done = attested(repositories, "sh", "-c", f"touch {repositories.folder}/ran")
    assert (done.code, done.ref, "first.txt" in done.says) == (125, "", True)
    assert not (repositories.folder / "ran").exists()


@pytest.mark.parametrize("hidden", ["--assume-unchanged", "--skip-worktree"])
def test_a_command_that_hides_what_it_edits_is_seen(repositories: Repositories, hidden: str) -> None:
    done = attested(repositories, "sh", "-c", f"git update-index {hidden} first.txt && echo edited > first.txt")

    assert (done.code, done.ref, "after the run" in done.says) == (125, "", True)
    assert recorded(repositories) == ()


@pytest.mark.parametrize("name", ["", "a/b", "-x", "a b"])
def test_a_name_that_no_record_can_have_is_refused_before_the_run(repositories: Repositories, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a run"):
        attest(world(repositories.dev, state_dir="/state"), name, ["touch", f"{repositories.folder}/ran"])
    assert not (repositories.folder / "ran").exists()


def test_what_is_being_done_is_told(repositories: Repositories) -> None:
    told: list[str] = []
    attest(world(repositories.dev, state_dir="/state"), "test", ["true"], tell=told.append)

    assert told == [
        f"looking whether {repositories.dev} holds its commit and nothing else",
        f"running `true` on the tree {git(repositories.dev, 'rev-parse', 'HEAD^{tree}')}",
        "looking whether it still does",
    ]


def test_what_git_ignores_may_come(repositories: Repositories) -> None:
    assert attested(repositories, "sh", "-c", "echo built > out.log").code == 0


@pytest.mark.parametrize(
    ("report", "code", "results"),
    [
        (PASSING, 0, [("PASSED", 1)]),
        (FAILING, 1, [("FAILED", 2)]),
        ('<testsuite errors="1" tests="0"/>', 1, [("FAILED", 0)]),
        ('<testsuite tests="2"><testcase/></testsuite>', 125, []),
        ("<testsuite/>", 125, []),
        ("", 125, []),
    ],
)
def test_a_report_says_more_than_an_exit_code(
    repositories: Repositories, report: str, code: int, results: list[tuple[str, int]]
) -> None:
    write = [sys.executable, "-c", f"open('report.log', 'w').write({report!r})"]

    assert attested(repositories, *write, junit="report.log").code == code
    assert [(run.result, run.tests) for run in recorded(repositories)] == results


def test_a_report_that_was_there_before_does_not_count(repositories: Repositories) -> None:
    (repositories.dev / "report.log").write_text(PASSING)
    os.utime(repositories.dev / "report.log", (1, 1))
    done = attested(repositories, "true", junit="report.log")

    assert (done.code, recorded(repositories)) == (125, ())
    assert "older than the run" in done.says


def test_a_report_that_is_written_again_as_it_was_counts(repositories: Repositories) -> None:
    write = [sys.executable, "-c", f"open('report.log', 'w').write({PASSING!r})"]
    for _ in range(2):
        assert attested(repositories, *write, junit="report.log").code == 0


@pytest.mark.parametrize("report", ["", "<html/>", None])
def test_a_failure_without_a_report_takes_an_earlier_success_back(
    repositories: Repositories, report: str | None
) -> None:
    assert attested(repositories, "true").code == 0
    write = "" if report is None else f"open('report.log', 'w').write({report!r})"
    done = attested(repositories, sys.executable, "-c", f"{write}\nraise SystemExit(3)", junit="report.log")
    assert (done.code, done.ref != "") == (3, True)
    assert [run.result for run in recorded(repositories)] == ["FAILED"]


def test_names_of_very_many_failures_still_make_a_record(repositories: Repositories) -> None:
    cases = "".join(f'<testcase name="{number:0900}"><error/></testcase>' for number in range(3000))
    (repositories.folder / "big.xml").write_text(f"<testsuite>{cases}</testsuite>")
    done = attested(repositories, "cp", f"{repositories.folder}/big.xml", "report.log", junit="report.log")
    assert (done.code, [run.result for run in recorded(repositories)]) == (1, ["FAILED"])


@pytest.mark.parametrize(("command", "code"), [("/nonexistent/program", 127), ("./first.txt", 126)])
def test_a_command_that_cannot_run(repositories: Repositories, command: str, code: int) -> None:
    assert (attested(repositories, command).code, recorded(repositories)) == (code, ())


def test_a_command_that_a_signal_ends(repositories: Repositories) -> None:
    assert (attested(repositories, "sh", "-c", "kill -9 $$").code, recorded(repositories)) == (137, ())


def test_ctrl_c_is_for_the_command(repositories: Repositories) -> None:
    both = "for one in (os.getppid(), os.getpid()): os.kill(one, signal.SIGINT)"
    script = f"import os, signal, time\n{both}\ntime.sleep(9)"

    assert attested(repositories, sys.executable, "-c", script).code in (1, 130)
    assert [run.result for run in recorded(repositories)] in ([], ["FAILED"])


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow):
        attest(world(tmp_path / "none"), "test", ["true"])
