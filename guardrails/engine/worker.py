"""Selected policies -> facts -> results, in a process that can be killed.

A worker gathers every fact once and judges its share of the policies in order. When a policy takes it down, that policy
is an error, and another worker starts over with the policies that are left. A policy without a result in the end has
the outcome `error`.
"""

from __future__ import annotations

import gc
import sys
import time

from guardrails import bundle
from guardrails.engine.gather import Gathering
from guardrails.engine.shares import share_out
from guardrails.errors import CannotKnow, DoesNotApply, NothingAsked
from guardrails.facts import witness
from guardrails.model import FINDINGS_LIMIT, Effect, Finding, Note, Outcome, PolicyResult, Subject
from guardrails.record import Record, Table, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self

    from guardrails.config.settings import PolicySetting
    from guardrails.engine.shares import Share
    from guardrails.facts.programs.side_by_side import Task
    from guardrails.policy import Policy, World
    from guardrails.safety.supervisor import Say

EFFECTS_LIMIT = 10_000  # of one policy
TEXT_LIMIT = 4096  # characters of one text in a finding
MEMORY_LIMIT = 1 << 30  # bytes of address space while policies judge
RUN_LIMIT = 60.0  # seconds for the whole run
LOOKS = 3  # at a world that moves while it is looked at, before that is said
GRACE = 2.0  # seconds beyond the deadline of each look, for gathering as a whole


class Observation(Record):
    """What a run saw: the subject, a result for every policy, and what went wrong beyond single policies.

    `read` are the files that were read, each with its state before (`guardrails.facts.files`), for a witnessed run.
    """

    subject: Subject
    results: tuple[PolicyResult, ...]
    errors: tuple[str, ...]
    read: dict[str, list[int]] = Table()


class Run:
    """The chosen policies being judged, in processes of their own from the moment this is made.

    `world.timeout` is the deadline of each policy and of each look at the world, in seconds; `jobs` is how many child
    processes may live at once. `witnessed` asks for what was read.
    """

    def __init__(self, chosen: Sequence[PolicySetting], world: World, *, jobs: int, witnessed: bool = False) -> None:
        self._shares = share_out(chosen, jobs)
        self._world = world
        self._jobs = jobs // len(self._shares)
        self._witnessed = witnessed
        self._until = time.monotonic() + RUN_LIMIT
        self._looks = 0
        self._moved: dict[str, list[int]] = {}
        self._look(self._shares)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for share in self._shares:
            share.end()
        self._world.scratch.remove()

    def observe(self, heard: Callable[[PolicyResult], None]) -> Observation:
        """Wait for every result; a policy without one by the end is an error. `heard` gets each as it comes."""
        found = Observation(Subject(repo=self._world.environment.repo), (), ())
        self._wait_for_a_picture(self._shares)
        for share in self._shares:
            found = self._hear(share, found, heard)
            while share.left:
                self._look([share])
                self._wait_for_a_picture([share])
                found = self._hear(share, found, heard)
        return found

    def _look(self, looking: Sequence[Share]) -> None:
        """Start a worker for each share. The facts of an earlier one are gone with it."""
        for stream in filter(None, (sys.stdout, sys.stderr)):  # a closed one is None
            stream.flush()
        self._looks += 1
        since, last = time.time_ns(), self._looks >= LOOKS

        def start(share: Share) -> None:
            chosen = tuple(share.left)

            def work(say: Say) -> None:
                witness.current = witness.Witness(since, self._moved, everything=self._witnessed)
                _gather_and_judge(chosen, self._world, self._jobs, say, is_main=share.is_main, last=last)
                bundle.renew()

            share.start(work, self._patience, self._until)

        try:
            for share in looking:
                start(share)
        except BaseException:
            for share in self._shares:
                share.end()
            raise

    def _wait_for_a_picture(self, looking: Sequence[Share]) -> None:
        """Wait until all have gathered. When the world moved for one, all look again: they must have seen the same."""
        while True:
            for share in looking:
                share.first = next(share.messages, None)
            moved = [share.first["moved"] for share in looking if share.first and "moved" in share.first]
            if not moved:
                return
            for late in moved:
                self._moved |= late
            self._look(looking)

    def _hear(self, share: Share, found: Observation, heard: Callable[[PolicyResult], None]) -> Observation:
        """Take the results that the worker of a share says; when it went down, one policy is an error for it."""
        if share.first:
            said = share.first
            subject = Subject(**said["subject"]) if share.is_main else found.subject
            errors = tuple(dict.fromkeys((*found.errors, *said["errors"])))
            found = found.replaced(subject=subject, errors=errors, read=Table({**found.read, **said["read"]}))
        for message in share.messages:
            result = _receive(message)
            share.left = [setting for setting in share.left if setting.name != result.policy]
            found = found.replaced(results=(*found.results, result))
            heard(result)
        guilty = share.left[:1] if share.first and share.ending else share.left
        why = f"the {'policy' if share.first else 'check'} {share.ending or 'came to no result'}"
        share.left = share.left[len(guilty) :]
        return found.replaced(results=(*found.results, *(_error(setting.name, why) for setting in guilty)))

    def _patience(self, message: int) -> float:
        """How long to wait for a message: the first comes when everything is gathered, then one for each policy."""
        return self._world.timeout if message else self._world.timeout * 2 + GRACE


