"""The links of a document, or of a whole documentation tree, that lead nowhere."""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow
from guardrails.facts.pages.anchors import resolves
from guardrails.facts.pages.pages import Pages
from guardrails.facts.pages.routes import ANOTHER_SITE, ENDLESS, FOLDER
from guardrails.facts.pages.site import require_address, require_path
from guardrails.facts.workplace import Workplace
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.facts.pages.pages import Contents
    from guardrails.facts.pages.routes import Resolved
    from guardrails.facts.pages.site import Site
    from guardrails.policy import World

_LINES = r"L(\d{1,9})(?:C\d+)?(?:-L(\d{1,9})(?:C\d+)?)?"
ENDINGS = (".md", ".mdx")  # of pages


class DeadLink(Record):
    """A link or image that leads nowhere: where it stands (1-based line), as written, and what is in the way.

    `kind` says what is missing: `page`, `anchor`, or `end` where redirects go in a circle. `file` is where to look: the
    path that the link names (empty when it leads out of the repository), the page without the anchor, or the file of
    the redirects. `spelled` is the page or anchor that differs only in upper and lower case.
    """

    page: str
    line: int
    destination: str
    kind: str
    obstacle: str
    file: str = ""
    spelled: str = ""


class DocTree(Fact):
    """The dead links of the pages that were asked for.

    `absent` are the paths and patterns that no page matches, each with the file that differs only in upper and lower
    case, or an empty string. `workplace` is where the pages are edited. `links` is how many links and images were
    followed.
    """

    dead: tuple[DeadLink, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    workplace: Workplace = Workplace()
    links: int = 0

    @staticmethod
    def check(document: str, patterns: tuple[str, ...], address: str) -> None:
        """Raise ValueError when the options of `gather` cannot be meant."""
        for path in (document, *(pattern.removeprefix("!") for pattern in patterns)):
            require_path(path)
        if patterns and all(pattern.startswith("!") for pattern in patterns):
            raise ValueError("pages only takes pages out, so that none is left")
        require_address(address)

    @classmethod
    async def gather(cls, world: World, *options: Any) -> DocTree:
        """Options: the document's path, the patterns of pages, and the site's address (may be empty).

        A pattern is a path from the repository's top in which `*` stands for anything but a slash and `**` for any
        folders; one that starts with `!` takes pages out again. Without patterns the document alone is looked at.
        Raises CannotKnow when the repository, a page or the site's redirects cannot be read or trusted, or not in time.
        """
        document, patterns, address = options
        pages: Pages = await world.fact(Pages, document, address)
        paths, absent = _matching(pages.site, patterns or (document,))
        purpose = "tree " + "\0".join((document, *patterns))
        search = _Search(pages)
        for page, held in pages.contents(paths, purpose).items():
            if held is None:  # a symbolic link to nowhere
                absent.append((page, ""))
            else:
                search.follow(page, held)
        search.look_for_anchors(f"beside {purpose}")
        order = {page: number for number, page in enumerate(paths)}
        dead = sorted(search.dead, key=lambda link: (order[link.page], link.line))
        return cls(tuple(dead), tuple(absent), Workplace.of(world), search.links)


def _matching(site: Site, patterns: tuple[str, ...]) -> tuple[list[str], list[tuple[str, str]]]:
    """The pages that match, in order; and the patterns that nothing matches."""
    found: dict[str, None] = {}
    absent: list[tuple[str, str]] = []
    excluded = [re.compile(_regex(pattern[1:])) for pattern in patterns if pattern.startswith("!")]
    for pattern in patterns:
        fixed = re.split(r"[*?]", pattern)[0]
        if pattern.startswith("!"):
            continue
        if fixed == pattern:  # one page, whatever its name ends in
            pages = [pattern] if site.tree.kind(pattern) else []
        else:
            wanted = re.compile(_regex(pattern))
            below = site.tree.below(fixed.rpartition("/")[0])
            pages = [path for path in below if path.endswith(ENDINGS) and wanted.fullmatch(path)]
            pages = [page for page in pages if not site.is_snippet(page)]  # they are looked at where they are shown
        pages = [page for page in pages if not any(one.fullmatch(page) for one in excluded)]
        found.update(dict.fromkeys(pages))
        if not pages:
            absent.append((pattern, site.tree.spelled(pattern)))
    return list(found), absent


def _regex(pattern: str) -> str:
    """A pattern of paths as a regular expression."""
    parts = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda part: parts.get(part[0], re.escape(part[0])), pattern)


