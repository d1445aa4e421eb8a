"""Reading a SQLite store that a program may be writing, without changing one byte of its folder.

SQLite's own read-only mode is not enough: on a store in WAL mode it leaves `-wal` and `-shm` files behind. So the
header decides how to open (https://www.sqlite.org/fileformat.html, sections 1.3 and 4; https://www.sqlite.org/wal.html):

- a store at rest is read in place as if nothing could change it, and it is checked afterwards that nothing did;
- one with a `-wal` and a `-shm` beside it is read in place in one transaction, with the `-shm` opened for reading only
  (`readonly_shm`): SQLite then takes part in the locking of a live writer, and trusts only the log where none is alive;
- one with a `-wal` alone is copied together with it, and the copy is read.

So its size matters only for the copy.
"""

from __future__ import annotations

import os
import stat
import time
from contextlib import contextmanager, suppress

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

SIZE_LIMIT = 1024 * 1024 * 1024  # bytes, of a store or its write-ahead log that must be copied
COPY_PATIENCE = 5.0  # seconds that the copying may take
COPY_PART = 16 * 1024 * 1024  # bytes that are copied at a time
LOCK_PATIENCE = 0.5  # seconds to wait for a writer that holds the whole store
READ_PATIENCE = 5.0  # seconds that all queries of one visit may take
COPY_ATTEMPTS = 5

_MAGIC = b"SQLite format 3\0"
_ROLLBACK, _WAL = b"\1\1", b"\2\2"  # bytes 18 and 19 of the header: the modes for writing and for reading
_WAL_HEADER = 32  # bytes; holds the salts, which change whenever the log starts anew


