"""What a refused command must not change: production's checkout, the server, and the states."""

from __future__ import annotations

import os

from guardrails.drills.pictures import describe_entry
from guardrails_policies.openclaw.demo.tools import STATES, git

_KEPT = ("openclaw-prod", "server.git", *STATES)


def take_picture(folder: str) -> dict[str, str]:
    """The mode and the SHA-256 of every file, by its path; and what prod's index holds, whose file git may refresh."""
    found = {"openclaw-prod: staged": git(os.path.join(folder, "openclaw-prod"), "ls-files", "--stage", "-t", "-v")}
    for top in _KEPT:
        for place, folders, names in os.walk(os.path.join(folder, top)):
            for name in (*folders, *names):
                path = os.path.join(place, name)
                found[os.path.relpath(path, folder)] = describe_entry(path)
    return found
