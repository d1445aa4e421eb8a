"""The stage of drills that name none: two repositories of any product, in which no policy applies yet."""

from __future__ import annotations

from guardrails.plugins.stages import Stage
from guardrails.testing.worlds import RELEASE, ScratchWorld

_CONFIGURATION = """\
[environments.prod]
repo = "prod"
state_dir = "state/prod"
branch = "main"
upstream = "upstream/main"

[environments.dev]
repo = "dev"
state_dir = "state/dev"

[operations.promote]
environment = "prod"
candidate_from = "dev"
moves_head_to = "candidate"
steps = ["git merge --ff-only {candidate}"]
"""


def _build(folder: str) -> None:
    world = ScratchWorld(folder)
    world.build()
    world.furnish()
    world.configuration.write_text(_CONFIGURATION, encoding="utf-8")


SCRATCH = Stage(
    "scratch", "an upstream, a prod and a dev repository, and two state directories", _build, candidate=RELEASE
)
