"""How long `guardrails rescue save` takes, against `git stash -u` of the same tree.

A repository of 10,000 files, half of which are changed and a quarter staged as well, with 5,000 untracked ones beside
them: ten thousand are dirty. Both run in turn on fresh copies, as whole processes, so that a noisy second hits both
alike, and the order changes with each round; the ratio is taken within its round. Every rescue is held to its word:
what it saved is restored and counted.

    make bench-rescue
    python benchmarks/rescue.py --rounds 5 --files 2000
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from timing import Timed, spread

GUARDRAILS = str(Path(sys.executable).with_name("guardrails"))
LIMIT = 3.0  # times as long as git stash -u
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "bench@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
_CONFIGURATION = '[environments.prod]\nrepo = "prod"\n\n[audit]\npath = "{folder}/audit.jsonl"\n'


def git(repo: Path, *arguments: str, environment: dict[str, str]) -> None:
    """Run git in a repository, and stop when it fails."""
    subprocess.run(["git", "-C", repo, *arguments], check=True, env=environment, stdout=subprocess.DEVNULL)


def build(repo: Path, files: int, environment: dict[str, str]) -> None:
    """A repository with as many dirty files as were asked for: half of them changed, half untracked."""
    repo.mkdir()
    git(repo, "init", "--quiet", "--initial-branch=main", "--template=", environment=environment)
    for number in range(files):
        path = repo / f"src/{number % 97}/{number}.ts"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"export const n{number} = {number};\n" * 20)
    git(repo, "add", "--all", environment=environment)
    git(repo, "commit", "--quiet", "--message=all", environment=environment)
    for number in range(files // 2):
        with (repo / f"src/{number % 97}/{number}.ts").open("a") as file:
            file.write("// changed\n")
        fresh = repo / f"new/{number % 89}/{number}.ts"
        fresh.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(f"export const fresh{number} = {number};\n" * 20)
    git(repo, "add", *(f"src/{number}" for number in range(0, 97, 4)), environment=environment)


def timed(command: Sequence[str], environment: dict[str, str], folder: Path) -> tuple[float, str]:
    """Seconds that a process takes, and what it wrote; stops when it fails."""
    done = Timed(command, environment, folder)
    if done.code != 0:
        sys.exit(f"{command[0]} ended with {done.code}: {(done.output + done.complaints).decode(errors='replace')}")
    return done.wall / 1000, done.output.decode()


def prove(output: str, folder: Path, expected: int, environment: dict[str, str]) -> None:
    """Restore what was saved, and stop unless every file is there."""
    found = re.search(r"refs/rescue/(\S+),", output)
    back = folder / "back"
    name = found[1] if found else ""
    timed([GUARDRAILS, "rescue", "--env", "prod", "restore", name, "--to", str(back)], environment, folder)
    there = sum(len(names) for _, _, names in os.walk(back))
    shutil.rmtree(back)
    if there != expected:
        sys.exit(f"the rescue holds {there} files, not {expected}")


def measure(files: int, rounds: int, environment: dict[str, str]) -> tuple[list[float], list[float]]:
    """Run both in turn on copies of one tree; the first round warms caches and is not counted."""
    rescues, stashes = [], []
    save = [GUARDRAILS, "rescue", "--env", "prod", "save"]
    with tempfile.TemporaryDirectory(prefix="guardrails-bench-") as name:
        folder = Path(name)
        environment = {**environment, "HOME": name}
        original = folder / "original"
        build(original, files, environment)
        (folder / "guardrails.toml").write_text(_CONFIGURATION.format(folder=folder))
        for number in range(rounds + 1):
            took = {}
            for what in ("rescue", "stash") if number % 2 else ("stash", "rescue"):
                subprocess.run(["cp", "-a", original, folder / "prod"], check=True)
                git(folder / "prod", "status", environment=environment)  # both begin with a fresh index
                if what == "rescue":
                    took[what], output = timed(save, environment, folder)
                    prove(output, folder, files + files // 2, environment)
                else:
                    took[what], _ = timed(["git", "-C", str(folder / "prod"), "stash", "-u"], environment, folder)
                shutil.rmtree(folder / "prod")
            if number:
                rescues.append(took["rescue"])
                stashes.append(took["stash"])
    return rescues, stashes


def main() -> int:
    """Print the figures; 1 when the budget fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    usual = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GUARDRAILS_"))}
    rescues, stashes = measure(given.files, given.rounds, {**usual, **_GIT})
    ratios = [one / other for one, other in zip(rescues, stashes, strict=True)]
    print(f"| {given.files} dirty files | seconds |\n|---|---|")
    for label, values in (("guardrails rescue save", rescues), ("git stash -u", stashes)):
        print(f"| {label} | {spread(values, '.2f')} |")
    print(f"\nratio {spread(ratios, '.2f')}, median (smallest..largest) of {given.rounds} rounds; budget {LIMIT}")
    return int(statistics.median(ratios) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
