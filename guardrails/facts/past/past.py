"""The past of an environment: every move since guarding began, what let it happen, and what cannot be told.

Sources are the reflogs of HEAD and of the environment's branch, the audit log, and the record of deployments.
`guardrails history` shows it; `no-direct-edits` asks it what a person has settled.
"""

from __future__ import annotations

from itertools import takewhile

from guardrails.audit import reader
from guardrails.errors import AuditError, CannotKnow
from guardrails.facts.approval.deployments import Deployments
from guardrails.facts.git import reflog
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.past import beginning, gaps, logged
from guardrails.facts.past.gaps import Gap
from guardrails.facts.past.log_anchor import read_anchor
from guardrails.facts.past.logged import Acceptance
from guardrails.facts.past.matching import match_acceptances, match_runs
from guardrails.facts.past.reflogs import read_reflogs
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Self

    from guardrails.facts.approval.deployments import Deployment
    from guardrails.facts.past.logged import GuardedRun
    from guardrails.facts.past.moves import Made
    from guardrails.facts.past.reflogs import Reflogs
    from guardrails.policy import World


class Move(Record):
    """One move: when, in seconds since the epoch, as the reflog has it, and from which commit to which, empty for none.

    `by`, `verdict`, `operation` and `record` (the id of its record) are of the guarded run that made it, None for what
    nobody guarded. `accepted` is what a person said who settled it.
    """

    at: int
    old: str
    new: str
    by: str | None = None
    verdict: str | None = None
    operation: str | None = None
    record: str | None = None
    accepted: Acceptance | None = None

    @property
    def settled(self) -> bool:
        """Whether a guarded run was allowed to make it, or a person has accepted it."""
        return self.verdict == "allow" or self.accepted is not None

    @property
    def entry(self) -> reflog.Entry:
        """The move as the reflog has it."""
        return reflog.Entry(self.old, self.new, self.at)


class Past(Fact):
    """The moves since guarding began, the oldest first, and the gaps in what is known of them; HEAD is at `head`.

    `earlier` are those before that, of which no record can be asked; a person may have accepted some all the same.
    """

    repo: str
    environment: str
    head: str = ""
    moves: tuple[Move, ...] = ()
    earlier: tuple[Move, ...] = ()
    gaps: tuple[Gap, ...] = ()

    def since_commit(self, commit: str) -> Self | None:
        """What came after production was first at a commit, None when no move led there or from there."""
        if not self.moves and commit == self.head:
            return self
        for place, move in enumerate(self.moves):
            if commit in (move.old, move.new):
                after = place if move.old == commit else place + 1
                gaps = tuple(gap for gap in self.gaps if gap.place is None or gap.place > after)
                return self.replaced(moves=self.moves[after:], gaps=gaps)
        return None

    @classmethod
    async def gather(cls, world: World, since: float | None = None) -> Self:
        """Read everything, and match it. What cannot be told is a gap; nothing is settled by a log that is not whole.

        `since` takes the newest record before a time, in seconds since the epoch, for the first. Raises CannotKnow when
        that time is still to come, or the repository cannot be read.
        """
        if since is not None and since > world.at:
            raise CannotKnow(f"what comes after {utc(since)} is not known yet: that time is still to come")
        checkout: Checkout = await world.fact(Checkout, None)
        about: Self = cls(checkout.git.path, world.environment.name, checkout.commit)
        records, problem = await _read_log(world, checkout)
        reflogs = await read_reflogs(checkout, world.environment.branch or checkout.branch)
        if problem or not records:
            text = problem or f"the audit log {world.log} has no record of {about.environment} yet"
            return about.replaced(gaps=(Gap("log", text), *gaps.of_reflogs(reflogs, 0)))
        chain, broken = await _read_chain(world)
        runs = logged.guarded_runs(records, chain, checkout.git.path)
        accepted = logged.acceptances(records, world.at)
        records = _from_then_on(records, since)
        first = beginning.first_of(records[0])
        lines = beginning.lines_before(reflogs, first)
        made = reflogs.made()
        start = reflogs.moves_in(lines or 0, made)
        moves, missing = _matched(reflogs, made, start, [run for run in runs if run.at > first.at], accepted)
        begins = reflogs.head[0].at if lines is None and reflogs.head else float("-inf")
        missing = [run for run in missing if run.at >= begins]
        found = [*broken, *gaps.of_reflogs(reflogs, lines)]
        found += gaps.of_holes(reflogs.holes_after(lines or 0, made[start:]), missing)
        found += gaps.of_runs(missing)
        if not found:  # else a line may be gone for a reason that was told
            found += gaps.of_lines(reflogs, [record for record in records if logged.time_of(record) >= begins])
        return about.replaced(moves=moves[start:], earlier=moves[:start], gaps=tuple(found))


def _from_then_on(records: list[dict[str, Any]], since: float | None) -> list[dict[str, Any]]:
    """The records from the newest one before a time on, or all of them.

    Their order tells, and clocks may be wrong. So only those count that come before any later time; and the newest of
    these is the one with the latest time, since the clock was behind of any after it.
    """
    times = [logged.time_of(record) for record in records]
    before = list(takewhile(lambda at: since is not None and at <= since, times))
    return records[before.index(max(before)) if before else 0 :]


async def _read_log(world: World, checkout: Checkout) -> tuple[list[dict[str, Any]], str]:
    """The records of the environment, and what is wrong with the log, empty when it is whole."""
    if world.log is None:
        return [], f"no audit log of {world.environment.name} is kept"
    try:
        verified = reader.verify(world.log, (await read_anchor(checkout.git))[1])
        if verified.line is not None:
            return [], f"the audit log {world.log}:{verified.line}: {verified.problem}"
        found = [record for _, record in reader.records(world.log) if record]
    except (AuditError, CannotKnow) as error:
        return [], str(error)
    return [record for record in found if record.get("environment") == world.environment.name], ""


async def _read_chain(world: World) -> tuple[dict[str, Deployment], tuple[Gap, ...]]:
    """The records of deployments by their ids, and that they are not those that the audit log tells of."""
    try:
        found: Deployments = await world.fact(Deployments)
    except CannotKnow as error:
        return {}, (Gap("deployments", str(error)),)
    return {one.record: one for one in found.records}, ()


def _matched(
    reflogs: Reflogs, made: Sequence[Made], start: int, runs: Sequence[GuardedRun], accepted: Sequence[Acceptance]
) -> tuple[tuple[Move, ...], list[GuardedRun]]:
    """The moves, with what let each happen that was made after so many, and the runs that have made none of them."""
    lines = [reflogs.lines_at(run.stood) if run.stood else 0 for run in runs]
    ends = [reflogs.moves_in(line, made) - start if line else None for line in lines]
    own = {start + place: run for place, run in match_runs(made[start:], runs, ends).items()}
    needing = {place: one.entry for place, one in enumerate(made) if place not in own or own[place].verdict != "allow"}
    settled = match_acceptances(needing, accepted)
    moves = []
    for place, one in enumerate(made):
        move = Move(one.entry.at, one.entry.old, one.entry.new, accepted=settled.get(place))
        if run := own.get(place):
            move = move.replaced(by=run.by, verdict=run.verdict, operation=run.operation, record=run.record)
        moves.append(move)
    return tuple(moves), [run for run in runs if run not in own.values()]
