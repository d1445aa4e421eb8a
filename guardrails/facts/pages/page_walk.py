"""One way through a page or snippet, from its start to its end: for `markdown.py`, which says what a page is."""

from __future__ import annotations

import re

from pyromark import Markdown, Options

from guardrails.errors import CannotKnow
from guardrails.facts.pages.anchors import Anchors
from guardrails.facts.pages.html_stream import HtmlStream
from guardrails.facts.pages.mdx import GUARD, lower_jsx

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.facts.pages.mdx import Jsx
    from guardrails.facts.pages.page_element import PageElement
    from guardrails.facts.pages.snippets import Snippet

    Piece = tuple[str, str, int]  # kind, text, 1-based line
    Places = list[list[Any]]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_ADDRESS = re.compile(r"(?<![\w/])https?://[^\s<]+", re.IGNORECASE)
_NO_ADDRESS = ("javascript:", "vbscript:", "file:", "data:")  # of another page
_TAGS = {f"h{level}": level for level in range(1, 7)}  # of headings
_COUNTED_APART = frozenset({"Accordion", "AccordionGroup", "Expandable", "Update", "Prompt"})  # by Mintlify
_MODE = re.compile(r"^mode:[ \t]*[\"']?(?:custom|frame)\b", re.MULTILINE)  # of a page whose headings have no id there
_MATH = re.compile(r"(?<!\$)(\$++).+?(?<!\$)\1(?!\$)", re.DOTALL)  # which is no text to Mintlify
_MARKUP = re.compile(r"[`*_~\[\\&<]")
_NOT_IN_ID = re.compile(r"""[<>"&?,;:!'()\[\]{}]""")
_GITHUB = Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES | Options.ENABLE_STRIKETHROUGH
_PARSERS = {False: Markdown(options=_GITHUB), True: Markdown(options=_GITHUB | Options.ENABLE_HEADING_ATTRIBUTES)}
_BREAKS = {"SoftBreak": ("Break", "\n"), "HardBreak": ("Break", "")}
_NOTHING = ("", "")
_VERBATIM = ("Code", "Break")
_HTML = ("Html", "InlineHtml")
INCLUDED = 1000  # snippets on one page; more are an accident or an attack


