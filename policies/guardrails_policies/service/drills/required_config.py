"""How required-config is proven."""

from __future__ import annotations

import json
import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import STATES, set_option, write
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.plugins.stages import Play

_POLICY = "required-config"
_MOMENTS = ("standing", "start")


def _change(folder: str, **gateway: Any) -> None:
    """Have the settings of the gateway say this and nothing else."""
    path = os.path.join(folder, STATES[0], "openclaw.json")
    with open(path, encoding="utf-8") as file:
        settings = json.load(file)
    write(path, json.dumps({**settings, "gateway": gateway}))


def unset_the_mode(folder: str) -> None:
    """Take the mode of the gateway out of production's settings."""
    _change(folder)


def _set_another_mode(folder: str) -> None:
    _change(folder, mode="remote")


def _set_the_port(folder: str) -> None:
    _change(folder, mode="local", port=18789)


def _require_a_port(folder: str) -> None:
    set_option(folder, _POLICY, 'present = ["gateway.port"]')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, _MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))


NO_MODE = _drill("no-mode", "The gateway's mode is not set", unset_the_mode)
DRILLS = (
    NO_MODE,
    _drill("another-mode", "The gateway's mode is another one", _set_another_mode),
    _drill("no-port", "A setting that must be there is not", _require_a_port),
    _drill("a-port", "Another setting is made", _set_the_port, harmless=True),
)
