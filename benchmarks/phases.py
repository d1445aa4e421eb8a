"""Where the time of a passing `guardrails check` goes, phase by phase, as tables that add up.

Each run is the real command, in real processes: `instrumented.py` stands before it and notes when each piece begins
and ends. A row is a phase, exclusive of those within it. What is on the way to the verdict counts once: the command
until it has forked, then the worker that has gathered last, then the command again. What the other worker and git do
meanwhile is in the second table.

    make profile
    python benchmarks/phases.py --sizes x1 --rounds 9
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from check import arguments, furnished, usual_environment
from corpus import SIZES, corpus
from timing import Timed, spread

ROOT = Path(__file__).resolve().parent.parent
INSTRUMENTED = Path(__file__).with_name("instrumented.py")
_FEW = 0.25  # ms; phases below it are one row

Row = dict[str, float]


def run(where: Path, environment: dict[str, str]) -> tuple[float, Row, dict[str, tuple[float, float]]]:
    """One check: the whole time in ms, that of each phase, and when what ran beside began and ended."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(INSTRUMENTED), folder, *arguments(where)]
        timed = Timed(command, environment, where)
        before, after = timed.started, timed.started + timed.wall / 1000
        if timed.code:
            sys.exit(f"the check ended with {timed.code}: {timed.complaints.decode()}{timed.output.decode()}")
        processes = [json.loads(path.read_text()) for path in Path(folder).iterdir()]
    [first] = [one for one in processes if one["share"] is None]
    workers = [one for one in processes if one["share"] is not None]
    slowest = max(workers, key=lambda one: one["spans"][-1][2])
    forked, gathered = slowest["spans"][0][1], slowest["spans"][-1][2]
    phases: Row = defaultdict(float)
    phases["interpreter and site"] = (first["spans"][0][1] - before) * 1000
    for name, start, end in first["spans"]:
        phases[f"command: {name}"] += max(0.0, min(end, forked) - start) * 1000
        phases[f"command, at the end: {name}"] += max(0.0, end - max(start, gathered)) * 1000
    for name, start, end in slowest["spans"]:
        phases[f"worker: {name}"] += (end - start) * 1000
    phases["exit"] = (after - max(first["spans"][-1][2], gathered)) * 1000
    beside = {
        f"worker {one['share'] + 1} of {len(workers)}": _since(before, one["spans"][0][1], one["spans"][-1][2])
        for one in workers
    }
    for one in workers:
        beside |= {label: _since(before, start, end) for label, start, end in one["children"]}
    return timed.wall, phases, beside


def _since(zero: float, start: float, end: float) -> tuple[float, float]:
    return (start - zero) * 1000, (end - zero) * 1000


def show(size: str, runs: list[tuple[float, Row, dict[str, tuple[float, float]]]]) -> None:
    """Print both tables of a size. Means add up, so that is what they hold; the whole is given as a median as well."""
    walls = [wall for wall, _, _ in runs]
    names = dict.fromkeys(name for _, phases, _ in runs for name in phases)
    means = {name: statistics.fmean(phases.get(name, 0.0) for _, phases, _ in runs) for name in names}
    shown = {name: mean for name, mean in means.items() if mean >= _FEW}
    rows = {**shown, f"all that take less than {_FEW} ms each": sum(means.values()) - sum(shown.values())}
    print(f"\n### {size}: {SIZES[size].files:,} files\n\n| phase | ms | of all |\n|---|---|---|")
    whole = sum(rows.values())
    for name, mean in rows.items():
        print(f"| {name} | {mean:.1f} | {mean / whole:.0%} |")
    print(f"| **all** (mean; median {spread(walls, '.0f')}) | {whole:.1f} | 100% |")
    print("\n| beside each other | from ms | to ms |\n|---|---|---|")
    for label in dict.fromkeys(label for _, _, beside in runs for label in beside):
        times = [beside[label] for _, _, beside in runs if label in beside]
        begun, ended = (statistics.median(pair) for pair in zip(*times, strict=True))
        print(f"| {label} | {begun:.0f} | {ended:.0f} |")
    sys.stdout.flush()


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--corpus", type=Path, default=ROOT / "bench-data", help="where the corpora are, or will be")
    given = parser.parse_args()
    usual: dict[str, Any] = usual_environment()
    for size in given.sizes:
        where = furnished(corpus(given.corpus / size, SIZES[size]))
        environment = {**usual, "HOME": str(where / "home")}
        runs = [run(where, environment) for _ in range(given.rounds + 2)][2:]  # the first two validate and remember
        show(size, runs)
    print(f"\nmeans of {given.rounds} rounds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