@contextmanager
def open_read_only(path: str) -> Iterator[sqlite3.Connection]:
    """Open a store for queries; a live writer is neither disturbed nor waited for longer than half a second.

    Raises FileNotFoundError when there is none. Raises CannotKnow, also from inside the `with`, when it is no
    readable store, is damaged, locked or changing too fast, or when copying it or the queries take too long.
    """
    path = os.path.realpath(path)  # SQLite too keeps the log beside the real file, not beside a symlink to it
    head, status = _head(path, 100)
    import sqlite3  # after the head: that a store is absent must not cost the loading of SQLite

    try:
        with _open(path, head, status) as connection:
            deadline = time.monotonic() + READ_PATIENCE
            connection.set_progress_handler(lambda: time.monotonic() > deadline, 10_000)
            for pragma in ("query_only = 1", "trusted_schema = OFF", "cell_size_check = ON", "temp_store = MEMORY"):
                connection.execute(f"PRAGMA {pragma}")
            yield connection
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_READONLY < code:  # an extended code: its log would have to be mended
            raise CannotKnow(f"{path} is being written; try again") from None
        raise CannotKnow(f"{path} cannot be read: {error}") from None


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether the store has this table. Raises sqlite3.DatabaseError when the name is a view or something else."""
    import sqlite3

    row = connection.execute("SELECT type, sql FROM sqlite_master WHERE name = ? COLLATE NOCASE", (name,)).fetchone()
    if row is None:
        return False
    if row[0] != "table" or not str(row[1]).upper().startswith("CREATE TABLE"):
        raise sqlite3.DatabaseError(f"{name} is not a table of its own")
    return True


def check_table(connection: sqlite3.Connection, name: str) -> None:
    """Walk every page of one table, since a damaged page can also look like fewer rows.

    Half a millisecond for a small table in a store of 1.5 MB, where checking the whole store takes ten.
    Raises sqlite3.DatabaseError that says what is damaged.
    """
    import sqlite3

    (verdict,) = connection.execute(f"PRAGMA quick_check('{name}')").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"{name} is damaged: {verdict}")


@contextmanager
def _open(path: str, head: bytes, status: os.stat_result) -> Iterator[sqlite3.Connection]:
    mode = head[18:20]
    if len(head) < 100 or not head.startswith(_MAGIC) or mode not in (_ROLLBACK, _WAL):
        raise CannotKnow(f"{path} is not a SQLite store")
    if any(_beside(path, "-journal", 8) or b""):  # an old journal that is empty or blanked out does not count
        raise CannotKnow(f"{path} has an unfinished transaction beside it, {os.path.basename(path)}-journal")
    if os.path.lexists(path + "-wal"):
        with _live(path) if _live_index(path) else _private_copy(path) as connection:
            yield connection
        return
    _check_whole(path, head, status.st_size)
    with _connection(path, "mode=ro" if mode == _ROLLBACK else "immutable=1") as connection:
        yield connection
    if mode == _WAL and (os.path.lexists(path + "-wal") or _state(path) != _identity(status)):
        raise CannotKnow(f"{path} was written while it was read; try again")


def _live_index(path: str) -> bool:
    """Whether a store has a log and its index. Raises CannotKnow when one is no file, which SQLite would open."""
    return _beside(path, "-wal", _WAL_HEADER) is not None and _beside(path, "-shm", 1) is not None


@contextmanager
def _live(path: str) -> Iterator[sqlite3.Connection]:
    """Open a store in place, beside its writer, for one transaction that reads."""
    with _connection(path, "mode=ro&readonly_shm=1") as connection:
        connection.execute("BEGIN")
        yield connection


def _check_whole(path: str, head: bytes, size: int) -> None:
    page = int.from_bytes(head[16:18], "big")
    pages = int.from_bytes(head[28:32], "big")
    counted = head[24:28] == head[92:96]  # otherwise an old version wrote last and did not update the page count
    if counted and size < pages * (65536 if page == 1 else page):
        raise CannotKnow(f"{path} is truncated: {size} bytes of {pages} pages")


@contextmanager
def _connection(path: str, how: str) -> Iterator[sqlite3.Connection]:
    import sqlite3

    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    connection = sqlite3.connect(f"file://{quoted}?{how}", uri=True, timeout=LOCK_PATIENCE, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _private_copy(path: str) -> Iterator[sqlite3.Connection]:
    """Copy the store and its log to a folder that only we can enter, and open the copy.

    The copy loses its name once it is open, so nothing is left behind even when we are killed while reading.
    """
    # Not TMPDIR, which may lie in the very folder that must not change. mkdir refuses a name that is already taken.
    folder = f"/tmp/guardrails-{os.urandom(8).hex()}"  # noqa: S108
    copy = os.path.join(folder, "store")
    try:
        os.mkdir(folder, 0o700)
    except OSError as error:
        raise CannotKnow(f"{path} cannot be copied to {folder}: {error.strerror}") from None
    try:
        _copy_unchanged(path, copy)
        with _connection(copy, "mode=rw") as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # keeps the log's index in memory
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens both files
            _remove(folder)
            yield connection
    finally:
        _remove(folder)


def _copy_unchanged(path: str, copy: str) -> None:
    """Copy the store, then its log, while no log is started anew: what a checkpoint moves meanwhile is in both."""
    for attempt in range(COPY_ATTEMPTS):
        time.sleep(0.02 * attempt)
        before = _state(path), _beside(path, "-wal", _WAL_HEADER)
        _copy(path, copy)
        _copy(path + "-wal", copy + "-wal")
        if before == (_state(path), _beside(path, "-wal", _WAL_HEADER)):
            return
    raise CannotKnow(f"{path} is being written; try again")


def _copy(source: str, target: str) -> None:
    """Copy a file, or an absent one as an empty one, which to SQLite is the same for a log."""
    deadline = time.monotonic() + COPY_PATIENCE
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        with suppress(FileNotFoundError), open(os.open(source, flags), "rb") as reader:
            _require_room(source, os.fstat(reader.fileno()).st_size, os.path.dirname(target))
            with open(target, "wb") as writer:
                while part := reader.read(COPY_PART):
                    writer.write(part)
                    if writer.tell() > SIZE_LIMIT or time.monotonic() > deadline:
                        raise CannotKnow(f"{source} grows while it is copied, or copying it takes too long")
    except OSError as error:
        raise CannotKnow(f"{source} cannot be copied: {error.strerror}") from None


def _require_room(source: str, size: int, folder: str) -> None:
    """Raise CannotKnow when a file is too large to be copied, or would take half of the room there is."""
    if size > SIZE_LIMIT:
        raise CannotKnow(f"{source} must be copied to be read, and is larger than {SIZE_LIMIT >> 20} MiB")
    room = os.statvfs(folder)
    if size > room.f_bavail * room.f_frsize // 2:
        raise CannotKnow(
            f"{source} must be copied to be read, and {os.path.dirname(folder)} has too little room for it"
        )


def _remove(folder: str) -> None:
    for name in ("store", "store-wal", "store-shm", "store-journal"):
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(folder, name))
    with suppress(FileNotFoundError):
        os.rmdir(folder)


def _state(path: str) -> tuple[int, ...] | None:
    try:
        return _identity(os.stat(path))
    except FileNotFoundError:
        return None


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _beside(path: str, suffix: str, length: int) -> bytes | None:
    """The first bytes of the file that SQLite keeps beside a store; None when there is none."""
    try:
        return _head(path + suffix, length)[0]
    except FileNotFoundError:
        return None


def _head(path: str, length: int) -> tuple[bytes, os.stat_result]:
    """The first bytes of a regular file. Raises FileNotFoundError when it is absent, else CannotKnow."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # before opening: opening a device can act on it
            raise CannotKnow(f"{path} is not a file")
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            head = os.read(descriptor, length)
        finally:
            os.close(descriptor)
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    return head, status
