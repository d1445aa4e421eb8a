"""The files that a shell reads before its script, and whether they may decide where a gateway's state is."""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow
from guardrails.facts.files import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SCRIPT_LIMIT = 256 * 1024  # bytes

_SAID = r"\b(?:OPENCLAW|CLAWDBOT|MOLTBOT|MOLDBOT)_\w+|\bHOME=|\bunset\b.*\bHOME\b"


def says_something(text: str) -> bool:
    """Whether a script names a variable that a gateway's state depends on."""
    return re.search(_SAID, text) is not None


def startup_files(shell: str, flags: str, home: str) -> list[str]:
    """The files that a shell reads before its script: a login shell its profile, zsh always its environment."""
    names: list[str] = []
    if shell == "zsh":
        names = [".zshenv", *([".zprofile", ".zlogin"] if "l" in flags else []), *([".zshrc"] if "i" in flags else [])]
    elif "l" in flags:
        names = [".bash_profile", ".bash_login", ".profile", ".bashrc"]
    elif "i" in flags:
        names = [".bashrc"]
    shared = ["/etc/profile"] if "l" in flags else []
    return [*shared, *(os.path.join(home, name) for name in names)]


def telling_file(paths: Sequence[str]) -> str:
    """The first of these files that may set what a gateway's state depends on, or cannot be read; empty when none."""
    for path in paths:
        try:
            if says_something(read_text(path, SCRIPT_LIMIT)):
                return path
        except FileNotFoundError:
            continue
        except CannotKnow:
            return path
    return ""
