"""How state-dir-variable is proven."""

from __future__ import annotations

from guardrails import Drill, Table
from guardrails_policies.openclaw.demo.words import run_words
from guardrails_policies.service.drills.service_definition import serve_with_dev_state
from guardrails_policies.stages import OPENCLAW

_POLICY = "state-dir-variable"
_OF_PROD = Table(OPENCLAW_STATE_DIR="~/.openclaw")
SHELL_OF_DEV = Table(OPENCLAW_STATE_DIR="~/.openclaw-dev")

_RESTART = ("openclaw", "gateway", "restart")
DRILLS = (
    Drill(
        _POLICY,
        ("start",),
        "a-start-on-dev",
        "A start while the service uses the state of dev",
        serve_with_dev_state,
        stages=(OPENCLAW,),
        command=run_words("start", *_RESTART),
        channel="run",
    ),
    Drill(
        _POLICY,
        ("start",),
        "a-start-on-prod",
        "A start on production's own state",
        harmless=True,
        stages=(OPENCLAW,),
        command=run_words("start", *_RESTART),
        channel="run",
    ),
    Drill(
        _POLICY,
        ("standing", "start"),
        "a-service-with-another-state",
        "The service starts production on dev's state",
        serve_with_dev_state,
        stages=(OPENCLAW,),
    ),
    Drill(
        _POLICY,
        ("start",),
        "a-shell-of-dev",
        "Production is started from a shell of dev",
        stages=(OPENCLAW,),
        variables=SHELL_OF_DEV,
    ),
    Drill(
        _POLICY,
        ("standing", "start"),
        "a-shell-of-prod",
        "The shell names production's own state",
        harmless=True,
        stages=(OPENCLAW,),
        variables=_OF_PROD,
    ),
)
