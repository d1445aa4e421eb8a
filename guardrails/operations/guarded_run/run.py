"""A guarded run: lock, pin, check, save, check again, do it step by step, check what came of it, record.

Nothing is done before every policy of the moment has allowed it twice: once to say no early, and once more right before
the first step, on what is there then. What a reset would lose is saved in between. Both times the commits that were
judged must be the pinned ones. Names, and the files that were read, are looked at again right before the command, which
gets the pinned ids: a name that moves later changes nothing.
"""

from __future__ import annotations

import copy
import time

from guardrails.audit.chain import Head
from guardrails.config.settings import moment
from guardrails.engine import gate
from guardrails.engine.gather import gathered
from guardrails.engine.judge import judge
from guardrails.errors import CannotKnow, GuardrailsError, UsageError
from guardrails.exit_codes import ALLOW, REFUSED, UNVERIFIED
from guardrails.facts.git.checkout import Checkout
from guardrails.operations import audit
from guardrails.operations.guarded_run import journal as journals
from guardrails.operations.guarded_run import plain_git
from guardrails.operations.guarded_run.bring_commits import bring
from guardrails.operations.guarded_run.last_look import LastLook, require_same_pins
from guardrails.operations.guarded_run.lock import held
from guardrails.operations.guarded_run.pins import Pins
from guardrails.operations.guarded_run.save_losses import secured
from guardrails.operations.guarded_run.step_environment import own_variables, replaced, surroundings
from guardrails.operations.guarded_run.steps import Stages, Told, filled, placed, record_arrival
from guardrails.operations.guarded_run.unfinished_runs import (
    arrived,
    going_on,
    has_moved,
    is_where_it_was,
    not_running,
    require_same,
    resumable,
    unfinished,
)
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Operation, Report
    from guardrails.operations.guarded_run.journal import Journal
    from guardrails.policy import World


class GuardedRequest(Record):
    """What somebody wants run: the operation in `world`, the policies `before` and `after` it, and how.

    `command` stands in for the operation's own steps and runs in `folder`. `typed` gives what to type to run an
    operation; `rollback` is the one that takes HEAD back, empty when none does.
    """

    world: World
    settings: Settings
    before: tuple[PolicySetting, ...]
    after: tuple[PolicySetting, ...]
    command: tuple[str, ...]
    folder: str
    jobs: int
    resume: bool
    typed: Callable[[str], str]
    rollback: str


