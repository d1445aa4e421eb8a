"""Run the tests by every supported interpreter of Python that is there, each in an environment of its own.

python tools/interpreters.py              all of 3.11 to 3.14
python tools/interpreters.py 3.13         one alone

An interpreter that is not there is one line, and no failure. The exit code is 1 when the tests fail by any.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
_WHICH = "import sys; print('{}.{}'.format(*sys.version_info)); print(sys.executable)"


def main() -> int:
    """Find each interpreter, run `make test` by it, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("versions", nargs="*", default=VERSIONS, metavar="VERSION")
    said = {version: _tested(version) for version in parser.parse_args().versions}
    for version, outcome in said.items():
        print(f"Python {version}: {outcome}")
    return int("failed" in said.values())


def _tested(version: str) -> str:
    python = find(version)
    if python is None:
        return "not there"
    print(f"Python {version}: {python}", flush=True)
    done = subprocess.run(["make", f"VENV=.venvs/{version}", f"PYTHON={python}", "test"], cwd=ROOT, check=False)
    return "failed" if done.returncode else "passed"


def find(version: str) -> str | None:
    """The program of an interpreter of that version, on the path or known to uv; None when there is none."""
    for program in _candidates(version):
        variables = {**os.environ, "PYENV_VERSION": version}  # by which a shim of pyenv chooses
        try:
            done = subprocess.run([program, "-c", _WHICH], env=variables, capture_output=True, text=True, check=False)
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.splitlines()[0] == version:
            return done.stdout.splitlines()[1]
    return None


def _candidates(version: str) -> Iterator[str]:
    if on_path := shutil.which(f"python{version}"):
        yield on_path
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        command = [str(uv), "python", "find", "--no-python-downloads", "--no-project", version]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            yield done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
