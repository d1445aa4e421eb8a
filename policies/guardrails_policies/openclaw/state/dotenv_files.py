"""The files called `.env` that OpenClaw reads its variables from, as the package `dotenv` (16 and 17) reads them.

A variable that is set already wins over them. Which of them say where the state is changed from version to version.
"""

from __future__ import annotations

import os
import re
import stat

from guardrails import CannotKnow
from guardrails.facts.files import read_text
from guardrails.wording.shown_text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

FILE_LIMIT = 1024 * 1024  # bytes; OpenClaw 2026.9 reads no larger one

_VARIABLE = r"""(?mx)^\s*(?:export\s+)?(?P<name>[\w.-]+)(?:\s*=|:\s)
    (?P<value>\s*'(?:\\'|[^'])*'|\s*"(?:\\"|[^"])*"|\s*`(?:\\`|[^`])*`|[^#\n]*)\s*(?:\#.*)?$"""


def read_dotenv(path: str) -> dict[str, str]:
    """The variables of a file, none when it is absent. Raises CannotKnow when it cannot be read."""
    try:
        text = read_text(path, FILE_LIMIT)
    except FileNotFoundError:
        return {}
    except CannotKnow:
        if os.path.isdir(path):  # such as a virtual environment of Python, which OpenClaw passes over too
            return {}
        raise
    found: dict[str, str] = {}
    for match in re.finditer(_VARIABLE, text.replace("\r\n", "\n").replace("\r", "\n")):
        value = match["value"].strip()
        quote = value[:1] if len(value) > 1 and value[:1] in "'\"`" and value[-1:] == value[:1] else ""
        plain = value[1:-1] if quote else value
        found[match["name"]] = plain.replace("\\n", "\n").replace("\\r", "\r") if value[:1] == '"' else plain
    return found


def open_secrets(paths: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Those of these files that hold a secret and that others may read, each with its mode."""
    found = []
    for path in paths:
        try:
            mode = stat.S_IMODE(os.stat(path).st_mode)
            if mode & (stat.S_IRGRP | stat.S_IROTH) and any(
                value and names_a_secret(name) for name, value in read_dotenv(path).items()
            ):
                found.append((path, mode))
        except (OSError, CannotKnow):
            continue  # what is wrong with it is told where its variables matter
    return tuple(found)
