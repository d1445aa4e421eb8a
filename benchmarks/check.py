"""How long `guardrails check` takes, against what any Python gate must pay.

The floor is `python -c pass` of the same interpreter plus one plain `git status --porcelain=v2` of the prod
repository. All are whole processes, run in turn, so that a noisy second hits all alike; each ratio is taken within its
round. Every timed check is held to its verdict, so that the benchmark cannot measure nothing.

    make bench
    python benchmarks/check.py --rounds 5 --sizes x01
    python benchmarks/check.py --before ../before/.venv/bin/guardrails     # paired with another version, in one run
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

from corpus import SIZES, corpus
from timing import Timed, spread

ROOT = Path(__file__).resolve().parent.parent
RATIO_LIMITS = {"x01": 2.5, "x1": 2.0, "x5": 2.5}
PEAK_LIMIT = 40.0  # MiB, at x1
SLOWER_LIMIT = 1.03  # of the time of the version before, with the same policies
NEWER = ("guards-installed",)  # what the version before, 0.3.0, does not have

OURS = str(Path(sys.executable).with_name("guardrails"))
_CONFIGURATION = """\
extends = ["openclaw"]
[environments.prod]
repo = "prod"
state_dir = "state/prod"
[environments.dev]
repo = "dev"
state_dir = "state/dev"
[policies.active-sessions]
max_age = "36500d"
"""
_UNIT = """\
[Service]
ExecStart=/usr/bin/node {prod}/dist/entry.js gateway
Environment=OPENCLAW_STATE_DIR={state}
"""


def furnished(where: Path) -> Path:
    """A corpus with what a check looks at beside it: the configuration, a service and an installed hook."""
    (where / "guardrails.toml").write_text(_CONFIGURATION)
    units = where / "home/.config/systemd/user"
    units.mkdir(parents=True, exist_ok=True)
    unit = _UNIT.format(prod=where / "prod", state=where / "state/prod")
    (units / "com.moltbot.gateway.prod.service").write_text(unit)
    install = ["hook", "install", "reference-transaction", "--env", "prod", "--config", str(where / "guardrails.toml")]
    subprocess.run(
        [OURS, *install], check=True, stdout=subprocess.DEVNULL, env={**os.environ, "HOME": str(where / "home")}
    )
    return where


def usual_environment() -> dict[str, str]:
    """The variables of whoever measures, without those that change what a check does; the modules are compiled."""
    for package in ("guardrails", "policies"):
        compileall.compile_dir(ROOT / package, quiet=2)
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GUARDRAILS_"))}
    usual.pop("PYTHONDONTWRITEBYTECODE", None)
    return usual


def arguments(where: Path) -> list[str]:
    """What follows `guardrails`, for every standing policy."""
    return ["check", "--env", "prod", "--format", "json", "--config", str(where / "guardrails.toml")]


def standing() -> set[str]:
    """The policies that the profile asks of prod at all times."""
    profile = tomllib.loads((ROOT / "policies/guardrails_policies/openclaw.toml").read_text())
    found = set()
    for name, table in profile["policies"].items():
        when = table.get("when", ["standing"])
        moments = when.get("prod", []) if isinstance(when, dict) else when
        if "standing" in moments and "prod" in table.get("environments", ["prod"]):
            found.add(name)
    return found


def measure(where: Path, rounds: int, environment: dict[str, str], before: str | None) -> dict[str, list[Timed]]:
    """Run floor, check and, where it is given, that of the version before in turn; the first round is not counted."""
    check = arguments(where)
    environment = {**environment, "HOME": str(where / "home")}
    commands: dict[str, list[str]] = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "git status": ["git", "-C", str(where / "prod"), "status", "--porcelain=v2"],
        "check": [OURS, *check],
    }
    if before:
        commands["before"] = [before, *check]
        commands["as before"] = [OURS, *check, *(word for name in NEWER for word in ("--skip", name))]
    runs: dict[str, list[Timed]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            timed = Timed(command, environment, where)
            if name == "check":
                prove(timed)
            elif name == "as before":
                prove(timed, without=NEWER)
            elif timed.code != 0:
                sys.exit(f"{name} ended with {timed.code}")
            if number:
                runs[name].append(timed)
    return runs


def prove(timed: Timed, without: tuple[str, ...] = ()) -> None:
    """Stop unless the check really judged every standing policy and allowed."""
    report = json.loads(timed.output)
    passed = {result["policy"] for result in report["results"] if result["outcome"] == "pass"}
    if timed.code != 0 or passed != standing() - {*without}:
        sys.exit(
            f"the check did not pass all standing policies: exit {timed.code}, not {standing() - passed - {*without}}"
        )


def row(size: str, runs: dict[str, list[Timed]]) -> tuple[str, float, float]:
    """One line of the table, and the medians of the ratio and of the peak."""
    each: Callable[[str], list[Timed]] = runs.__getitem__
    floor = [python.wall + git.wall for python, git in zip(each("python -c pass"), each("git status"), strict=True)]
    ratios = [check.wall / base for check, base in zip(each("check"), floor, strict=True)]
    peaks = [check.peak for check in each("check")]
    walls = [check.wall for check in each("check")]
    cpus = [check.cpu for check in each("check")]
    cells = [
        size,
        spread(floor, ".0f"),
        spread(walls, ".0f"),
        spread(cpus, ".0f"),
        spread(ratios, ".2f"),
        spread(peaks, ".1f"),
    ]
    return "| " + " | ".join(cells) + " |", statistics.median(ratios), statistics.median(peaks)


def compared(runs: dict[str, list[Timed]]) -> float:
    """Print how the check compares with that of the version before, round by round, and give the median."""
    ratios = [now.wall / then.wall for now, then in zip(runs["as before"], runs["before"], strict=True)]
    cpus = [now.cpu / then.cpu for now, then in zip(runs["as before"], runs["before"], strict=True)]
    print(f"  of the version before, with its policies: {spread(ratios, '.3f')} in time,", end=" ")
    print(f"{spread(cpus, '.3f')} in CPU time", flush=True)
    return statistics.median(ratios)


def main() -> int:
    """Print the table; 1 when a budget fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=list(SIZES))
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--corpus", type=Path, default=ROOT / "bench-data", help="where the corpora are, or will be")
    parser.add_argument("--before", metavar="PATH", help="the guardrails command of the version before, run in turn")
    given = parser.parse_args()
    environment = usual_environment()
    print("| corpus | floor ms | check ms | check CPU ms | ratio | peak MiB |\n|---|---|---|---|---|---|")
    failed = False
    for size in given.sizes:
        runs = measure(furnished(corpus(given.corpus / size, SIZES[size])), given.rounds, environment, given.before)
        line, ratio, peak = row(size, runs)
        failed |= ratio > RATIO_LIMITS[size] or (size == "x1" and peak > PEAK_LIMIT)
        print(line, flush=True)
        failed |= given.before is not None and compared(runs) > SLOWER_LIMIT
    budgets = ", ".join(f"{limit} at {size}" for size, limit in RATIO_LIMITS.items())
    print(f"\nmedian (smallest..largest) of {given.rounds} rounds; budgets: {budgets}, {PEAK_LIMIT:.0f} MiB at x1")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
