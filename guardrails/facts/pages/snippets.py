"""The snippets that a page of Mintlify shows: other files of Markdown, imported and used like components.

They become part of the page, with the page's address: their relative links lead from there.
"""

from __future__ import annotations

import posixpath
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.facts.pages.site import Site

_IMPORT = re.compile(rb"""^import\s+([\w$]+)\s*(?:,\s*\{[^}]*\}\s*)?from\s*["']([^"'\n]+\.mdx?)["']""", re.MULTILINE)
_OLD_FORM = re.compile(rb"""<Snippet\s[^>]*?file\s*=\s*["']([^"'\n]+\.mdx?)["']""")


class Snippet:
    """A text that pages show, and the snippets that it shows itself, by the names of their components."""

    def __init__(self, text: str, snippets: Mapping[str, Snippet]) -> None:
        self.text = text
        self.snippets = snippets


class Snippets:
    """Finds the snippets that a page shows. `data` is all that was read, as the key under which the result is kept."""

    def __init__(self, site: Site, page: str, data: bytes) -> None:
        self.data = b""
        self._site = site
        self._known: dict[str, Snippet | None] = {page: None}  # None while it is read: no file shows itself
        self.of_page = self._shown_by(page, data)

    def _shown_by(self, path: str, data: bytes) -> dict[str, Snippet]:
        """The snippets that a file shows. Raises CannotKnow as `Site.read` does."""
        sources = [(name.decode(), source) for name, source in _IMPORT.findall(data)]
        sources += [(source.decode(errors="replace"), b"/snippets/" + source) for source in _OLD_FORM.findall(data)]
        found = ((name, self._snippet(self._place(path, source.decode(errors="replace")))) for name, source in sources)
        return {name: snippet for name, snippet in found if snippet}

    def _place(self, path: str, source: str) -> str:
        """The path that an import names, from the repository's top; empty when it is not a page of the site."""
        if source.startswith("/"):
            return posixpath.normpath(f"{self._site.root}{source}").lstrip("/")
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
        return inside if source.startswith(".") and not inside.startswith("..") else ""

    def _snippet(self, path: str) -> Snippet | None:
        if path not in self._known:
            self._known[path] = None
            data = self._site.read(path) if path else None
            if data is not None:
                self.data += b"\0".join((b"", path.encode(), data))
                self._known[path] = Snippet(data.decode(errors="replace"), self._shown_by(path, data))
        return self._known[path]
