"""Selected policies -> facts -> results, in processes that can be killed.

The caller forks a gatherer, and the gatherer forks a judge. Facts are gathered once; when a policy takes the judge
down, the next judge starts with the policies that are left and the facts that are already there. Whatever has not
said its result by then has the outcome `error`.
"""

from __future__ import annotations

import os
import sys
import time

from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.gather import Gathering
from guardrails.model import Finding, Note, Outcome, PolicyResult, Subject
from guardrails.record import Record, plain
from guardrails.supervisor import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, Self

    from guardrails.config.settings import PolicySetting
    from guardrails.facts.processes import Task
    from guardrails.policy import Policy, World
    from guardrails.supervisor import Say

FINDINGS_LIMIT = 1000  # kept of one policy; the report says how many there were
TEXT_LIMIT = 4096  # characters of one text in a finding
MEMORY_LIMIT = 1 << 30  # bytes of address space while policies judge
RUN_LIMIT = 60.0  # seconds for the whole run
GRACE = 2.0  # seconds beyond the deadline of each look, for gathering as a whole


class Observation(Record):
    """What a run saw: the subject, a result for every policy, and what went wrong beyond single policies."""

    subject: Subject
    results: tuple[PolicyResult, ...]
    errors: tuple[str, ...]


class Run:
    """The chosen policies being judged, in a process of their own from the moment this is made.

    `world.timeout` is the deadline of each policy and of each look at the world, in seconds; `jobs` is how many child
    processes may live at once.
    """

    def __init__(self, chosen: Sequence[PolicySetting], world: World, *, jobs: int) -> None:
        self._chosen = chosen
        self._world = world
        self._until = time.monotonic() + RUN_LIMIT
        sys.stdout.flush()
        sys.stderr.flush()
        self._worker = Worker(lambda say: _gather_and_judge(chosen, world, jobs, self._until, say), own_group=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._worker.end()

    def observe(self, heard: Callable[[PolicyResult], None]) -> Observation:
        """Wait for every result; what has none by the end is an error. `heard` is told each as it comes."""
        subject = Subject(repo=self._world.environment.repo)
        errors: tuple[str, ...] = ()
        results: dict[str, PolicyResult] = {}
        for message in self._worker.messages(self._world.timeout * 2 + GRACE, self._until):
            if "subject" in message:
                subject, errors = Subject(**message["subject"]), tuple(message["errors"])
            else:
                result = _received(message)
                results[result.policy] = result
                heard(result)
        why = f"the check {self._worker.ending}" if self._worker.ending else "the check came to no result"
        for setting in self._chosen:
            results.setdefault(setting.name, _error(setting.name, why))
        return Observation(subject, tuple(results.values()), errors)


def _gather_and_judge(chosen: Sequence[PolicySetting], world: World, jobs: int, until: float, say: Say) -> None:
    """The gatherer's work: look at the world, then have the facts judged."""
    from guardrails.facts.processes import SideBySide
    from guardrails.subject import SubjectSearch

    _silence()
    children = SideBySide(jobs)
    gathering = Gathering(world, children)
    subject = SubjectSearch(world, gathering)
    ready: list[tuple[str, Policy, dict[str, Task]]] = []
    for setting in chosen:
        try:
            policy = load_policy(setting)
            ready.append((setting.name, policy, gathering.needed_by(policy)))
            children.look()
        except Exception as error:
            say(_sent(_error(setting.name, f"the policy cannot be set up: {type(error).__name__}: {error}")))
    gathering.finish()
    say({"subject": plain(subject.found()), "errors": subject.errors()})
    while ready and time.monotonic() < until:
        judge = Worker(lambda say: _judge(ready, say), own_group=False)
        for message in judge.messages(world.timeout, until):
            ready.pop(0)
            say(message)
        judge.end()
        if judge.ending and ready:
            say(_sent(_error(ready.pop(0)[0], f"the policy {judge.ending}")))


def load_policy(setting: PolicySetting) -> Policy:
    """Import one policy's class and give it its options."""
    from importlib import import_module

    module, _, name = setting.location.partition(":")
    policy: Policy = getattr(import_module(module), name).from_options(setting.options)
    return policy


def _judge(ready: Sequence[tuple[str, Policy, dict[str, Task]]], say: Say) -> None:
    """The judge's work: evaluate in order, and let nothing that a policy prints reach anybody."""
    _limit_memory()
    noise = _catch_noise()
    for name, policy, tasks in list(ready):
        result = _result(name, policy, tasks)
        if written := noise():
            result = _error(name, f"the policy wrote to standard output or error: {written[:80]!r}")
        say(_sent(result))


def _result(name: str, policy: Policy, tasks: dict[str, Task]) -> PolicyResult:
    for task in tasks.values():
        if isinstance(task.error, DoesNotApply):
            return PolicyResult(policy=name, outcome=Outcome.SKIP, reason=str(task.error))
        if isinstance(task.error, CannotKnow):
            return _error(name, str(task.error))
        if task.error is not None:
            return _error(name, f"a fact cannot be gathered: {type(task.error).__name__}: {task.error}")
    return conclude(name, policy, {parameter: task.result for parameter, task in tasks.items()})


def conclude(name: str, policy: Policy, facts: Mapping[str, Any]) -> PolicyResult:
    """Evaluate one policy on its facts. Whatever it raises or returns, the answer is a result."""
    started = time.monotonic()
    findings: list[Finding] = []
    notes: list[str] = []
    try:
        for item in policy.evaluate(**facts):
            if isinstance(item, Note):
                notes.append(str(item.text))
            else:
                findings.append(_checked(item))
        outcome = Outcome.FAIL if findings else Outcome.PASS
    except DoesNotApply as error:
        outcome, notes, findings = Outcome.SKIP, [str(error) or "it does not apply here"], []
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
        reason="; ".join(notes)[:TEXT_LIMIT] or None,
        duration_ms=round((time.monotonic() - started) * 1000),
    )


def _checked(item: Any) -> Finding:
    """A finding whose fields are what they should be, each cut to a readable length."""
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


def _sent(result: PolicyResult) -> dict[str, Any]:
    sent: dict[str, Any] = plain(result)
    return sent


def _received(message: dict[str, Any]) -> PolicyResult:
    findings = tuple(Finding(**finding) for finding in message.pop("findings"))
    return PolicyResult(**{**message, "outcome": Outcome(message["outcome"])}, findings=findings)


def _silence() -> None:
    """Give the gatherer no terminal, input or output of its own."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)


def _catch_noise() -> Callable[[], bytes]:
    """Lead standard output and error into a pipe, and give a function that empties it."""
    ear, mouth = os.pipe()
    os.set_blocking(ear, False)
    os.set_blocking(mouth, False)  # a policy that writes more than the pipe holds gets an exception, not a hang
    os.dup2(mouth, 1)
    os.dup2(mouth, 2)

    def noise() -> bytes:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                return b"more than can be heard"
        try:
            return os.read(ear, 1 << 16)
        except BlockingIOError:
            return b""

    return noise


def _limit_memory() -> None:
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > MEMORY_LIMIT:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, hard))
        except (ValueError, OSError):
            pass  # macOS has the constant and refuses the limit
