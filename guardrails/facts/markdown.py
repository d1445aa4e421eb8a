"""What one page links to, and what it only mentions.

A page is CommonMark 0.31 with GitHub's tables and bare addresses (the GFM specification), or MDX 3 as Mintlify
renders it: components, `{expressions}`, no indented code, HTML comments tolerated. YAML front matter is neither.

Importing this module costs more than a whole passing run, so `documents.py` does it only for a page that it has
not seen before.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from markdown_it import MarkdownIt

from guardrails.facts.mdx import extend

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.token import Token

    Piece = tuple[str, str, int]  # kind, text, 1-based line

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(?:[^\n]*\n)*?(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)")
_LINE_END = re.compile(r"\r\n?|\n")  # as CommonMark has it, unlike str.splitlines
_ADDRESS = re.compile(r"(?<![\w/])https?://[^\s<]+", re.IGNORECASE)


def links(text: str, *, mdx: bool) -> tuple[tuple[str, int], ...]:
    """The links of a page in order: destination as written (escapes undone) and 1-based line.

    Images, and anything inside code, comments and front matter, are not links.
    """
    return tuple((found, line) for kind, found, line in _pieces(text, mdx=mdx) if kind == "link")


def mentions(text: str, names: tuple[str, ...], *, mdx: bool) -> tuple[tuple[str, int], ...]:
    """Where a page names one of `names` without linking: kind and 1-based line.

    The kinds are `code`, `comment`, `front matter`, `definition` (of a link reference) and `text`.
    """
    wanted = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-]|\.\w)" for name in names))
    found: dict[tuple[str, int], None] = {}
    for kind, content, line in _pieces(text, mdx=mdx):
        if kind != "link":
            for match in wanted.finditer(content):
                found[kind, line + content.count("\n", 0, match.start())] = None
    return tuple(found)


def _pieces(text: str, *, mdx: bool) -> Iterator[Piece]:
    """Everything that could be or hold a link, told apart."""
    text = text.removeprefix("\ufeff")
    if front := _FRONT_MATTER.match(text):
        yield "front matter", front.group(), 1
        text = "\n" * front.group().count("\n") + text[front.end() :]  # the lines below keep their numbers
    environment: dict[str, dict[str, dict[str, str]]] = {}
    tokens = _Parser(mdx=mdx).parse(text, environment)
    yield from _Walk(_LINE_END.split(text)).over(tokens)
    for definition in environment.get("references", {}).values():
        yield "definition", definition["href"], int(definition["map"][0]) + 1


class _Walk(HTMLParser):
    """Reads a page's tokens in order. HTML is one stream: a comment opened in one token may end in another."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__()
        self._lines = lines
        self._found: list[Piece] = []
        self._first = 0  # what to add to the line numbers of HTMLParser
        self._hidden_to = 0  # the last line of an unclosed MDX comment
        self._inside_link = 0

    def over(self, tokens: list[Token]) -> Iterator[Piece]:
        for token, line in _leaves(tokens):
            self._token(token, line)
            hidden = line <= self._hidden_to
            for kind, content, at in self._found:
                yield "comment" if hidden else kind, content, at
            self._found.clear()

    def _token(self, token: Token, line: int) -> None:
        if token.type in ("html_inline", "html_block"):
            self._first = line - self.getpos()[0] - self.rawdata.count("\n")
            self.feed(token.content)
        elif self.rawdata.startswith("<!--") or self.cdata_elem:
            self._found.append(("comment", token.content or str(token.attrGet("href") or ""), line))
        elif token.type == "jsx":
            self._jsx(token, line)
        elif token.type == "link_open":
            self._found.append(("link", str(token.attrGet("href")), line))
            self._inside_link += 1
        elif token.type == "link_close":
            self._inside_link -= 1
        elif token.type in ("code_inline", "code_block", "fence"):
            self._found.append(("code", token.content, line + (token.type == "fence")))
        elif token.type == "image":
            self._found.append(("text", f"{token.content} {token.attrGet('src')}", line))
        elif token.type == "text":
            self._text(token.content, line)

    def _jsx(self, token: Token, line: int) -> None:
        self._found.append((token.meta["kind"], token.content, line))
        if token.meta["href"]:
            self._found.append(("link", token.meta["href"], line))
        if token.meta["until"]:  # MDX rejects such a page; nothing before the end of the comment is a link
            below = range(line, len(self._lines))
            self._hidden_to = next((at + 1 for at in below if token.meta["until"] in self._lines[at]), len(self._lines))

    def _text(self, content: str, line: int) -> None:
        self._found.append(("text", content, line))
        if not self._inside_link:
            self._found.extend(("link", _trimmed(address), line) for address in _ADDRESS.findall(content))

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002
        return self.parse_bogus_comment(i, report)  # as HTML 5 says; the inherited one raises AssertionError

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(reversed(attrs)).get("href")  # of two, a browser takes the first
        if tag == "a" and href is not None:
            self._found.append(("link", href, self._first + self.getpos()[0]))

    def handle_comment(self, data: str) -> None:
        self._found.append(("comment", data, self._first + self.getpos()[0]))

    def handle_data(self, data: str) -> None:
        self._found.append(("code" if self.cdata_elem else "text", data, self._first + self.getpos()[0]))


def _leaves(tokens: list[Token]) -> Iterator[tuple[Token, int]]:
    """The tokens that hold content, each with its line: blocks know theirs, inline tokens are counted."""
    line = 1
    for block in tokens:
        if block.map:
            line = block.map[0] + 1
        at = line
        for token in [block] if block.children is None else block.children:
            yield token, at
            at += token.content.count("\n") if token.type in ("html_inline", "jsx") else token.tag == "br"


def _trimmed(address: str) -> str:
    """A bare address without the punctuation that GFM leaves to the sentence around it."""
    while address[-1] in "?!.,:*_~'\"" or (address[-1] == ")" and address.count(")") > address.count("(")):
        address = address[:-1]
    return address


class _Parser(MarkdownIt):
    """A CommonMark or MDX parser that leaves destinations as they are written."""

    def __init__(self, *, mdx: bool) -> None:
        super().__init__("commonmark")
        self.enable("table")
        self.disable("text_join")  # it would hide that a character was escaped
        if mdx:
            extend(self)

    def normalizeLink(self, url: str) -> str:  # noqa: N802 -- the name is markdown-it's
        return url
