"""Whose a file is: a file that others could have written does not count, as git refuses another user's repository.

A path is ours alone when nobody else can change what stands there: the owner, everybody who may write to it, and
everybody who can put something else in its place in a folder above, must be us, root or, under sudo(8), the user who
called it.
"""

from __future__ import annotations

import os
import stat

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_LINKS = 40  # as the kernel follows at most (path_resolution(7))


class Foreign(CannotKnow):
    """What others own or can write to."""


def require_ours(path: str) -> None:
    """Raise Foreign when anybody else could have written the file at a path, with the command that makes it ours.

    A missing file passes, so that its reader says that it is missing. Links are followed, and must be ours as well.
    """
    problems = list(_remedies(path))
    if problems:
        raise Foreign(f"{path} is not ours alone, so it is not believed; if it is right: {' && '.join(problems)}")


def _remedies(path: str) -> Iterator[str]:
    """The command that makes each thing on the way to a path ours alone which is not."""
    places = list(_way(path))
    for place, status in places:
        link = stat.S_ISLNK(status.st_mode)
        if status.st_uid not in _trusted(place if place != places[-1][0] else ""):
            yield f"{_sudo()}chown {'-h ' if link else ''}{os.geteuid()} {_quoted(place)}"
        if not link and (others := _others(place, status)):
            yield f"{_sudo(status)}chmod {others}-w {_quoted(place)}"


def _way(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Each folder and link that leads to a path, from the top, and what stands there, with its status."""
    here, links = "/", 0
    left = path.split("/")[::-1]
    yield here, os.lstat(here)
    while left:
        name = left.pop()
        if name in ("", "."):
            continue
        if name == "..":
            here = os.path.dirname(here)
            continue
        place = os.path.join(here, name)
        try:
            status = os.lstat(place)
            target = os.readlink(place) if stat.S_ISLNK(status.st_mode) else None
        except (OSError, ValueError):
            return
        yield place, status
        if target is None:
            here = place
            continue
        links += 1
        if links > _LINKS:
            return
        left += target.split("/")[::-1]
        here = "/" if target.startswith("/") else here


def _trusted(folder: str) -> set[int]:
    """Who may own a file, or a folder above it: whoever owns the top, too, as root may be nobody in a container."""
    trusted = {os.geteuid(), 0}
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    return {*trusted, os.stat("/").st_uid} if folder else trusted


def _others(place: str, status: os.stat_result) -> str:
    """Who else may write to a file or folder, as chmod(1) calls them: `g`, `o`, `go` or nobody.

    In a folder like /tmp others can add, and change nothing that is there; what they add is theirs.
    """
    if stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX:
        return ""
    group = status.st_mode & stat.S_IWGRP and not _is_private(place, status)
    return ("g" if group else "") + ("o" if status.st_mode & stat.S_IWOTH else "")


def _is_private(place: str, status: os.stat_result) -> bool:
    """Whether the group is its owner's alone: of the owner's name, with no other member and no access list."""
    import grp
    import pwd

    try:
        owner, group = pwd.getpwuid(status.st_uid), grp.getgrgid(status.st_gid)
    except KeyError:
        return False
    alone = group.gr_name == owner.pw_name and set(group.gr_mem) <= {owner.pw_name}
    return alone and not _has_access_list(place)


def _has_access_list(place: str) -> bool:
    """Whether an access list lets more users in than the mode shows (acl(5)); the group's bits are its mask then."""
    try:
        return "system.posix_acl_access" in os.listxattr(place)
    except (AttributeError, OSError):  # no Linux, or a file system without
        return False


def _sudo(status: os.stat_result | None = None) -> str:
    """The beginning of a command on something of another user."""
    mine = os.geteuid() == 0 or (status is not None and status.st_uid == os.geteuid())
    return "" if mine else "sudo "


def _quoted(path: str) -> str:
    from shlex import quote

    return quote(path)
