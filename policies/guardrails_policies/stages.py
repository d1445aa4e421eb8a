"""The worlds of our drills and of the demo: by either profile, before and after a release."""

from __future__ import annotations

import os

from guardrails.plugins.stages import Stage
from guardrails_policies.openclaw.demo import gateway, world
from guardrails_policies.openclaw.demo.tools import guardrails, write

_OF_ANY_PRODUCT = """\
extends = ["checkout"]

[environments.prod]
repo = "openclaw-prod"
state_dir = "home/.openclaw"
upstream = "upstream/main"
variables = { OPENCLAW_STATE_DIR = "{state_dir}" }

[environments.dev]
repo = "moltbot"
state_dir = "home/.openclaw-dev"
variables = { OPENCLAW_STATE_DIR = "{state_dir}" }

[operations.promote]
candidate_from = "dev"

[policies.rollback-ready]
document = "docs/DEPLOYMENT.md"

[policies.tested-commit]
commands = { build = "pnpm build", test = "pnpm test" }

[policies.required-signoffs]
roles = { architect-1 = [], architect-2 = [] }
"""


def _build_of_any_product(folder: str) -> None:
    """The same repositories, by the profile `checkout`."""
    world.build(folder, profile="checkout")
    write(os.path.join(folder, "guardrails.toml"), _OF_ANY_PRODUCT)


def promote(folder: str) -> None:
    """Have the release promoted by a guarded run, which is how there is a way back."""
    guardrails(folder, "run", "promote", "--env", "prod", "--candidate", world.RELEASE)


def _build_released(folder: str) -> None:
    world.build(folder)
    promote(folder)


def _build_released_of_any_product(folder: str) -> None:
    _build_of_any_product(folder)
    promote(folder)


_TOLD = "an upstream, a prod and a dev repository, two state directories, a service, documents, cron jobs"
OPENCLAW = Stage("openclaw", _TOLD, world.build, gateway.stop, world.RELEASE)
CHECKOUT = Stage(
    "checkout", "the same repositories, by the profile checkout", _build_of_any_product, candidate=world.RELEASE
)
RELEASED = Stage(
    "openclaw-released", "the same with its release promoted", _build_released, gateway.stop, world.RELEASE
)
CHECKOUT_RELEASED = Stage("checkout-released", "both of these", _build_released_of_any_product, candidate=world.RELEASE)
BOTH = (OPENCLAW, CHECKOUT)
BOTH_RELEASED = (RELEASED, CHECKOUT_RELEASED)


def prod(folder: str) -> str:
    """Production's repository."""
    return os.path.join(folder, "openclaw-prod")


def dev(folder: str) -> str:
    """The development repository, which has the release checked out."""
    return os.path.join(folder, "moltbot")
