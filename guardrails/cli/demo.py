"""`guardrails demo`: build a small world, break it rule by rule, and watch each be denied."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

from guardrails import plugins
from guardrails.cli import UNDECIDED, terminal
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.demo import Act, Demo

_EXAMPLES = """examples:
  guardrails demo                   in a temporary folder, removed at the end
  guardrails demo --into ~/demo     keep the world, to break it yourself
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("--into", metavar="FOLDER", help="build the world in this new folder, and keep it")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Play every act on a copy of the same world; 0 when each came to what it must."""
    demos = plugins.load().demos()
    if not demos:
        raise UsageError("no installed plugin has a demo")
    if given.into and os.path.lexists(given.into):
        raise UsageError(f"{given.into} is there already; --into takes the name of a new folder")
    scratch = tempfile.mkdtemp(prefix="guardrails-demo-")
    try:
        surprises = [title for demo in demos for title in _Show(demo, scratch).surprises()]
        if given.into:
            shutil.copytree(os.path.join(scratch, "world"), given.into, symlinks=True)
            print(f"the world is in {given.into}; try: guardrails check --env prod --config {given.into}/guardrails.toml")
    finally:
        shutil.rmtree(scratch)
    for title in surprises:
        print(f"guardrails: this came to something else than it must: {title}", file=sys.stderr)
    return UNDECIDED if surprises else 0


class _Show:
    """One demo being played in a scratch folder."""

    def __init__(self, demo: Demo, scratch: str) -> None:
        self._demo = demo
        self._scratch = scratch
        self._world = os.path.join(scratch, "world")

    def surprises(self) -> list[str]:
        """Play the acts, and give the titles of those that went wrong."""
        os.mkdir(self._world)
        self._demo.build(self._world)
        print("a small world: an upstream, a prod and a dev repository, two state directories, documents, cron jobs")
        return [act.title for number, act in enumerate(self._demo.acts, start=1) if not self._play(act, number)]

    def _play(self, act: Act, number: int) -> bool:
        stage = os.path.join(self._scratch, f"act-{number}")
        shutil.copytree(self._world, stage, symlinks=True)
        act.play(stage)
        title = f"{number}/{len(self._demo.acts)}  {act.title}"
        print("\n" + (f"\x1b[1m{title}\x1b[0m" if terminal.colour(sys.stdout) else title))
        print(f"$ guardrails check {shlex.join(act.check)}", flush=True)
        verdict = os.path.join(stage, "verdict.json")
        command = [sys.executable, "-m", "guardrails", "check", "--output", f"json:{verdict}", *act.check]
        subprocess.run(command, cwd=stage, check=False, env=_environment())
        with open(verdict, encoding="utf-8") as file:
            report = json.load(file)
        return bool(_blocking(report) == ([act.denied_by] if act.denied_by else []))


def _blocking(report: dict[str, list[dict[str, object]]]) -> list[object]:
    return [result["policy"] for result in report["results"] if result["blocks"]]


def _environment() -> dict[str, str]:
    """The caller's, without what would stand for options of the check."""
    return {name: value for name, value in os.environ.items() if name == "GUARDRAILS_COLOR" or "GUARDRAILS" not in name}
