"""What pnpm installed, and what it should have installed.

pnpm writes the lock file of what it has installed to `lock.yaml` in its virtual store, `node_modules/.pnpm` unless
configured otherwise. After a whole `pnpm install` that is `pnpm-lock.yaml` byte by byte (pnpm 9 to 12, in a workspace
with overrides and catalogs too); after `--prod`, `--filter` or an install that was broken off it is not.

Since pnpm 11 a document of its own may come first in `pnpm-lock.yaml`: the packages that configure pnpm itself. Those
are installed to `node_modules/.pnpm-config`, and the versions of pnpm that it names beside them are not.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow, Fact, World
from guardrails.facts.files import parse_json, read_json, read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

_DOCUMENT = re.compile(r"^---[ \t]*\n", re.MULTILINE)
_CONFIGURING = re.compile(r"^    configDependencies:\n((?:      .*\n)*)", re.MULTILINE)
_VERSION = re.compile(
    r"^      (?P<quote>'?)(?P<name>\S+)(?P=quote):\n(?:        .*\n)*?        version: (?P<version>\S+)\n", re.MULTILINE
)
_PACKAGE = re.compile(r"^  (?P<quote>'?)(?P<name>[^\s':]\S*@[^\s']+)(?P=quote):", re.MULTILINE)


class InstalledPackages(Fact):
    """The two lock files by path, whether they are there, and whether they say the same.

    `added` are the packages that only the repository's names, `removed` those that only the installed one does.
    """

    repo: str
    lock: str
    installed: str
    lock_exists: bool
    installed_exists: bool
    same: bool = False
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @classmethod
    async def gather(cls, world: World, lock: str, installed: str) -> Self:
        """Read both. Raises CannotKnow when one is there and cannot be read, or is no lock file."""
        repo = world.environment.repo
        if not os.path.isdir(repo):
            raise CannotKnow(f"{repo} is not there, so nothing that is installed there can be known")
        wanted, found = _read(os.path.join(repo, lock)), _read(os.path.join(repo, _place(repo, installed)))
        if not wanted or not found:
            return cls(repo, lock, installed, bool(wanted), bool(found))
        ours, theirs = _packages(wanted[-1]), _packages(found[-1])
        missing = _not_configuring(wanted[:-1], os.path.join(repo, os.path.dirname(installed), "..", ".pnpm-config"))
        return cls(
            repo, lock, installed, lock_exists=True, installed_exists=True,
            same=wanted[-1] == found[-1] and not missing,
            added=tuple(sorted((ours - theirs) | missing)), removed=tuple(sorted(theirs - ours)),
        )  # fmt: skip


def _place(repo: str, installed: str) -> str:
    """Where the lock file of what is installed lies, when pnpm was told to keep its virtual store elsewhere."""
    modules = os.path.dirname(os.path.dirname(installed))
    if os.path.lexists(os.path.join(repo, installed)):
        return installed
    try:
        said = parse_json(read_text(os.path.join(repo, modules, ".modules.yaml")), f"{modules}/.modules.yaml")
        store = said["virtualStoreDir"]
    except (FileNotFoundError, CannotKnow, KeyError, TypeError):
        return installed
    return os.path.join(modules, store, "lock.yaml") if isinstance(store, str) else installed


def _read(path: str) -> list[str]:
    """The documents of a lock file, the last of which names what is installed; none when it is absent."""
    try:
        text = read_text(path)
    except FileNotFoundError:
        return []
    documents = _DOCUMENT.split(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    documents = documents[1:] if len(documents) > 1 and not documents[0].strip() else documents
    if len(documents) > 2 or not all(re.search(r"^lockfileVersion:", one, re.MULTILINE) for one in documents):
        raise CannotKnow(f"{path} is no lock file of pnpm")
    return documents


def _not_configuring(documents: list[str], folder: str) -> set[str]:
    """The packages that are to configure pnpm and are not installed in that version."""
    text = "".join(block for one in documents for block in _CONFIGURING.findall(one))
    wanted = [(match["name"], match["version"]) for match in _VERSION.finditer(text)]
    return {f"{name}@{version}" for name, version in wanted if _version(os.path.join(folder, name)) != version}


def _version(package: str) -> object:
    path = os.path.join(package, "package.json")
    try:
        said = read_json(path)
    except FileNotFoundError:
        return None
    return said.get("version") if isinstance(said, dict) else None


def _packages(text: str) -> set[str]:
    """The packages that a lock file names, each with its version."""
    return {match["name"] for match in _PACKAGE.finditer(text)}
