"""Run a command on a commit, and record how it ended: the evidence that `tested-commit` asks for.

The work tree must hold exactly that commit before the command runs and after it, so that the record is about the tested
content. Output that git ignores, such as a build, may come and go.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.exit_codes import REFUSED
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.worktree.worktree import Worktree
from guardrails.operations.evidence.junit_reports import look_before, read_results
from guardrails.operations.evidence.record_statements import record_run, require_name
from guardrails.record import Record
from guardrails.wording.command_lines import quote_words
from guardrails.wording.shown_text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from guardrails.operations.evidence.junit_reports import StateBefore
    from guardrails.operations.evidence.record_statements import Key
    from guardrails.policy import World

_UNSIGNED = "; nobody signed it, so it does not count: [trust] has allowed_signers, add --key"


class Attested(Record):
    """How it ended: the exit code for the caller, the ref of the record (empty: none), and what there is to say."""

    code: int
    ref: str = ""
    says: str = ""


class _NotRecordedError(Exception):
    """Why nothing is recorded, and the exit code that says so."""

    def __init__(self, why: str, code: int = REFUSED) -> None:
        super().__init__(why)
        self.code = code


def attest(
    world: World,
    name: str,
    command: Sequence[str],
    *,
    junit: str = "",
    key: Key | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Attested:
    """Run the command in the environment's repository and record it under a name; `tell` hears what is being done.

    Raises CannotKnow when the repository cannot be read, or the record cannot be signed or kept; UsageError for a name
    that no record can have.
    """
    require_name(name, "a run")  # before the run, which may take long
    repo, text = world.environment.repo, quote_words(command)
    report = os.path.join(repo, junit) if junit else ""
    try:
        tell(f"looking whether {repo} holds its commit and nothing else")
        before = _require_only_a_commit(world)
        tell(f"running `{text}` on the tree {before[1]}")
        was = look_before(report) if report else None
        code, ended = _require_end(world, command), time.time()
        tell("looking whether it still does")
        _require_unchanged(world, before)
        tests, failed = _require_tests(report, was, code, tell) if was else (None, ())
    except _NotRecordedError as error:
        return Attested(error.code, says=f"{error}, so nothing is recorded")
    ref = record_run(
        repo, before[1], name, text, passed=code == 0, finished=ended, tests=tests, failed=failed, key=key
    )  # fmt: skip
    result = f"failed: {listed(failed)}" if failed else "passed" if code == 0 else f"failed with {code}"
    lacking = "" if key or world.trust.allowed_signers is None else _UNSIGNED
    return Attested(code or (1 if failed else 0), ref, f"`{text}` {result} on the tree {before[1]}{lacking}")


def _require_only_a_commit(world: World) -> tuple[str, str]:
    """The commit and tree that are checked out, when the work tree holds nothing else."""
    checkout = gather_fact(Checkout, world, None)
    dirt = gather_fact(Worktree, world, "full", None).changes
    if dirt:
        some = listed([f"{change.path} ({change.kind})" for change in dirt])
        raise _NotRecordedError(f"{checkout.top} holds more than its commit: {some}")
    return checkout.commit, checkout.tree


def _require_unchanged(world: World, before: tuple[str, str]) -> None:
    try:
        after = _require_only_a_commit(world)
    except _NotRecordedError as error:
        raise _NotRecordedError(f"{error} after the run") from None
    if after != before:
        raise _NotRecordedError(f"HEAD moved from {before[0]} to {after[0]} meanwhile")


def _require_tests(
    report: str, was: StateBefore, code: int, tell: Callable[[str], None]
) -> tuple[int | None, tuple[str, ...]]:
    """How many tests the report tells of, and what failed.

    A command that failed is recorded even when its report is of no use: the failure takes an earlier success back.
    """
    try:
        results = read_results(report, was)
    except CannotKnow as error:
        if code == 0:
            raise _NotRecordedError(str(error)) from None
        tell(f"{error}; that the command failed is recorded without it")
        return None, ()
    if results.tests == 0 and not results.failed and code == 0:
        raise _NotRecordedError(f"{report} has no test that ran")
    return results.tests, results.failed


def _require_end(world: World, command: Sequence[str]) -> int:
    """Run the command, and give its exit code when it ran to its end."""
    code = _run(world, command)
    if code in (126, 127) or code > 128:
        raise _NotRecordedError("it did not run to its end", code)
    return code


def _run(world: World, command: Sequence[str]) -> int:
    """The command's exit code, 128+n for signal n; 127 or 126 when it is not there or cannot be run.

    It has the terminal. The signals of the terminal's keys reach it as well, so we only wait until it ends.
    """
    variables = {name: world.environment.filled(text, world.home) for name, text in world.environment.variables.items()}
    waiting = signal.signal(signal.SIGINT, lambda *_: None)  # a handler is not inherited, unlike SIG_IGN
    try:
        code = subprocess.run(
            list(command), cwd=world.environment.repo, env={**os.environ, **variables}, check=False
        ).returncode
    except FileNotFoundError:
        return 127
    except OSError:
        return 126
    finally:
        signal.signal(signal.SIGINT, waiting)
    return code if code >= 0 else 128 - code
