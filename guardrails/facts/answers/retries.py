"""Asking a service again and again until it answers as it should, or its time is up."""

from __future__ import annotations

import time

from guardrails.errors import CannotKnow
from guardrails.facts.programs.side_by_side import Pause
from guardrails.wording.durations import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import TypeVar

    from guardrails.policy import World

    Answer = TypeVar("Answer")

LONGEST = 50.0  # seconds; a whole check ends within sixty
PAUSE = 0.5  # seconds between two tries


def check(within: str, times: int = 1) -> None:
    """Raise ValueError when a check could never wait so long, or not get so many answers in that time."""
    limit = seconds(within)
    if limit > LONGEST:
        raise ValueError(f"within: a check ends within a minute, so {within} is too long; at most {LONGEST:g}s")
    if times < 1:
        raise ValueError(f"times is {times}, but must be at least 1")
    if (times - 1) * PAUSE >= limit:
        raise ValueError(f"times: {times} tries with {PAUSE:g} s between them do not fit into {within}")


async def try_until_good(
    world: World, ask: Callable[[float], Awaitable[Answer]], good: Callable[[Answer], bool], within: str, times: int = 1
) -> tuple[Answer, ...]:
    """The last answers, at most `times`: all good when so many in a row were, else what came when the time was up.

    `ask` gets the seconds that are left. No try is begun that would not end in time if it took as long as the last
    one. Raises CannotKnow when the time was up early: gathering as a whole may take twice `--timeout`.
    """
    limit = seconds(within)
    allowed = min(limit, world.timeout * 2)
    until = time.monotonic() + allowed
    answers: list[Answer] = []
    while True:
        begun = time.monotonic()
        answers = [*answers, await ask(max(round(until - begun, 1), 0.1))][-times:]
        if len(answers) == times and all(map(good, answers)):
            break
        took = time.monotonic() - begun
        if time.monotonic() + PAUSE + took >= until:
            if allowed < limit:
                raise CannotKnow(f"no good answer within {allowed:g} s; for {within}, add --timeout {limit / 2:g}")
            break
        await Pause(PAUSE)
    return tuple(answers)
