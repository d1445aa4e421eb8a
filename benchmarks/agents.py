"""How long an agent waits for our hook before a tool call, against starting Python, and against a hook of others.

The hook is the script that `guardrails hook install claude-code` writes, run as the host runs it: on a call that names
no guarded place, which it passes by itself; on one that names one and only reads it, which Python judges; and, for
information, on one that is refused, by policies that look at the real repository, and logged. They take turns with
`python -I -c pass`, and with cc-safety-net, which npm installs for this alone; each ratio is taken within its round.
Both hooks must have shown before that they pass and refuse.

    make bench-agents
    python benchmarks/agents.py --rounds 50
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from guardrails.testing.worlds import ScratchWorld, write
from hooks import race, shown_ratio
from timing import Timed

ROOT = Path(__file__).resolve().parent.parent
FREE = "ls -la src && grep -n foo README.md | head -3"
NAMED = "git -C ~/openclaw-prod log --oneline -5"
REFUSED = "cd ~/openclaw-prod && git reset --hard HEAD~1"
LIMITS = {"a call that names no place": 0.8, "a call that names one": 5.0}  # times the start of Python
PEER = "cc-safety-net"


def main() -> int:
    """Measure, print a line for each, and give 1 when a budget fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--peers", type=Path, default=ROOT / "bench-data" / "agents", help="where it is, or will be")
    given = parser.parse_args()
    for package in ("guardrails", "policies"):
        compileall.compile_dir(ROOT / package, quiet=2)
    peer = installed(given.peers.resolve())
    print(f"median (smallest..largest) of {given.rounds} rounds")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:  # its name is in each call
        world = built(Path(folder) / "home")
        ours = hook_of(world)
        if [asked(world, ours, text).code for text in (FREE, NAMED, REFUSED)] != [0, 0, 2]:
            sys.exit(f"our hook does not pass all but `{REFUSED}`")
        python = [sys.executable, "-I", "-c", "pass"]
        free, named = LIMITS
        subjects: dict[str, Callable[[], Timed]] = {
            free: lambda: asked(world, ours, FREE),
            named: lambda: asked(world, ours, NAMED),
            "a call that is refused": lambda: asked(world, ours, REFUSED),
            "python -I -c pass": lambda: asked(world, python, FREE),
        }
        if peer:
            subjects[f"{PEER}, that call"] = lambda: asked(world, peer, FREE)
        runs = race(subjects, given.rounds)
        slow = [shown_ratio(name, "python -I -c pass", runs, limit) for name, limit in LIMITS.items()]
        if peer:
            shown_ratio(free, f"{PEER}, that call", runs, 1.0)
            shown_ratio(named, f"{PEER}, that call", runs, 1.0)
    return int(any(slow))


def built(home: Path) -> ScratchWorld:
    """A home with the places of the profile."""
    world = ScratchWorld(home, prod="openclaw-prod", dev="moltbot", states=(".openclaw", ".openclaw-dev"), home=home)
    world.build()
    world.furnish()
    world.configuration.unlink()
    (home / "desk/src").mkdir(parents=True)
    world.configuration = write(home / ".config/guardrails/guardrails.toml", 'extends = ["openclaw"]\n')
    return world


def hook_of(world: ScratchWorld) -> list[str]:
    """Install our hook, and give the command that stands in the host's settings then."""
    done = world.run("hook", "install", "claude-code", cwd=world.home)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    settings = json.loads((world.home / ".claude/settings.json").read_text())
    return shlex.split(settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"])


def asked(world: ScratchWorld, command: list[str], text: str) -> Timed:
    """Run and measure a hook on a tool call as Claude Code hands it over."""
    call = {
        "session_id": "0b5c",
        "transcript_path": f"{world.home}/.claude/projects/desk/0b5c.jsonl",
        "cwd": f"{world.home}/desk",
        "permission_mode": "default",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": text, "description": "Do it"},
        "tool_use_id": "toolu_01",
    }
    data = json.dumps(call, separators=(",", ":")).encode()
    return Timed(command, world.environment(), world.home / "desk", data)


def installed(folder: Path) -> list[str] | None:
    """The command of the peer, installed into a folder unless it is there; None, with a line, where it cannot be."""
    program, node, npm = folder / "node_modules/.bin" / PEER, shutil.which("node"), shutil.which("npm")
    if not program.exists() and npm:
        print(f"installing {PEER} …", file=sys.stderr)
        folder.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PEER]
        subprocess.run(install, check=False, stdout=subprocess.DEVNULL)
    if not program.exists() or not node:
        print(f"{PEER} is left out: it needs node and npm, and a registry")
        return None
    version = json.loads((folder / f"node_modules/{PEER}/package.json").read_text())["version"]
    command = [node, os.path.realpath(program), "hook", "--claude-code"]
    refused = {"tool_name": "Bash", "tool_input": {"command": "git reset --hard"}}
    call = json.dumps({"cwd": "/", "hook_event_name": "PreToolUse", **refused})
    done = subprocess.run(command, input=call, capture_output=True, text=True, check=False)
    if '"deny"' not in done.stdout:
        sys.exit(f"{PEER} {version} does not refuse git reset --hard: {done.stdout}{done.stderr}")
    print(f"{PEER} {version}")
    return command


if __name__ == "__main__":
    sys.exit(main())
