"""pre-commit and lefthook, installed for the benchmark alone, each with hooks that start Python and do nothing else.

Each is installed as a git hook by its own command, in a clone of its own. A hook is `python hook.py`, of a Python
without packages. To prove that all of them run, `hook.py` is made to leave a mark in a file and the hook is run;
otherwise it is empty. lefthook is given its program, so that its hook need not look for it, which would start it twice.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from hook_world import World
from timing import Timed

PACKAGES = ("pre-commit", "lefthook")


class Peer:
    """One hook manager with some hooks, ready to be run as git would run it."""

    def __init__(self, world: World, tools: Path, tool: str, hooks: int) -> None:
        self.name, self._world, self._tool, self._hooks = f"{tool} with {hooks}", world, tool, hooks
        self._clone = world.folder / f"{tool}-{hooks}"
        self._script = world.folder / f"{tool}-{hooks}.py"
        self._marks = world.folder / f"{tool}-{hooks}.marks"
        self._script.write_text("")
        world.clone(self._clone)
        program = _program(tools, tool)
        run = f"{tools / 'bare/bin/python'} {self._script}"
        if tool == "lefthook":
            world.environment["LEFTHOOK_BIN"] = str(program)
            (self._clone / "lefthook.yml").write_text(_lefthook(hooks, run))
            world.run(str(program), "install", "--force", cwd=self._clone)
        else:
            (self._clone / ".pre-commit-config.yaml").write_text(_pre_commit(hooks, run))
            world.run(str(program), "install", "--hook-type", "pre-push", cwd=self._clone)

    def run(self) -> Timed:
        """Run and measure the hook for a push that adds a commit. Stops the benchmark unless it names every hook."""
        stub = self._clone / ".git/hooks/pre-push"
        done = self._world.run(str(stub), "origin", str(self._world.server), cwd=self._clone, stdin=self._world.adding)
        named = set(re.findall(r"\bhook-\d\d\b", (done.output + done.complaints).decode(errors="replace")))
        if done.code or len(named) != self._hooks:
            said = (done.output + done.complaints).decode(errors="replace")
            sys.exit(f"{self.name}: exit {done.code}, {len(named)} of {self._hooks} hooks named:\n{said}")
        return done

    def prove(self) -> None:
        """Stop the benchmark unless each hook really runs, once."""
        self._marks.write_bytes(b"")
        self._script.write_text(f"open({str(self._marks)!r}, 'ab', 0).write(b'.')\n")
        try:
            self.run()
        finally:
            self._script.write_text("")
        if (ran := self._marks.stat().st_size) != self._hooks:
            sys.exit(f"{self.name}: {ran} hooks ran")


def install(tools: Path) -> None:
    """Install the peers and a Python without packages into a folder, unless they are there."""
    if (tools / "installed").exists():
        return
    shutil.rmtree(tools, ignore_errors=True)
    venv.create(tools / "bare", symlinks=True)
    venv.create(tools / "peers", symlinks=True, with_pip=True)
    print("installing pre-commit and lefthook …", file=sys.stderr)
    pip = [str(tools / "peers/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PACKAGES], check=True)
    (tools / "installed").touch()


def versions(tools: Path) -> str:
    """What is compared, with its versions."""
    listing = [str(tools / "peers/bin/python"), "-m", "pip", "list", "--disable-pip-version-check", "--format=freeze"]
    pinned = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.splitlines()
    named = [line.replace("_", "-").replace("==", " ") for line in pinned]
    return ", ".join(line for line in named if line.split()[0] in PACKAGES)


def _program(tools: Path, tool: str) -> Path:
    """The program itself. That of lefthook is compiled; what pip puts in front of it is a script in Python."""
    if tool == "pre-commit":
        return tools / "peers/bin/pre-commit"
    (program,) = (tools / "peers").glob("lib/python*/site-packages/lefthook/bin/*/lefthook")
    return program


def _lefthook(hooks: int, run: str) -> str:
    jobs = "".join(f"    - {{name: hook-{number:02}, run: '{run}'}}\n" for number in range(hooks))
    return f"output: [summary]\npre-push:\n  parallel: true\n  jobs:\n{jobs}"


def _pre_commit(hooks: int, run: str) -> str:
    how = "language: system, stages: [pre-push], always_run: true, pass_filenames: false"
    each = (f"  - {{id: hook-{number:02}, name: hook-{number:02}, entry: {run}, {how}}}\n" for number in range(hooks))
    return "repos:\n- repo: local\n  hooks:\n" + "".join(each)
