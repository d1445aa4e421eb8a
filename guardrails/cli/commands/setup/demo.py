"""`guardrails demo`: build a small world, break it rule by rule, and watch each be denied."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from fnmatch import fnmatch

from guardrails.cli import terminal
from guardrails.drills import worlds
from guardrails.errors import UsageError
from guardrails.exit_codes import UNDECIDED
from guardrails.plugins import loader
from guardrails.wording.shown_text import paint

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence
    from typing import Any

    from guardrails.plugins.demo_scenes import Act, Demo, Scene

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
    """Play every act on a world of its own; 0 when each ended as it must."""
    demos = loader.load().demos()
    if not demos:
        raise UsageError("no installed plugin has a demo")
    acts = max(len(demo.acts) for demo in demos)
    if given.act is not None and not 1 <= given.act <= acts:
        raise UsageError(f"there is no act {given.act}; there are {acts}")
    if given.into and os.path.lexists(given.into):
        raise UsageError(f"{given.into} is there already; --into takes the name of a new folder")
    scratch = os.path.realpath(tempfile.mkdtemp(prefix="guardrails-demo-"))
    try:
        surprises = [title for demo in demos for title in _Show(demo, scratch).play_all(given.act)]
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
        worlds.build(demo.stage, folder)
        home, configuration = (shlex.quote(os.path.join(folder, name)) for name in ("home", "guardrails.toml"))
        print(f"\nthe world is in {folder}; try:\nHOME={home} guardrails check --env prod --config {configuration}")


_KEPT = ("PATH", "TMPDIR", "TERM", "COLUMNS", "LANG", "LC_ALL", "NO_COLOR", "FORCE_COLOR", "GUARDRAILS_COLOR")


class _Show:
    """One demo being played in a scratch folder."""

    def __init__(self, demo: Demo, scratch: str) -> None:
        self._demo = demo
        self._scratch = scratch

    def play_all(self, only: int | None = None) -> list[str]:
        """Play the acts, or the one of a number, and give the titles of those that went wrong."""
        print(f"a small world: {self._demo.stage.world}")
        acts = list(enumerate(self._demo.acts, start=1))
        return [act.title for number, act in acts if only in (None, number) and not self._play(act, number)]

    def _play(self, act: Act, number: int) -> bool:
        """Whether every scene of the act ended as it must."""
        stage = os.path.join(self._scratch, f"act-{number}")
        worlds.build(self._demo.stage, stage)
        title = f"{number}/{len(self._demo.acts)}  {act.title}"
        print("\n" + paint(title, "1", colour=terminal.wants_colour(sys.stdout)))
        try:
            shown = [self._is_as_told(scene, stage) for scene in act.scenes]  # all of them, whatever one came to
            return all(shown)
        finally:
            self._demo.stage.leave(stage)

    def _is_as_told(self, scene: Scene, stage: str) -> bool:
        """Whether the scene's command ended as it must, and changed nothing that it must not."""
        scene.play(stage)
        if scene.says:
            print(f"\n# {scene.says}")
        given = "".join(f"{name}={value} " for name, value in scene.variables.items())
        inside = f"cd {shlex.quote(scene.folder)} && " if scene.folder else ""
        print(f"$ {inside}{given}{shlex.join(scene.command)}", flush=True)
        before = self._demo.kept(stage)
        came = self._is_refused_as_told(scene, stage) if scene.is_check else self._run(scene, stage)
        return came and (scene.acts or self._is_untouched(before, stage, scene))

    def _is_refused_as_told(self, scene: Scene, stage: str) -> bool:
        """Whether exactly the scene's policies block its check."""
        verdict = os.path.join(self._scratch, "verdict.json")
        done = subprocess.run([*scene.command, "--output", f"json:{verdict}"], check=False, **self._place(scene, stage))
        try:
            with open(verdict, encoding="utf-8") as file:
                report = json.load(file)
            os.unlink(verdict)
        except FileNotFoundError:  # the check ended before it had a report
            return False
        blocking = [result["policy"] for result in report["results"] if result["blocks"]]
        expected = ("deny" if scene.denied_by else "allow", sorted(scene.denied_by))
        return (report["verdict"], blocking) == expected and done.returncode == report["exit_code"]

    def _run(self, scene: Scene, stage: str) -> bool:
        """Whether the command succeeds, or fails and says why."""
        code, said = terminal.relay(scene.command, **self._place(scene, stage))
        print(flush=True)
        return (code == 0) != bool(scene.denied_by) and all(word in said for word in scene.denied_by)

    def _is_untouched(self, before: Mapping[str, str], stage: str, scene: Scene) -> bool:
        """Whether the world is as it was, except for what the command itself leaves behind."""
        now = self._demo.kept(stage)
        changed = sorted(path for path in before.keys() | now.keys() if before.get(path) != now.get(path))
        touched = [path for path in changed if not any(fnmatch(path, pattern) for pattern in scene.leaves)]
        for path in touched:
            print(f"guardrails: {path} was changed", file=sys.stderr)
        return not touched

    def _place(self, scene: Scene, stage: str) -> dict[str, Any]:
        """Where the command runs, and what of the caller's environment it needs; nothing that is judged."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        own = {"HOME": os.path.join(stage, "home"), "XDG_CACHE_HOME": os.path.join(self._scratch, "cache")}
        path = os.pathsep.join((os.path.join(stage, "bin"), kept.get("PATH", os.defpath)))
        return {"cwd": os.path.join(stage, scene.folder), "env": {**kept, **own, "PATH": path, **scene.variables}}
