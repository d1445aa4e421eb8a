"""How service-definition is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import STATES
from guardrails_policies.openclaw.demo.world import SERVICE, write_service
from guardrails_policies.stages import OPENCLAW, dev, prod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "service-definition"
_MOMENTS = ("standing", "start")


def _unit(folder: str) -> str:
    return os.path.join(folder, "home/.config/systemd/user", f"{SERVICE}.service")


def serve_the_dev_repo(folder: str) -> None:
    """Have production's service start dev's repository."""
    write_service(folder, dev(folder), STATES[0])


def serve_with_dev_state(folder: str) -> None:
    """Have production's service use dev's state."""
    write_service(folder, prod(folder), STATES[1])


def _lose(folder: str) -> None:
    os.unlink(_unit(folder))


def _describe(folder: str) -> None:
    with open(_unit(folder), "a", encoding="utf-8") as file:
        file.write("RestartSec=5\n")


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, _MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))


DEV_SERVED = _drill("another-repository", "The service starts the development repository", serve_the_dev_repo)
DRILLS = (
    DEV_SERVED,
    _drill("another-state", "The service uses the state of dev", serve_with_dev_state),
    _drill("no-service", "The service is not defined", _lose),
    _drill("another-pause", "The service waits longer before it starts again", _describe, harmless=True),
)
