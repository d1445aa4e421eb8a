"""What one page links to, where it can be linked to, and what it only mentions.

A page is CommonMark 0.31 with GitHub's tables, footnotes and bare addresses (the GFM specification), or MDX 3 as
Mintlify renders it: components, `{expressions}`, no indented code, HTML comments tolerated. YAML front matter is
neither.

Importing this module costs more than reading what was remembered of a thousand pages, so `pages.py` does it only for
a page that it has not seen before.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from operator import itemgetter

from pyromark import Markdown, Options

from guardrails.facts.anchors import Anchors
from guardrails.facts.mdx import lowered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    Piece = tuple[str, str, int]  # kind, text, 1-based line
    Places = list[list[Any]]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")
_ADDRESS = re.compile(r"(?<![\w/])https?://[^\s<]+", re.IGNORECASE)
_NO_ADDRESS = ("javascript:", "vbscript:", "file:", "data:")  # of another page
_PARSER = Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES | Options.ENABLE_HEADING_ATTRIBUTES)


class Page:
    """One page, read, as plain JSON data.

    `links` and `images` are lists of destination (escapes undone) and 1-based line, in the order of lines. What stands
    inside code, comments and front matter is neither. `anchors` is what can be linked to.
    """

    def __init__(self, text: str, *, mdx: bool) -> None:
        reading = _Reading(text, mdx=mdx)
        self.links = _of_kind(reading, "link")
        self.images = _of_kind(reading, "image")
        self.anchors = reading.anchors.all()


def mentions(text: str, names: tuple[str, ...], *, mdx: bool) -> tuple[tuple[str, int], ...]:
    """Where a page names one of `names` without linking: kind and 1-based line.

    The kinds are `code`, `comment`, `front matter`, `definition` (of a link reference) and `text`.
    """
    wanted = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-]|\.\w)" for name in names))
    found: dict[tuple[str, int], None] = {}
    for kind, content, line in _Reading(text, mdx=mdx, closely=True).pieces:
        if kind != "link":
            for match in wanted.finditer(content):
                found["text" if kind == "image" else kind, line + content.count("\n", 0, match.start())] = None
    return tuple(sorted(found, key=lambda place: place[1]))


def _of_kind(reading: _Reading, wanted: str) -> Places:
    found = [[content, line] for kind, content, line in reading.pieces if kind == wanted]
    return sorted(found, key=itemgetter(1))


class _Reading:
    """Reads a page from its start to its end; `closely` keeps what is neither link nor image too."""

    def __init__(self, text: str, *, mdx: bool, closely: bool = False) -> None:
        self.pieces: list[Piece] = []
        self.anchors = Anchors(mintlify=mdx)
        self._closely = closely
        self._line = 1
        self._html = _Html(self)
        self._counted = 0  # bytes whose lines are in `_line`
        self._inside = {"Link": 0, "Image": 0, "CodeBlock": 0}
        self._heading: list[str] | None = None  # the text of the one that we are in
        self._bare = ""  # text that holds an address without brackets, and may go on
        self._bare_start = self._bare_end = -1
        text = self._without_front_matter(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))
        if mdx:
            text = self._without_jsx(text)
        self._data = text.encode()
        self._walk(text)
        for definition in _PARSER.reference_definitions(text).values() if closely else ():
            self.found("definition", definition["dest"], self._line_at(definition["span"]["start"]))

    def found(self, kind: str, content: str, line: int) -> None:
        """Keep a piece if it is asked for."""
        if self._closely or kind in ("link", "image"):
            self.pieces.append((kind, content, line))

    def element(self, name: str, attributes: Mapping[str, str], line: int) -> None:
        """What an element of HTML or a component links to, shows, and can be linked to by."""
        if "href" in attributes and (name == "a" or name[:1].isupper()):
            self._destination("link", attributes["href"], line)
        if "src" in attributes:
            self._destination("image", attributes["src"], line)
        for anchor in (attributes.get("id"), attributes.get("name") if name == "a" else None):
            if anchor:
                self.anchors.add(anchor)

    def _without_front_matter(self, text: str) -> str:
        """The rest of the page, on the same lines."""
        front = _FRONT_MATTER.match(text)
        if not front:
            return text
        self.found("front matter", front.group(), 1)
        return "\n" * front.group().count("\n") + text[front.end() :]

    def _without_jsx(self, text: str) -> str:
        text, taken = lowered(text)
        for jsx in taken:
            self.found(jsx.kind, jsx.content, jsx.line)
            self.element(jsx.name, jsx.attributes, jsx.line)
            self.anchors.component(jsx.name, jsx.attributes)
        return text

    def _walk(self, text: str) -> None:
        """Go through the parser's events. Most of them are nothing to us, and calling nobody for them pays."""
        events: Any = _PARSER.events_with_range(text)
        for event, span in events:
            kind, value = event.popitem() if event.__class__ is dict else ("Break", "\n")
            if kind == "Text":
                if "://" in value or self._bare or self._heading is not None or self._closely:
                    self._text(value, span)
            elif kind == "Start":
                if value.__class__ is dict:
                    self._start(*value.popitem(), span["start"])
            elif kind == "End":
                self._end(value)
            elif kind in ("Code", "Break"):
                self._code(value, span["start"])
            elif kind.endswith("Html"):
                self._html.read(value, self._line_at(span["start"]))
        self._end_bare()

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
                self.anchors.add(details["id"])

    def _end(self, tag: Any) -> None:
        if tag.__class__ is str:
            if tag in self._inside:
                self._inside[tag] -= 1
        elif "Heading" in tag and self._heading is not None:
            self.anchors.heading("".join(self._heading), int(tag["Heading"][1]))
            self._heading = None

    def _text(self, text: str, span: Any) -> None:
        if self._closely:
            kind = "code" if self._inside["CodeBlock"] else "text"
            self.found("comment" if self._html.hides else kind, text, self._line_at(span["start"]))
        if self._heading is not None and not self._inside["Image"]:
            self._heading.append(text)
        if self._bare and span["start"] == self._bare_end:
            self._bare += text
            self._bare_end = span["end"]
        elif "://" in text and not (self._inside["CodeBlock"] or self._inside["Link"] or self._inside["Image"]):
            self._end_bare()
            self._bare, self._bare_start, self._bare_end = text, span["start"], span["end"]

    def _code(self, text: str, start: int) -> None:
        if self._closely:
            self.found("comment" if self._html.hides else "code", text, self._line_at(start))
        if self._heading is not None:
            self._heading.append(text)

    def _end_bare(self) -> None:
        """Find the addresses in a run of text; an escaped character ends the run, since it makes no address."""
        for address in _ADDRESS.findall(self._bare) if self._bare else ():
            self._destination("link", _trimmed(address), self._line_at(self._bare_start))
        self._bare = ""

    def _destination(self, kind: str, to: str, line: int) -> None:
        if self._html.hides:
            self.found("comment", to, line)
        elif not to.lower().startswith(_NO_ADDRESS):
            self.found(kind, to, line)

    def _line_at(self, start: int) -> int:
        if start < self._counted:
            self._line, self._counted = 1, 0
        self._line += self._data.count(b"\n", self._counted, start)
        self._counted = start
        return self._line


