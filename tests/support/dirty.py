"""Repositories that are dirty in every way that is known, and some that only look so (`CASES`).

Each case of the modules that are imported here builds one from a clean clone, with plain git.
"""

from __future__ import annotations

from dirty_conversions import CONVERSIONS
from dirty_edits import EDITS
from dirty_flags import FLAGS
from dirty_leftovers import LEFTOVERS
from dirty_metadata import METADATA
from dirty_places import PLACES
from dirty_repository import (
    BOTH,
    FULL,
    Case,
    commit,
    configure,
    git,
    make_old,
    make_repository,
    script,
    settle,
    snapshot,
    try_git,
)
from dirty_settings import SETTINGS
from dirty_submodules import SUBMODULES

CASES: tuple[Case, ...] = (*EDITS, *FLAGS, *LEFTOVERS, *SETTINGS, *CONVERSIONS, *METADATA, *PLACES, *SUBMODULES)

__all__ = [
    "BOTH",
    "CASES",
    "FULL",
    "Case",
    "commit",
    "configure",
    "git",
    "make_old",
    "make_repository",
    "script",
    "settle",
    "snapshot",
    "try_git",
]
