"""Run a command on a commit, and record how it ended: the evidence that `tested-commit` asks for.

The work tree is proven to hold exactly that commit before the command runs and after it, so that what was tested is
what is recorded. Output that git ignores, such as a build, may come and go.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time

from guardrails.command_line import line
from guardrails.errors import CannotKnow
from guardrails.facts.repository import Checkout
from guardrails.facts.worktree import Worktree
from guardrails.gather import gathered
from guardrails.operations.junit import read_results
from guardrails.operations.statements import check_name, record_run
from guardrails.record import Record
from guardrails.text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from guardrails.operations.statements import Key
    from guardrails.policy import World

REFUSED = 125  # as env and timeout say that they did not run a command


class Attested(Record):
    """How it ended: the exit code for the caller, the ref of the record (empty: none), and what there is to say."""

    code: int
    ref: str = ""
    says: str = ""


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
    check_name(name, "a run")  # before the run, which may take long
    tell(f"looking whether {world.environment.repo} holds its commit and nothing else")
    before = _commit(world)
    if isinstance(before, Attested):
        return before
    text = line(command)
    tell(f"running `{text}` on the tree {before[1]}")
    started = time.time()
    code = _run(world, command)
    finished = time.time()
    if code in (126, 127) or code > 128:
        return Attested(code, says="it did not run to its end, so nothing is recorded")
    tell("looking whether it still does")
    after = _commit(world)
    if isinstance(after, Attested):
        return after.replaced(says=f"{after.says} after the run, so nothing is recorded")
    if after != before:
        return Attested(REFUSED, says=f"HEAD moved from {before[0]} to {after[0]} meanwhile, so nothing is recorded")
    tests, failed = None, tuple[str, ...]()
    if junit:
        try:
            results = read_results(os.path.join(world.environment.repo, junit), started)
        except CannotKnow as error:
            return Attested(code or REFUSED, says=f"{error}, so nothing is recorded")
        tests, failed = results.tests, results.failed
        if tests == 0 and code == 0:
            return Attested(REFUSED, says=f"{junit} has no test that ran, so nothing is recorded")
    ref = record_run(
        world.environment.repo, before[1], name, text,
        passed=code == 0, finished=finished, tests=tests, failed=failed, key=key,
    )  # fmt: skip
    result = f"failed: {listed(failed)}" if failed else "passed" if code == 0 else f"failed with {code}"
    return Attested(code or (1 if failed else 0), ref, f"`{text}` {result} on the tree {before[1]}")


def _commit(world: World) -> tuple[str, str] | Attested:
    """The commit and tree that are checked out; a refusal when the work tree holds anything else."""
    checkout = gathered(Checkout, world, None)
    dirt = gathered(Worktree, world, "full", None).changes
    if dirt:
        some = listed([f"{change.path} ({change.kind})" for change in dirt])
        return Attested(REFUSED, says=f"{checkout.top} holds more than its commit: {some}")
    return checkout.commit, checkout.tree


def _run(world: World, command: Sequence[str]) -> int:
    """The command's exit code, 128+n for signal n; 127 or 126 when it is not there or cannot be run.

    It has the terminal. What the terminal's keys send reaches it as well, so we only wait for what it makes of that.
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
