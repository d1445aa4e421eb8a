"""How guards-installed is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import guardrails, write
from guardrails_policies.stages import BOTH, prod

_POLICY = "guards-installed"
_KIND = "reference-transaction"


def name_a_guard(folder: str) -> None:
    """Have the configuration ask for a hook in prod."""
    path = os.path.join(folder, "guardrails.toml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    write(path, f'guards.prod = ["{_KIND}"]\n{text}')


def _install(folder: str) -> None:
    name_a_guard(folder)
    guardrails(folder, "hook", "install", _KIND, "--env", "prod")


def _install_and_lose(folder: str) -> None:
    guardrails(folder, "hook", "install", _KIND, "--env", "prod")
    os.unlink(os.path.join(prod(folder), ".git/hooks", _KIND))


MISSING = Drill(
    _POLICY,
    ("standing",),
    "a-missing-hook",
    "A hook that must guard production is not there",
    name_a_guard,
    stages=BOTH,
)
DRILLS = (
    MISSING,
    Drill(_POLICY, ("standing",), "a-lost-hook", "A hook that was installed is gone", _install_and_lose, stages=BOTH),
    Drill(_POLICY, ("standing",), "a-hook", "The hook is installed", _install, harmless=True, stages=BOTH),
)
