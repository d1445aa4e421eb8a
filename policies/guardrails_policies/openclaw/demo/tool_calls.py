"""Tool calls of an agent: what is refused before it runs, by which policy, and what is nobody's business."""

from __future__ import annotations

from guardrails.plugins.demo_scenes import Act, Scene
from guardrails_policies.agents.drills import guard_stays_on, guarded_operations, own_state, untouched_places
from guardrails_policies.openclaw.demo.words import asking_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.drills import Drill


def _vetted(drill: Drill) -> Scene:
    return Scene(asking_words(drill), () if drill.harmless else (drill.policy,), drill.play)


_CALLS = (
    guarded_operations.STATUS,
    guarded_operations.RESET,
    untouched_places.EDIT,
    own_state.FOREIGN_STATE,
    guard_stays_on.UNHOOKED_PUSH,
)
TOOL_CALLS = (Act("An agent's tool calls", tuple(map(_vetted, _CALLS))),)
