"""The HTML between the Markdown of a page."""

from __future__ import annotations

from html.parser import HTMLParser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Page(Protocol):
        """The receiver of what stands in the HTML: `guardrails.facts.pages.page_walk`."""

        def read_element(self, name: str, attributes: dict[str, str], line: int) -> None: ...
        def close(self, name: str) -> None: ...
        def keep_piece(self, kind: str, content: str, line: int) -> None: ...
        def add_heading_text(self, text: str) -> None: ...


class HtmlStream(HTMLParser):
    """Reads the HTML of a page as one stream: a comment opened in one place may end in another."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._first = 0  # what to add to the line numbers of HTMLParser

    @property
    def hides(self) -> bool:
        """Whether a comment or a script is open, so that what follows is not text of the page."""
        return bool(self.cdata_elem) or self.rawdata.startswith("<!--")

    def read(self, html: str, line: int) -> None:
        """Read on; `line` is that of the first character."""
        self._first = line - self.getpos()[0] - self.rawdata.count("\n")
        self.feed(html)

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002
        return self.parse_bogus_comment(i, report)  # as HTML 5 says; the inherited one raises AssertionError

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value for name, value in reversed(attrs) if value is not None}  # the first of two counts
        self._page.read_element(tag, attributes, self._first + self.getpos()[0])

    def handle_endtag(self, tag: str) -> None:
        self._page.close(tag)

    def handle_comment(self, data: str) -> None:
        self._page.keep_piece("comment", data, self._first + self.getpos()[0])

    def handle_data(self, data: str) -> None:
        self._page.keep_piece("code" if self.cdata_elem else "text", data, self._first + self.getpos()[0])
        self._page.add_heading_text(data)
