"""Text from the world is data: secrets are taken out before any reporter sees it, and control characters are shown."""

from __future__ import annotations

import re

_SECRETS = (
    (re.compile(r"(?<=://)[^/\s@'\"]+(?=@)"), "***"),  # credentials in a URL
    (re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-|sk-|xox[abpr]-|AKIA|ya29\.)[A-Za-z0-9_\-./+]{8,}"), "***"),
    (re.compile(r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*"), "***"),  # a JSON web token
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL), "***"),
    (
        re.compile(r"(?i)\b((?:[a-z0-9]+[_-])*(?:token|secret|passw(?:or)?d|api[_-]?key)\"?\s*[=:]\s*)[^\s,;)}\]]{4,}"),
        r"\1***",
    ),
)


def redacted(text: str) -> str:
    """The text without credentials, keys and tokens."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def visible(text: str) -> str:
    """The text on one line, with control, direction and unpaired characters shown as escapes."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text)


def storable(text: str) -> str:
    """The text with bytes that are not UTF-8 shown as escapes, so that every JSON reader takes it."""
    return text.encode("utf-8", "backslashreplace").decode()
