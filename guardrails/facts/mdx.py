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
_BLANK = re.compile(r"\n[ \t]*(?:\n|\Z)")
_DEEP = re.compile(r"(?m)^((?: {0,3}> ?)*+)(?: {4}| {0,3}\t)[ \t]*")
_POINT = re.compile(  # where something may begin that decides how the text after it is read
    r"""(?P<fence>^(?P<lead>(?:[ \t]|>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]))*+)(?P<mark>`{3,}(?=[^`\n]*$)|~{3,})[^\n]*)"""
    r"""|(?P<ticks>`+)|(?P<open><(?=[A-Za-z_$/>!])|\{(?!\#))|^(?P<esm>import|export)\b"""
    r"""|\\[!-/:-@\[-`{-~]|\][(:]\s*(?:<[^<>\n]*>|[^\s)<][^\s)]*)""",
    re.MULTILINE,
)


class Jsx:
    """A tag, expression or comment: `kind` is `text`, `code` or `comment`, and `end` the position after it.

    A tag that opens has a `name`, empty for a fragment, and those `attributes` whose values are written out.
    """

    def __init__(self, kind: str, end: int, name: str = "", attributes: dict[str, str] | None = None) -> None:
        self.kind = kind
        self.end = end
        self.name = name
        self.attributes = attributes or {}
        self.content = ""
        self.line = 0


def lowered(text: str) -> tuple[str, list[Jsx]]:
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

    def _keep(self, end: int) -> None:
        part = self._text[self._from : end]
        self._kept.append(_DEEP.sub(r"\1", part))
        self._line += part.count("\n")
        self._from = end

    def _take(self, start: int, jsx: Jsx | None) -> int:
        if jsx is None:
            return start + 1
        self._keep(start)
        jsx.content = self._text[start : jsx.end]
        jsx.line = self._line
        lines = jsx.content.count("\n")
        self._kept.append("\n" * lines)
        self._line += lines
        self._from = jsx.end
        self._found.append(jsx)
        return jsx.end

    def _fence(self, point: re.Match[str]) -> int:
        """Code in a fence stays as it is, but for the depth of the fence itself."""
        lead, mark = point["lead"], point["mark"]
        closing = re.compile(rf"^[ \t>]*{mark[0]}{{{len(mark)},}}[ \t]*$", re.MULTILINE)
        self._keep(point.start())
        end = closing.search(self._text, point.end())
        opening = _DEEP.sub(r"\1", point.group())
        if end and opening != point.group():
            inside = self._text[point.end() : end.start()]
            last = end.group().lstrip() if not lead.strip() else end.group()[len(point.group()) - len(opening) :]
            self._kept.append(f"{opening}{inside}{last}")
        else:
            self._kept.append(opening + self._text[point.end() : end.end() if end else len(self._text)])
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
            return Jsx("text", at) if tag["close"] else Jsx("text", at, name, attributes)
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
        if value:
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
