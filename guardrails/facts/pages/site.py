"""A documentation site as it lies in a repository: its root, its redirects, and the files below it.

Addresses are read as Mintlify does (mintlify.com/docs, "Links" and "Redirects"): the address of a page is its path
below the documentation's root without extension, `index` is optional, upper and lower case differ, and redirects
stand in `docs.json` (formerly `mint.json`). Relative addresses are those of files, as on GitHub.
"""

from __future__ import annotations

import os

from guardrails.cache import digest, remember
from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json, read_bytes
from guardrails.facts.pages.openapi import Generated, sources_of
from guardrails.facts.pages.routes import RepositoryFiles, Routes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_DEPTH = 10  # of files that refer to others
SITES = ("docs.json", "mint.json")


class Site:
    """The site that a document belongs to.

    `root` is the folder that addresses with a leading slash start from; empty for the repository's top. `file` is
    the path of its `docs.json`, empty when there is none. `address` is where it is published, empty when that is not
    known. Raises CannotKnow when the repository or the redirects cannot be read or trusted.
    """

    def __init__(self, repo: str, document: str, address: str) -> None:
        self.tree = RepositoryFiles(repo)
        self.root, self.file = self._root_of(document)
        settings = self._settings()
        generated = Generated(settings["sources"], self.root, self.read) if self.file else None
        self.routes = Routes(self.tree, self.root, settings["redirects"], address, generated)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file of the repository; None when it is absent under exactly this spelling."""
        if not self.tree.kind(path):
            return None
        file = os.path.join(self.tree.top, path)
        if self.tree.real(path) is None and os.path.exists(file):
            raise CannotKnow(f"{path} is reached through a symbolic link that leads out of the repository")
        try:
            return read_bytes(file)
        except FileNotFoundError:  # a symbolic link that leads nowhere
            return None

    def is_mdx(self, path: str) -> bool:
        """Whether a page is MDX: Mintlify reads all of a site's pages so."""
        return bool(self.file) or path.endswith(".mdx")

    def is_snippet(self, path: str) -> bool:
        """Whether a file is shown by pages and is not a page itself."""
        return bool(self.file) and path.startswith(f"{self.root}/snippets/".lstrip("/"))

    def _root_of(self, document: str) -> tuple[str, str]:
        folder = document
        while folder:
            folder = os.path.dirname(folder)
            for name in SITES:
                path = os.path.join(folder, name)
                if self.tree.kind(path):
                    return folder, path
        return ("docs" if document.startswith("docs/") else ""), ""

    def _settings(self) -> dict[str, list[list[str]]]:
        """The site's redirects, as pairs of source and destination in the site's order, and its OpenAPI `sources`."""
        data = self.read(self.file) if self.file else None
        if data is None:
            return {"redirects": [], "sources": []}

        def compute() -> dict[str, list[list[str]]]:
            site = self._whole(parse_json(decode(data, self.file), self.file), self.file)
            redirects = site.get("redirects", []) if isinstance(site, dict) else None
            if not isinstance(redirects, list):
                raise CannotKnow(f"{self.file} holds no list of redirects")
            sources = sources_of([site.get("navigation"), site.get("api"), _old_form(site)])
            return {"redirects": [_pair(redirect, self.file) for redirect in redirects], "sources": list(sources)}

        if b'"$ref"' in data:  # other files count as well
            return compute()
        found: dict[str, list[list[str]]] = remember("sites", digest(data), compute)
        return found

    def _whole(self, settings: Any, path: str, depth: int = 0) -> Any:
        """Settings with the files that they refer to in their places."""
        if isinstance(settings, list):
            return [self._whole(one, path, depth) for one in settings]
        if not isinstance(settings, dict):
            return settings
        reference = settings.get("$ref")
        if not isinstance(reference, str) or reference.startswith("#"):
            return {key: self._whole(one, path, depth) for key, one in settings.items()}
        file = os.path.normpath(os.path.join(os.path.dirname(path), reference))
        data = self.read(file) if depth < _DEPTH and not file.startswith("..") else None
        if data is None:
            raise CannotKnow(f"{path} refers to {reference}, which cannot be read")
        return self._whole(parse_json(decode(data, file), file), file, depth + 1)


def _old_form(site: dict[str, Any]) -> dict[str, Any]:
    """What `mint.json` says of OpenAPI at its top."""
    return {key: site[key] for key in ("openapi", "asyncapi") if key in site}


def _pair(redirect: Any, path: str) -> list[str]:
    pair = [redirect.get(key) for key in ("source", "destination")] if isinstance(redirect, dict) else [None]
    if not all(isinstance(part, str) for part in pair):
        raise CannotKnow(f"{path} has a redirect without source and destination")
    return [str(part) for part in pair]


def require_path(path: str) -> None:
    """Raise ValueError when this cannot be the path of a page from the repository's top."""
    if {"", ".", ".."} & set(path.split("/")) or "\0" in path:
        raise ValueError(f"{path!r} is not the path of a page from the repository's top, such as docs/index.md")


def require_address(address: str) -> None:
    """Raise ValueError when no site can be published there."""
    scheme, _, place = address.rpartition("://")
    known = scheme in ("", "http", "https") and place[:1].isalnum()
    if address and (not known or any(mark in "?#@" or mark.isspace() for mark in place)):
        raise ValueError(f"site is {address!r}, but must be an address such as https://docs.example.org")
