"""The anchors of a page: what may stand after `#` in a link to it.

On GitHub a heading has one ("Section links" in its documentation on basic syntax; the rule is that of the library
github-slugger), whether it is written in Markdown or as `<h2>`. A page of a site of Mintlify has the anchors of
`mintlify.py` and no others.
"""

from __future__ import annotations

from guardrails.facts.pages.page_element import PageElement

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

_PREFIX = "user-content-"  # of every id on GitHub, which a link may leave out
_KEPT = ("Nd", "Nl", "Pc")
_CIRCLED = frozenset(map(chr, range(0x24B6, 0x24EA)))  # symbols that count as letters
_PUNCTUATION = {code: None for code in range(128) if not (chr(code).isalnum() or chr(code) in "-_ ")} | {ord(" "): "-"}


class Anchors:
    """Collects the anchors of one page, in its order, since the second of two equal headings gets another one.

    `headless` says that the page is of a kind whose headings have no anchor on Mintlify.
    """

    def __init__(self, *, mintlify: bool) -> None:
        self.headless = False
        self._mintlify = mintlify
        self._written: dict[str, None] = {}
        self._named: list[PageElement] = []

    def all(self) -> list[str]:
        """Every anchor once, not percent-encoded."""
        if not self._mintlify:
            return list(self._written | _on_github(self._named))
        from guardrails.facts.pages.mintlify import ids

        return list(self._written | ids(self._named, without_headings=self.headless))

    def add(self, name: str) -> None:
        """An anchor that is written down, as the `id` of an element is."""
        self._written[name] = None

    def add_named(
        self, name: str, title: str, attributes: dict[str, str], *, level: int = 0, apart: bool = False
    ) -> PageElement | None:
        """Something that gets an anchor by its name or title, which may still be set on what is returned.

        `name` is empty for a heading in Markdown, and that of the tag for others; `level` is that of a heading.
        """
        if not (self._mintlify or level):
            return None
        self._named.append(PageElement(name, level, title, attributes, apart=apart))
        return self._named[-1]


def resolves(fragment: str, anchors: Collection[str], *, mintlify: bool) -> bool:
    """Whether a link to this fragment finds its place on a page with these anchors.

    The top of a page is always there (HTML, "Scrolling to a fragment"), and what follows `:~:` is no name but text to
    look for. Upper and lower case differ.
    """
    if fragment in anchors:
        return True
    decoded = _decoded(fragment.partition(":~:")[0])
    if decoded in anchors or decoded.lower() in ("", "top"):
        return True
    return not mintlify and decoded.startswith(_PREFIX) and decoded.removeprefix(_PREFIX) in anchors


def github_slug(text: str) -> str:
    """Lower case, without punctuation, and a dash for each space."""
    text = text.lower()
    if text.isascii():
        return text.translate(_PUNCTUATION)
    from unicodedata import category

    kinds = {one: category(one) for one in set(text)}
    kept = (one for one in text if one in "- " or kinds[one][0] in "LM" or kinds[one] in _KEPT or one in _CIRCLED)
    return "".join(kept).replace(" ", "-")


def _on_github(headings: list[PageElement]) -> dict[str, None]:
    found: dict[str, None] = {}
    seen: dict[str, int] = {}
    for heading in headings:
        slug = plain = github_slug(heading.title)
        while slug in seen:
            seen[plain] += 1
            slug = f"{plain}-{seen[plain]}"
        seen[slug] = 0
        found[slug] = None
    return found


def _decoded(name: str) -> str:
    if "%" not in name:
        return name
    from urllib.parse import unquote

    return unquote(name, errors="replace")
