"""The repositories and state directories that the benchmarks look at, of the shape of OpenClaw's.

Below one folder: `upstream.git`, `prod` at its main branch and clean, `dev` on a release branch with work in it, and
for each of the two a state directory with sessions and cron jobs. The documentation has a known number of links that
lead nowhere. What is in them is random, and the same for the same sizes. `expected.json` says what was built; a corpus
with other sizes, or of another format, is built anew, beside the old one until it is whole.

    python benchmarks/corpus.py x01 x1 x5
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FORMAT = 1  # raised when the same sizes are to give another corpus
RELEASE = "release/memory-v1"
RULES = "docs/DEPLOYMENT.md"
PAGES = (RULES, "docs/start/openclaw.md", "docs/cli/index.md", "docs/memory/OPERATIONS.md", "docs/memory/RUNBOOK.md")
SECTIONS = ("Overview", "Setup", "Usage", "Recovery", "Notes")
LINKS = 20  # on each page
FAULTY = 20  # one page of so many has one fault of each kind
FAULTS = ("file", "anchor", "cross")  # no such page, no such heading of the same page, or of another
_BEGUN = 1_600_000_000  # when the first commit was made, in seconds since the epoch
_RUNS = 1_769_900_000_000  # when the jobs ran last, in milliseconds
_TEXTS = 30_000  # lines that files are made of
_AGENTS = 10
_WORDS = ("agent", "await", "cron", "export", "gateway", "import", "memory", "model", "return", "session", "token")


class Sizes(NamedTuple):
    """How much there is of everything; `ahead` are the commits of the release branch that main does not have."""

    files: int = 12_000
    docs: int = 1_000
    commits: int = 20_000
    ahead: int = 1_000
    sessions: int = 1_000
    jobs: int = 1_000


SIZES = {
    "x01": Sizes(1_200, 100, 2_000, 100, 100, 100),
    "x1": Sizes(),
    "x5": Sizes(60_000, 5_000, 8_000, 1_000, 5_000, 5_000),
}


def corpus(where: Path, sizes: Sizes, faults: Iterable[str] = ("file", "anchor")) -> Path:
    """The corpus at a place, built when it is not there yet. It says on standard error how far that is."""
    wanted = {"format": FORMAT, "sizes": sizes._asdict(), "kinds": [*faults]}
    told = where / "expected.json"
    if told.exists() and wanted.items() <= json.loads(told.read_text()).items():
        return where
    if where.exists() and any(where.iterdir()) and not told.exists():
        sys.exit(f"{where} is not empty, and no corpus; choose another folder")
    started, half = time.monotonic(), where.with_name(f"{where.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    print(
        f"building {where}: {sizes.files} files, {sizes.commits} commits,"
        f" 2 x {sizes.sessions} sessions and {sizes.jobs} jobs",
        file=sys.stderr,
    )
    expected = {**wanted, **_build(half, where, sizes, tuple(faults))}
    (half / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    shutil.rmtree(where, ignore_errors=True)
    half.rename(where)
    print(f"  done in {time.monotonic() - started:.0f} s", file=sys.stderr)
    return where


def _build(folder: Path, final: Path, sizes: Sizes, faults: tuple[str, ...]) -> dict[str, object]:
    """Build all of it in a folder that will be called `final`, and tell of it."""
    chance = random.Random(20260201)  # noqa: S311 -- text to fill files with
    texts = [_text(chance) for _ in range(_TEXTS)]
    pages = _Pages(chance, texts, sizes.docs, faults)
    sources = [_source_name(chance, number) for number in range(sizes.files - sizes.docs)]
    upstream = folder / "upstream.git"
    _git("init", "-q", "--bare", "-b", "main", str(upstream))
    _write_history(upstream, sizes, chance, texts, pages, sources)
    _git("-C", str(upstream), "commit-graph", "write", "--reachable", "--no-progress")
    for name, branch in (("prod", "main"), ("dev", RELEASE)):
        _tell(f"checking out {name}")
        _git("clone", "-q", "-o", "upstream", "-b", branch, str(upstream), str(folder / name))
        _git("-C", str(folder / name), "remote", "set-url", "upstream", str(final / "upstream.git"))
        _write_state(folder / "state" / name, sizes, texts)
    for name in sources[:3]:
        with (folder / "dev" / name).open("a") as file:
            file.write("// an edit\n")
    for number in (1, 2):
        (folder / "dev" / f"scratch-{number}.txt").write_text("x\n")
    time.sleep(1.1)  # so that no file is as new as the index, which git would have to read again each time
    for name in ("prod", "dev"):
        _git("-C", str(folder / name), "status")
    return {
        "faults": {kind: len(pages.faulty) if kind in faults else 0 for kind in FAULTS},
        "main": _git("-C", str(upstream), "rev-parse", "main"),
    }


def _text(chance: random.Random) -> str:
    words = chance.choices(_WORDS, k=7)
    return f"{' '.join(words)} {chance.getrandbits(40):x};"


def _source_name(chance: random.Random, number: int) -> str:
    top, part = chance.choice(("src", "packages", "apps", "extensions", "ui")), chance.choice(("core", "lib", "api"))
    return f"{top}/m{chance.randrange(140):03}/{part}/f{number:05}.{chance.choice(('ts', 'ts', 'tsx', 'json'))}"


def _source(chance: random.Random, texts: list[str], title: str) -> bytes:
    """A file whose length is spread as those of sources are: half are below 3 kB, a few above 50 kB."""
    lines = min(3_000, max(2, round(chance.lognormvariate(8, 1.1) / 58)))
    first = chance.randrange(len(texts) - lines)
    return "\n".join([f"// {title}", *texts[first : first + lines], ""]).encode()


class _Pages:
    """The pages of the documentation, of which some are faulty."""

    def __init__(self, chance: random.Random, texts: list[str], count: int, faults: tuple[str, ...]) -> None:
        self._chance, self._texts, self._faults = chance, texts, faults
        folders = max(1, count // 25)
        self.names = [
            *PAGES,
            *(f"docs/s{number % folders:02}/page-{number:04}.md" for number in range(len(PAGES), count)),
        ]
        self.faulty = {*range(len(PAGES) + 2, count, FAULTY)}

    def page(self, number: int) -> bytes:
        """A page with links to others, and with what looks like a link in code and is none."""
        lines = [f"# Page {number}", ""]
        for section in SECTIONS:
            lines += [f"## {section}", "", *(self._link(number) for _ in range(LINKS // len(SECTIONS))), ""]
            lines += ["```sh", "git fetch upstream  # [no link](./in-code.md)", "```", "", "| a | b |", "|---|---|", ""]
        if 0 < number < 4:
            lines += [f"See [the rules]({self._way(number, 0)}).", ""]
        if number in self.faulty:
            lines += [line for kind in self._faults for line in (self._fault(number, kind), "")]
        return "\n".join(lines).encode()

    def _link(self, here: int) -> str:
        there = self._chance.randrange(len(self.names))
        anchor = f"#{self._chance.choice(SECTIONS).lower()}"
        text = self._chance.choice(self._texts)[:60]
        kind = self._chance.random()
        if kind < 0.1:
            return f"{text} <https://example.com/{there}>"
        target = anchor if kind < 0.2 else self._way(here, there) + (anchor if kind < 0.45 else "")
        return f"{text} [page {there}]({target})"

    def _fault(self, number: int, kind: str) -> str:
        other = self._way(number, (number + 1) % len(self.names))
        target = {"file": f"./gone-{number}.md", "anchor": f"#gone-{number}", "cross": f"{other}#gone-{number}"}[kind]
        return f"This leads [nowhere]({target})."

    def _way(self, here: int, there: int) -> str:
        path = os.path.relpath(self.names[there], os.path.dirname(self.names[here]))
        return path if path.startswith(".") else f"./{path}"


def _write_history(
    bare: Path, sizes: Sizes, chance: random.Random, texts: list[str], pages: _Pages, sources: list[str]
) -> None:
    """Write every commit: the first quarter of main adds the files, all others change a few sources."""
    main, numbers = sizes.commits - sizes.ahead, {name: number for number, name in enumerate(pages.names)}
    names = [*sources, *pages.names]
    chance.shuffle(names)
    adding = max(1, main // 4)
    command = ["git", "-C", str(bare), "fast-import", "--quiet", "--depth=10"]
    importer = subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment())
    assert importer.stdin is not None
    at = _BEGUN
    for commit in range(sizes.commits):
        at += chance.randint(60, 9_000)
        if commit < adding:
            changed = names[commit * len(names) // adding : (commit + 1) * len(names) // adding]
        else:
            changed = chance.sample(sources, chance.choice((1, 1, 2, 3)))
        files = (
            (name, pages.page(numbers[name]) if name in numbers else _source(chance, texts, f"{name} {commit}"))
            for name in changed
        )
        _write_commit(importer.stdin, commit, "main" if commit < main else RELEASE, at, files)
        if commit % 200 == 0:
            _tell(f"{commit} of {sizes.commits} commits")
    importer.stdin.close()
    if importer.wait():
        sys.exit("git fast-import failed")


def _write_commit(stream: IO[bytes], number: int, branch: str, at: int, files: Iterator[tuple[str, bytes]]) -> None:
    """Write a commit as git-fast-import(1) reads it, on top of the one before."""
    who = f"Dev {number % 37} <dev{number % 37}@example.com> {at} +0000"
    message = f"Change {number}"
    stream.write(f"commit refs/heads/{branch}\nmark :{number + 1}\ncommitter {who}\n".encode())
    stream.write(f"data {len(message)}\n{message}\n".encode())
    if number:
        stream.write(f"from :{number}\n".encode())
    for name, data in files:
        stream.write(f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n")


def _write_state(state: Path, sizes: Sizes, texts: list[str]) -> None:
    """Write the sessions and the cron jobs of one environment."""
    folders = [state / "agents" / f"agent-{number}" / "sessions" for number in range(_AGENTS)]
    for folder in folders:
        folder.mkdir(parents=True)
    for number in range(sizes.sessions):
        said = [texts[(7 * number + line) % len(texts)] for line in range(8)]
        events = [{"type": "message", "id": line, "role": "user", "text": text} for line, text in enumerate(said)]
        path = folders[number % _AGENTS] / f"{number:06}.jsonl"
        path.write_text("".join(f"{json.dumps(event)}\n" for event in events))
    jobs = [_job(number, texts[number % len(texts)]) for number in range(sizes.jobs)]
    (state / "cron").mkdir()
    (state / "cron" / "jobs.json").write_text(json.dumps({"version": 1, "jobs": jobs}, indent=2))
    (state / "openclaw.json").write_text('{"gateway": {"mode": "local"}}\n')


def _job(number: int, message: str) -> dict[str, object]:
    """A job as OpenClaw 2026.1.30 stores it."""
    return {
        "id": f"{number:08x}-0000-4000-8000-{number:012x}",
        "agentId": "main",
        "name": f"job {number}",
        "enabled": number % 9 != 0,
        "createdAtMs": _RUNS + number,
        "updatedAtMs": _RUNS + 2 * number,
        "schedule": {"kind": "cron", "expr": f"{number % 60} {number % 24} * * {number % 7}", "tz": "UTC"},
        "sessionTarget": "isolated",
        "wakeMode": "now",
        "payload": {"kind": "agentTurn", "message": message, "deliver": True, "channel": "last"},
        "state": {
            "nextRunAtMs": _RUNS + 90_000_000 + number,
            "lastRunAtMs": _RUNS,
            "lastStatus": "ok",
            "lastDurationMs": 900 + number,
        },
    }


def _environment() -> dict[str, str]:
    """The caller's variables, without those and the settings that change what git does."""
    usual = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**usual, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], env=_environment(), capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"git {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _tell(what: str) -> None:
    """Say how far it is: in one line of a terminal, elsewhere not at all."""
    if sys.stderr.isatty():
        print(f"\r  {what:40}", end="\r", file=sys.stderr, flush=True)


def main() -> int:
    """Build what is named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="+", choices=list(SIZES))
    parser.add_argument("--folder", type=Path, default=ROOT / "bench-data", help="where they are, or will be")
    given = parser.parse_args()
    for size in given.sizes:
        print(corpus(given.folder / size, SIZES[size]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
