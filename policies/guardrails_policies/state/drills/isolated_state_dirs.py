"""How isolated-state-dirs is proven."""

from __future__ import annotations

import json
import os
import shutil

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import STATES, set_option, write
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "isolated-state-dirs"
_MOMENTS = ("standing", "promote", "update")


def share_state(folder: str) -> None:
    """Link dev's state to production's."""
    shutil.rmtree(os.path.join(folder, STATES[1]))
    os.symlink(".openclaw", os.path.join(folder, STATES[1]))


def _link_elsewhere(folder: str) -> None:
    os.rename(os.path.join(folder, STATES[1]), os.path.join(folder, "home/.openclaw-development"))
    os.symlink(".openclaw-development", os.path.join(folder, STATES[1]))


def _reach_into_prod(folder: str) -> None:
    workspace = os.path.join(folder, STATES[0], "workspace")
    settings = {"gateway": {"mode": "local"}, "agents": {"defaults": {"workspace": workspace}}}
    write(os.path.join(folder, STATES[1], "openclaw.json"), json.dumps(settings))


def _reach_where_nobody_looks(folder: str) -> None:
    _reach_into_prod(folder)
    set_option(folder, _POLICY, "check_contents = false")


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> tuple[Drill, Drill]:
    """One about production, one about a release in dev."""
    first = Drill(_POLICY, _MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))
    return first, first.replaced(operations=("release",), environment="dev")


SHARED, SHARED_BY_RELEASE = _drill("a-link", "The dev gateway is linked to production's state", share_state)
DRILLS = (
    SHARED,
    SHARED_BY_RELEASE,
    *_drill("a-path", "The dev gateway works in production's workspace", _reach_into_prod),
    *_drill("a-link-elsewhere", "The dev gateway is linked to a state of its own", _link_elsewhere, harmless=True),
    *_drill("a-path-that-is-not-asked", "What is in the state is not asked", _reach_where_nobody_looks, harmless=True),
)
