"""Which version of OpenClaw a checkout holds, as its `package.json` says, and whether such a version was seen."""

from __future__ import annotations

import os

from guardrails.facts.files import read_json
from guardrails.plugins.product import Installed, Product
from guardrails_policies.openclaw.versions import NEWEST, OLDEST, SEEN_ON, is_between, named_version

_NAMES = ("openclaw", "clawdbot", "moltbot", "moldbot")  # of the package, over time


def look(repo: str) -> Installed | None:
    """The version in a checkout. Raises CannotKnow when its package cannot be read."""
    path = os.path.join(repo, "package.json")
    try:
        said = read_json(path)
    except FileNotFoundError:
        return None
    if not isinstance(said, dict) or said.get("name") not in _NAMES:
        return None
    version = named_version(said.get("version"))
    if not version:
        return Installed("without a version", f"{path} names none, so the rules of every known one are asked")
    if is_between(version, OLDEST, NEWEST):
        return Installed(version)
    seen = f"the versions that were seen, on {SEEN_ON}, are {OLDEST} to {NEWEST}"
    return Installed(version, f"{seen}; it is taken for the nearest of them")


PRODUCT = Product("OpenClaw", look)
