"""What came of the drills, and the exit code that it is."""

from __future__ import annotations

from guardrails.drills.selection import Turn
from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.record import Record


class Observed(Record):
    """What was seen of one turn: the exit code, the policies that refused, and the paths that were changed.

    `skipped` is why the policy was not judged, if it was not. `trouble` says why it could not be played, or why there
    is no answer; then there is no exit code.
    """

    exit_code: int | None = None
    policies: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    skipped: str = ""
    trouble: str = ""


class Outcome(Record):
    """A turn, what was seen of it, and how long it took from the sound world to the answer, in milliseconds."""

    turn: Turn
    observed: Observed
    duration_ms: int

    @property
    def held(self) -> bool:
        """Whether the policy did as it must."""
        return not self.problem

    @property
    def problem(self) -> str:
        """What is wrong, in words; empty when it held.

        What asks must refuse with the policy's own verdict, of this policy alone; a command of another program fails as
        it likes. Nothing is changed by what is refused, nor by what only asks.
        """
        drill, observed = self.turn.drill, self.observed
        if observed.trouble:
            return observed.trouble
        if observed.skipped:
            return f"{drill.policy} was not judged: {observed.skipped}"
        refused = observed.exit_code != ALLOW
        who = ", ".join(observed.policies) or "nobody"
        if drill.harmless and (refused or observed.policies):
            return f"it was refused with exit code {observed.exit_code} by {who}"
        if not drill.harmless:
            if drill.policy not in observed.policies or not refused:
                return f"{drill.policy} did not refuse it: exit code {observed.exit_code}, refused by {who}"
            if drill.asks and observed.exit_code != DENY:
                return f"{drill.policy} could not decide: exit code {observed.exit_code}"
        if observed.changed and (drill.asks or not drill.harmless):
            return f"it changed {', '.join(observed.changed[:3])}"
        return ""


class Drilled(Record):
    """All outcomes, and the policies that must have drills and have none."""

    outcomes: tuple[Outcome, ...]
    unproven: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """1 when one did not hold or a policy has none, else 2 when one was not played or there is none, else 0."""
        failed = [outcome for outcome in self.outcomes if not outcome.held]
        if self.unproven or any(not outcome.observed.trouble for outcome in failed):
            return DENY
        return UNDECIDED if failed or not self.outcomes else ALLOW

    def count(self, kind: str, *, held: bool = False) -> int:
        """How many of a kind there are, or held."""
        return sum(one.turn.drill.kind == kind and (one.held or not held) for one in self.outcomes)
