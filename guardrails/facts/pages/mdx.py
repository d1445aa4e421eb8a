"""MDX, brought down to Markdown: tags, `{expressions}`, comments, `import` and `export` are taken out of the text.

The grammar is that of MDX 3 (mdxjs.com/docs/what-is-mdx). HTML comments, which MDX rejects and Mintlify's pages
hold all the same, are comments here too. What is left has its lines where they were, and no indented code.
"""

from __future__ import annotations

import re
from html import unescape

_SPAN = 100_000  # characters of one expression, and
_DEPTH = 100  # braces in each other: no page needs more, and looking further would take quadratic time
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z_$][\w$.:-]*+)?")
_ATTRIBUTE = re.compile(
    r"""\s*+(?:(?P<end>/?>)|(?P<spread>\{)|(?P<name>[\w$:.-]++)(?:\s*+=\s*+(?P<value>"[^"]*+"|'[^']*+'|\{))?)"""
)
_STRING = re.compile(r"""\s*(?:"([^"\\]*)"|'([^'\\]*)'|`([^`\\$]*)`)\s*""")
_SCRIPT = re.compile(
    r""""(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+'|`(?:\\.|[^`\\])*+(?:`|\Z)|/\*.*?(?:\*/|\Z)|//[^\n]*+|[{}]""",
    re.DOTALL,
)
_ESM = re.compile(
    r"""import\s+(?:["']|[\w$*{][^"'\n]*(?:\n[^"'\n]+)*?\bfrom\s*["'])"""
    r"""|export\s+(?:default|const|let|var|function|class|async|\{|\*)"""
)
_LEAD = re.compile(r"(?:[ \t>]|[-*+](?=[ \t])|\d{1,9}[.)](?=[ \t]))*+")
_BLOCK = re.compile(r"[ \t]*(?:[-+*>#=~`|]|\d{1,9}[.)])")  # what begins a block at the start of a line
GUARD = "\ue000"  # stands where a tag was before such, since text after a tag begins no block
_BLANK = re.compile(r"\n[ \t]*(?:\n|\Z)")
_DEEP = re.compile(r"(?m)^((?: {0,3}> ?)*+)(?: {4}| {0,3}\t)[ \t]*")
_POINT = re.compile(  # where something may begin that decides how the text after it is read
    r"""(?P<fence>^(?P<lead>(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*+)(?P<mark>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*)"""
    r"""|(?P<ticks>`+)|(?P<open><(?=[A-Za-z_$/>!])|\{(?!\s*\#))|^(?P<esm>import|export)\b"""
    r"""|\\[!-/:-@\[-`{-~]|\][(:]\s*(?:<[^<>\n]*>|[^\s)<][^\s)]*)""",
    re.MULTILINE,
)


class Jsx:
    """A tag, expression or comment: `kind` is `tag`, `code` or `comment`, and `end` the position after it.

    A tag has a `name`, empty for a fragment, and those `attributes` that have no value or one that is written out;
    it `opens`, `closes` or does both. `starts_line` says that only other tags stand before it on its line, and
    `place` is its position in the Markdown that is left.
    """

    __slots__ = ("attributes", "closes", "content", "end", "kind", "line", "name", "opens", "place", "starts_line")

    def __init__(self, kind: str, end: int, name: str = "", attributes: dict[str, str] | None = None) -> None:
        self.kind = kind
        self.end = end
        self.name = name
        self.attributes = attributes or {}
        self.opens = self.closes = self.starts_line = False
        self.content = ""
        self.line = self.place = 0


def lower_jsx(text: str) -> tuple[str, list[Jsx]]:
    """Markdown that reads as the MDX does, line by line, and what was taken out of it, in order.

    Line ends must be newlines.
    """
    return _Lowering(text).result()


