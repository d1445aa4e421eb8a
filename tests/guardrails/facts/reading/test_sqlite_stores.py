"""A SQLite store is read as its writer committed it, and its folder stays as it was to the byte."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.reading import sqlite_stores as reader
from guardrails.facts.reading.sqlite_stores import check_table, has_table, open_read_only
from privileges import tried_without_privileges
from progress import elapsed, output_of
from worlds.openclaw_state import NEW, change, database, listing, real_state

ROWS = 300


@contextmanager
def live_writer(script: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A process that has the store open: the script prints a line when it is ready and ends with its input."""
    writer = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    try:
        yield writer
    finally:
        output_of(writer, "done\n")


def make(path: Path, mode: str = "wal", rows: int = ROWS) -> Path:
    """A store of one table with rows of about 100 bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(number, f"{number:0100}") for number in range(rows)])
    connection.commit()
    connection.close()
    return path


def count(path: Path) -> int:
    with open_read_only(str(path)) as connection:
        return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])


IDLE_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 0")
connection.execute("INSERT INTO t VALUES (1000, 'committed')")
connection.execute("BEGIN IMMEDIATE")
connection.execute("INSERT INTO t VALUES (1001, 'not committed')")
print("ready", flush=True)
sys.stdin.readline()
"""

BUSY_WRITER = """
import sqlite3, sys, threading
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA wal_autocheckpoint = 20")
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.readline(), stop.set())).start()
turn = 0
while not stop.wait(0.002):
    turn += 1
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE t SET text = printf('%0100d', ?)", (turn,))
    connection.execute("COMMIT")
    if turn == 1:
        print("ready", flush=True)
"""

