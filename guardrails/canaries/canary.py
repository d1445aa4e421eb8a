"""A canary: what a guard must refuse and would do no harm. What is sent, how it is answered, and what became of it."""

from __future__ import annotations

from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from guardrails.facts.programs.command import Command, Completed


class Answer(Record):
    """Whether the program that was run says that it was refused, and what else it said, in one line."""

    refused: bool
    said: str


class Canary(Record):
    """What is sent: a program as its user runs it, and `token`, which the record of the refusal must hold.

    `answer` reads how the program ended. The program leaves nothing behind, whether it is refused or not. `apart` is a
    git directory whose refs it locks, so that no guarded run may be under way there meanwhile, empty for none.
    """

    token: str
    command: Command
    answer: Callable[[Completed], Answer]
    apart: str = ""


class CanaryResult(Record):
    """What became of a canary that was sent through one channel, a kind of hook or the name of a host.

    `place` is where the guard is asked: the path of git's hook, or of the host's settings. `canary` is what the audit
    log was searched for, None where nothing could be sent, and `logged` whether it was found. `exit_code` and
    `policies` are what the guard decided by that record; without one, 0 is what went through and 2 what has no answer
    that counts. `held`: policies refused it, and the log tells of it. `played` is False where nobody could tell whether
    the guard would have. `text` says it in words, and `do` is a line for a shell that mends it or shows more.
    """

    id: str
    environment: str
    channel: str
    operation: str
    place: str = ""
    canary: str | None = None
    exit_code: int = UNDECIDED
    policies: tuple[str, ...] = ()
    held: bool = False
    logged: bool = False
    played: bool = True
    duration_ms: int = 0
    text: str = ""
    do: str = ""

    @property
    def is_heeded(self) -> bool:
        """Whether the guard was asked, by what the log tells, and what it decided was heeded; it may have allowed."""
        return self.held or (self.logged and self.exit_code != DENY)


def exit_code(results: Iterable[CanaryResult]) -> int:
    """0 when all of them held, 1 when a guard did not fire, else 2: one could not be played, or there is none."""
    found = [*results]
    if any(one.played and not one.held for one in found):
        return DENY
    return ALLOW if found and all(one.held for one in found) else UNDECIDED