def _gather_and_judge(
    chosen: Sequence[PolicySetting], world: World, jobs: int, say: Say, *, is_main: bool, last: bool
) -> None:
    """The worker's life: look at the world, then judge policy after policy and say each result.

    A world that moved meanwhile is not judged, unless this is the last look at it; then the report says so.
    """
    from guardrails.facts.programs.side_by_side import SideBySide
    from guardrails.safety.noise import catch_noise

    gc.disable()  # the worker is short-lived, and its memory is limited
    noise = catch_noise()
    children = SideBySide(jobs)
    gathering = Gathering(world, children)
    subject = None
    if is_main:
        from guardrails.engine.subject import SubjectSearch

        subject = SubjectSearch(world, gathering)
    ready: list[tuple[str, Policy | PolicyResult, dict[str, Task]]] = []
    for setting in chosen:
        policy = _load(setting)
        ready.append((setting.name, policy, {} if isinstance(policy, PolicyResult) else gathering.needed_by(policy)))
        children.look()  # so that what waits for a child goes on while other policies are loaded
    gathering.finish()
    seen = witness.current or witness.Witness(0)
    if seen.late and not last:
        say({"moved": seen.late})
        return
    moved = [f"{path} changed while it was looked at, {LOOKS} times; try again" for path in list(seen.late)[:1]]
    about = {"subject": plain(subject.subject()), "errors": subject.errors()} if subject else {"errors": []}
    say({**about, "errors": [*about["errors"], *moved], "read": seen.read})
    _limit_memory()
    for name, policy, tasks in ready:
        noise()
        result = policy if isinstance(policy, PolicyResult) else _result(name, policy, tasks)
        if written := noise():
            result = _error(name, f"the policy wrote to standard output or error: {written[:80]!r}")
        say(plain(result))


def _load(setting: PolicySetting) -> Policy | PolicyResult:
    """One policy with its options; an error when it cannot be imported or set up."""
    module, _, name = setting.location.partition(":")
    try:
        policy: Policy = getattr(bundle.load(module), name).from_options(setting.options)
        policy.needs()
    except Exception as error:
        return _error(setting.name, f"the policy cannot be set up: {type(error).__name__}: {error}")
    return policy


def _result(name: str, policy: Policy, tasks: dict[str, Task]) -> PolicyResult:
    for task in tasks.values():
        if isinstance(task.error, DoesNotApply):
            outcome, reason = conclude_inapplicable(policy, task.error)
            return PolicyResult(policy=name, outcome=outcome, reason=reason)
        if isinstance(task.error, CannotKnow):
            return _error(name, str(task.error))
        if task.error is not None:
            return _error(name, f"a fact cannot be gathered: {type(task.error).__name__}: {task.error}")
    return conclude(name, policy, {parameter: task.result for parameter, task in tasks.items()})