LOCKING_WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print("ready", flush=True)
sys.stdin.readline()
"""


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_store_at_rest_is_read_and_nothing_is_left_beside_it(tmp_path: Path, mode: str) -> None:
    path = make(tmp_path / "store.sqlite", mode)
    before = listing(tmp_path)
    assert count(path) == ROWS
    assert listing(tmp_path) == before


def test_a_live_writer_is_read_as_committed_and_its_files_stay_as_they_are(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    with live_writer(IDLE_WRITER, path):
        before = listing(path.parent)
        assert {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"} < set(before)
        with open_read_only(str(path)) as connection:
            found = connection.execute("SELECT text FROM t WHERE n >= 1000").fetchall()
            check_table(connection, "t")
        assert found == [("committed",)]
        assert listing(path.parent) == before


def test_what_only_the_log_holds_is_found_when_the_writer_was_killed(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    with live_writer(IDLE_WRITER, path) as writer:
        writer.kill()
        writer.wait()
        before = listing(path.parent)
        assert count(path) == ROWS + 1
        assert listing(path.parent) == before


def test_a_busy_writer_never_shows_half_a_transaction(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    seen, refusals = set(), set()
    with live_writer(BUSY_WRITER, path):
        ends = time.monotonic() + 3
        while time.monotonic() < ends:
            try:
                with open_read_only(str(path)) as connection:
                    check_table(connection, "t")
                    texts = connection.execute("SELECT DISTINCT text FROM t").fetchall()
            except CannotKnow as error:
                refusals.add(str(error))
                continue
            seen.update(texts)
            assert len(texts) == 1  # each transaction sets every row to the same text
            assert set(os.listdir(path.parent)) == {"store.sqlite", "store.sqlite-wal", "store.sqlite-shm"}
    assert len(seen) > 3
    assert refusals <= {f"{path} is being written; try again"}


@pytest.mark.parametrize("times", [1, reader.COPY_ATTEMPTS])
def test_a_log_that_starts_anew_during_the_copy_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("UPDATE t SET text = 'old'")
    os.unlink(f"{path}-shm")  # the writer keeps it open; for everybody else it is gone
    copy, copied = reader._copy, []

    def copy_while_the_writer_goes_on(source: str, target: str) -> None:
        copy(source, target)
        copied.append(source)
        if source == str(path) and copied.count(source) <= times:
            writer.execute("PRAGMA wal_checkpoint(RESTART)")
            writer.execute("UPDATE t SET text = 'new' || ? WHERE n = 0", (len(copied),))

    monkeypatch.setattr(reader, "_copy", copy_while_the_writer_goes_on)
    if times == 1:
        with open_read_only(str(path)) as connection:
            assert connection.execute("SELECT DISTINCT text FROM t ORDER BY n").fetchall() == [("new1",), ("old",)]
    else:
        with pytest.raises(CannotKnow, match="is being written"):
            count(path)
    writer.close()


def test_the_private_copy_is_private_and_is_gone_while_it_is_still_read(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    with live_writer(IDLE_WRITER, path):
        os.unlink(f"{path}-shm")
        with open_read_only(str(path)) as connection:
            (_, _, copy) = connection.execute("PRAGMA database_list").fetchone()
            assert not Path(copy).parent.exists()
            assert connection.execute("SELECT count(*) FROM t").fetchone() == (ROWS + 1,)
        assert not Path(copy).parent.exists()


def test_a_copy_that_fails_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    make_folder, made = os.mkdir, []  # others may have folders beside it

    def noted(folder: str, mode: int = 0o777) -> None:
        made.append(folder)
        make_folder(folder, mode)

    monkeypatch.setattr(os, "mkdir", noted)
    monkeypatch.setattr(reader, "SIZE_LIMIT", 20_000_000)
    Path(f"{path}-wal").write_bytes(b"x" * 20_000_001)
    with pytest.raises(CannotKnow, match="larger than"):
        count(path)
    assert [os.path.dirname(folder) for folder in made] == ["/tmp"]
    assert not os.path.lexists(made[0])


def test_a_symlink_is_read_with_the_log_of_the_real_file(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    (tmp_path / "link.sqlite").symlink_to(path)
    with live_writer(IDLE_WRITER, path):
        assert count(tmp_path / "link.sqlite") == ROWS + 1


@pytest.mark.parametrize("name", ["a?mode=rwc#b %41&immutable=1", "ünïcode", os.fsdecode(b"bad\xff")])
@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_strange_name_is_only_a_name(tmp_path: Path, name: str, mode: str) -> None:
    path = make(tmp_path / "folder" / name, mode)
    assert count(path) == ROWS
    assert os.listdir(path.parent) == [name]


def test_an_exclusive_lock_is_not_waited_for(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite", "delete")
    with live_writer(LOCKING_WRITER, path):
        started = time.monotonic()
        with pytest.raises(CannotKnow, match=r"store\.sqlite cannot be read: database is locked"):
            count(path)
        assert elapsed(started) < 2


def test_nothing_can_be_written(tmp_path: Path) -> None:
    for mode in ("wal", "delete"):
        path = make(tmp_path / f"{mode}.sqlite", mode)
        with pytest.raises(CannotKnow, match="readonly"), open_read_only(str(path)) as connection:
            connection.execute("DELETE FROM t")
    path = tmp_path / "wal.sqlite"
    with (
        live_writer(IDLE_WRITER, path),
        pytest.raises(CannotKnow, match="readonly"),
        open_read_only(str(path)) as connection,
    ):
        connection.execute("DELETE FROM t")


def test_an_unfinished_transaction_is_not_guessed_at(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite", "delete")
    journal = Path(f"{path}-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + b"x" * 600)
    before = listing(tmp_path)
    with pytest.raises(CannotKnow, match="unfinished transaction"):
        count(path)
    assert listing(tmp_path) == before
    for harmless in (b"", bytes(512)):  # what journal_mode=TRUNCATE and PERSIST leave
        journal.write_bytes(harmless)
        assert count(path) == ROWS


def test_a_store_that_changes_while_it_is_read_at_rest_is_not_trusted(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite")
    with pytest.raises(CannotKnow, match="was written while it was read"), open_read_only(str(path)):
        change(path, "DELETE FROM t")


def test_absent_is_absent(tmp_path: Path) -> None:
    for path in (tmp_path / "no", tmp_path / "no" / "store.sqlite"):
        with pytest.raises(FileNotFoundError):
            count(path)


def test_what_is_no_store_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("SQLite format 3, so to speak" * 10)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name in ("folder", "fifo", "empty", "text", "loop"):
        with pytest.raises(CannotKnow, match=name):
            count(tmp_path / name)
    with pytest.raises(CannotKnow, match="not a file"):
        count(Path("/dev/zero"))


@pytest.mark.parametrize("suffix", ["-wal", "-journal", "-shm"])
def test_what_lies_beside_the_store_may_be_anything(tmp_path: Path, suffix: str) -> None:
    path = make(tmp_path / "store.sqlite")
    if suffix == "-shm":
        Path(f"{path}-wal").touch()
    os.mkfifo(f"{path}{suffix}")
    with pytest.raises(CannotKnow, match="not a file"):
        count(path)
    os.unlink(f"{path}{suffix}")
    os.mkdir(f"{path}{suffix}")
    with pytest.raises(CannotKnow, match="not a file"):
        count(path)


def test_a_garbage_log_is_no_log(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite")
    Path(f"{path}-wal").write_bytes(os.urandom(5000))
    assert count(path) == ROWS  # as SQLite itself decides: its frames have no valid checksum


def test_no_permission_cannot_be_read(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite")
    path.chmod(0)
    code = "import sys; from guardrails.facts.reading.sqlite_stores import open_read_only as opened\n"
    code += "with opened(sys.argv[1]): pass"
    assert tried_without_privileges(code, path) == (
        f"guardrails.errors.CannotKnow: {path} cannot be read: Permission denied"
    )


@pytest.mark.parametrize("mode", ["wal", "delete"])
def test_a_truncated_store_is_refused_wherever_it_is_cut(tmp_path: Path, mode: str) -> None:
    path = make(tmp_path / "store.sqlite", mode)
    whole = path.read_bytes()
    for size in (50, 100, 4095, 4096, 8192, len(whole) - 4096, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(CannotKnow, match=r"truncated|not a SQLite store"):
            count(path)
    path.write_bytes(whole)
    assert count(path) == ROWS


def test_a_damaged_page_of_a_checked_table_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite")
    whole = path.read_bytes()
    for page in range(1, len(whole) // 4096):  # page 0 holds the schema; the rest is the table
        damaged = bytearray(whole)
        damaged[page * 4096 : page * 4096 + 8] = bytes(8)
        path.write_bytes(damaged)
        with pytest.raises(CannotKnow, match=r"damaged|malformed"), open_read_only(str(path)) as connection:
            check_table(connection, "t")
    damaged = bytearray(whole)
    damaged[4096 + 3 : 4096 + 5] = bytes(2)  # the root says that it has no children: SELECT would find fewer rows
    path.write_bytes(damaged)
    with pytest.raises(CannotKnow, match=r"damaged|malformed"), open_read_only(str(path)) as connection:
        check_table(connection, "t")


@pytest.mark.parametrize("alive", [True, False])
def test_a_store_of_any_size_is_read_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, alive: bool
) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    monkeypatch.setattr(reader, "SIZE_LIMIT", 0)
    assert count(path) == ROWS
    with live_writer(IDLE_WRITER, path) as writer:
        if not alive:
            writer.kill()
            writer.wait()
        before = listing(path.parent)
        assert count(path) == ROWS + 1
        assert listing(path.parent) == before
        os.unlink(f"{path}-shm")
        with pytest.raises(CannotKnow, match="must be copied to be read, and is larger than"):
            count(path)


def test_the_index_of_a_log_is_believed_only_from_a_live_writer(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    with live_writer(IDLE_WRITER, path) as writer:
        writer.kill()
        writer.wait()
    index = Path(f"{path}-shm")
    for garbage in (b"", bytes(32768), os.urandom(32768)):  # as a restored backup may have it
        index.write_bytes(garbage)
        before = listing(path.parent)
        assert count(path) == ROWS + 1
        assert listing(path.parent) == before


def test_a_writer_goes_on_while_it_is_read(tmp_path: Path) -> None:
    path = make(tmp_path / "folder" / "store.sqlite")
    writer = sqlite3.connect(path, isolation_level=None, timeout=0)
    writer.execute("INSERT INTO t VALUES (1000, 'before')")
    with open_read_only(str(path)) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (ROWS + 1,)
        writer.execute("INSERT INTO t VALUES (1001, 'meanwhile')")
        writer.execute("PRAGMA wal_checkpoint(PASSIVE)")
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (ROWS + 1,)  # one moment for all questions
    writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert count(path) == ROWS + 2
    writer.close()


def test_a_query_without_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make(tmp_path / "store.sqlite")
    monkeypatch.setattr(reader, "READ_PATIENCE", 0.2)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(CannotKnow, match="interrupted"), open_read_only(str(path)) as connection:
        connection.execute(endless).fetchone()


def test_a_view_is_no_table(tmp_path: Path) -> None:
    path = make(tmp_path / "store.sqlite")
    change(path, "CREATE VIEW Seen AS SELECT * FROM t", "CREATE VIRTUAL TABLE made USING fts5(x)")
    with open_read_only(str(path)) as connection:
        assert has_table(connection, "t")
        assert not has_table(connection, "absent")
    for name in ("seen", "made"):
        with pytest.raises(CannotKnow, match="not a table of its own"), open_read_only(str(path)) as connection:
            has_table(connection, name)


def test_a_captured_store_of_110_tables_is_read_as_it_is(tmp_path: Path) -> None:
    state = real_state(NEW, tmp_path / "state")
    before = listing(state)
    with open_read_only(str(database(state))) as connection:
        check_table(connection, "cron_jobs")
        assert connection.execute("SELECT count(*) FROM cron_jobs").fetchone() == (8,)
    assert listing(state) == before


def test_an_absent_store_does_not_load_sqlite() -> None:
    script = """
import sys
from guardrails.facts.reading.sqlite_stores import open_read_only
try:
    with open_read_only("/nonexistent/store"):
        pass
except FileNotFoundError:
    assert "sqlite3" not in sys.modules
    print("absent")
"""
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "absent\n"
