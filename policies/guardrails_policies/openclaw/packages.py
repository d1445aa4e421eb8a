"""What pnpm installed, and what it should have installed.

pnpm writes the lock file of what it has installed to `node_modules/.pnpm/lock.yaml`. After a whole `pnpm install` it is
`pnpm-lock.yaml` byte by byte (pnpm 9.15, 10.34 and 12.21, in a workspace with overrides and catalogs too); after
`--prod`, `--filter` or an install that was broken off it is not.
"""

from __future__ import annotations

import os
import re

from guardrails import CannotKnow, Fact, World
from guardrails.facts.files import read_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

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
        wanted, found = (_read(os.path.join(repo, path)) for path in (lock, installed))
        if wanted is None or found is None:
            return cls(repo, lock, installed, wanted is not None, found is not None)
        ours, theirs = _packages(wanted), _packages(found)
        return cls(
            repo, lock, installed, lock_exists=True, installed_exists=True, same=wanted == found,
            added=tuple(sorted(ours - theirs)), removed=tuple(sorted(theirs - ours)),
        )  # fmt: skip


def _read(path: str) -> str | None:
    try:
        text = read_text(path)
    except FileNotFoundError:
        return None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not re.search(r"^lockfileVersion:", text, re.MULTILINE):
        raise CannotKnow(f"{path} is no lock file of pnpm")
    return text


def _packages(text: str) -> set[str]:
    """The packages that a lock file names, each with its version."""
    return {match["name"] for match in _PACKAGE.finditer(text)}
