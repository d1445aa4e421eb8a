"""The pages that a site of Mintlify makes of the OpenAPI files that its navigation names.

The address of such a page is made of the tag and the summary of an operation; the rule is that of @mintlify/common 1.0.
Only JSON is read: for a file in YAML, or one on the web, it is not known which pages it makes.
"""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

DIRECTORY = "api-reference"  # where pages are made unless the navigation says another
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Generated:
    """The pages that are made of `sources`: pairs of a file, from the site's root, and the folder for its pages.

    `read` gives the bytes of a file of the repository, or None; `root` is the site's.
    """

    def __init__(self, sources: list[list[str]], root: str, read: Callable[[str], bytes | None]) -> None:
        self._sources = sources
        self._root = root
        self._read = read
        self._pages: dict[str, dict[str, str]] = {}  # by source and folder: address -> file

    def file_of(self, address: str) -> str:
        """The file that the page at an address is made of; empty when there is no such page.

        Raises CannotKnow when the page may be one of a file that is not understood.
        """
        for source, folder in self._sources:
            key = f"{folder}\0{source}"
            if key not in self._pages:
                self._pages[key] = self._made_of(source, folder)
            pages = self._pages[key]
            if address in pages:
                return pages[address]
            if "" in pages and f"/{address}".startswith(f"/{folder.strip('/')}/"):
                raise CannotKnow(f"whether there is a page {address} depends on {source}, which is not read")
        return ""

    def _made_of(self, source: str, folder: str) -> dict[str, str]:
        """The pages of one file; one with an empty address stands for those that cannot be told."""
        path = f"{self._root}/{source.lstrip('./')}".lstrip("/")
        if "://" in source or not source.endswith(".json"):
            return {"": source}
        data = self._read(path)
        if data is None:
            return {}
        specification = parse_json(decode(data, path), path)
        return dict.fromkeys(_addresses(specification, folder), path)


def sources_of(navigation: Any, folder: str = DIRECTORY) -> Iterator[list[str]]:
    """The files that pages are made of, each with the folder for them. A folder holds for what is further inside."""
    if isinstance(navigation, list):
        for part in navigation:
            yield from sources_of(part, folder)
    if not isinstance(navigation, dict):
        return
    for key in ("openapi", "asyncapi"):
        named = navigation.get(key)
        if isinstance(named, dict):
            folder = str(named.get("directory") or folder)
            named = named.get("source")
        for source in named if isinstance(named, list) else [named]:
            if isinstance(source, str) and source:
                yield [source if key == "openapi" else f"{source}://", folder]
    for key, part in navigation.items():
        if key not in ("openapi", "asyncapi"):
            yield from sources_of(part, folder)


def _addresses(specification: Any, folder: str) -> list[str]:
    found: list[str] = []
    tables = specification if isinstance(specification, dict) else {}
    for kind in ("paths", "webhooks"):
        paths = tables.get(kind)
        for path, methods in paths.items() if isinstance(paths, dict) else ():
            for method in _METHODS if isinstance(methods, dict) else ():
                operation = methods.get(method)
                if isinstance(operation, dict) and operation and not operation.get("x-excluded"):
                    named = _file_name(path) if kind == "webhooks" else f"{method}-{_file_name(path)}"
                    base = _base(operation, named, folder)
                    address, number = base, 0
                    while address in found:
                        number += 1
                        address = f"{base}-{number}"
                    found.append(address.lower())
    return found


def _base(operation: dict[str, Any], otherwise: str, folder: str) -> str:
    extension = operation.get("x-mint")
    own = extension.get("href") if isinstance(extension, dict) else None
    if isinstance(own, str) and own:
        return own.strip("/")
    tags, summary = operation.get("tags"), operation.get("summary")
    tag = tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else ""
    title = _file_name(summary) if isinstance(summary, str) and summary else otherwise
    return re.sub("/+", "/", f"{folder}/{_file_name(tag)}/{title}").strip("/")


def _file_name(text: str) -> str:
    text = re.sub(r"\{.*?\}", "-", text.replace(" ", "-"))
    text = re.sub(r"[{}(),.'\n/]", "", re.sub(r"^-|-\Z", "", text))
    return text.replace("--", "-").lower()
