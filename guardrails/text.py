"""Text from the world is data: secrets are taken out before any reporter sees it, and control characters are shown."""

from __future__ import annotations

import re
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

# What introduces a secret by name: `api_key=`, `"botToken": "`, `--password `. The quote, if any, ends the value.
_NAMED = r"""(?ix)
    (?P<before>
        (?:token|secret|passw(?:or)?d|api[_-]?key) ["']? (?:\s*[=:]\s*|\s+(?=["']))
        | --[a-z-]{0,40}(?:token|secret|password|key) \s+
        | \bbearer\s+
    )
    (?: (?P<quote>["'“]) [^"'”]{4,} | [^\s"'“,;)}\]&]{4,} )
"""
_SECRETS = (  # compiled when there is something to look through, which a passing run may not have
    (r"(?<=://)[^/\s'\"]+(?=@)", "***"),  # credentials in a URL: up to the last @ before the path, as git and curl do
    (r"\b(?:gh[pousr]_|github_pat_|glpat-|sk-|x(?:ox[abpr]|app)-|AKIA|ya29\.)[A-Za-z0-9_\-./+]{8,}", "***"),
    (r"\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]*", "***"),  # a JSON web token
    (r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", "***"),
    (_NAMED, r"\g<before>***"),
)
_UNSHOWN = r"(?i)token|secret|passw|passphrase|credential|cookie|private|(?:key|pass|pwd|pin)\b"


def lines(text: str) -> list[str]:
    """The lines of a text. Newlines alone end one: names may hold U+2028 and others at which `splitlines` breaks."""
    return text.removesuffix("\n").split("\n") if text else []


def names_a_secret(name: str) -> bool:
    """Whether a key or variable of that name probably holds a secret, so that its value is not to be shown."""
    return re.search(_UNSHOWN, name) is not None


def redacted(text: str) -> str:
    """The text without credentials, keys and tokens."""
    for pattern, replacement in _SECRETS:
        text = re.sub(pattern, replacement, text)
    return text


def visible(text: str) -> str:
    """The text on one line, with control, direction and unpaired characters shown as escapes."""
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text)


def listed(things: Collection[object], most: int = 5) -> str:
    """The first few things in one line, and how many more there are."""
    some = ", ".join(str(one) for one, _ in zip(things, range(most), strict=False))
    return f"{some} and {len(things) - most} more" if len(things) > most else some


def utc(at: float) -> str:
    """A time in seconds since the epoch as RFC 3339 writes it, in whole seconds of UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def storable(text: str) -> str:
    """The text with bytes that are not UTF-8 shown as escapes, so that every JSON reader takes it."""
    return text.encode("utf-8", "backslashreplace").decode()
