"""What one page links to, where it can be linked to, and what it only mentions.

A page is CommonMark 0.31 with GitHub's tables, footnotes and bare addresses (the GFM specification), or MDX 3 as
Mintlify renders it: components, `{expressions}`, no indented code, HTML comments tolerated. YAML front matter is
neither.

Importing this module costs more than reading what was remembered of a thousand pages, so `pages.py` does it only for
a page that it has not seen before.
"""

from __future__ import annotations

import re
from operator import itemgetter

from guardrails.facts.pages.page_walk import PageWalk
from guardrails.facts.pages.snippets import Snippet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.facts.pages.page_walk import Places


class Page:
    """One page, read, as plain JSON data.

    `links` and `images` are lists of destination (escapes undone) and 1-based line, in the order of lines. What stands
    inside code, comments and front matter is neither. `anchors` is what can be linked to.
    """

    def __init__(self, text: str, *, mdx: bool, snippets: Mapping[str, Snippet] | None = None) -> None:
        reading = PageWalk(Snippet(text, snippets or {}), mdx=mdx)
        self.links = _of_kind(reading, "link")
        self.images = _of_kind(reading, "image")
        self.anchors = reading.anchors.all()


def mentions(
    text: str, names: tuple[str, ...], *, mdx: bool, snippets: Mapping[str, Snippet] | None = None
) -> tuple[tuple[str, int], ...]:
    """Where a page names one of `names` without linking: kind and 1-based line.

    The kinds are `code`, `comment`, `front matter`, `definition` (of a link reference) and `text`.
    """
    wanted = re.compile("|".join(rf"(?<![\w-]){re.escape(name)}(?![\w-]|\.\w)" for name in names))
    found: dict[tuple[str, int], None] = {}
    for kind, content, line in PageWalk(Snippet(text, snippets or {}), mdx=mdx, closely=True).pieces:
        if kind != "link":
            for match in wanted.finditer(content):
                found["text" if kind == "image" else kind, line + content.count("\n", 0, match.start())] = None
    return tuple(sorted(found, key=lambda place: place[1]))


def _of_kind(reading: PageWalk, wanted: str) -> Places:
    found = [[content, line] for kind, content, line in reading.pieces if kind == wanted]
    return sorted(found, key=itemgetter(1))
