"""All turns played, side by side in as many places as there are processors for them.

Each turn is played in a process of its own, so that nothing of it is left for the next one, and so that one which hangs
is ended. A place holds one world at a time.
"""

from __future__ import annotations

import os
import select
import sys
import time

from guardrails.drills import worlds
from guardrails.drills.outcomes import Observed, Outcome
from guardrails.drills.playing import play, told
from guardrails.errors import CannotKnow
from guardrails.record import plain
from guardrails.safety.supervisor import Worker

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from guardrails.drills.selection import Turn
    from guardrails.safety.supervisor import Say

PATIENCE = 90.0  # seconds for one turn
_PLACES = 2  # more would only wait for each other on the machine that this must be quick on


def play_all(turns: Sequence[Turn], scratch: str, heard: Callable[[Outcome], None], *, keep: bool) -> list[Outcome]:
    """Play the turns in worlds below the folder `scratch`, and give what came of each, in their order.

    `heard` gets each outcome as it comes. With `keep`, each world has a folder of its own and stays. Raises CannotKnow
    when a world cannot be built.
    """
    found: dict[str, Outcome] = {}
    waiting = list(reversed(turns))
    under_way: list[_Playing] = []
    free = [worlds.Place(os.path.join(scratch, str(number))) for number in range(min(_PLACES, os.cpu_count() or 1))]
    try:
        while waiting or under_way:
            while waiting and free:
                turn = waiting.pop()
                own = worlds.Place(os.path.join(scratch, turn.id.replace("/", "."))) if keep else None
                under_way.append(_Playing(turn, free.pop(), own))
            for playing in _ready(under_way):
                under_way.remove(playing)
                outcome = playing.outcome()
                free.append(playing.place)
                found[outcome.turn.id] = outcome
                heard(outcome)
    finally:
        for playing in under_way:
            playing.break_off()
    return [found[turn.id] for turn in turns]


class _Playing:
    """A turn that is being played, in a place; `own` is one of its own, whose world stays."""

    def __init__(self, turn: Turn, place: worlds.Place, own: worlds.Place | None) -> None:
        self.turn, self.place = turn, place
        self.until = time.monotonic() + PATIENCE
        self._at = own or place
        self.worker = Worker(lambda say: _work(turn, self._at, say))

    def outcome(self) -> Outcome:
        """What came of it; ends the process. Raises CannotKnow when there is no world to play it in."""
        message = next(iter(self.worker.messages(lambda _: 0.0, self.until)), None)
        ending = self.worker.ending
        if message is None:
            self.break_off()
            return Outcome(self.turn, Observed(trouble=f"the process that played it {ending}"), round(PATIENCE * 1000))
        self.worker.end()
        if "unbuilt" in message:
            raise CannotKnow(f"the world {self.turn.stage.name} cannot be built: {message['unbuilt']}")
        return Outcome(self.turn, Observed(**_shaped(message["observed"])), message["duration_ms"])

    def break_off(self) -> None:
        """End it, wherever it is, and all that it has started."""
        self.worker.end()
        worlds.end_strays(self._at.folder)


def _ready(under_way: Sequence[_Playing]) -> Iterator[_Playing]:
    """Those that have said something, have ended, or are late; waits for the first."""
    poll = select.poll()
    by_descriptor = {playing.worker.fileno(): playing for playing in under_way}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.POLLIN)
    late = min(playing.until for playing in under_way)
    ready = [descriptor for descriptor, _ in poll.poll(max(0.0, late - time.monotonic()) * 1000)]
    now = time.monotonic()
    return (one for key, one in by_descriptor.items() if key in ready or one.until <= now)


def _work(turn: Turn, place: worlds.Place, say: Say) -> None:
    """The life of the process that plays one turn."""
    _hush()
    try:
        world = place.world(turn.stage)
    except Exception as error:  # the disk is full, git is not there, a plugin has a bug
        say({"unbuilt": told(error)})
        return
    began = time.monotonic()
    observed = play(turn, world, place.variables(world))
    duration = round((time.monotonic() - began) * 1000)
    try:
        turn.stage.leave(world)
    except Exception as error:
        observed = Observed(trouble=f"what was started for it could not be ended: {told(error)}")
    say({"observed": plain(observed), "duration_ms": duration})


def _hush() -> None:
    """Give no program that is started here a terminal, or a word in what we print."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdin, sys.stdout, sys.stderr = (open(os.devnull, mode, encoding="utf-8") for mode in "rww")  # noqa: SIM115


def _shaped(said: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in said.items()}
