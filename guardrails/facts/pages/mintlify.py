"""The ids that a site of Mintlify gives the headings and components of a page.

The rules are those of Mintlify's own package, @mintlify/common 1.0; the tests hold this module against it. Two ways to
make a slug are in use there: one for headings, tabs and steps, which keeps letters of any script, and one for
accordions, views and parameters, which writes them in ASCII.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from guardrails.facts.pages.page_element import PageElement

LEVELS = 4  # headings below have no id
_PARAMETERS = ("query", "path", "body", "header")
_FIELDS = frozenset({"ParamField", "Param", "ResponseField"})
_WITHOUT_ID = frozenset(
    {
        "Info", "Warning", "Note", "Tip", "Check", "Danger", "Callout", "AccordionGroup", "Card", "CardGroup",
        "Tabs", "CodeGroup", "Column", "Columns", "CustomCode", "CustomComponent", "DynamicCustomComponent",
        "Expandable", "Frame", "GitHub", "Github", "Icon", "Latex", "Mermaid", "Panel", "Popup", "Prompt",
        "RequestExample", "ResponseExample", "SnippetGroup", "Steps", "Tile", "Tooltip", "Tree", "FileTree",
        "Variation", "Visibility", "MDX", "Badge", "Color", "ZoomImage",
    }
)  # fmt: skip
"""Components that show none of the `id` that they are given."""

_ENCODED = re.compile(r"%[0-9A-F]{2}")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTRACTION = re.compile(r"([a-zA-Z\d]+)-([ts])(?=-|$)")
_NUMBER = re.compile(r"(?:-\d+?)+?$")
_TYPED = re.compile(r"[\"'`]|--|\.\.\.")  # what becomes another character in print
_LOST = re.compile(r"""[?,;:!'"()\[\]{}]""")
_SPELLED = str.maketrans(
    {
        "ß": "ss", "ẞ": "SS", "ä": "ae", "Ä": "Ae", "ö": "oe", "Ö": "Oe", "ü": "ue", "Ü": "Ue", "æ": "ae", "Æ": "AE",
        "ø": "o", "Ø": "O", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L",
        "œ": "oe", "Œ": "OE", "ı": "i", "&": " and ",
    }
)  # fmt: skip


def ids(page: list[PageElement], *, without_headings: bool) -> dict[str, None]:
    """Every id of a page whose headings and components these are.

    The published site prints quotes, dashes and dots as a typesetter does before it makes ids of them; a preview and
    the checker of broken links do not. Either way counts.
    """
    found = _Ids(page, str, without_headings=without_headings).found
    if any(_TYPED.search(one.title) for one in page):
        found.update(_Ids(page, _typographic, without_headings=without_headings).found)
    return found


def slug_of(title: str) -> str:
    """The slug of a heading, percent-encoded where it holds more than ASCII."""
    from urllib.parse import quote

    encoded = quote("-".join(title.lower().split()), safe="!~*'()")
    if _ENCODED.search(encoded):
        return _dashed(encoded, "%A-Z_")
    return _dashed(encoded, "_")


def clean_id(name: str) -> str:
    """An id as it is shown: decoded, without punctuation and pictures."""
    if name.isascii() and name.isalnum():
        return name
    from urllib.parse import unquote

    try:
        decoded = unquote(_NO_ESCAPE.sub("%25", name), errors="strict")
    except UnicodeDecodeError:
        return name
    decoded = _LOST.sub("", decoded)
    if decoded.isascii():
        return decoded
    from guardrails.facts.pages.emoji import EMOJI

    return EMOJI.sub("", decoded)


class _Ids:
    """One way through a page."""

    def __init__(self, page: list[PageElement], printed: Callable[[str], str], *, without_headings: bool) -> None:
        self.found: dict[str, None] = {}
        self._printed = printed
        self._without_headings = without_headings
        self._headings: dict[str, int] = {}
        self._tabs: dict[str, int] = {}
        self._sections: dict[str, int] = {}
        self._titles: dict[str, dict[str, int]] = {"Accordion": {}, "View": {}}
        self._fields: dict[str, int] = {}
        self._tabs_taken = {one.attributes["id"] for one in page if one.name == "Tab" and one.attributes.get("id")}
        self._fields_taken = {one.attributes["id"] for one in page if one.name in _FIELDS and one.attributes.get("id")}
        for one in page:
            self._see(one)
        self.found.pop("", None)

    def _see(self, one: PageElement) -> None:
        own = one.attributes.get("id", "")
        if one.level:
            self._heading(one, own)
        elif one.name == "Update" and one.attributes.get("label"):
            self._section(one, own, one.attributes["label"])
        elif one.name == "Step" and _is_section(one):
            self._section(one, own, one.title)
        elif own and one.name not in _WITHOUT_ID:
            self._add(clean_id(own) if one.name in ("Step", "Update") else own)
        elif not own:
            self._component(one)

    def _component(self, one: PageElement) -> None:
        if one.name == "Tab" and one.title:
            self._tab(one.title)
        elif one.name in self._titles and one.title:
            slug = _dashed(_latin(one.title.replace(":", "-", 1)).lower())
            self._add(_counted(slug, self._titles[one.name]))
        elif one.name in _FIELDS:
            self._field(one)

    def _heading(self, one: PageElement, own: str) -> None:
        in_markdown = not one.name
        if one.level > LEVELS or self._without_headings:
            self._add(own)
        elif in_markdown and one.apart:
            self._add(clean_id(_numbered(slug_of(self._printed(one.title)), self._headings)))
        elif in_markdown:
            self._section(one, _numbered(slug_of(self._printed(one.title)), self._headings), one.title)
        elif one.apart:
            self._add(own)
        else:
            self._section(one, own, one.title)

    def _section(self, one: PageElement, own: str, title: str) -> None:
        """What stands in the page's table of contents. No two of it share an id, wherever their names come from."""
        if one.apart:
            self._add(clean_id(own))
            return
        slug = (clean_id(own) if own else "") or slug_of(self._printed(title))
        count = self._sections.get(slug, 0)
        self._sections[slug] = count + 1
        if count:
            number = count + 1
            while f"{slug}-{number}" in self._sections:
                number += 1
            slug = f"{slug}-{number}"
            self._sections[slug] = 1
        self._add(clean_id(slug))

    def _tab(self, title: str) -> None:
        slug = _numbered(slug_of(title), self._tabs)
        while slug and slug in self._tabs_taken:
            slug = _numbered(slug_of(title), self._tabs)
        self._tabs_taken.add(slug)
        self._add(slug)

    def _field(self, one: PageElement) -> None:
        keys = ("name",) if one.name == "ResponseField" else _PARAMETERS
        name = next(filter(None, map(one.attributes.get, keys)), "")
        if not name:
            return
        base = _field_id(name, 0)
        count = self._fields.get(base, 0)
        while (found := _field_id(name, count)) in self._fields_taken:
            count += 1
        self._fields[base] = count + 1
        self._fields_taken.add(found)
        self._add(found)

    def _add(self, name: str) -> None:
        self.found[name] = None


def _is_section(step: PageElement) -> bool:
    """Whether a step stands in the page's table of contents."""
    sized = step.attributes.get("titleSize") in ("h2", "h3")
    return sized and bool(step.title.strip()) and "noAnchor" not in step.attributes and not step.apart


def _field_id(name: str, count: int) -> str:
    return _dashed(_decamelized(_latin(f"param-{name}{f'_{count}' if count else ''}")).lower())


def _numbered(slug: str, seen: dict[str, int]) -> str:
    """The second of the same slug ends in -2."""
    if not slug:
        return ""
    lower = slug.lower()
    numberless = seen.get(_NUMBER.sub("", lower), 0)
    count = seen[lower] = seen.get(lower, 0) + 1
    return f"{slug}-{count}" if count > 1 or numberless > 2 else slug


def _counted(slug: str, seen: dict[str, int]) -> str:
    """The second of the same slug ends in -1."""
    count = seen[slug] = seen.get(slug, -1) + 1
    return f"{slug}-{count}" if count else slug


def _dashed(text: str, also: str = "") -> str:
    """Dashes for all that is no small letter and no digit, one for each run of it."""
    dashed = re.sub(rf"[^a-z0-9{also}]+", "-", text)
    return re.sub("-{2,}", "-", _CONTRACTION.sub(r"\1\2", dashed)).strip("-")


def _typographic(text: str) -> str:
    text = re.sub(r'(^|[\s(\[])"', "\\1\u201c", text).replace('"', "\u201d")
    text = re.sub(r"(^|[\s(\[])'", "\\1\u2018", text).replace("'", "\u2019")
    return text.replace("--", "\u2014").replace("...", "\u2026")


def _latin(text: str) -> str:
    text = text.translate(_SPELLED)
    if text.isascii():
        return text
    from unicodedata import combining, normalize

    return "".join(one for one in normalize("NFD", text) if not combining(one))


def _decamelized(text: str) -> str:
    text = re.sub(r"([A-Z]{2,})(\d+)", r"\1 \2", text)
    text = re.sub(r"([a-z\d]+)([A-Z]{2,})", r"\1 \2", text)
    text = re.sub(r"([a-z\d])([A-Z])", r"\1 \2", text)
    return re.sub(r"([A-Z]+)([A-Z][a-rt-z\d]+)", r"\1 \2", text)
