"""How long following every link of a documentation tree takes, against remark-validate-links and lychee.

The tree has 1,000 pages with 20 links each and 150 planted faults: missing pages, and missing anchors of the same page
and of others. All are whole processes, run in turn by `time_peers.py`, and each must report the 150 faults on every
run. `first` remembers nothing: plugins are loaded, the configuration is validated and every page is parsed. `cold` has
validated the configuration before, and still parses every page; its folder of parsed pages is deleted within the time
that is measured. `warm` has parsed them before. The limits are those of `cold`.

    make bench-docs
    python benchmarks/documents.py --rounds 9 --no-install
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import subprocess
import sys
from pathlib import Path
from shlex import quote

from corpus import FAULTS, SIZES, corpus

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT.parent / "shared" / "bench"  # of time_peers.py
LIMITS = {"remark": 12.0, "lychee": 1 / 1.25}  # how many times as long as `cold` each must take

_CONFIGURATION = """\
[environments.prod]
repo = "prod"
[policies.resolvable-doc-links]
when = ["standing"]
pages = ["docs/**"]
"""


def tree(where: Path) -> int:
    """Build the tree when it is not there yet, and give the number of its faults."""
    corpus(where, SIZES["x1"], FAULTS)
    (where / "guardrails.toml").write_text(_CONFIGURATION)
    planted: dict[str, int] = json.loads((where / "expected.json").read_text())["faults"]
    return sum(planted.values())


def race(tools: Path, where: Path, faults: int, options: list[str]) -> list[dict[str, dict[str, float]]]:
    """Time all of them; the rows of the table that `time_peers.py` prints."""
    guardrails = Path(sys.executable).with_name("guardrails")
    check = f"{guardrails} check --env prod --config {{corpus}}/guardrails.toml --format json"
    text = "leads nowhere"
    proof = rf"\A(?:(?:(?!{text})[\s\S])*{text}){{{faults}}}(?:(?!{text})[\s\S])*\Z"
    command: list[str | Path] = [sys.executable, tools / "time_peers.py", "--workdir", where, "--groups", "docs"]
    forget = f"rm -rf {where}/cold/guardrails/pages; " + 'exec "$@"'
    for name, cache in {"cold": where / "cold", "warm": where / "warm", "first": "/dev/null"}.items():
        shell = f"/bin/sh -c {quote(forget)} sh " if name == "cold" else ""
        yardstick = f"{name}={shell}/usr/bin/env XDG_CACHE_HOME={cache} {check}"
        command += ["--vs", yardstick, "--vs-proof", f"{name}={proof}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GUARDRAILS_")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    rows = where / "rows.json"
    subprocess.run([*command, "--tools", ",".join(LIMITS), "--json", rows, *options], check=True, env=environment)
    found: list[dict[str, dict[str, float]]] = json.loads(rows.read_text())["rows"]
    return found


def main() -> int:
    """Print the table and each limit; 1 when one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--corpus", type=Path, default=ROOT / "bench-data" / "documents", help="where it is, or will be"
    )
    parser.add_argument("--tools", type=Path, default=TOOLS, help="the folder of time_peers.py")
    parser.add_argument("--no-install", action="store_true", help="install no peer, take those that are there")
    given = parser.parse_args()
    if not (given.tools / "time_peers.py").exists():
        sys.exit(f"time_peers.py is not in {given.tools}")
    for package in ("guardrails", "policies"):
        compileall.compile_dir(ROOT / package, quiet=2)
    options = ["--docs-rounds", str(given.rounds), *(["--no-install"] if given.no_install else [])]
    faults = tree(given.corpus)
    rows = {str(row["name"]): row for row in race(given.tools, given.corpus, faults, options)}
    failed = False
    print()
    for peer, limit in LIMITS.items():
        first, cold = (rows[peer]["paired_ratio"][name] for name in ("first", "cold"))
        failed |= cold < limit
        print(f"{peer} takes {cold:.2f} times as long as cold, {first:.2f} times as long as first; limit {limit:.2f}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
