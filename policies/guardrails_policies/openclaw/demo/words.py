"""What is typed in the demo and in drills."""

from __future__ import annotations

from guardrails_policies.openclaw.demo.world import RELEASE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.drills import Drill

CHECK = ("guardrails", "check", "--env", "prod")
PROMOTE = (*CHECK, "--op", "promote", "--candidate", RELEASE)


def run_words(operation: str, *command: str) -> tuple[str, ...]:
    """The words of a guarded run in prod: of the operation's own steps, or of a command."""
    candidate = ("--candidate", RELEASE) if operation == "promote" else ()
    return ("guardrails", "run", operation, "--env", "prod", *candidate, *(("--", *command) if command else ()))


def asking_words(drill: Drill) -> tuple[str, ...]:
    """The words of what asks in a drill, of all policies, at its first operation."""
    moment, env = drill.operations[0], drill.environment
    if moment == "tool-call":
        return ("guardrails", "vet", *(("--cwd", drill.folder) if drill.folder else ()), "--shell", drill.call)
    operation = moment.removeprefix("after ")
    asked = () if operation == "standing" else ("--op", operation)
    candidate = ("--candidate", RELEASE) if operation == "promote" else ()
    after = ("--after",) if moment != operation else ()
    updates = ("--updates", "push") if operation == "push" else ()
    return ("guardrails", "check", "--env", env, *asked, *candidate, *after, *updates)
