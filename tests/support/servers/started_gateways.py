"""What a command line really starts: a stand-in for Node.js writes down each gateway that it is asked to run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from guardrails import Record
from progress import run_to_its_end

_STAND_IN = """#!{python} -I
import json, os, sys
if "gateway" in sys.argv:
    with open({log!r}, "a") as file:
        file.write(json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]) + "\\n")
"""


class Started(Record):
    """A gateway that was started: its words after `node`, its folder, and its variables."""

    words: tuple[str, ...]
    folder: str
    variables: dict[str, str]


class Starter:
    """A folder with a `node` that only notes what it is asked to run, and a home beside it."""

    def __init__(self, folder: Path) -> None:
        """Make the folder's `bin` and `home`."""
        self.home = folder / "home"
        self.programs = folder / "bin"
        self._log = folder / "started.jsonl"
        for path in (self.home, self.programs):
            path.mkdir()
        node = self.programs / "node"
        node.write_text(_STAND_IN.format(python=sys.executable, log=str(self._log)))
        node.chmod(0o755)
        self.variables = {"HOME": str(self.home), "PATH": f"{self.programs}:/usr/local/bin:/usr/bin:/bin"}

    def run(self, words: list[str], **variables: str) -> list[Started]:
        """Run a command in the home with these variables, and tell what it started."""
        self._log.unlink(missing_ok=True)
        run_to_its_end(
            words,
            cwd=self.home,
            env=self.variables | variables,
            stdin=subprocess.DEVNULL,
        )
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [Started(tuple(found[0]), found[1], found[2]) for found in map(json.loads, lines)]


def real(path: str) -> str:
    """A path without links, as a program sees where it runs."""
    return os.path.realpath(path)
