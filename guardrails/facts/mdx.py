"""MDX, as rules for the Markdown parser: tags, `{expressions}`, comments, `import` and `export`.

The grammar is that of MDX 3 (mdxjs.com/docs/what-is-mdx). HTML comments, which MDX rejects and Mintlify's pages
hold all the same, are comments here too.
"""
# ruff: noqa: ARG001, FBT001, FBT003 -- the parser calls every rule with the same arguments

from __future__ import annotations

import re
from html import unescape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

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


def extend(parser: MarkdownIt) -> None:
    """Make a CommonMark parser read MDX.

    Its tokens of type `jsx` say in `meta` what they hold: `kind` (`code`, `comment` or `text`), `href` (the link that
    a tag makes, or an empty string) and `until` (what ends a comment that was left open, or an empty string).
    """
    parser.disable(["code", "html_block", "html_inline", "lheading"])
    parser.block.ruler.before("table", "esm", _esm)
    interrupts = ["paragraph", "reference", "blockquote", "list"]
    parser.block.ruler.before("table", "jsx", _jsx_block, {"alt": interrupts})
    parser.block.ruler.at("paragraph", _paragraph)
    parser.inline.ruler.before("html_inline", "jsx", _jsx_inline)


class _Jsx:
    """A tag, expression or comment: where it ends, the link it makes, and for an unclosed comment what would end it."""

    def __init__(self, kind: str, end: int, *, href: str = "", until: str = "") -> None:
        self.kind = kind
        self.end = end
        self.href = href
        self.until = until

    def fill(self, token: Token, content: str) -> None:
        token.content = content
        token.meta = {"kind": self.kind, "href": self.href, "until": self.until}


def _jsx(text: str, at: int, end: int) -> _Jsx | None:
    """What MDX finds at this position; None when it is ordinary text."""
    for opening, closing in (("<!--", "-->"), ("{/*", "*/")):
        if text.startswith(opening, at) and text.find(closing, at + len(opening), end) < 0:
            return _Jsx("comment", end, until=closing)
    if text.startswith("<!--", at):
        return _Jsx("comment", text.index("-->", at + 4) + 3)
    if text[at] == "{":
        after = _after_braces(text, at, end)
        comment = text[at + 1 : after].lstrip().startswith(("/*", "//"))
        return _Jsx("comment" if comment else "code", after) if after > 0 else None
    return _jsx_tag(text, at, end) if text[at] == "<" else None


def _jsx_tag(text: str, at: int, end: int) -> _Jsx | None:
    tag = _TAG.match(text, at, end)
    if not tag:
        return None
    name, href, at = tag["name"] or "", "", tag.end()
    while attribute := _ATTRIBUTE.match(text, at, min(end, at + _SPAN)):
        at = attribute.end()
        if attribute["end"]:
            is_link = name == "a" or name[:1].isupper()
            return _Jsx("text", at, href=href if is_link and not tag["close"] else "")
        if not name:
            return None
        value = attribute["value"] or ""
        if attribute["spread"] or value == "{":
            start, at = at, _after_braces(text, at - 1, end)
            if at < 0:
                return None
            written = _STRING.fullmatch(text, start, at - 1)
            value = next(filter(None, written.groups()), "") if written else ""
        else:
            value = unescape(value[1:-1])
        if attribute["name"] == "href":
            href = value
    return None


def _after_braces(text: str, at: int, end: int) -> int:
    """The position after the brace that closes the one at `at`; -1 when there is none."""
    depth = 0
    for token in _SCRIPT.finditer(text, at, min(end, at + _SPAN)):
        depth += {"{": 1, "}": -1}.get(token.group(), 0)
        if depth in (0, _DEPTH):
            return -1 if depth else token.end()
    return -1


def _jsx_inline(state: StateInline, silent: bool) -> bool:
    found = _jsx(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        found.fill(state.push("jsx", "", 0), state.src[state.pos : found.end])
    state.pos = found.end
    return True


def _jsx_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Tags, expressions and comments that fill their lines. What follows the last one is a line of its own."""
    at = state.bMarks[start] + state.tShift[start]
    line, found = start, []
    while at < state.eMarks[line] and (jsx := _jsx(state.src, at, len(state.src))):
        found.append((jsx, line, state.src[at : jsx.end]))
        while state.eMarks[line] < jsx.end:
            line += 1
        at = state.skipSpaces(jsx.end) if jsx.end < state.eMarks[line] else jsx.end
    if not found or (line == start and at < state.eMarks[line]):
        return False  # ordinary text follows on the line: a paragraph with tags in it
    if silent:
        return True
    for jsx, on, content in found:
        token = state.push("jsx", "", 0)
        token.map = [on, line + 1]
        jsx.fill(token, content)
    rest = state.src[at : state.eMarks[line]].strip()
    if rest:
        _inline(state, rest, line, line + 1)
    state.line = line + 1
    return True


def _esm(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`import` and `export` at the margin, up to the next empty line."""
    if state.level or state.tShift[start] or not _ESM.match(state.src, state.bMarks[start]):
        return False
    last = start
    while last < end and not state.isEmpty(last):
        last += 1
    token = state.push("code_block", "", 0)
    token.map = [start, last]
    token.content = state.getLines(start, last, 0, True)
    state.line = last
    return True


def _paragraph(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A paragraph that a fence or list may interrupt however deep it is indented, since MDX has no indented code."""
    rules = state.md.block.ruler.getRules("paragraph")
    parent, state.parentType = state.parentType, "paragraph"
    last = start + 1
    while last < state.lineMax and not state.isEmpty(last):
        if state.sCount[last] >= 0 and any(rule(state, last, state.lineMax, True) for rule in rules):
            break
        last += 1
    state.parentType = parent
    _inline(state, state.getLines(start, last, state.blkIndent, False).strip(), start, last)
    state.line = last
    return True


def _inline(state: StateBlock, content: str, start: int, end: int) -> None:
    token = state.push("inline", "", 0)
    token.content = content
    token.map = [start, end]
    token.children = []
