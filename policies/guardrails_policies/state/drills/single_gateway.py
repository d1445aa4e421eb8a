"""How single-gateway is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo import gateway
from guardrails_policies.stages import OPENCLAW

_POLICY = "single-gateway"
_MOMENTS = ("standing", "start", "verify")


def start_two(folder: str) -> None:
    """Start production's gateway, and one from dev on the same state."""
    gateway.start(folder)
    gateway.start_another(folder)


TWO = Drill(
    _POLICY, _MOMENTS, "two-gateways", "A second gateway runs on production's state", start_two, stages=(OPENCLAW,)
)
DRILLS = (
    TWO,
    Drill(_POLICY, _MOMENTS, "one-gateway", "One gateway runs", gateway.start, harmless=True, stages=(OPENCLAW,)),
)
