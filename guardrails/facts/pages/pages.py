"""What the pages of a site hold: read once a run, parsed once as long as they stay the same.

Pages that earlier runs parsed are found by the digest of their bytes, since times and sizes prove nothing. One entry of
the cache holds a thousand pages, since a file for each page would cost more than parsing does. Large numbers of pages
are shared out between processes, one for each processor.
"""

from __future__ import annotations

import _signal as signal  # type: ignore[import-not-found]  # without enumerations, which take 1 ms
import json
import os
import sys
import time

from guardrails import cache
from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, read_bytes
from guardrails.facts.pages.site import Site
from guardrails.facts.programs.side_by_side import Pause
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from guardrails.facts.pages.snippets import Snippet
    from guardrails.policy import World

    Places = list[list[Any]]  # of each link: its destination as written (escapes undone), and its 1-based line

TOGETHER = 1000  # pages in one entry of the cache
ALONE = 100  # pages that are not worth another process
SHARES = 64  # that processes take from all pages, one after the other; at most 256


class Contents(Record):
    """What one page holds: links, images, the anchors that can be linked to, and how many lines."""

    links: Places
    images: Places
    anchors: list[str]
    lines: int


class Pages(Fact):
    """The pages of the site that a document belongs to. A page is read when it is first asked for, and once.

    `until` is the time.monotonic() by which all must be read. `known` is what has been read, by path.
    """

    site: Site
    until: float
    code: bytes
    known: dict[str, Contents | None]

    @classmethod
    async def gather(cls, world: World, *options: Any) -> Pages:
        """Options: the document's path, and the address where the site is published (may be empty).

        Raises CannotKnow when the repository or the site's redirects cannot be read or trusted.
        """
        await Pause(0)
        document, address = options
        until = time.monotonic() + world.timeout
        return cls(Site(world.environment.repo, document, address), until, _code(), {})

    def contents(self, paths: list[str], purpose: str) -> dict[str, Contents | None]:
        """What each page holds, None for one that is absent.

        `purpose` names the entry of the cache, which holds the pages that are wanted together. Raises CannotKnow when
        a page cannot be read, or not all of them in time; what was read by then is remembered for the next run.
        """
        missing = [path for path in dict.fromkeys(paths) if path not in self.known]
        for number, start in enumerate(range(0, len(missing), TOGETHER)):
            self._read(missing[start : start + TOGETHER], self._key(f"{number} {purpose}"))
        return {path: self.known[path] for path in paths}

    def snippets(self, path: str, data: bytes) -> tuple[dict[str, Snippet], bytes]:
        """The snippets that a page with these bytes shows, by the names of their components, and all their bytes."""
        if not (self.site.file and (b"import" in data or b"<Snippet" in data)):
            return {}, b""
        from guardrails.facts.pages.snippets import Snippets

        snippets = Snippets(self.site, path, data)
        return snippets.of_page, snippets.data

    def has_time(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until

    def _key(self, purpose: str) -> str:
        """The key of an entry; empty when nothing may be remembered."""
        about = b"\0".join(map(os.fsencode, (self.site.tree.top, self.site.root, purpose)))
        return cache.digest(self.code + about) if self.code else ""

    def _read(self, paths: list[str], key: str) -> None:
        stored: dict[str, Any] = (cache.recall("pages", key) if key else None) or {}

        found = _share_out(lambda path: self._look(path, stored) if self.has_time() else None, paths)
        entry = {name: held or stored[name] for name, held in found.values() if name}
        if key and entry.keys() != stored.keys():
            cache.keep("pages", key, entry)
        if len(found) < len(paths):
            raise CannotKnow("not every page can be read in time: raise --timeout or look at fewer pages")
        self.known.update((path, Contents(*entry[name]) if name else None) for path, (name, _) in found.items())

    def _look(self, path: str, stored: dict[str, Any]) -> tuple[str, Any]:
        """The name under which a page is remembered, and what it holds unless that is stored; "" when it is absent."""
        data = self.site.read(path)
        if data is None:
            return "", None
        mdx = self.site.is_mdx(path)
        snippets, shown = self.snippets(path, data)
        name = f"{cache.digest(data + shown)}{'x' if mdx else ''}"
        if name in stored:
            return name, None
        from guardrails.facts.pages.markdown import Page

        page = Page(decode(data, path), mdx=mdx, snippets=snippets)
        return name, (page.links, page.images, page.anchors, data.count(b"\n") + (not data.endswith(b"\n")))


def _code() -> bytes:
    """All that decides how a page is read; empty when that cannot be told, and then nothing is remembered.

    Importing the parser, or importlib.metadata for its version, takes the time that remembering is to save. Its files
    are not ours to change, so their names, sizes and times say which version it is. Our own sources stand for a format
    number that nobody has to remember to raise.
    """
    from _frozen_importlib_external import PathFinder  # what importlib.machinery gives, which is slow to load

    here = os.path.dirname(__file__)
    parts = "anchors emoji html_stream markdown mdx mintlify page_element page_walk pages snippets"
    own = [os.path.join(here, f"{name}.py") for name in parts.split()]
    try:
        parser = PathFinder.find_spec("pyromark")
        with os.scandir(os.path.dirname((parser and parser.origin) or "")) as entries:
            files = sorted((entry.name, entry.stat().st_size, entry.stat().st_mtime_ns) for entry in entries)
        return b"\0".join([b"%x" % sys.hexversion, repr(files).encode(), *map(read_bytes, own), b""])
    except (OSError, CannotKnow):
        return b""


def _share_out(work: Callable[[str], Any], paths: list[str]) -> dict[str, Any]:
    """What `work` gives for each path, as plain JSON data: worked on here, and in a fork for each other processor.

    A path for which it gives None is left out. What it raises is raised here.
    """
    shares = min(SHARES, len(paths))
    left, mouth = os.pipe()
    os.write(mouth, bytes(range(shares)))  # who reads a byte has that share, so that a slow process takes fewer
    os.close(mouth)

    def take() -> dict[str, Any]:
        taken = (path for share in iter(lambda: os.read(left, 1), b"") for path in paths[share[0] :: shares])
        return {path: done for path in taken if (done := work(path)) is not None}

    others = [_Other(take) for _ in range(min(_processors(), len(paths) // ALONE) - 1)]
    try:
        found = take()
        for other in others:
            found.update(other.answer())
    finally:
        os.close(left)
        for other in others:
            other.end()
    return found


def _processors() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS has no such thing
        return os.cpu_count() or 1


class _Other:
    """A fork that works as well. It stays in the worker's group, and dies with it."""

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        self._heard, mouth = os.pipe()
        self._pid = os.fork()  # safe, since the worker has no threads
        if self._pid == 0:
            self._live(work, mouth)
        os.close(mouth)

    def _live(self, work: Callable[[], dict[str, Any]], mouth: int) -> None:
        """The other process's whole life; never returns."""
        try:
            os.close(self._heard)
            try:
                answer = {"found": work()}
            except CannotKnow as error:
                answer = {"unknown": {"why": str(error)}}
            with open(mouth, "wb") as file:
                file.write(json.dumps(answer).encode())
        finally:
            os._exit(0)  # an answer that is not whole says enough

    def answer(self) -> dict[str, Any]:
        """What it found. Raises CannotKnow when it raised that, and when it gave no answer."""
        with open(self._heard, "rb", closefd=False) as file:
            data = file.read()
        try:
            answer = json.loads(data)
        except ValueError:
            raise CannotKnow("a process that read pages ended without an answer") from None
        if "unknown" in answer:
            raise CannotKnow(answer["unknown"]["why"])
        found: dict[str, Any] = answer["found"]
        return found

    def end(self) -> None:
        """End it at once, and reap it."""
        os.kill(self._pid, signal.SIGKILL)  # it is ours until it is reaped, so the id is nobody else's
        os.close(self._heard)
        os.waitpid(self._pid, 0)
