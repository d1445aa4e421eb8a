"""Which environments a place belongs to, by identity and not by name."""

from __future__ import annotations

import os
import stat

from guardrails_policies.openclaw.shell.openclaw_programs import is_inside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails import World


def environments_of_state(path: str, world: World) -> tuple[str, ...]:
    """The environments whose state directory a path leads to: by links, mounts, or in other letters."""
    return tuple(one.name for one in world.environments.values() if one.state_dir and _same(path, one.state_dir))


def environments_at(path: str, world: World) -> tuple[str, ...]:
    """The environments whose repository a path is in; where one is inside another, the inner one."""
    found = [one for one in world.environments.values() if path and is_inside(path, one.repo)]
    deepest = max((len(os.path.realpath(one.repo)) for one in found), default=0)
    return tuple(one.name for one in found if len(os.path.realpath(one.repo)) == deepest)


def may_write(user: int, folder: str | None) -> bool:
    """Whether a user could keep state in a folder: its owner, root, or anybody whom its mode lets in."""
    try:
        status = os.stat(folder or "")
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return user in (0, status.st_uid) or bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _same(one: str, other: str) -> bool:
    if not one or not os.path.isabs(one):
        return False
    if os.path.realpath(one) == os.path.realpath(other):
        return True
    try:
        return os.path.samefile(one, other)
    except OSError:
        return False
