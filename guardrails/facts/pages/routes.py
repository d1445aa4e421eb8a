"""Where a link of a documentation page leads: from an address to the files of the repository that it can mean."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.pages.redirects import Pattern, has_wildcard

HOPS = 20  # redirects in a row; a longer chain is taken for an endless one

# Obstacles of a link, beside another spelling:
ANOTHER_SITE = "it leads to another site"
ENDLESS = f"its redirects go in a circle or through more than {HOPS} addresses"
FOLDER = "it leads to a folder"
NO_PAGE = "there is no such page"
NO_EXTENSION = "a page of the site has no .mdx in its address"
SNIPPET = "a snippet is no page of the site"
OUTSIDE = "it leads out of the repository"
THROUGH_LINK = "it goes through a symbolic link out of the repository"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.pages.openapi import Generated

Resolved = tuple[tuple[str, ...], str, str]  # the files; or why there are none, and the file of another spelling


class RepositoryFiles:
    """What is in a repository, by exact spelling: a file system may ignore upper and lower case, a site does not.

    Paths are relative to `top`. Raises CannotKnow when there is no repository, or a folder of it cannot be listed.
    """

    def __init__(self, repo: str) -> None:
        self.top = os.path.realpath(repo)
        self._folders: dict[str, dict[str, str]] = {}
        if not os.path.isdir(self.top):
            raise CannotKnow(f"{repo} is not a folder")

    def kind(self, path: str) -> str:
        """`file`, `folder`, `other`, `link` (a symbolic link is on the way), or an empty string for nothing."""
        if not path:
            return "folder"
        folder, _, name = path.rpartition("/")
        return self._names(folder).get(name, "")

    def is_file(self, path: str) -> bool:
        kind = self.kind(path)
        return kind == "file" or (kind == "link" and os.path.isfile(os.path.join(self.top, path)))

    def real(self, path: str) -> str | None:
        """The path with symbolic links followed; None when that leads out of the repository."""
        if self.kind(path) != "link":
            return path
        real = os.path.realpath(os.path.join(self.top, path))
        inside = real.startswith(os.path.join(self.top, ""))
        return os.path.relpath(real, self.top) if inside else None

    def spelled(self, path: str) -> str:
        """The file whose path differs from this one only in upper and lower case, or an empty string."""
        found = ""
        for name in path.split("/"):
            names = self._names(found)
            alike = sorted(other for other in names if other.casefold() == name.casefold())
            if not alike:
                return ""
            found = os.path.join(found, name if name in names else alike[0])
        return found if found != path and self.is_file(found) else ""

    def below(self, folder: str) -> list[str]:
        """Every file below a folder, sorted; hidden and installed ones are left out, links to folders not followed."""
        files, folders = [], [folder]
        while folders:
            inside = folders.pop()
            for name, kind in self._names(inside).items():
                path = f"{inside}/{name}".lstrip("/")
                if name.startswith(".") or name == "node_modules":
                    continue
                if kind == "folder":
                    folders.append(path)
                elif self.is_file(path):
                    files.append(path)
        return sorted(files)

    def _names(self, folder: str) -> dict[str, str]:
        if folder not in self._folders:
            names = self._folders[""] if "" in self._folders else self._list("", through_link=False)
            walked = ""
            for name in folder.split("/") if folder else ():
                kind = names.get(name)
                if kind not in ("folder", "link"):
                    self._folders[folder] = {}
                    break
                walked = f"{walked}/{name}".lstrip("/")
                names = self._folders.get(walked) or self._list(walked, through_link=kind == "link")
        return self._folders[folder]

    def _list(self, folder: str, *, through_link: bool) -> dict[str, str]:
        names = {}
        try:
            with os.scandir(os.path.join(self.top, folder)) as entries:
                for entry in entries:
                    names[entry.name] = "link" if through_link else _kind(entry)
        except OSError as error:
            if not through_link:
                raise CannotKnow(f"{os.path.join(self.top, folder)} cannot be listed: {error.strerror}") from None
        self._folders[folder] = names
        return names


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


class Routes:
    """The addresses of a documentation site whose pages lie below `root`.

    `redirects` are pairs of source and destination; a source may hold wildcards (`:name` for one part of a path, `*`
    for anything). `site` is where the site is published, such as `https://docs.example.org`; empty when that is not
    known. `generated` are the pages that Mintlify makes of other files; None when no Mintlify publishes this.
    """

    def __init__(
        self,
        tree: RepositoryFiles,
        root: str,
        redirects: list[list[str]],
        site: str,
        generated: Generated | None = None,
    ) -> None:
        self._generated = generated
        self._prefix = f"{root}/" if root else ""
        self._tree = tree
        self._root = root
        self._exact = {address_of(source): to for source, to in reversed(redirects) if not has_wildcard(source)}
        self._patterns = [Pattern(source, to) for source, to in redirects if has_wildcard(source)]
        host, _, base = site.rpartition("//")[2].rstrip("/").partition("/")
        self._host = host.casefold()
        self._base = f"/{base}" if base else ""

    def resolve(self, page: str, destination: str) -> Resolved:
        """Where a link on a page leads. Both paths and results are relative to the repository's top."""
        return self.follow(page, destination)[0]

    def follow(self, page: str, destination: str, hops: int = 0) -> tuple[Resolved, str]:
        """Where a link leads, and the fragment to look for there, still percent-encoded.

        That of a redirect counts; when it has none, that of the link does (RFC 9110, 10.2.2).
        """
        fragment = destination.partition("#")[2]
        path = self._path(destination.strip())
        if path is None:
            return ((), ANOTHER_SITE, ""), fragment
        places = self._places(page, path) if path else [page]
        obstacle = self._unpublished(page, path, places)
        for place in places if not obstacle else ():
            if self._tree.kind(place) == "file":
                return ((place,), "", ""), fragment
            if self._tree.is_file(place):
                return self._arrive([place]), fragment
            redirected = self._redirected(place)
            if redirected is not None and hops == HOPS:
                return ((), ENDLESS, ""), fragment
            if redirected is not None:
                whole = redirected if "#" in redirected or not fragment else f"{redirected}#{fragment}"
                (ends, obstacle, spelled), fragment = self.follow(page, whole, hops + 1)
                obstacle = f"it is redirected to {redirected}, and {NO_PAGE}" if obstacle == NO_PAGE else obstacle
                return (ends, obstacle, spelled), fragment
            files = self._pages_at(place)
            if files:
                return self._arrive(files), fragment
            if self._generated and place.startswith(self._prefix):
                made_of = self._generated.file_of(place.removeprefix(self._prefix))
                if made_of:
                    return ((made_of,), "", ""), ""
        return ((), obstacle, "") if obstacle else self._nowhere(places), fragment

    def wanted(self, page: str, destination: str) -> str:
        """The path that a link names, before any redirect; empty when it leads out of this repository."""
        path = self._path(destination.strip())
        places = self._places(page, path) if path else []
        return places[0] if places else ""

    def _unpublished(self, page: str, path: str, places: list[str]) -> str:
        """Why a site does not serve what a path names, though a file may be there; empty when it may.

        Mintlify takes the extension from a path that starts with `./` or `../`, and serves each page as `.md` too.
        """
        if self._generated is None:
            return ""
        if any(place.startswith(f"{self._prefix}snippets/") and place.endswith((".md", ".mdx")) for place in places):
            return SNIPPET
        written_out = path.startswith(("./", "../")) or not (path.startswith("/") or page.startswith(self._prefix))
        return NO_EXTENSION if path.endswith(".mdx") and not written_out else ""

    def _pages_at(self, place: str) -> list[str]:
        """The files that an address without extension means; on a site of Mintlify `.md` may be added to it."""
        if self._generated is not None:
            if place.startswith(f"{self._prefix}snippets/"):
                return []
            place = place.removesuffix(".md").removesuffix(".mdx")
        stems = [] if place in ("", self._root) else [place]
        if self._tree.kind(place):
            stems.append(f"{place}/index")
        return [file for file in _with_extension(*stems) if self._tree.is_file(file)]

    def _arrive(self, files: list[str]) -> Resolved:
        real = tuple(path for path in map(self._tree.real, files) if path is not None)
        return real, "" if real else THROUGH_LINK, ""

    def _nowhere(self, places: list[str]) -> Resolved:
        for place in places:
            for file in (place, *_with_extension(place, f"{place}/index")):
                spelled = self._tree.spelled(file)
                if spelled:
                    return (), f"the file is spelled {spelled}", spelled
        if any(self._tree.kind(place) == "folder" for place in places):
            return (), FOLDER, ""
        return (), NO_PAGE if places else OUTSIDE, ""

    def _path(self, destination: str) -> str | None:
        """The path of a destination without anchor and query; None when it is on another site."""
        path = destination.partition("#")[0].partition("?")[0]
        if ":" not in path and not path.startswith("//"):
            return path
        scheme, colon, rest = path.partition(":")
        if not (colon and scheme.isascii() and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum()):
            scheme, rest = "", path
        if not scheme and not path.startswith("//"):
            return path
        host, _, path = rest.removeprefix("//").partition("/")
        path = f"/{path}"
        if scheme.lower() not in ("", "http", "https") or not self._host or host.casefold() != self._host:
            return None
        return path.removeprefix(self._base) or "/" if f"{path}/".startswith(f"{self._base}/") else None

    def _places(self, page: str, path: str) -> list[str]:
        """What a path can name: a leading slash means the documentation's root, else the repository's top."""
        if path.startswith("/"):
            found = [_join(start, path, below_start=True) for start in dict.fromkeys((self._root, ""))]
        else:
            found = [_join(page.rpartition("/")[0], path, below_start=False)]
        return [place for place in found if place is not None]

    def _redirected(self, place: str) -> str | None:
        if not place.startswith(self._prefix):
            return None
        address = address_of(place.removeprefix(self._prefix))
        to = self._exact.get(address)
        for pattern in self._patterns if to is None else ():
            to = pattern.apply(address)
            if to is not None:
                break
        return to if to is None or ":" in to.partition("/")[0] else f"/{to.lstrip('/')}"


