"""How active-sessions is proven."""

from __future__ import annotations

import json
import os
import time

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import STATES, set_option, write
from guardrails_policies.stages import OPENCLAW

_POLICY = "active-sessions"
_MOMENTS = ("standing", "verify")
_HOUR = 3600  # seconds


def _use(folder: str, hours_ago: float) -> None:
    """Have the only session of prod used last so long ago."""
    path = os.path.join(folder, STATES[0], "agents/main/sessions/sessions.json")
    session = {"sessionId": "demo", "updatedAt": round((time.time() - hours_ago * _HOUR) * 1000)}
    write(path, json.dumps({"agent:main:main": session}))


def fall_silent(folder: str) -> None:
    """Have no session used for a month."""
    _use(folder, 30 * 24)


def _rest(folder: str) -> None:
    _use(folder, 6 * 24)


def _rest_too_long(folder: str) -> None:
    _use(folder, 2)
    set_option(folder, _POLICY, 'max_age = "1h"')


SILENT = Drill(_POLICY, _MOMENTS, "silence", "No session has been used for a month", fall_silent, stages=(OPENCLAW,))
DRILLS = (
    SILENT,
    Drill(
        _POLICY, _MOMENTS, "a-short-silence", "None was used for longer than asked", _rest_too_long, stages=(OPENCLAW,)
    ),
    Drill(_POLICY, _MOMENTS, "a-rest", "None was used for six days", _rest, harmless=True, stages=(OPENCLAW,)),
)