def conclude(name: str, policy: Policy, facts: Mapping[str, Any]) -> PolicyResult:
    """Evaluate one policy on its facts. Whatever it raises or returns, the answer is a result."""
    started = time.monotonic()
    findings: list[Finding] = []
    effects: list[Effect] = []
    notes: list[str] = []
    try:
        answer = policy.evaluate(**facts)
        if not hasattr(answer, "__next__") and not isinstance(answer, (list, tuple)):
            raise TypeError(f"gave {type(answer).__name__}, not findings")
        for item in answer:
            if isinstance(item, Note):
                notes.append(str(item.text))
            elif isinstance(item, Effect):
                effects.append(Effect(*(str(field)[:TEXT_LIMIT] for field in (item.kind, item.what, item.detail))))
            else:
                findings.append(_require_sound(item))
        outcome = Outcome.FAIL if findings else Outcome.PASS
    except DoesNotApply as error:
        outcome, reason = conclude_inapplicable(policy, error)
        notes, findings = [reason], []
    except CannotKnow as error:
        outcome, notes, findings = Outcome.ERROR, [str(error)], []
    except BaseException as error:  # a policy may raise anything, SystemExit too; none of it is a pass
        outcome, notes, findings = Outcome.ERROR, [f"the policy crashed: {type(error).__name__}: {error}"], []
    if len(findings) > FINDINGS_LIMIT:
        notes.append(f"{len(findings)} findings, of which the first {FINDINGS_LIMIT} are kept")
    return PolicyResult(
        policy=name,
        outcome=outcome,
        findings=tuple(findings[:FINDINGS_LIMIT]),
        effects=tuple(effects[:EFFECTS_LIMIT]),
        reason="; ".join(notes)[:TEXT_LIMIT] or None,
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def conclude_inapplicable(policy: Policy, error: DoesNotApply) -> tuple[Outcome, str]:
    """The outcome of a policy that has nothing to judge, and why: it is no skip when one of its options was set."""
    reason = str(error) or "it does not apply here"
    if isinstance(error, NothingAsked) and policy.set_options:
        return Outcome.ERROR, f"{reason}, so {' and '.join(policy.set_options)} cannot be judged"
    return Outcome.SKIP, reason


def _require_sound(item: Any) -> Finding:
    """Give the finding, each field cut to a readable length. Raises TypeError for a field of another type."""
    if not isinstance(item, Finding):
        raise TypeError(f"yielded {type(item).__name__}, not a Finding")
    fields: dict[str, Any] = plain(item)
    line = fields.pop("line")
    for name, value in fields.items():
        if not (isinstance(value, str) or (value is None and name in ("path", "ref"))):
            raise TypeError(f"a finding's {name} is {type(value).__name__}, not text")
        fields[name] = value[:TEXT_LIMIT] if value else value
    if not (line is None or isinstance(line, int)):
        raise TypeError(f"a finding's line is {type(line).__name__}, not a number")
    return Finding(line=line, **fields)


def _error(name: str, reason: str) -> PolicyResult:
    return PolicyResult(policy=name, outcome=Outcome.ERROR, reason=reason[:TEXT_LIMIT])


def _receive(message: dict[str, Any]) -> PolicyResult:
    findings = tuple(Finding(**finding) for finding in message.pop("findings"))
    effects = tuple(Effect(**effect) for effect in message.pop("effects"))
    return PolicyResult(**{**message, "outcome": Outcome(message["outcome"])}, findings=findings, effects=effects)


def _limit_memory() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > MEMORY_LIMIT:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, hard))
        except (ValueError, OSError):
            pass  # macOS has the constant and refuses the limit