class Guarded:
    """One guarded run. `tell` gets one line at a time for whoever watches, `show` a report that does not allow it."""

    def __init__(self, request: GuardedRequest, tell: Callable[[str], None], show: Callable[[Report], None]) -> None:
        if request.world.operation is None:
            raise UsageError("only an operation can be run")
        self._request = request
        self._tell = tell
        self._show = show
        self._operation: Operation = request.world.operation
        self._environment = request.world.environment
        self._last_look: LastLook | None = None
        self._head = Head()
        self._own = own_variables(self._environment, request.world.home)

    def run(self) -> int:
        """Run it under the lock, and give the exit code of `guardrails run`.

        Raises UsageError and CannotKnow when it is refused before anything was done.
        """
        request, world = self._request, self._request.world
        for name in replaced(world.variables, self._own):
            self._tell(f"{name} was inherited with another value; the command gets that of {self._environment.name}")
        world.variables = surroundings(world.variables, self._own)
        git_dir = gathered(Checkout, world).git_dir
        with held(git_dir, f"{self._operation.name} in {self._environment.name}", home=world.home):
            earlier = journals.newest(git_dir)
            if request.resume:
                journal = self._resumed(earlier)
            else:
                self._superseded(earlier)
                journal = self._begun(git_dir)
            if journal is None:
                return REFUSED
            return self._through(journal)

    def _begun(self, git_dir: str) -> Journal | None:
        """Check, pin and look again; None when it is not allowed, and then nothing has been changed."""
        steps, folder = self._steps(), self._request.folder if self._request.command else ""
        pins = self._allowed(steps, folder)
        if pins is None:
            return None
        source = self._operation.candidate_from
        if source is not None and pins.candidate is not None:
            bring(self._environment, source, pins.candidate)
            require_same_pins(pins, self._request.world)
        audit.anchor(self._request.world, self._head)
        now = time.time()
        entry = journals.Entry(
            operation=self._operation.name,
            environment=self._environment.name,
            candidate=self._operation.candidate,
            pins={**pins.ids(), "target": pins.target(self._operation.moves_head_to)},
            steps=steps,
            folder=folder or self._environment.repo,
            quiet=not folder,
            head=pins.head,
            moves=self._operation.moves_head_to or "",
        )
        stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}"
        return journals.begin(git_dir, entry, stamp)

    def _steps(self) -> tuple[str, ...]:
        """The steps as they are written; a command of the caller's is one step."""
        import shlex

        command = self._request.command
        steps = (shlex.join(command),) if command else self._operation.steps
        if not steps:
            raise UsageError(f"{self._operation.name} has no steps in the configuration; add -- COMMAND")
        return steps

    def _allowed(self, steps: Sequence[str], folder: str, again: Pins | None = None) -> Pins | None:
        """Judge twice with the same pins, and save in between; None when a report was shown that does not allow it.

        `folder` is where the caller's own command starts, empty for steps that start in the repository. `again` are the
        pins of a run that goes on where HEAD has arrived.
        """
        world, operation = self._request.world, self._operation
        pins = again or gathered(Pins, world)
        target = pins.target(operation.moves_head_to)
        judged = (target if again else pins.head, pins.candidate)
        words = filled(steps, pins, self._environment, self._own)
        plain_git.require_plain(world, words)
        operation = operation.replaced(steps=placed(words, folder), arrived=again is not None)
        for first in (True, False):
            if not first:
                self._last_look = LastLook(world, None if again else pins, operation, words)
            world.at, world.operation = time.time(), operation.replaced(saving=first and operation.rescue)
            report = self._judged(self._request.before, world)
            if report.exit_code != ALLOW:
                self._show(report)
                self._tell(f"{operation.name} in {self._environment.name} is refused; nothing was run")
                return None
            if report.subject is None or (report.subject.commit, report.subject.candidate) != judged:
                raise CannotKnow("HEAD or the candidate moved while it was checked; nothing was run, try again")
            if first:
                secured(world, self._request.settings, self._tell)
            if again is None:
                require_same_pins(pins, world)
        holds = gate.summary(report)["pass"]
        self._tell(f"{operation.name} in {self._environment.name} is allowed: {holds} policies hold")
        return pins

    def _judged(self, policies: Sequence[PolicySetting], world: World) -> Report:
        when = moment(self._operation.name, after=world.operation is not None and world.operation.after)
        settings = self._request.settings
        judged = judge(policies, world, settings, moment=when, jobs=self._request.jobs, witnessed=True)
        report = judged.report
        if self._last_look is not None:
            self._last_look.read = judged.observation.read
        self._head = audit.log_report(report, settings, self._environment, moment=when, at=world.at, kind="run")
        return report

    def _superseded(self, earlier: Journal | None) -> None:
        """Raise UsageError when an earlier run has moved HEAD and is not finished, unless this one leads back."""
        if earlier is None or earlier.entry.finished:
            return
        not_running(earlier)
        entry, world = earlier.entry, self._request.world
        went_back = entry.moves == "previous" or entry.operation == self._operation.name
        if self._operation.moves_head_to == "previous" and not went_back:
            # It was killed before it could record where it led, and is gone back from.
            record_arrival(earlier, world, self._request.settings)
        elif has_moved(entry, world):
            way_back = self._rollback(entry.operation, entry.moves)
            raise UsageError(unfinished(entry, self._request.typed(entry.operation), way_back))

    def _rollback(self, operation: str, moves: str | None) -> str:
        """What to type to undo an operation, empty when nothing does: what leads back is not undone by going back."""
        way_back = self._request.rollback
        return self._request.typed(way_back) if moves != "previous" and way_back not in ("", operation) else ""

    def _resumed(self, earlier: Journal | None) -> Journal | None:
        """The journal to go on with, when everything is where it left it; None when it is not allowed."""
        journal = resumable(earlier, self._operation.name, self._environment.name)
        entry, world = journal.entry, self._request.world
        steps = self._steps()  # what is left may be what had to be mended
        require_same(entry, steps, own=bool(self._request.command))
        is_where_it_was(entry, world)
        world.operation = self._operation = self._operation.replaced(
            candidate=self._operation.candidate or entry.candidate
        )
        folder = self._request.folder if self._request.command else ""
        again = arrived(entry, world)
        pins = self._allowed(steps, folder, again)
        if pins is None:
            return None
        if again is None and any(entry.pins.get(name) != commit for name, commit in pins.ids().items()):
            raise UsageError("what it would work on has moved since; run it without --resume")
        said = {**pins.ids(), "target": entry.pins.get("target")}
        journal.note(steps=steps, folder=folder or self._environment.repo, pins=said)
        left = f"step {entry.done + 1} of {len(steps)}" if entry.done < len(steps) else "the check afterwards"
        kept = "" if folder else f"; the output of its steps is kept in {journal.folder}"
        self._tell(f"going on with {left}{kept}")
        return journal

    def _through(self, journal: Journal) -> int:
        """The steps, then the check afterwards."""
        name = self._operation.name
        way_back = self._rollback(name, self._operation.moves_head_to)
        told = Told(self._tell, going_on(self._request.typed(name), journal.entry), way_back)
        require_same = self._last_look.require_same if self._last_look else lambda: None
        stages = Stages(journal, self._request.world, self._request.settings, told, require_same)
        return self._logged(journal, stages.run() or self._verified(journal, told))

    def _logged(self, journal: Journal, code: int) -> int:
        """Log how it ended. What has been done stays done, so a log that fails is only told, and is no success."""
        entry = journal.entry
        said = {"operation": entry.operation, "ended": code, "steps_done": entry.done, "pins": dict(entry.pins)}
        try:
            audit.anchor(self._request.world, audit.log(self._request.settings, self._environment, "run", said))
        except GuardrailsError as error:
            self._tell(f"how it ended could not be logged: {error}")
            return code or UNVERIFIED
        return code

    def _verified(self, journal: Journal, told: Told) -> int:
        name, world = self._operation.name, copy.copy(self._request.world)
        world.at = time.time()
        candidate = journal.entry.pins.get("candidate")
        world.operation = self._operation.replaced(after=True, candidate=candidate)
        if self._request.after:
            report = self._judged(self._request.after, world)
            if report.exit_code != ALLOW:
                self._show(report)
                told.what_next(f"{name} is done, but what must hold after it does not", moved=True)
                return UNVERIFIED
        journal.note(finished=True)
        self._tell(f"{name} in {self._environment.name} is done" + (", and verified" if self._request.after else ""))
        return 0
