"""How OpenClaw's programs are called, now and under its old names, and where they are."""

from __future__ import annotations

import os

ENTRIES = (
    "dist/index.js", "dist/entry.js", "dist/entry.mjs", "openclaw.mjs", "src/index.ts", "src/entry.ts",
    "scripts/run-node.mjs", "scripts/watch-node.mjs",
)  # fmt: skip
PROGRAMS = ("openclaw", "openclaw-dev", "clawdbot", "moltbot", "moldbot")
SEARCHED = ("/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin")  # when nothing says where programs are

MARKERS = ("openclaw", "clawdbot", "moltbot", "moldbot", "gateway")  # what its names, old and new, have in common


def is_inside(path: str, folder: str) -> bool:
    """Whether a path is a folder or in it, when links are followed."""
    return (os.path.realpath(path) + "/").startswith(os.path.realpath(folder).rstrip("/") + "/")
