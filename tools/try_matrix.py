"""Try `clean-worktree` on a real repository: make a clone of it dirty in each known way, and run the real check.

    python tools/try_matrix.py REPOSITORY [CASE ...]

REPOSITORY is any local clone; it is only read. A clone with a few small files on top is built once in a temporary
folder and copied for each case of `tests/support/dirty/dirty.py`. Prints a line for each case and depth that came to
something else than it must, then the counts; exits 1 when there is one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.progress import track

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from dirty import dirty_repository  # noqa: E402  # found beside the tests
from dirty.dirty import CASES, Case, git, settle  # noqa: E402

_CONFIGURATION = """\
[environments.prod]
repo = {repo}
[operations.promote]
[policies.clean-worktree]
when = ["standing", "promote"]
"""


def build(source: Path, folder: Path) -> Path:
    """A settled clone of the source with the small files that the cases spoil."""
    upstream, prod = folder / "upstream", folder / "prod"
    (folder / "home").mkdir(parents=True)
    git(folder, "clone", "-q", "--template=", source, upstream)
    for name in ("docs", "README.md", ".gitignore", "link", "other.txt", "logo.bin", "run.sh", ".gitattributes"):
        git(upstream, "rm", "-rq", "--ignore-unmatch", name) if name != "docs" else None
    (upstream / "docs").rename(upstream / "pages") if (upstream / "docs").exists() else None
    dirty_repository._fill(upstream)  # the same small files as in the tests
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", "Small files to spoil")
    git(folder, "clone", "-q", "-o", "upstream", "--template=", upstream, prod)
    (prod / "dist").mkdir()
    (prod / "dist/bundle.js").write_text("built();\n")
    (prod / "server.log").write_text("started\n")
    settle(prod)
    return prod


def verdict(repo: Path, folder: Path, depth: str) -> tuple[list[tuple[str, str]], str]:
    """What the check says of a repository: kind and path of each finding, and the outcome."""
    configuration = folder / "guardrails.toml"
    configuration.write_text(_CONFIGURATION.format(repo=json.dumps(str(repo))))
    command = [
        sys.executable,
        "-P",
        "-m",
        "guardrails",
        "check",
        "--env",
        "prod",
        "--format",
        "json",
        "--timeout",
        "30",
    ]
    command += ["--config", str(configuration), *(["--op", "promote"] if depth == "full" else [])]
    environment = {**os.environ, "HOME": str(folder / "home")}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    (result,) = json.loads(done.stdout)["results"]
    expected = {"pass": 0, "fail": 1, "error": 2}[result["outcome"]]
    if done.returncode != expected:
        return [], f"exit {done.returncode} with outcome {result['outcome']}"
    return [(one["observed"].partition(":")[0], one["location"]["path"]) for one in result["findings"]], result[
        "outcome"
    ]


def attempt(case: Case, original: Path) -> list[str]:
    """Play one case on a copy, at both depths; the objections."""
    objections = []
    folder = Path(tempfile.mkdtemp(prefix="matrix-", dir=original.parent.parent))
    try:
        subprocess.run(["cp", "-a", f"{original.parent}/.", folder], check=True)
        git(folder / "prod", "remote", "set-url", "upstream", str(folder / "upstream"))
        git(folder / "prod", "update-index", "-q", "--refresh")
        repo = case.build(folder / "prod") or folder / "prod"
        for depth in ("fast", "full"):
            changes, outcome = verdict(repo, folder, depth)
            objection = case.objection(depth, changes)
            if outcome == "error" or objection:
                objections.append(f"{case.name} ({depth}): {objection or outcome}")
    finally:
        shutil.rmtree(folder)
    return objections


def main() -> int:
    """Play the cases named, or all."""
    source, names = Path(sys.argv[1]).resolve(), sys.argv[2:]
    chosen = [case for case in CASES if not names or case.name in names]
    started = time.monotonic()
    scratch = Path(tempfile.mkdtemp(prefix="guardrails-matrix-"))
    try:
        original = build(source, scratch / "original")
        files = len(git(original, "ls-files").splitlines())
        print(f"{files} tracked files, {len(chosen)} cases, two depths each", flush=True)
        objections = []
        for case in track(chosen, "trying", console=Console(stderr=True), disable=not sys.stderr.isatty()):
            for objection in attempt(case, original):
                objections.append(objection)
                print(objection, flush=True)
    finally:
        shutil.rmtree(scratch)
    right, seconds = 2 * len(chosen) - len(objections), time.monotonic() - started
    print(f"{right} as they must be, {len(objections)} not; {seconds:.0f} s")
    return 1 if objections else 0


if __name__ == "__main__":
    sys.exit(main())
