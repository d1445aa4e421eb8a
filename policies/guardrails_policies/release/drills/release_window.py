"""How release-window is proven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import configure
from guardrails_policies.openclaw.demo.words import run_words
from guardrails_policies.stages import BOTH, OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "release-window"
_MOMENTS = ("promote", "update", "rollback")


def _announce(what: str, first: int, last: int) -> Play:
    """What announces a time from so many hours from now to so many."""

    def play(folder: str) -> None:
        now = datetime.now(UTC)
        start, end = (now + timedelta(hours=hours) for hours in (first, last))
        times = f'{{ start = "{start:%Y-%m-%dT%H:%M:%SZ}", end = "{end:%Y-%m-%dT%H:%M:%SZ}" }}'
        configure(folder, f"[policies.release-window]\n{what} = [{times}]\n")

    return play


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, _MOMENTS, name, title, play, harmless=harmless, stages=BOTH)


FREEZE = _drill("a-freeze", "A freeze holds", _announce("freezes", -1, 24))
FROZEN_PROMOTION = FREEZE.replaced(
    operations=("promote",),
    name="a-frozen-promotion",
    title="A promotion in a freeze",
    stages=(OPENCLAW,),
    command=run_words("promote"),
    channel="run",
)
DRILLS = (
    FROZEN_PROMOTION,
    FREEZE,
    _drill("a-freeze-that-is-over", "A freeze has ended", _announce("freezes", -24, -1), harmless=True),
    _drill("a-window-to-come", "The announced time is yet to come", _announce("windows", 1, 24)),
    _drill("a-window", "It is an announced time", _announce("windows", -1, 24), harmless=True),
)
