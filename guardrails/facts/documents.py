"""The pages that must link to a document, their links, and where those lead.

Addresses are read as Mintlify does (mintlify.com/docs, "Links" and "Redirects"): the address of a page is its path
below the documentation's root without extension, `index` is optional, upper and lower case differ, and redirects
stand in `docs.json` (formerly `mint.json`). Relative addresses are those of files, as on GitHub.
"""

from __future__ import annotations

import os
import sys

from guardrails.cache import digest, remembered
from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json, read_bytes
from guardrails.facts.routes import Routes, Tree, address_of, last_name
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.policy import World

SITES = ("docs.json", "mint.json")


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

    `root` is the folder that addresses with a leading slash start from; empty for the repository's top.
    """

    document: Page
    pages: tuple[Page, ...] = ()
    root: str = ""
    has_site: bool = False

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
        """What to write as the destination of a link from the page to the document."""
        from urllib.parse import quote

        path = self.document.path
        if self.has_site and path.startswith(f"{self.root}/" if self.root else ""):
            return quote("/" + address_of(path.removeprefix(self.root)))
        return quote(os.path.relpath(f"/{path}", f"/{os.path.dirname(page.path)}"))

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Documents:
        """Options: the document's path, the pages' paths, and the site's address (may be empty).

        Raises CannotKnow when the repository, a page or the site's redirects cannot be read or trusted.
        """
        document_path, page_paths, site = options
        tree = Tree(world.environment.repo)
        root, site_file = _root(tree, document_path)
        routes = Routes(tree, root, _redirects(tree, site_file), site)
        reader = _Reader(tree, routes, in_site=bool(site_file))
        document = reader.page(document_path)
        pages = tuple(map(reader.page, page_paths))
        return reader.with_mentions(cls(document, pages, root, has_site=bool(site_file)))


def _root(tree: Tree, document: str) -> tuple[str, str]:
    """The folder that addresses start from, and the path of its site file or an empty string."""
    folder = document
    while folder:
        folder = os.path.dirname(folder)
        for name in SITES:
            path = os.path.join(folder, name)
            if tree.kind(path):
                return folder, path
    return ("docs" if document.startswith("docs/") else ""), ""


def _redirects(tree: Tree, path: str) -> list[list[str]]:
    """The pairs of source and destination in a site file, in its order."""
    data = _read(tree, path) if path else None
    if data is None:
        return []

    def compute() -> list[list[str]]:
        site = parse_json(decode(data, path), path)
        redirects = site.get("redirects", []) if isinstance(site, dict) else None
        if not isinstance(redirects, list):
            raise CannotKnow(f"{path} holds no list of redirects")
        return [_pair(redirect, path) for redirect in redirects]

    found: list[list[str]] = remembered("redirects", digest(data), compute)
    return found


def _pair(redirect: Any, path: str) -> list[str]:
    pair = [redirect.get(key) for key in ("source", "destination")] if isinstance(redirect, dict) else [None]
    if not all(isinstance(part, str) for part in pair):
        raise CannotKnow(f"{path} has a redirect without source and destination")
    return [str(part) for part in pair]


def _read(tree: Tree, path: str) -> bytes | None:
    """The bytes of a file of the repository; None when it is absent under exactly this spelling."""
    if not tree.kind(path):
        return None
    file = os.path.join(tree.top, path)
    if tree.real(path) is None and os.path.exists(file):
        raise CannotKnow(f"{path} is reached through a symbolic link that leads out of the repository")
    try:
        return read_bytes(file)
    except FileNotFoundError:  # a symbolic link that leads nowhere
        return None


class _Reader:
    """Reads pages and resolves their links."""

    def __init__(self, tree: Tree, routes: Routes, *, in_site: bool) -> None:
        self._tree = tree
        self._routes = routes
        self._in_site = in_site
        self._data: dict[str, bytes] = {}
        self._code = _code()

    def page(self, path: str) -> Page:
        data = _read(self._tree, path)
        if data is None:
            return Page(path, exists=False, spelled=self._tree.spelled(path))
        self._data[path] = data
        links = tuple(Link(to, line, *self._routes.resolve(path, to)) for to, line in self._links(path))
        return Page(path, real=self._tree.real(path) or path, links=links)

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

    def _links(self, path: str) -> Any:
        def compute() -> Any:
            from guardrails.facts.markdown import links

            return links(self._text(path), mdx=self._is_mdx(path))

        if not self._code:
            return compute()
        key = b"%s\0%d\0%s" % (self._code, self._is_mdx(path), self._data[path])
        return remembered("links", digest(key), compute)

    def _mentions(self, path: str, names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        from guardrails.facts.markdown import mentions

        return mentions(self._text(path), names, mdx=self._is_mdx(path))

    def _text(self, path: str) -> str:
        return decode(self._data[path], path)

    def _is_mdx(self, path: str) -> bool:
        return self._in_site or path.endswith(".mdx")


def _code() -> bytes:
    """All that decides how a page is read; empty when that cannot be told, and then nothing is remembered.

    It is read from files (the parser's holds its version), because importing the parser, or importlib.metadata for
    the version, takes the time that remembering is to save. Our own sources stand for a format number that nobody
    has to remember to raise.
    """
    from importlib.machinery import PathFinder

    here = os.path.dirname(__file__)
    parser = PathFinder.find_spec("markdown_it")
    files = [parser and parser.origin, os.path.join(here, "markdown.py"), os.path.join(here, "mdx.py")]
    try:
        return b"\0".join([b"%x" % sys.hexversion, *(read_bytes(file or "") for file in files)])
    except (FileNotFoundError, CannotKnow):
        return b""
