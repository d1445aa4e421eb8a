"""Redirects with wildcards, as Mintlify's own checker of links follows them."""

from __future__ import annotations

import re

_WILDCARD = r":[A-Za-z_]\w*|\*"  # `:name` stands for one part of a path, `*` for anything


def has_wildcard(source: str) -> bool:
    """Whether a redirect's source stands for more than one address."""
    return bool(re.search(_WILDCARD, source))


class Pattern:
    """A redirect with wildcards in its source, which its destination may repeat: by name, and `*` in order."""

    def __init__(self, source: str, destination: str) -> None:
        source = source.strip("/")
        self._names = re.findall(_WILDCARD, source)
        fixed = map(re.escape, re.sub(_WILDCARD, "\0", source).split("\0"))
        wild = ["(.*)" if name == "*" else "([^/]+)" for name in self._names]
        self._source = re.compile("".join(part for pair in zip(fixed, [*wild, ""], strict=True) for part in pair))
        self._destination = destination

    def apply(self, address: str) -> str | None:
        """Where an address is redirected to; None when the source does not match."""
        match = self._source.fullmatch(address)
        if not match:
            return None
        held = list(zip(self._names, match.groups(), strict=True))
        named, others = dict(held), [text for name, text in held if name == "*"]
        return re.sub(
            _WILDCARD,
            lambda found: (others.pop(0) if others else "") if found[0] == "*" else named.get(found[0], found[0]),
            self._destination,
        )
