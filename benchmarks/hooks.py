"""How long git takes with the hooks of guardrails, against git without them.

A commit of one changed file, on a branch that nothing guards, in a repository whose reference-transaction hook guards
another one: both are run in turn, so that a noisy second hits both alike. A push of one ref that adds commits is the
stub of pre-push alone, without the push.

    make bench-hooks
    python benchmarks/hooks.py --rounds 200 --files 1200
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

COMMIT_LIMIT = 1.5  # times the commit without the hook
_CONFIGURATION = """\
extends = ["openclaw"]
[environments.prod]
repo = "prod"
branch = "main"
"""


def main() -> int:
    """Measure, print a line for each, and give 1 when a commit takes longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--files", type=int, default=1200)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guardrails-bench-") as folder:
        bench = Bench(Path(folder), given.files)
        without, guarded = bench.commits(given.rounds)
        ratio = statistics.median(guarded) / statistics.median(without)
        print(f"commit without the hook  {_shown(without)}")
        print(f"commit with the hook     {_shown(guarded)}")
        print(f"ratio of the medians     {ratio:.2f}, at most {COMMIT_LIMIT}")
        print(f"pre-push of one ref      {_shown(bench.pushes(max(5, given.rounds // 5)))}")
    return int(ratio > COMMIT_LIMIT)


class Bench:
    """A repository with some files, the hooks of guardrails in it, and a branch that nothing guards checked out."""

    def __init__(self, folder: Path, files: int) -> None:
        self.repo = folder / "prod"
        self._environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C"}
        for who in ("AUTHOR", "COMMITTER"):
            self._environment |= {f"GIT_{who}_NAME": "Ada Example", f"GIT_{who}_EMAIL": "ada@example.org"}
        (folder / "guardrails.toml").write_text(_CONFIGURATION)
        self._git("init", "-q", "-b", "main", str(self.repo), cwd=folder)
        for number in range(files):
            path = self.repo / f"src/{number % 40}/{number}.ts"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"export const n = {number};\n")
        self._git("add", "-A")
        self._git("commit", "-qm", "files")
        self._git("checkout", "-qb", "work")
        for kind in ("reference-transaction", "pre-push"):
            self._run([sys.executable, "-m", "guardrails", "hook", "install", kind], folder / "prod")
        self._hook = self.repo / ".git/hooks/reference-transaction"

    def commits(self, rounds: int) -> tuple[list[float], list[float]]:
        """The milliseconds of each commit without the hook, and with it."""
        aside = self._hook.with_suffix(".off")
        times: tuple[list[float], list[float]] = [], []
        for number in range(2 * rounds):
            with_it = bool(number % 2)
            os.rename(self._hook, aside)
            if with_it:
                os.rename(aside, self._hook)
            with (self.repo / "src/0/0.ts").open("a") as file:
                file.write(f"// {number}\n")
            times[with_it].append(self._git("commit", "-qam", "change"))
            if not with_it:
                os.rename(aside, self._hook)
        return times

    def pushes(self, rounds: int) -> list[float]:
        """The milliseconds of each judgement of one ref that moves ahead."""
        old, new = (
            subprocess.run(
                ["git", "-C", self.repo, "rev-parse", name], capture_output=True, check=True, text=True
            ).stdout
            for name in ("main", "work")
        )
        line = f"refs/heads/work {new.strip()} refs/heads/main {old.strip()}\n".encode()
        stub = str(self.repo / ".git/hooks/pre-push")
        return [self._run([stub, "origin", "url"], self.repo, line) for _ in range(rounds)]

    def _git(self, *arguments: str, cwd: Path | None = None) -> float:
        return self._run(["git", *arguments], cwd or self.repo)

    def _run(self, command: Sequence[str], cwd: Path, stdin: bytes = b"") -> float:
        started = time.perf_counter()
        subprocess.run(command, cwd=cwd, env=self._environment, input=stdin, check=True, stdout=subprocess.DEVNULL)
        return (time.perf_counter() - started) * 1000


def _shown(times: list[float]) -> str:
    tenths = statistics.quantiles(times, n=10)
    return f"{statistics.median(times):6.1f} ms (80% of {len(times)} within {tenths[0]:.1f} to {tenths[-1]:.1f})"


if __name__ == "__main__":
    sys.exit(main())
