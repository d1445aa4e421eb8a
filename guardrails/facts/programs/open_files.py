"""What a process has open: files by their identity, and whether it waits for connections.

On Linux /proc says both, also of processes in other namespaces, whose paths and networks are not ours; elsewhere psutil
does. Neither may be seen of another user's process.
"""

from __future__ import annotations

import os
import stat

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from typing import Any

    Identity = tuple[int, int]
    Wanted = Mapping[str, Collection[Identity]]  # the files asked for: their identities by their names

PROC = "/proc"

_LISTENING = b"0A"  # the state of such a socket in /proc/PID/net/tcp (proc(5))


class OpenFile(Record):
    """A regular file that a process has open: its path as that process sees it, and its device and inode."""

    path: str
    identity: tuple[int, int]


def identities(files: Iterable[str]) -> Wanted:
    """The files that are there, by their names."""
    found: dict[str, set[Identity]] = {}
    for path in files:
        try:
            found.setdefault(os.path.basename(path), set()).add(_identity(os.stat(path)))
        except OSError:
            continue  # what is not there, nobody holds under this path
    return found


def holds(pid: str, wanted: Wanted) -> bool:
    """Whether a process has one of the files asked for open, as far as /proc lets us see."""
    try:
        for path, link in _links(pid) if wanted else ():
            known = wanted.get(path.rpartition("/")[2])  # before asking for the file, which may be on a slow server
            if known and (file := _file(path, link)) and file.identity in known:
                return True
    except OSError:
        pass  # it is another user's
    return False


def are_any(files: Iterable[OpenFile], wanted: Wanted) -> bool:
    """Whether one of the files is one of those asked for."""
    return any(file.identity in wanted.get(os.path.basename(file.path), ()) for file in files)


def open_files(process: Any) -> tuple[OpenFile, ...] | None:
    """The regular files that a process of psutil has open; None when that may not be seen."""
    if _in_proc(process.pid):
        links = ask_psutil(lambda: list(_links(process.pid)))
    else:
        links = ask_psutil(lambda: [(one.path, one.path) for one in process.open_files()])
    if links is None:
        return None
    return tuple(file for path, link in links if path.startswith("/") and (file := _file(path, link)))


def listens(process: Any) -> bool | None:
    """Whether a process of psutil waits for connections over TCP; None when that may not be seen."""
    if not _in_proc(process.pid):
        import psutil

        connections = ask_psutil(lambda: process.net_connections(kind="tcp"))
        return None if connections is None else any(one.status == psutil.CONN_LISTEN for one in connections)
    links = ask_psutil(lambda: list(_links(process.pid)))
    if links is None:
        return None
    sockets = {path[8:-1].encode() for path, _ in links if path.startswith("socket:[")}
    return not sockets.isdisjoint(_listening(process.pid))


def _listening(pid: int) -> Iterator[bytes]:
    """The inodes of the sockets that listen in the network of a process."""
    for name in ("tcp", "tcp6"):
        try:
            with open(f"{PROC}/{pid}/net/{name}", "rb") as table:
                for fields in map(bytes.split, table):
                    if len(fields) > 9 and fields[3] == _LISTENING:
                        yield fields[9]
        except OSError:
            continue  # it has ended, or there is no such protocol


def ask_psutil(look: Callable[[], Any]) -> Any:
    """Ask psutil; None when it may not look."""
    import psutil

    try:
        return look()
    except (psutil.AccessDenied, OSError):
        return None


def _in_proc(pid: int) -> bool:
    return os.path.isdir(f"{PROC}/{pid}")


def _links(pid: int | str) -> Iterator[tuple[str, str]]:
    """What a process has open: what it is called, and the link in /proc that leads to it.

    Raises OSError when that may not be seen.
    """
    folder = f"{PROC}/{pid}/fd"
    try:
        names = os.listdir(folder)
    except (FileNotFoundError, ProcessLookupError):
        return  # it has ended
    for name in names:
        try:
            path = os.readlink(f"{folder}/{name}")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it was closed meanwhile
        yield path, f"{folder}/{name}"


def _file(path: str, link: str) -> OpenFile | None:
    try:
        status = os.stat(link)
    except OSError:
        return None
    return OpenFile(path, _identity(status)) if stat.S_ISREG(status.st_mode) else None


def _identity(status: os.stat_result) -> Identity:
    return status.st_dev, status.st_ino