class _Search:
    """Follows links, page by page, and looks for their anchors in the end.

    `dead` are those that lead nowhere, `links` is how many there are in all.
    """

    def __init__(self, pages: Pages) -> None:
        self.dead: list[DeadLink] = []
        self.links = 0
        self._pages = pages
        self._site = pages.site
        self._followed: dict[tuple[str, str], tuple[Resolved, str]] = {}
        self._anchored: list[tuple[str, int, str, tuple[str, ...], str]] = []  # page, line, link, files, fragment

    def follow(self, page: str, held: Contents) -> None:
        """Follow the links and images of one page up to the files that they lead to."""
        self._require_time()
        self.links += len(held.links) + len(held.images)
        for to, line in (*held.links, *held.images):
            (files, obstacle, spelled), fragment = self._end_of(page, to.strip())
            if files and fragment:
                self._anchored.append((page, line, to, files, fragment))
            elif obstacle == ENDLESS:
                self.dead.append(DeadLink(page, line, to, "end", obstacle, self._site.file))
            elif obstacle and obstacle != ANOTHER_SITE and (obstacle != FOLDER or self._site.file):
                wanted = self._site.routes.wanted(page, to)  # without a site, GitHub lists what is in a folder
                self.dead.append(DeadLink(page, line, to, "page", obstacle, wanted, spelled))

    def look_for_anchors(self, purpose: str) -> None:
        """Look for the anchors that links name, on whatever pages they lead to."""
        targets = dict.fromkeys(file for *_, files, _ in self._anchored for file in files if self._is_page(file))
        held = self._pages.contents(list(targets), purpose)
        anchors = {file: frozenset(one.anchors) if one else frozenset[str]() for file, one in held.items()}
        for page, line, to, files, fragment in self._anchored:
            self._require_time()
            if all(file in anchors and not self._has(file, anchors[file], to, fragment) for file in files):
                alike = [name for file in files for name in anchors[file] if name.lower() == fragment.lower()]
                obstacle = f"{files[0]} has no anchor #{fragment}"
                self.dead.append(DeadLink(page, line, to, "anchor", obstacle, files[0], min(alike, default="")))

    def _is_page(self, file: str) -> bool:
        """Whether anchors are looked for in a file; in others, such as sources, they name lines and the like."""
        return file.endswith(ENDINGS) or file in self._pages.known

    def _has(self, file: str, anchors: frozenset[str], to: str, fragment: str) -> bool:
        mintlify = self._site.is_mdx(file)
        if not mintlify and "plain=1" in to.partition("#")[0].partition("?")[2].split("&"):
            lines = re.fullmatch(_LINES, fragment)  # GitHub shows the page's source, which has no anchors but its lines
            held = self._pages.known[file]
            if lines is None or held is None:
                return False
            return all(0 < int(one) <= held.lines for one in lines.groups() if one)
        return resolves(fragment, anchors, mintlify=mintlify)

    def _end_of(self, page: str, to: str) -> tuple[Resolved, str]:
        """Where a link leads, and the fragment. Pages of one folder share the answer, which takes time to find."""
        if to.startswith("#"):
            return ((page,), "", ""), to[1:]
        if not to or to.startswith("?"):
            return self._site.routes.follow(page, to)
        key = ("" if to.startswith("/") else page.rpartition("/")[0], to)
        if key not in self._followed:
            self._followed[key] = self._site.routes.follow(page, to)
        return self._followed[key]

    def _require_time(self) -> None:
        if not self._pages.has_time():
            raise CannotKnow("the links cannot be followed in time: raise --timeout or look at fewer pages")
