"""How long one record of the audit log takes, with fsync, against the plainest append that is as safe on the disk.

The floor is `open`, `write`, `fsync`, `close` of a line of the same length, in the same folder and in turn. The log is
new in one series and 100 MB long in another, which must make no difference. Each series ends with a verification of
what was written, so that the benchmark cannot measure nothing.

    make bench
    python benchmarks/audit.py --rounds 500
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from guardrails.audit.reader import verify
from guardrails.audit.writer import append

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 2.0  # ms, the median of an append
LONG = 100_000_000  # bytes
FACTS = {
    "kind": "check",
    "environment": "prod",
    "operation": "promote",
    "moment": "promote",
    "judged_at": "2026-02-01T10:00:00Z",
    "verdict": "deny",
    "exit_code": 1,
    "commit": "0" * 40,
    "candidate": "1" * 40,
    "policy_set": "sha256:" + "2" * 64,
    "blocking": ["clean-worktree", "fast-forward-only", "release-window"],
    "waivers": [],
    "left_out": [],
    "errors": [],
    "findings_digest": "sha256:" + "3" * 64,
    "found": [],
}


def plain_append(path: Path, line: bytes) -> None:
    """The floor."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line)
    os.fsync(descriptor)
    os.close(descriptor)


def timed(act: Callable[[], object]) -> float:
    """The wall time of an act, in ms."""
    started = time.perf_counter()
    act()
    return (time.perf_counter() - started) * 1000


def lengthen(log: Path) -> None:
    """Make a log long, without waiting for the disk at each record."""
    from guardrails.audit.chain import Head, head_at, line_after

    head, written = Head(), 0
    with log.open("wb") as file:
        while written < LONG:
            line = line_after(head, {"at": "2026-02-01T10:00:00.000Z", **FACTS})
            head, written = head_at(line), written + len(line) + 1
            file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    log.chmod(0o600)


def series(name: str, log: Path, rounds: int) -> float:
    """Measure one log, print its line of the table, and give the median of an append."""
    append(str(log), FACTS)
    line = log.read_bytes().splitlines(keepends=True)[-1]
    before = verify(str(log), None).records
    floor, appends = [], []
    for _ in range(rounds):
        floor.append(timed(lambda: plain_append(log.with_suffix(".floor"), line)))
        appends.append(timed(lambda: append(str(log), FACTS)))
    started = time.perf_counter()
    found = verify(str(log), None)
    took = time.perf_counter() - started
    if found.line is not None or found.records != before + rounds:
        sys.exit(f"what was written is not whole: {found}")
    cells = [name, *(f"{statistics.median(one):.2f} ({min(one):.2f}..{max(one):.2f})" for one in (floor, appends))]
    print("| " + " | ".join([*cells, f"{found.records / took:,.0f}"]) + " |", flush=True)
    return statistics.median(appends)


def main() -> int:
    """Print the table; 1 when the budget fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--folder", type=Path, default=ROOT / "bench-data", help="on the disk that is measured")
    given = parser.parse_args()
    given.folder.mkdir(exist_ok=True)
    print("| log | plain append, ms | append, ms | verified records a second |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        new, long = Path(folder) / "new.jsonl", Path(folder) / "long.jsonl"
        lengthen(long)
        slowest = max(series("new", new, given.rounds), series("100 MB", long, given.rounds))
    print(f"\nmedian (smallest..largest) of {given.rounds} rounds; budget: {LIMIT} ms")
    return 1 if slowest > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
