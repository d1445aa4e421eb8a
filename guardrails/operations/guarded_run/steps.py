"""The steps of a guarded run, one after the other, each noted before it begins and after it has ended."""

from __future__ import annotations

import os
import shlex
import time

from guardrails.engine.gather import gather_fact
from guardrails.errors import GuardrailsError, UsageError
from guardrails.exit_codes import BY_SIGNAL, NOT_EXECUTABLE, NOT_FOUND, REFUSED, UNVERIFIED
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.refs import read_ref
from guardrails.facts.programs.process_table import mark_of
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations import audit
from guardrails.operations.guarded_run import plain_git, record_moves
from guardrails.operations.guarded_run.bring_commits import fetches_upstream, note_fetch
from guardrails.operations.guarded_run.permits import VARIABLE, grant
from guardrails.operations.guarded_run.pins import Pins
from guardrails.operations.guarded_run.run_command import Signals, execute
from guardrails.operations.guarded_run.step_environment import contradictions
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from guardrails.config.settings import Settings
    from guardrails.model import Environment
    from guardrails.operations.guarded_run.journal import Journal, JournalEntry
    from guardrails.policy import World


class Watcher:
    """A person who watches: `tell` says one line, and `tell_what_next` what to do when a step did not work."""

    def __init__(self, tell: Callable[[str], None], resume: str, rollback: str) -> None:
        self.tell = tell
        self._resume = resume
        self._rollback = rollback

    def tell_what_next(self, problem: str, *, moved: bool) -> None:
        """Say what went wrong, how to go on, and how to go back when HEAD has moved."""
        self.tell(problem)
        self.tell(f"next: mend that, then `{self._resume}`")
        if moved and self._rollback:
            self.tell(f"or go back: `{self._rollback}`")


