"""Sending canaries through every guard that is configured for an environment, or was installed in it.

The audit log says before each canary that it comes, so that nobody takes the refusal for an accident, and so that a log
which cannot be written is known before anything is sent. A refusal counts when the log tells of it: git may fail for
other reasons, and a hook of somebody else may refuse.
"""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from tempfile import TemporaryDirectory

from guardrails.audit.chain import record_in
from guardrails.audit.reader import read_lines
from guardrails.canaries.bounded import ended_within
from guardrails.canaries.canary import CanaryResult
from guardrails.canaries.channels import channels_of, operation_of
from guardrails.config import places
from guardrails.config.settings import guardrails_for, log_of
from guardrails.errors import GuardrailsError
from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.facts.programs.command import GivenUp
from guardrails.hooks import memory
from guardrails.operations import audit
from guardrails.operations.guarded_run.lock import hold_lock
from guardrails.record import Record
from guardrails.wording.shown_text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from guardrails.canaries.canary import Answer, Canary
    from guardrails.canaries.channels import Channel
    from guardrails.config.settings import Settings
    from guardrails.guards import Guard
    from guardrails.model import Environment

ANNOUNCED = "canary"  # the kind of the record that says that one comes
_PAUSE = 0.5  # seconds until a canary is sent again whose refusal is not logged, as a host that is late leaves it


class Patience(Record):
    """How many seconds a program may take with a canary, and how long its refusal may take to be in the log."""

    program: float = 30.0
    log: float = 10.0


PATIENCE = Patience()


def send_canaries(
    settings: Settings,
    environments: Iterable[Environment],
    configuration: str | None,
    patience: Patience = PATIENCE,
) -> list[CanaryResult]:
    """Send a canary through each guard of the environments, and say what became of it; none where there is no guard.

    `configuration` is the path of the file that the settings are from, None for the built-in profile. Nothing but
    records of the audit log is left. What cannot be played is a result too; nothing is raised.
    """
    return [one for environment in environments for one in _sent(settings, environment, configuration, patience)]


def _sent(
    settings: Settings, environment: Environment, configuration: str | None, patience: Patience
) -> Iterator[CanaryResult]:
    known = memory.required_guards(settings, environment, configuration)
    if known.problem:
        name = f"{environment.name}/guards"
        yield CanaryResult(name, environment.name, "", "", played=False, text=known.problem)
    for guard in known.wanted:
        yield from send_through(guard, environment, settings, apart=known.apart, patience=patience)


def send_through(
    guard: Guard, environment: Environment, settings: Settings, *, apart: bool, patience: Patience = PATIENCE
) -> Iterator[CanaryResult]:
    """Send a canary through each way to one guard. `apart` is as in `Guards`; nothing is raised."""
    try:
        channels = [*channels_of(guard, environment, apart=apart)]
    except GuardrailsError as error:
        name = f"{environment.name}/{guard.kind}"
        yield CanaryResult(name, environment.name, guard.kind, operation_of(guard), played=False, text=str(error))
        return
    for channel in channels:
        yield _send(channel, settings, patience)


def _send(channel: Channel, settings: Settings, patience: Patience) -> CanaryResult:
    started = time.monotonic()
    unknown = CanaryResult(channel.id, channel.environment.name, channel.kind, channel.operation, channel.place)
    try:
        found = _play(channel, settings, patience, unknown)
    except (GuardrailsError, OSError) as error:
        found = unknown.replaced(played=False, text=f"it could not be sent: {error}")
    if found.played and not found.held and not found.do:
        found = found.replaced(do=channel.do)
    return found.replaced(duration_ms=round((time.monotonic() - started) * 1000))


def _play(channel: Channel, settings: Settings, patience: Patience, unknown: CanaryResult) -> CanaryResult:
    """Announce a canary, send it, and look for it in the log. Raises GuardrailsError or OSError when it cannot be."""
    if channel.make is None:
        return unknown.replaced(exit_code=ALLOW, text=f"nothing asks it: {channel.problem}")
    log = log_of(settings.audit, channel.environment, settings.environments)
    with TemporaryDirectory(prefix="guardrails-canary-", ignore_cleanup_errors=True) as scratch:
        canary = channel.make(os.path.realpath(scratch), f"canary-{os.urandom(8).hex()}")
        unknown = unknown.replaced(canary=canary.token)
        with hold_lock(canary.apart, "", home=places.home()) if canary.apart else nullcontext():
            audit.log(settings, channel.environment, ANNOUNCED, {"channel": channel.kind, "canary": canary.token})
            try:
                answer, record = _answered(canary, log, patience.program, 0.0 if channel.problem else patience.log)
            except GivenUp as error:
                return unknown.replaced(text=_because(f"it {error}", channel.problem))
    if record is not None:
        found = _logged(unknown, answer, record, settings)
        if found.held and channel.problem:  # whoever stands there may hand on a canary, and let other things pass
            return found.replaced(
                held=False, text=f"it was refused, but what asks the guard is not sound: {channel.problem}"
            )
        return found
    if answer.refused:
        text = f"it was refused, but {log} does not tell of it"
        return unknown.replaced(text=_because(text, channel.problem or answer.said))
    text = _because("it was let through", channel.problem)
    return unknown.replaced(exit_code=ALLOW, text=f"{text}; what was said: {answer.said}" if answer.said else text)


def _answered(canary: Canary, log: str, seconds: float, wait: float) -> tuple[Answer, dict[str, Any] | None]:
    """Send a canary, again while its refusal is not in the log, and give the last answer and what the log tells."""
    until = time.monotonic() + wait
    while True:
        answer = canary.answer(ended_within(canary.command, seconds))
        record = _told(log, canary.token)
        if record is not None or not answer.refused or time.monotonic() >= until:
            return answer, record
        time.sleep(_PAUSE)


def _told(log: str, token: str) -> dict[str, Any] | None:
    """The newest whole record of what was decided about a canary, None without one. Raises AuditError as the reader."""
    found = None
    for _, line in read_lines(log):
        if token.encode() in line and line.endswith(b"\n"):
            try:
                record = record_in(line[:-1])
            except ValueError:
                continue
            found = record if record.get("kind") != ANNOUNCED else found
    return found


def _logged(found: CanaryResult, answer: Answer, record: dict[str, Any], settings: Settings) -> CanaryResult:
    """What became of a canary by the record of it: a refusal of a transaction has one policy, a verdict several."""
    code = record.get("exit_code", DENY)
    policies = tuple(record.get("blocking") or filter(None, [record.get("policy")]))
    found = found.replaced(logged=True, exit_code=code, policies=policies)
    if code == DENY and policies and answer.refused:
        return found.replaced(held=True, text=f"refused by {listed(policies)}, and the audit log tells of it")
    if code == ALLOW:
        text = f"it was judged and let through: no policy of {found.environment} speaks against it"
        explain = guardrails_for(settings, found.environment).line("explain", found.operation)
        return found.replaced(text=text, do=explain)
    if not answer.refused:
        return found.replaced(text=f"{listed(policies) or 'the guard'} refused it, and it was let through all the same")
    return found.replaced(exit_code=UNDECIDED, played=False, text=_because("it could not be decided", answer.said))


def _because(text: str, why: str | None) -> str:
    return f"{text}: {why}" if why else text
