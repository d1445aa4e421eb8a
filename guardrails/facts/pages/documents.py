"""The pages that must link to a document, their links, and where those lead."""

from __future__ import annotations

import os

from guardrails.facts.files import decode
from guardrails.facts.pages.pages import Pages
from guardrails.facts.pages.routes import address_of, last_name
from guardrails.facts.pages.site import require_address, require_path
from guardrails.facts.workplace import Workplace
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.policy import World


class Link(Record):
    """One link as written, and where it leads.

    `leads_to` holds the files that it can mean, as paths from the repository's top with symbolic links followed.
    When there is none, `obstacle` says why, and `spelled` is the file that differs only in upper and lower case.
    """

    destination: str
    line: int
    leads_to: tuple[str, ...] = ()
    obstacle: str = ""
    spelled: str = ""


class Page(Record):
    """A page by its path from the repository's top; `real` is the path with symbolic links followed.

    `spelled` is the file that is there instead of an absent one and differs only in upper and lower case. `mentions`
    are the places (kind and 1-based line, see `markdown.mentions`) that name the document without linking to it;
    they are looked for only on pages without such a link.
    """

    path: str
    exists: bool = True
    real: str = ""
    spelled: str = ""
    links: tuple[Link, ...] = ()
    mentions: tuple[tuple[str, int], ...] = ()


class Documents(Fact):
    """A document, the pages that should link to it, and whether they stand below a site's `docs.json`.

    `root` is the folder that addresses with a leading slash start from; empty for the repository's top. `workplace` is
    where the pages are edited.
    """

    document: Page
    pages: tuple[Page, ...] = ()
    root: str = ""
    has_site: bool = False
    workplace: Workplace = Workplace()

    def leads_to_document(self, link: Link) -> bool:
        """Whether following the link can open the document."""
        return (self.document.real or self.document.path) in link.leads_to

    def near_misses(self, page: Page) -> tuple[Link, ...]:
        """The links that look as if they were to lead to the document, and lead nowhere."""
        wanted = last_name(self.document.path).casefold()
        return tuple(
            link for link in page.links if not link.leads_to and last_name(link.destination).casefold() == wanted
        )

    def address(self, page: Page) -> str:
        """The destination to write in a link from the page to the document."""
        from urllib.parse import quote

        path = self.document.path
        if self.has_site and path.startswith(f"{self.root}/" if self.root else ""):
            return quote("/" + address_of(path.removeprefix(self.root)))
        return quote(os.path.relpath(f"/{path}", f"/{os.path.dirname(page.path)}"))

    @staticmethod
    def check(document: str, pages: tuple[str, ...], address: str) -> None:
        """Raise ValueError when the options of `gather` cannot be meant."""
        for path in (document, *pages):
            require_path(path)
        require_address(address)

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Documents:
        """Options: the document's path, the pages' paths, and the site's address (may be empty).

        Raises CannotKnow when the repository, a page or the site's redirects cannot be read or trusted.
        """
        document_path, page_paths, address = options
        reader = _Reader(await world.fact(Pages, document_path, address), (document_path, *page_paths))
        document, *pages = map(reader.page, (document_path, *page_paths))
        documents = cls(document, tuple(pages), reader.site.root, bool(reader.site.file), Workplace.of(world))
        return reader.with_mentions(documents)


class _Reader:
    """Reads pages and resolves their links."""

    def __init__(self, pages: Pages, paths: tuple[str, ...]) -> None:
        self.site = pages.site
        self._pages = pages
        self._contents = pages.contents(list(paths), "documents")

    def page(self, path: str) -> Page:
        tree, held = self.site.tree, self._contents[path]
        if held is None:
            return Page(path, exists=False, spelled=tree.spelled(path))
        links = tuple(Link(to, line, *self.site.routes.resolve(path, to)) for to, line in held.links)
        return Page(path, real=tree.real(path) or path, links=links)

    def with_mentions(self, documents: Documents) -> Documents:
        """Look closer at the pages that do not link to the document."""
        name = os.path.basename(documents.document.path)
        names = (name, "/" + address_of(documents.document.path.removeprefix(documents.root)))
        pages = tuple(
            page.replaced(mentions=self._mentions(page.path, names))
            if page.exists and not any(map(documents.leads_to_document, page.links))
            else page
            for page in documents.pages
        )
        return documents.replaced(pages=pages)

    def _mentions(self, path: str, names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        from guardrails.facts.pages.markdown import mentions

        data = self.site.read(path) or b""
        snippets, _ = self._pages.snippets(path, data)
        return mentions(decode(data, path), names, mdx=self.site.is_mdx(path), snippets=snippets)
