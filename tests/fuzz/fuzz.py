"""The fuzz: faults by the thousand, in a world that is sound and in worlds that are broken, on every processor.

`python tests/fuzz/fuzz.py --faults 10000 --seed 1`; `GUARDRAILS_FUZZ=SEED:NUMBER` tries that one again, and shows it.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import multiprocessing
import os
import pkgutil
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

TOLD = 1000  # cases after which is said how many were tried
CHUNK = 400  # cases of one world that one process tries
READY = "GUARDRAILS_FUZZ_READY"  # of the process that has given up what root may, and can make calls fail
ADOPT_ORPHANS = 36  # prctl(2)

Result = tuple[str, list[str]]  # what was done, and what is wrong


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the cases; 1 when one went wrong."""
    given = _given(arguments)
    if READY not in os.environ:
        _begin_again(given)
    again = os.environ.get("GUARDRAILS_FUZZ", "")
    seed, _, only = again.partition(":")
    numbers = [int(only)] if only else range(given.faults)
    started, count, failed = time.monotonic(), 0, 0
    print(f"seed {seed or given.seed}, {len(numbers)} faults", flush=True)
    for line, problems in _results(int(seed or given.seed), numbers, given):
        count += 1
        if problems:
            failed += 1
            print(f"FAILED {line}\n  " + "\n  ".join(problems), flush=True)
        elif given.verbose:
            print(f"passed {line}", flush=True)
        elif count % TOLD == 0:
            print(f"{count} of {len(numbers)} tried", flush=True)
    lost = len(numbers) - count
    print(f"{count - failed} passed, {failed + lost} failed in {time.monotonic() - started:.0f} s", flush=True)
    return 1 if failed or lost else 0


def _given(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faults", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", default="", help="try this world alone, such as sound")
    parser.add_argument("--verbose", action="store_true", help="print what was done in every case")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def _begin_again(given: argparse.Namespace) -> None:
    """Become a process that may not do everything, and in which calls can be made to fail."""
    from privileges import without_privileges

    with tempfile.TemporaryDirectory(prefix="guardrails-fuzz-") as folder:
        environment = {**os.environ, READY: folder}
        compiler = shutil.which("cc")
        library = os.path.join(folder, "failing_calls.so")
        if compiler:
            command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, str(HERE / "failing_calls.c"), "-ldl"]
            subprocess.run(command, check=True)
            environment["LD_PRELOAD"] = library
        else:
            print("there is no C compiler: no call is made to fail", flush=True)
        words = [f"--faults={given.faults}", f"--seed={given.seed}", f"--jobs={given.jobs}", f"--world={given.world}"]
        words += ["--verbose"] * given.verbose
        command = [*without_privileges(), sys.executable, *_patched(), *words]
        sys.exit(subprocess.run(command, env=environment, check=False).returncode)


def _patched() -> list[str]:
    """This program, as it was started: a test breaks the product first."""
    return ["-c", os.environ["GUARDRAILS_FUZZ_PROGRAM"]] if "GUARDRAILS_FUZZ_PROGRAM" in os.environ else [__file__]


def _results(seed: int, numbers: Sequence[int], given: argparse.Namespace) -> Iterator[Result]:
    """What came of the cases, in any order."""
    from fuzz_cases import drawn

    worlds: dict[str, list[int]] = {}
    for number in numbers:
        worlds.setdefault(drawn(seed, number, given.world).world, []).append(number)
    chunks = [
        (seed, name, cases[at : at + CHUNK]) for name, cases in worlds.items() for at in range(0, len(cases), CHUNK)
    ]
    chunks.sort(key=lambda chunk: -len(chunk[2]))
    context = multiprocessing.get_context("fork")  # since Python 3.14, that is not the usual one
    results: multiprocessing.SimpleQueue[Result | None] = context.SimpleQueue()
    jobs = min(given.jobs, len(chunks))
    work = context.Queue()
    for chunk in (*chunks, *(None,) * jobs):
        work.put(chunk)
    workers = [context.Process(target=_worker, args=(work, results)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    ended = 0
    while ended < jobs:
        result = results.get()
        if result is None:
            ended += 1
        else:
            yield result
    for worker in workers:
        worker.join()


def _worker(work: multiprocessing.Queue[tuple[int, str, list[int]] | None], results: object) -> None:
    """Try chunk after chunk; orphans of what is tried are this process's own."""
    ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)
    _load()
    put = results.put  # type: ignore[attr-defined]
    try:
        while chunk := work.get():
            for result in _tried(*chunk):
                put(result)
    except BaseException:
        traceback.print_exc()
    finally:
        put(None)


def _tried(seed: int, name: str, numbers: list[int]) -> Iterator[Result]:
    from fuzz_cases import World, drawn

    folder = tempfile.mkdtemp(prefix="world-", dir=os.environ[READY])
    world = World(name, folder)
    try:
        for number in numbers:
            yield world.tried(drawn(seed, number, name))
    finally:
        world.close()
        shutil.rmtree(folder, ignore_errors=True)


def _load() -> None:
    """Import all of the product once, rather than in each case; nothing of it acts when a case is forked."""
    os.register_at_fork = lambda **_: None
    import guardrails
    import guardrails_policies

    for package in (guardrails, guardrails_policies):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)


if __name__ == "__main__":
    sys.exit(main())