class _Lowering:
    """One way through a page, from its start to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._kept: list[str] = []
        self._found: list[Jsx] = []
        self._from = 0  # up to here the text has been kept or taken out
        self._place = 0  # the length of what has been kept
        self._line = 1  # of `_from`
        self._paragraph_end = -1
        self._unclosed: dict[str, int] = {}  # backticks that no others close before this position

    def result(self) -> tuple[str, list[Jsx]]:
        at = 0
        while point := _POINT.search(self._text, at):
            kind = point.lastgroup
            if kind == "fence":
                at = self._fence(point)
            elif kind == "ticks":
                at = self._code(point.end(), point.group())
            elif kind == "open":
                at = self._take(point.start(), _jsx(self._text, point.start()))
            elif kind == "esm" and self._starts_esm(point.start()):
                at = self._take(point.start(), Jsx("code", self._end_of_paragraph(point.start())))
            else:
                at = point.end()
        self._keep(len(self._text))
        return "".join(self._kept), self._found

    def _starts_line(self, at: int) -> bool:
        line = self._text.rfind("\n", self._from, at)
        first = line >= 0 or not self._found or self._found[-1].starts_line
        return first and bool(_LEAD.fullmatch(self._text, max(line + 1, self._from), at))

    def _keep(self, end: int) -> None:
        part = self._text[self._from : end]
        self._push(_DEEP.sub(r"\1", part))
        self._line += part.count("\n")
        self._from = end

    def _push(self, text: str) -> None:
        self._kept.append(text)
        self._place += len(text)

    def _take(self, start: int, jsx: Jsx | None) -> int:
        if jsx is None:
            return start + 1
        jsx.starts_line = self._starts_line(start)
        self._keep(start)
        jsx.content = self._text[start : jsx.end]
        jsx.line = self._line
        jsx.place = self._place
        lines = jsx.content.count("\n")
        self._push("\n" * lines)
        if jsx.starts_line and jsx.opens and _BLOCK.match(self._text, jsx.end):
            self._push(GUARD)
        self._line += lines
        self._from = jsx.end
        self._found.append(jsx)
        return jsx.end

    def _fence(self, point: re.Match[str]) -> int:
        """Code in a fence stays as it is, except for the depth of the fence itself."""
        lead, mark = point["lead"], point["mark"]
        closing = re.compile(rf"^[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        self._keep(point.start())
        end = closing.search(self._text, point.end())
        opening = _DEEP.sub(r"\1", point.group())
        if end and opening != point.group():
            inside = self._text[point.end() : end.start()]
            last = end.group().lstrip() if not lead.strip() else end.group()[len(point.group()) - len(opening) :]
            self._push(f"{opening}{inside}{last}")
        else:
            self._push(opening + self._text[point.end() : end.end() if end else len(self._text)])
        stop = end.end() if end else len(self._text)
        self._line += self._text.count("\n", point.start(), stop)
        self._from = stop
        return stop

    def _code(self, start: int, ticks: str) -> int:
        """The position after a code span, or after the backticks when they open none."""
        limit = self._end_of_paragraph(start)
        if start < self._unclosed.get(ticks, 0):
            return start
        closing = re.compile(rf"(?<!`){ticks}(?!`)").search(self._text, start, limit)
        if not closing:
            self._unclosed[ticks] = limit
        return closing.end() if closing else start

    def _end_of_paragraph(self, at: int) -> int:
        if at > self._paragraph_end:
            blank = _BLANK.search(self._text, at)
            self._paragraph_end = blank.start() if blank else len(self._text)
        return self._paragraph_end

    def _starts_esm(self, at: int) -> bool:
        before = self._text[:at] if at < 3 else self._text[self._text.rfind("\n", 0, at - 1) + 1 : at - 1]
        follows_esm = bool(self._found) and self._found[-1].end == at - 1
        return (not before.strip() or follows_esm) and bool(_ESM.match(self._text, at))


def _jsx(text: str, at: int) -> Jsx | None:
    """What MDX finds at this position; None when it is ordinary text. A comment left open goes on to the end."""
    for opening, closing in (("<!--", "-->"), ("{/*", "*/")):
        if text.startswith(opening, at) and text.find(closing, at + len(opening)) < 0:
            return Jsx("comment", len(text))
    if text.startswith("<!--", at):
        return Jsx("comment", text.index("-->", at + 4) + 3)
    if text[at] == "{":
        after = _after_braces(text, at)
        comment = text[at + 1 : after].lstrip().startswith(("/*", "//"))
        return Jsx("comment" if comment else "code", after) if after > 0 else None
    return _tag(text, at)


def _tag(text: str, at: int) -> Jsx | None:
    tag = _TAG.match(text, at)
    if not tag:
        return None
    name, at = tag["name"] or "", tag.end()
    attributes: dict[str, str] = {}
    while attribute := _ATTRIBUTE.match(text, at, at + _SPAN):
        at = attribute.end()
        if attribute["end"]:
            jsx = Jsx("tag", at, name, attributes)
            jsx.opens = not tag["close"]
            jsx.closes = not jsx.opens or attribute["end"] == "/>"
            return jsx
        if not name:
            return None
        value = attribute["value"] or ""
        if attribute["spread"] or value == "{":
            start, at = at, _after_braces(text, at - 1)
            if at < 0:
                return None
            written = _STRING.fullmatch(text, start, at - 1)
            value = next(filter(None, written.groups()), "") if written else ""
        else:
            value = unescape(value[1:-1])
        if value or not attribute["value"]:
            attributes[attribute["name"]] = value
    return None


def _after_braces(text: str, at: int) -> int:
    """The position after the brace that closes the one at `at`; -1 when there is none."""
    depth = 0
    for token in _SCRIPT.finditer(text, at, at + _SPAN):
        depth += {"{": 1, "}": -1}.get(token.group(), 0)
        if depth in (0, _DEPTH):
            return -1 if depth else token.end()
    return -1
