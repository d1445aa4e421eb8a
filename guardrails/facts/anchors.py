"""The anchors of a page: what may stand after `#` in a link to it.

On GitHub a heading has one ("Section links" in its documentation on basic syntax; the rule is that of the library
github-slugger). On a site of Mintlify a heading, a component with a title and a parameter have one; the rules are
those of its own checker, `mint broken-links --check-anchors` (@mintlify/common 1.0). Such pages are read on GitHub as
well, so that an anchor which either of them makes counts.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_ENCODED = re.compile(r"%[0-9A-F]{2}")
_CONTRACTION = re.compile(r"([a-zA-Z\d]+)-([ts])(?=-|$)")
_LOST = re.compile(r"""[?,;:!'"()\[\]{}]""")  # what Mintlify drops from an anchor before it compares
_MARKUP = re.compile(r"[`*]|\[([^\]]*)\]\([^)]*\)")  # of a title
_PARAMETERS = ("query", "path", "body", "header")
_LEVELS = 4  # headings below have no anchor on Mintlify
_PUNCTUATION = {code: None for code in range(128) if not (chr(code).isalnum() or chr(code) in "-_ ")} | {ord(" "): "-"}


class Anchors:
    """Collects the anchors of one page, in its order, since the second of two equal headings gets another one."""

    def __init__(self, *, mintlify: bool) -> None:
        self._mintlify = mintlify
        self._all: dict[str, None] = {}
        self._on_github: dict[str, int] = {}
        self._on_mintlify: dict[str, int] = {}
        self._of_kind: dict[str, dict[str, int]] = {"Tab": {}, "Accordion": {}, "View": {}, "Param": {}}

    def all(self) -> list[str]:
        """Every anchor once, not percent-encoded."""
        return list(self._all)

    def add(self, name: str) -> None:
        """An anchor that is written down, as the `id` of an element is."""
        self._all[name] = None

    def heading(self, text: str, level: int) -> None:
        """The anchors that are made of a heading's text."""
        slug = plain = github_slug(text)
        while slug in self._on_github:
            self._on_github[plain] += 1
            slug = f"{plain}-{self._on_github[plain]}"
        self._on_github[slug] = 0
        self._all[slug] = None
        if self._mintlify and level <= _LEVELS:
            self._numbered(text, self._on_mintlify)

    def component(self, name: str, attributes: Mapping[str, str]) -> None:
        """The anchor that Mintlify gives one of its components, unless it has an `id`."""
        title = _MARKUP.sub(r"\1", attributes.get("title", ""))
        if not self._mintlify or attributes.get("id"):
            return
        if name == "Tab" and title:
            self._numbered(title, self._of_kind["Tab"])
        elif name in ("Accordion", "View") and title:
            self._counted(_runs(_latin(title.replace(":", "-", 1)).lower()), self._of_kind[name], "-")
        elif name == "Update" and attributes.get("label"):
            self._numbered(attributes["label"], self._on_mintlify)
        elif name == "Step" and title:
            self._numbered(title, self._on_mintlify)
        elif name in ("ParamField", "Param", "ResponseField"):
            keys = ("name",) if name == "ResponseField" else _PARAMETERS
            field = next(filter(None, map(attributes.get, keys)), "")
            if field:
                self._counted(_runs(_decamelized(f"param-{field}").lower()), self._of_kind["Param"], "-")

    def _numbered(self, title: str, seen: dict[str, int]) -> None:
        """On Mintlify the second of the same name ends in -2. Typographic quotes came with a later version."""
        for slug in dict.fromkeys((mintlify_slug(title), mintlify_slug(_typographic(title)))):
            count = seen[slug] = seen.get(slug, 0) + 1
            self._all[f"{slug}-{count}" if count > 1 else slug] = None

    def _counted(self, slug: str, seen: dict[str, int], separator: str) -> None:
        count = seen[slug] = seen.get(slug, -1) + 1
        self._all[f"{slug}{separator}{count}" if count else slug] = None


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
    return mintlify and _LOST.sub("", decoded) in {_LOST.sub("", anchor) for anchor in anchors}


def github_slug(text: str) -> str:
    """Lower case, without punctuation, and a dash for each space."""
    text = text.lower()
    if text.isascii():
        return text.translate(_PUNCTUATION)
    from unicodedata import category

    kept = (one for one in text if one in "- " or category(one)[0] in "LM" or category(one) in ("Nd", "Nl", "Pc"))
    return "".join(kept).replace(" ", "-")


def mintlify_slug(text: str) -> str:
    """A dash for each run of spaces and of what an address may hold beside words; the rest is kept."""
    from urllib.parse import quote, unquote

    encoded = quote("-".join(text.lower().split()), safe="!~*'()")
    if _ENCODED.search(encoded):
        return unquote(_runs(encoded, "%A-Z_"))
    return _runs(encoded, "_")


def _runs(text: str, also: str = "") -> str:
    """Dashes for all that is no small letter and no digit, one for each run of it."""
    dashed = _CONTRACTION.sub(r"\1\2", re.sub(rf"[^a-z\d{also}]+", "-", text))
    return dashed.strip("-")


def _typographic(text: str) -> str:
    text = re.sub(r'(^|[\s(\[])"', "\\1\u201c", text).replace('"', "\u201d")
    text = re.sub(r"(^|[\s(\[])'", "\\1\u2018", text).replace("'", "\u2019")
    return text.replace("--", "\u2014").replace("...", "\u2026")


def _latin(text: str) -> str:
    if text.isascii():
        return text.replace("&", " and ")
    from unicodedata import normalize

    return normalize("NFKD", text).encode("ascii", "ignore").decode().replace("&", " and ")


def _decamelized(text: str) -> str:
    text = re.sub(r"([A-Z]{2,})(\d+)", r"\1 \2", text)
    text = re.sub(r"([a-z\d]+)([A-Z]{2,})", r"\1 \2", text)
    text = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", text)
    return re.sub(r"([A-Z]+)([A-Z][a-rt-z\d]+)", r"\1 \2", text)


def _decoded(name: str) -> str:
    if "%" not in name:
        return name
    from urllib.parse import unquote

    return unquote(name, errors="replace")