def address_of(path: str) -> str:
    """The address of a page, without leading slash: `cli/index.md` is at `cli`, the first page at an empty one."""
    path = path.strip("/")
    path = path.removesuffix(".md") if path.endswith(".md") else path.removesuffix(".mdx")
    return "" if path == "index" else path.removesuffix("/index")


def last_name(destination: str) -> str:
    """The last name in an address or path: what a reader would take for the page's name."""
    return address_of(destination.partition("#")[0].partition("?")[0]).rpartition("/")[2]


def _with_extension(*stems: str) -> list[str]:
    return [stem.lstrip("/") + extension for stem in stems for extension in (".md", ".mdx")]


def _join(start: str, path: str, *, below_start: bool) -> str | None:
    """Follow a path from a folder; None when it rises above the repository's top (or above `start`)."""
    names = start.split("/") if start else []
    least = len(names) if below_start else 0
    for name in map(_decoded, path.split("/")) if "%" in path else path.split("/"):
        if name == ".." and len(names) <= least:
            return None
        if name == "..":
            names.pop()
        elif name not in ("", "."):
            names.append(name)
    return "/".join(names)


def _decoded(name: str) -> str:
    """One name of an address, percent-decoded; as it is written when that would hold a slash."""
    from urllib.parse import unquote

    decoded = unquote(name, errors="replace")
    return name if "/" in decoded else decoded
