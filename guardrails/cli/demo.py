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
    from collections.abc import Sequence

    from guardrails.demo import Act, Demo, Scene

_EXAMPLES = """examples:
  guardrails demo                   in a temporary folder, removed at the end
  guardrails demo --act 10          one act alone
  guardrails demo --into ~/demo     keep the world, to break it yourself
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `demo`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("--into", metavar="FOLDER", help="build the world in this new folder, and keep it")
    parser.add_argument("--act", metavar="N", type=int, help="play only the act of this number")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Play every act on a world of its own; 0 when each came to what it must."""
    demos = plugins.load().demos()
    if not demos:
        raise UsageError("no installed plugin has a demo")
    acts = max(len(demo.acts) for demo in demos)
    if given.act is not None and not 1 <= given.act <= acts:
        raise UsageError(f"there is no act {given.act}; there are {acts}")
    if given.into and os.path.lexists(given.into):
        raise UsageError(f"{given.into} is there already; --into takes the name of a new folder")
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="guardrails-demo-"))
    try:
        surprises = [title for demo in demos for title in _Show(demo, scratch).surprises(given.act)]
    finally:
        shutil.rmtree(scratch)
    for title in surprises:
        print(f"guardrails: this came to something else than it must: {title}", file=sys.stderr)
    if given.into:
        _keep(demos, os.path.abspath(given.into))
    return UNDECIDED if surprises else 0


def _keep(demos: Sequence[Demo], into: str) -> None:
    for number, demo in enumerate(demos, start=1):
        folder = into if len(demos) == 1 else os.path.join(into, str(number))
        os.makedirs(folder)
        demo.build(folder)
        home, configuration = (shlex.quote(os.path.join(folder, name)) for name in ("home", "guardrails.toml"))
        print(f"\nthe world is in {folder}; try:\nHOME={home} guardrails check --env prod --config {configuration}")


_KEPT = ("PATH", "PYTHONPATH", "TMPDIR", "TERM", "COLUMNS", "LANG", "LC_ALL", "NO_COLOR", "GUARDRAILS_COLOR")


class _Show:
    """One demo being played in a scratch folder."""

    def __init__(self, demo: Demo, scratch: str) -> None:
        self._demo = demo
        self._scratch = scratch

    def surprises(self, only: int | None = None) -> list[str]:
        """Play the acts, or the one of a number, and give the titles of those that went wrong."""
        print(f"a small world: {self._demo.world}")
        acts = list(enumerate(self._demo.acts, start=1))
        return [act.title for number, act in acts if only in (None, number) and not self._play(act, number)]

    def _play(self, act: Act, number: int) -> bool:
        """Whether every scene of the act came to what it must."""
        stage = os.path.join(self._scratch, f"act-{number}")
        os.mkdir(stage)
        self._demo.build(stage)
        title = f"{number}/{len(self._demo.acts)}  {act.title}"
        print("\n" + (f"\x1b[1m{title}\x1b[0m" if terminal.colour(sys.stdout) else title))
        try:
            shown = [self._shown(scene, stage) for scene in act.scenes]  # all of them, whatever one came to
            return all(shown)
        finally:
            self._demo.leave(stage)

    def _shown(self, scene: Scene, stage: str) -> bool:
        """Whether the scene's policies block and no others, or its check allows."""
        scene.play(stage)
        if scene.says:
            print(f"\n# {scene.says}")
        given = "".join(f"{name}={value} " for name, value in scene.variables.items())
        print(f"$ {given}guardrails check {shlex.join(scene.check)}", flush=True)
        verdict = os.path.join(self._scratch, "verdict.json")
        command = [sys.executable, "-m", "guardrails", "check", "--output", f"json:{verdict}", *scene.check]
        done = subprocess.run(command, cwd=stage, check=False, env={**self._environment(stage), **scene.variables})
        try:
            with open(verdict, encoding="utf-8") as file:
                report = json.load(file)
            os.unlink(verdict)
        except FileNotFoundError:  # the check ended before it had a report
            return False
        blocking = [result["policy"] for result in report["results"] if result["blocks"]]
        expected = ("deny" if scene.denied_by else "allow", sorted(scene.denied_by))
        return (report["verdict"], blocking) == expected and done.returncode == report["exit_code"]

    def _environment(self, stage: str) -> dict[str, str]:
        """What the check needs of the caller's to run and to look right; nothing that it judges."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = {"HOME": os.path.join(stage, "home"), "XDG_CACHE_HOME": os.path.join(self._scratch, "cache")}
        return {**kept, **own}