class _Html(HTMLParser):
    """Reads the HTML of a page as one stream: a comment opened in one place may end in another."""

    def __init__(self, page: _Reading) -> None:
        super().__init__()
        self._page = page
        self._first = 0  # what to add to the line numbers of HTMLParser

    @property
    def hides(self) -> bool:
        """Whether a comment or a script is open, so that what follows is none of the page's text."""
        return bool(self.cdata_elem) or self.rawdata.startswith("<!--")

    def read(self, html: str, line: int) -> None:
        """Read on; `line` is that of the first character."""
        self._first = line - self.getpos()[0] - self.rawdata.count("\n")
        self.feed(html)

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002
        return self.parse_bogus_comment(i, report)  # as HTML 5 says; the inherited one raises AssertionError

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value for name, value in reversed(attrs) if value is not None}  # the first of two counts
        self._page.element(tag, attributes, self._first + self.getpos()[0])

    def handle_comment(self, data: str) -> None:
        self._page.found("comment", data, self._first + self.getpos()[0])

    def handle_data(self, data: str) -> None:
        self._page.found("code" if self.cdata_elem else "text", data, self._first + self.getpos()[0])


def _trimmed(address: str) -> str:
    """A bare address without the punctuation that GFM leaves to the sentence around it."""
    while address[-1] in "?!.,:*_~'\"" or (address[-1] == ")" and address.count(")") > address.count("(")):
        address = address[:-1]
    return address