class PageWalk:
    """Reads a page from its start to its end; `closely` keeps what is neither link nor image too.

    A snippet is read into the page that shows it, its `host`, and stands on the line `line` there.
    """

    def __init__(
        self, page: Snippet, *, mdx: bool, closely: bool = False, host: PageWalk | None = None, line: int = 0
    ) -> None:
        self.pieces: list[Piece] = host.pieces if host else []
        self.anchors: Anchors = host.anchors if host else Anchors(mintlify=mdx)
        self._closely = closely
        self._mdx = mdx
        self._snippets = page.snippets
        self._included: list[str] = host._included if host else []  # the components, of the page and all its snippets
        self._open: list[tuple[str, str]] = list(host._open) if host else []  # components, and their titleSize
        self._shown_on = line
        self._line = 1
        self._html = HtmlStream(self)
        self._counted = 0  # bytes whose lines are in `_line`
        self._inside = {"Link": 0, "Image": 0, "CodeBlock": 0}
        self._heading: list[str] | None = None  # the text of the one that we are in
        self._tag: PageElement | None = None  # that heading, when it is written as a tag
        self._bare = ""  # text that holds an address without brackets, and may go on
        self._bare_start = self._bare_end = -1
        text = page.text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        text, self._jsx = self._without_jsx(self._without_front_matter(text))
        self._data = text.encode()
        self._walk(text)
        for definition in _PARSERS[mdx].reference_definitions(text).values() if closely else ():
            self.keep_piece("definition", definition["dest"], self._line_at(definition["span"]["start"]))

    def keep_piece(self, kind: str, content: str, line: int) -> None:
        """Keep a piece if it is asked for."""
        if self._closely or kind in ("link", "image"):
            self.pieces.append((kind, content, self._shown_on or line))

    def read_element(self, name: str, attributes: dict[str, str], line: int, *, starts_line: bool = True) -> None:
        """What an element of HTML or a component links to, shows, and can be linked to by."""
        if attributes.get("href") and (name == "a" or name[:1].isupper()):
            self._destination("link", attributes["href"], line)
        if attributes.get("src"):
            self._destination("image", attributes["src"], line)
        if name == "a" and attributes.get("name"):
            self.anchors.add(attributes["name"])
        if name in _TAGS and starts_line:
            self._heading = []
            self._tag = self.anchors.add_named(name, "", attributes, level=_TAGS[name], apart=self._is_apart)
        elif self._mdx and (name[:1].isupper() or attributes.get("id")):
            if name == "Step" and self._open and self._open[-1][0] == "Steps":
                attributes = {"titleSize": self._open[-1][1]} | attributes
            self.anchors.add_named(name, _plain(attributes.get("title", "")), attributes, apart=self._is_apart)
        if not self._mdx and attributes.get("id"):
            self.anchors.add(attributes["id"])

    def add_heading_text(self, text: str) -> None:
        """Text within HTML, which belongs to a heading when one is open."""
        if self._heading is not None:
            self._heading.append(text)

    def close(self, name: str) -> None:
        """An element ends."""
        if self._tag and name == self._tag.name:
            self._tag.title = self._title()
            self._tag = self._heading = None

    def _title(self) -> str:
        """The text of the heading that we are in."""
        return "".join(self._heading or ()).replace(GUARD, "")

    @property
    def _is_apart(self) -> bool:
        return bool(self._open) and any(name in _COUNTED_APART for name, _ in self._open)

    def _without_front_matter(self, text: str) -> str:
        """The rest of the page, on the same lines."""
        front = _FRONT_MATTER.match(text)
        if not front:
            return text
        self.keep_piece("front matter", front.group(), 1)
        if not self._shown_on and _MODE.search(front.group()):
            self.anchors.headless = True
        return "\n" * front.group().count("\n") + text[front.end() :]

    def _without_jsx(self, text: str) -> tuple[str, list[tuple[int, Jsx]]]:
        """The Markdown that is left, and what was taken out, last first, each with its place in bytes."""
        if not self._mdx:
            return text, []
        text, taken = lower_jsx(text)
        places, counted, place = [], 0, 0
        for jsx in taken:
            place += jsx.place - counted if text.isascii() else len(text[counted : jsx.place].encode())
            counted = jsx.place
            places.append((place, jsx))
        return text, places[::-1]

    def _see_jsx(self, until: int) -> None:
        """Look at what was taken out before this byte."""
        while self._jsx and self._jsx[-1][0] <= until:
            jsx = self._jsx.pop()[1]
            self.keep_piece("text" if jsx.kind == "tag" else jsx.kind, jsx.content, jsx.line)
            if jsx.opens:
                self.read_element(jsx.name, jsx.attributes, jsx.line, starts_line=jsx.starts_line)
                self._show_snippet(jsx)
                if jsx.name:
                    self._open.append((jsx.name, jsx.attributes.get("titleSize", "")))
            if jsx.closes and jsx.name:
                self.close(jsx.name)
                names = [name for name, _ in self._open]
                if jsx.name in names:
                    del self._open[len(names) - 1 - names[::-1].index(jsx.name) :]

    def _show_snippet(self, jsx: Jsx) -> None:
        snippet = self._snippets.get(jsx.attributes.get("file", "") if jsx.name == "Snippet" else jsx.name)
        if snippet is None:
            return
        self._included.append(jsx.name)
        if len(self._included) > INCLUDED:
            raise CannotKnow(f"a page shows more than {INCLUDED} snippets")
        PageWalk(snippet, mdx=True, closely=self._closely, host=self, line=self._shown_on or jsx.line)

    def _walk(self, text: str) -> None:
        """Go through the parser's events. Most of them do not matter, and skipping those without a call saves time."""
        events: Any = _PARSERS[self._mdx].events_with_range(text)
        jsx, inside = self._jsx, self._inside
        for event, span in events:
            kind, value = event.popitem() if event.__class__ is dict else _BREAKS.get(event, _NOTHING)
            if jsx and jsx[-1][0] < span["end"]:
                value = self._with_jsx(kind, value, span)
            if kind == "Text":
                if "://" in value or self._bare or self._heading is not None or self._closely:
                    self._text(value, span)
            elif kind == "Start" and value.__class__ is dict:
                self._start(*value.popitem(), span["start"])
            elif kind == "End" and (value.__class__ is dict or value in inside):
                self._end(value)
            elif kind in _VERBATIM:
                self._code(value, span["start"])
            elif kind in _HTML:
                self._html.read(value, self._line_at(span["start"]))
        self._see_jsx(len(self._data))
        self._end_bare()

    def _with_jsx(self, kind: str, value: Any, span: Any) -> Any:
        """Look at what was taken out before an event ends. Returns the rest of a text after that."""
        if kind == "End":
            self._see_jsx(span["end"] - 1)
        self._see_jsx(span["start"])
        while kind == "Text" and self._jsx and (place := self._jsx[-1][0]) < span["end"]:
            if self._heading is not None:
                before = value.encode()[: place - span["start"]].decode(errors="ignore")
                self._text(before, {"start": span["start"], "end": place})
                value, span["start"] = value[len(before) :], place
            self._see_jsx(place)
        return value

    def _start(self, name: str, details: Any, start: int) -> None:
        if name in ("Link", "Image"):
            self._end_bare()
            if not self._inside["Image"]:
                to = details["dest_url"]
                to = f"mailto:{to}" if details["link_type"] == "Email" else to
                self._destination(name.lower(), to, self._line_at(start))
            self._inside[name] += 1
        elif name == "CodeBlock":
            self._inside[name] += 1
        elif name == "Heading" and not self._html.hides:
            self._heading = []
            if details["id"]:
                own = {"id": _NOT_IN_ID.sub("", details["id"])}
                self._tag = self.anchors.add_named(details["level"].lower(), "", own, level=6)

    def _end(self, tag: Any) -> None:
        if tag.__class__ is str:
            self._inside[tag] -= 1
        elif "Heading" in tag and self._heading is not None:
            level, title = int(tag["Heading"][1]), self._title()
            if self._tag:
                self._tag.title, self._tag.level, self._tag.apart = title, level, self._is_apart
            else:
                self.anchors.add_named("", title, {}, level=level, apart=self._is_apart)
            self._tag = self._heading = None

    def _text(self, text: str, span: Any) -> None:
        if self._closely:
            kind = "code" if self._inside["CodeBlock"] else "text"
            self.keep_piece("comment" if self._html.hides else kind, text, self._line_at(span["start"]))
        if self._heading is not None and not self._inside["Image"]:
            self._heading.append(_MATH.sub("", text) if self._mdx else text)
        if self._bare and span["start"] == self._bare_end:
            self._bare += text
            self._bare_end = span["end"]
        elif "://" in text and not (self._inside["CodeBlock"] or self._inside["Link"] or self._inside["Image"]):
            self._end_bare()
            self._bare, self._bare_start, self._bare_end = text, span["start"], span["end"]

    def _code(self, text: str, start: int) -> None:
        if self._closely:
            self.keep_piece("comment" if self._html.hides else "code", text, self._line_at(start))
        if self._heading is not None:
            self._heading.append(text)

    def _end_bare(self) -> None:
        """Find the addresses in a run of text; an escaped character ends the run, since it makes no address."""
        for address in _ADDRESS.findall(self._bare) if self._bare else ():
            self._destination("link", _trimmed(address), self._line_at(self._bare_start))
        self._bare = ""

    def _destination(self, kind: str, to: str, line: int) -> None:
        if self._html.hides:
            self.keep_piece("comment", to, line)
        elif not to.lower().startswith(_NO_ADDRESS):
            self.keep_piece(kind, to, line)

    def _line_at(self, start: int) -> int:
        if start < self._counted:
            self._line, self._counted = 1, 0
        self._line += self._data.count(b"\n", self._counted, start)
        self._counted = start
        return self._line


def _plain(title: str) -> str:
    """The text of a component's title, which may hold Markdown."""
    if not _MARKUP.search(title):
        return title
    text = f"title: {title}".replace("\n", " ")
    events: Any = _PARSERS[False].events(text)
    parts = [event.get("Text") or event.get("Code") or "" for event in events if event.__class__ is dict]
    return "".join(parts).removeprefix("title: ")


def _trimmed(address: str) -> str:
    """A bare address without the punctuation that GFM leaves to the sentence around it."""
    while address[-1] in "?!.,:*_~'\"" or (address[-1] == ")" and address.count(")") > address.count("(")):
        address = address[:-1]
    return address