class Steps:
    """The steps that a journal has left. The commits are those that it pinned.

    `unchanged` is asked once, at the last moment before the first command, and raises CannotKnow to stop it.
    """

    def __init__(
        self,
        journal: Journal,
        world: World,
        settings: Settings,
        watcher: Watcher,
        unchanged: Callable[[], None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._settings = settings
        self._unchanged = unchanged
        self._began = False
        self._world = world
        self._watcher = watcher
        self._target = journal.entry.pins.get("target")
        self._pins = recall_pins(journal.entry, world)

    def run(self) -> int:
        """Do them, and give 0, or the exit code with which the run ends."""
        try:
            with Signals() as signals:
                for number in range(self._journal.entry.done, len(self._journal.entry.steps)):
                    code = self._do_step(number, signals)
                    if code == 0 and signals.caught is not None:
                        self._say_stopped("it was interrupted")
                        code = BY_SIGNAL + signals.caught
                    if code != 0:
                        return code
            return self._end_where_it_must_be()
        except (GuardrailsError, OSError) as error:
            if not self._began:
                raise
            self._say_stopped(f"what a step did cannot be told or noted: {error}")
            return UNVERIFIED

    def _do_step(self, number: int, signals: Signals) -> int:
        """One step: its command's exit code, or 124 when HEAD is where it must not be."""
        entry, environment = self._journal.entry, self._world.environment
        step = entry.steps[number]
        words = self._pins.fill(split_step(step), environment)
        place = f"step {number + 1}/{len(entry.steps)}"
        self._watcher.tell(f"{place}: {shlex.join(words)}")
        head = gather_fact(Checkout, self._world)
        self._journal.note(head=head.commit if entry.running else entry.head, running=0)
        if head.commit not in (self._journal.entry.head, self._target):
            self._say_stopped(f"HEAD is at {head.commit}, where no step of this run has put it")
            return UNVERIFIED if self._began else REFUSED
        code = self._execute(number, words, head, signals)
        self._note_head()
        output = self._journal.output(number + 1) if entry.quiet else ""
        counted = (number + 1, len(entry.steps))
        audit.log_step(self._settings, environment, entry.operation, counted, shlex.join(words), code, output)
        if code != 0:
            self._say_failed(place, number, code)
            return code
        now = self._journal.entry.head
        if self._target is not None and now not in (self._pins.head, self._target):
            self._say_stopped(f"{place} left HEAD at {now}, which is not {self._target}")
            return UNVERIFIED
        self._journal.note(done=number + 1)
        if fetches_upstream(words, environment):
            note_fetch(environment)
        return 0

    def _execute(self, number: int, words: Sequence[str], head: Checkout, signals: Signals) -> int:
        entry = self._journal.entry
        variables = {**self._world.variables, **self._pins.variables()}
        if plain_git.names_git(words):
            variables |= plain_git.variables(head, variables)

        def note_running(pid: int) -> None:
            try:
                self._journal.note(running=pid, began=time.time(), mark=mark_of(pid))
            except OSError:
                pass  # it says already that the step is under way

        def run(more: dict[str, str]) -> int:
            self._journal.note(running=os.getpid(), began=time.time(), mark=mark_of(os.getpid()))
            return execute(
                words,
                folder=entry.folder,
                variables={**variables, **more},
                signals=signals,
                output=self._journal.output(number + 1) if entry.quiet else None,
                ready=self._last_look,
                started=note_running,
            )

        branch = self._world.environment.branch or head.branch
        if self._target is None or branch is None:
            return run({})
        ref = f"refs/heads/{branch}"
        old = head.commit if head.branch == branch else run_to_end(read_ref(head.git, ref)) or "0" * len(head.commit)
        with grant(self._pins.git_dir, ref, [self._target], old=old) as nonce:
            return run({VARIABLE: nonce})

    def _last_look(self) -> None:
        """Make sure, right before the first command, that nothing has moved since it was checked."""
        if self._began:
            return
        try:
            self._unchanged()
        except GuardrailsError:
            self._journal.note(running=0)
            raise
        self._began = True

    def _note_head(self) -> None:
        """See where HEAD is after a step, even a failed one; when it has arrived, record the way back."""
        self._journal.note(head=gather_fact(Checkout, self._world).commit, running=0)
        record_arrival(self._journal, self._world, self._settings)

    def _end_where_it_must_be(self) -> int:
        """The end of the steps: HEAD must be where the operation leads."""
        checkout = gather_fact(Checkout, self._world)
        if self._target is not None and checkout.commit != self._target:
            self._say_stopped(f"HEAD is at {checkout.commit}, not at {self._target} where {self._operation} must lead")
            return UNVERIFIED
        if checkout.branch not in (self._pins.branch, self._world.environment.branch) and self._target is not None:
            self._say_stopped(f"{checkout.branch or 'no branch'} is checked out, not {self._pins.branch}")
            return UNVERIFIED
        if self._target is not None:
            self._note_head()
        return 0

    @property
    def _operation(self) -> str:
        return self._journal.entry.operation

    def _say_failed(self, place: str, number: int, code: int) -> None:
        why = {NOT_FOUND: "its command is not there", NOT_EXECUTABLE: "its command cannot be executed"}
        if self._journal.entry.quiet and code not in why:
            self._watcher.tell(f"its output is kept in {self._journal.output(number + 1)}")
        self._say_stopped(f"{place} failed: {why.get(code, f'status {code}')}")

    def _say_stopped(self, problem: str) -> None:
        moved = self._journal.entry.head != self._pins.head
        self._watcher.tell_what_next(problem, moved=moved)


def recall_pins(entry: JournalEntry, world: World) -> Pins:
    """The pins as the journal has them."""
    names = ("branch", "candidate", "upstream", "previous")
    git_dir, head = gather_fact(Checkout, world).git_dir, entry.pins.get("head") or ""
    return Pins(world.environment.repo, git_dir, head, *(entry.pins.get(name) for name in names))


def record_arrival(journal: Journal, world: World, settings: Settings) -> None:
    """Record the deployment as soon as HEAD is where the operation leads, so that there is a way back from there.

    No arrival is recorded twice, even when a run was killed before it could note that it had recorded.
    """
    now, head, target = (
        gather_fact(Checkout, world).commit,
        journal.entry.pins.get("head"),
        journal.entry.pins.get("target"),
    )
    if head is None or target is None or now != target or now == head:
        return
    if not journal.entry.at:
        journal.note(at=utc(time.time()))
    entry = journal.entry
    moves = {"moves": entry.moves, "commit": target, "previous": head, "at": entry.at}
    record_moves.record_move(world, settings, entry.operation, **moves)


def place_steps(steps: Sequence[str], folder: str) -> tuple[str, ...]:
    """The steps as policies read them, who take them to start in the repository; an empty folder stands for that."""
    return tuple(f"cd {shlex.quote(folder)} && {step}" for step in steps) if folder else tuple(steps)


def fill_steps(steps: Sequence[str], pins: Pins, environment: Environment, own: Mapping[str, str]) -> list[str]:
    """The steps with the pins put in; `own` are the variables that the environment gives to each of them.

    Raises UsageError for one that cannot be read, has a pin without a value, or takes such a variable away.
    """
    words = [pins.fill(split_step(step), environment) for step in steps]
    for step, one in zip(steps, words, strict=True):
        for problem in contradictions(one, own):
            raise UsageError(f"{problem} by `{step}`; a guarded command has the variables of {environment.name}")
    return [shlex.join(one) for one in words]


def split_step(step: str) -> list[str]:
    """The words of a step; no shell reads them. Raises UsageError for a quote that does not end, and for nothing."""
    try:
        words = shlex.split(step)
    except ValueError as error:
        raise UsageError(f"the step {step!r} cannot be read: {error}") from None
    if not words or not words[0]:
        raise UsageError(f"the step {step!r} names no command")
    return words
