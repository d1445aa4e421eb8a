"""How large a page is, how long it takes to make, and when a browser has painted it, at 1,000 and 10,000 results.

A tenth of the results fails, and the timeline has 500 records. Chromium opens the file in a new profile without a
network, 1280 by 900 pixels; its first contentful paint counts from the start of the navigation. A page counts only when
the last finding can be found by the search of its own script, so that the benchmark cannot measure nothing.

    make bench-page
    PYTHONPATH=tests/support python benchmarks/page.py --rounds 11
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page

from browser import browsing
from guardrails.reporters.page.page import render_page
from many_results import many_results
from timing import spread

SIZES = (1_000, 10_000)
BYTES = {1_000: 300_000}  # the budgets: of a page,
PAINT = {1_000: 500.0, 10_000: 1000.0}  # and in ms, the median of its first paint
_SEARCH = """(words) => {
  const form = document.getElementById("search"), started = performance.now();
  form.q.value = words;
  form.dispatchEvent(new Event("input"));
  const found = [...document.querySelectorAll("article")].filter((one) => one.offsetHeight > 0).length;
  return [found, performance.now() - started];
}"""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def painted(page: Page, path: Path) -> float:
    """Open a page, and give when it was painted first, in ms."""
    page.goto(path.as_uri(), wait_until="load")
    while (at := page.evaluate(_PAINTED)) is None:
        page.wait_for_timeout(10)
    return float(at)


def require_search(page: Page, policy: str) -> float:
    """The time in ms that the search for a policy takes, with its layout. Exits when it finds something else."""
    found, took = page.evaluate(_SEARCH, policy)
    if found != 1:
        sys.exit(f"the search for {policy} found {found}")
    return float(took)


def main() -> int:
    """Print the table; 1 when a budget fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed")
    failed = False
    print("| results | kB | made, ms | first paint, ms | search, ms |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, browsing(Path(chromium)) as open_browser:
        context = open_browser()
        for size in SIZES:
            path, made, paints, searches = Path(folder) / f"{size}.html", [], [], []
            data = many_results(size)
            failing = [one["policy"] for one in data["report"]["results"] if one["blocks"]]
            for _ in range(given.rounds):
                started = time.perf_counter()
                path.write_text(render_page(data), encoding="utf-8")
                made.append((time.perf_counter() - started) * 1000)
                page = context.new_page()
                page.set_viewport_size({"width": 1280, "height": 900})
                paints.append(painted(page, path))
                searches.append(require_search(page, failing[-1]))
                page.close()
            large = path.stat().st_size
            cells = [f"{size:,}", f"{large / 1000:.0f}", *(spread(one, ".0f") for one in (made, paints, searches))]
            print("| " + " | ".join(cells) + " |", flush=True)
            failed |= large > BYTES.get(size, large) or sorted(paints)[len(paints) // 2] > PAINT[size]
    print(
        f"\nmedian (smallest..largest) of {given.rounds} rounds; budgets: 300 kB at 1,000 results, paint in 0.5 and 1 s"
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
