"""Repositories that are dirty in every way that is known, and some that only look so (`CASES`).

Each case of the modules that are imported here builds one from a clean clone, with plain git.
"""

from __future__ import annotations

from dirty.dirty_conversions import CONVERSIONS
from dirty.dirty_edits import EDITS
from dirty.dirty_flags import FLAGS
from dirty.dirty_leftovers import LEFTOVERS
from dirty.dirty_metadata import METADATA
from dirty.dirty_places import PLACES
from dirty.dirty_repository import (
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
from dirty.dirty_settings import SETTINGS
from dirty.dirty_submodules import SUBMODULES

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
