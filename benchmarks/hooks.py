"""How long git takes with the hooks of guardrails: a commit against git alone, a push against other hook managers.

A commit of one changed file, on a branch that nothing guards, in a repository whose reference-transaction hook guards
another one: with that hook and without it.

A pre-push hook, run as git runs it, for a push of one commit: twenty policies of ours, against pre-commit with twenty
hooks and with one, and lefthook with twenty, all of which only start Python. Each must have proved that it judges or
runs all of them; ours, that it refuses a rewind too, and every timed run of it, that it logged its verdict.

All are whole processes, run in turn, so that a noisy second hits all alike; each ratio is taken within its round. For
information, a whole `git push` with our hook and without one, into a bare repository on the same disk.

    make bench-hooks
    python benchmarks/hooks.py --rounds 50 --files 1200
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import hook_peers
from hook_peers import Peer
from hook_world import POLICIES, World
from timing import Timed, spread

ROOT = Path(__file__).resolve().parent.parent
COMMIT_LIMIT = 1.5  # times the commit without the hook
PUSH_LIMITS = {("pre-commit", POLICIES): 0.2, ("pre-commit", 1): 0.6, ("lefthook", POLICIES): 0.6}
OURS = f"guardrails with {POLICIES}"
WHOLE = 10  # rounds of what is shown for information


def main() -> int:
    """Measure, print a line for each, and give 1 when a budget fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--files", type=int, default=1200)
    parser.add_argument("--peers", type=Path, default=ROOT / "bench-data" / "hooks", help="where they are, or will be")
    given = parser.parse_args()
    for package in ("guardrails", "policies"):
        compileall.compile_dir(ROOT / package, quiet=2)
    tools = given.peers.resolve()
    hook_peers.install(tools)
    print(f"{hook_peers.versions(tools)}; median (smallest..largest) of {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="guardrails-bench-") as folder:
        world = World(Path(folder), given.files)
        stub = world.install("pre-push")
        prove(world, stub)
        peers = {limit: Peer(world, tools, *limit) for limit in PUSH_LIMITS}
        for peer in peers.values():
            peer.prove()
        subjects = {OURS: lambda: push(world, stub), **{peer.name: peer.run for peer in peers.values()}}
        pushes = race(subjects, given.rounds)
        slow = [
            shown_ratio(OURS, peers[tool, hooks].name, pushes, limit) for (tool, hooks), limit in PUSH_LIMITS.items()
        ]
        show_whole_pushes(world, stub)
        commits = race(commit_subjects(world), given.rounds)
        slow.append(shown_ratio("commit with the hook", "commit without it", commits, COMMIT_LIMIT))
    return int(any(slow))


def race(subjects: dict[str, Callable[[], Timed]], rounds: int) -> dict[str, list[Timed]]:
    """Run all in turn, and print a line for each; the first round warms caches and is not counted."""
    runs: dict[str, list[Timed]] = {name: [] for name in subjects}
    for number in range(rounds + 1):
        for name, run in subjects.items():
            timed = run()
            if number:
                runs[name].append(timed)
    print("\n| what | wall ms | CPU ms |\n|---|---|---|")
    for name, each in runs.items():
        walls, cpus = [timed.wall for timed in each], [timed.cpu for timed in each]
        print(f"| {name} | {spread(walls, '.0f')} | {spread(cpus, '.0f')} |", flush=True)
    print()
    return runs


def shown_ratio(one: str, other: str, runs: dict[str, list[Timed]], limit: float) -> bool:
    """Print how many times as long one takes as the other; whether that is more than it may."""
    pairs = list(zip(runs[one], runs[other], strict=True))
    ratios = [this.wall / that.wall for this, that in pairs]
    cpu = statistics.median(this.cpu / that.cpu for this, that in pairs)
    print(f"{one} / {other}: {spread(ratios, '.2f')}, at most {limit}; of processor time {cpu:.2f}", flush=True)
    return statistics.median(ratios) > limit


def prove(world: World, stub: Path) -> None:
    """Stop unless a push is judged by every policy, and a rewind is refused by the hook with all of them judged."""
    check = ("check", "--env", "prod", "--op", "push", "--updates", "-", "--format", "json")
    report = json.loads(world.guardrails(*check, stdin=world.adding).output)
    passed = [result["policy"] for result in report["results"] if result["outcome"] == "pass"]
    if len(passed) != POLICIES or report["verdict"] != "allow":
        sys.exit(f"a push that adds a commit is not passed by {POLICIES} policies: {json.dumps(report, indent=1)}")
    refused = world.run(str(stub), "origin", str(world.server), stdin=world.rewinding)
    said = refused.complaints.decode()
    if refused.code != 1 or f" of {POLICIES} block" not in said or "fail   protected-refs" not in said:
        sys.exit(f"the hook does not refuse a rewind, with {POLICIES} policies judged: exit {refused.code}\n{said}")


def push(world: World, stub: Path) -> Timed:
    """Run and measure our hook. Stops the benchmark unless it has logged that it allows this push."""
    before = len(world.records())
    done = world.run(str(stub), "origin", str(world.server), stdin=world.adding)
    new = world.records()[before:]
    if done.code or [(one["operation"], one["verdict"], one["left_out"]) for one in new] != [("push", "allow", [])]:
        sys.exit(f"our hook did not allow and log the push: exit {done.code}, {new}\n{done.complaints.decode()}")
    return done


def show_whole_pushes(world: World, stub: Path) -> None:
    """Print how long `git push` takes with our hook, without one, each into the remote as it was before."""
    old = world.adding.split()[3].decode()

    def whole() -> Timed:
        done = world.git("push", "--quiet", "origin", "main")
        world.git("update-ref", "refs/heads/main", old, cwd=world.server)
        return done

    race({"git push with the hook": whole, "git push without it": lambda: without(stub, whole)}, WHOLE)


def commit_subjects(world: World) -> dict[str, Callable[[], Timed]]:
    """A commit with the reference-transaction hook, and one without any hook, on a branch that is not guarded."""
    world.git("checkout", "-q", "-b", "work")
    hook = world.install("reference-transaction")
    changed = world.prod / "src/0/0.ts"

    def commit() -> Timed:
        with changed.open("a") as file:
            file.write("// changed\n")
        return world.git("commit", "-qam", "change")

    return {"commit without it": lambda: without(hook, commit), "commit with the hook": commit}


def without(hook: Path, measured: Callable[[], Timed]) -> Timed:
    """Measure while a hook is put aside."""
    aside = hook.with_suffix(".off")
    os.rename(hook, aside)
    try:
        return measured()
    finally:
        os.rename(aside, hook)


if __name__ == "__main__":
    sys.exit(main())
