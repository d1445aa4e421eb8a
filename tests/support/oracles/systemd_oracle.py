"""What systemd itself makes of unit files and of environment.d, without a service being started.

`systemd --user --test` loads the units of a home and prints them; it refuses to run as root, so root runs it as nobody.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from guardrails import Record
from needs import all_must_run
from progress import run_to_its_end

MANAGER = Path("/usr/lib/systemd/systemd")
GENERATOR = Path("/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator")
NOBODY = 65534

_SHOWN = ("Fragment Path", "DropIn Path", "Environment", "EnvironmentFile", "Command Line", "Unit Load State")
_TRIGGERS = ("OnCalendar", "OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class Loaded(Record):
    """What the manager has loaded of one service: `state` is loaded, masked, bad-setting and so on."""

    path: str
    drop_ins: tuple[str, ...]
    variables: dict[str, str]
    files: tuple[str, ...]
    commands: tuple[str, ...]
    state: str


class LoadedTimer(Record):
    """What the manager has loaded of one timer; `triggers` are its times, and `starts` says that it is started."""

    path: str
    triggers: tuple[tuple[str, str], ...]
    state: str
    starts: bool


def need_systemd() -> None:
    """Leave the test out where there is no systemd, or fail it where all must run."""
    if not (MANAGER.exists() and GENERATOR.exists()):
        (pytest.fail if all_must_run() else pytest.skip)("systemd is not installed")


def need_systemd_analyze() -> None:
    """Leave the test out where there is no systemd-analyze, or fail it where all must run."""
    if not shutil.which("systemd-analyze"):
        (pytest.fail if all_must_run() else pytest.skip)("systemd-analyze is not installed")


def load(home: Path, runtime: Path) -> dict[str, Loaded]:
    """The services that a user's manager with this home loads, by their names, those that it starts or refers to."""
    return {name: _loaded(shown) for name, shown in _units(_dump(home, runtime), ".service", _SHOWN).items()}


def load_timers(home: Path, runtime: Path) -> dict[str, LoadedTimer]:
    """The timers that it loads likewise."""
    dump = _dump(home, runtime)
    jobs = set(re.findall(r"(?m)^\s+Action: (.*\.timer) -> start$", dump))
    return {
        name: LoadedTimer(
            (shown["Fragment Path"] or [""])[0],
            tuple((key, value) for key in _TRIGGERS for value in shown[key]),
            (shown["Unit Load State"] or ["not-found"])[0],
            name in jobs,
        )
        for name, shown in _units(dump, ".timer", ("Fragment Path", "Unit Load State", *_TRIGGERS)).items()
    }


def _dump(home: Path, runtime: Path) -> str:
    """What a user's manager with this home prints of all its units, and of the jobs that it would begin with."""
    command = [str(MANAGER), "--user", "--test"]
    if os.getuid() == 0:
        for path in (home, runtime, *home.rglob("*"), *runtime.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
    variables = {
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "PATH": os.environ["PATH"],
        "SYSTEMD_LOG_LEVEL": "err",
    }
    done = run_to_its_end(command, env=variables)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(errors="surrogateescape")


def _units(dump: str, ending: str, names: tuple[str, ...]) -> dict[str, dict[str, list[str]]]:
    """The settings of these names, of each unit of one kind."""
    found: dict[str, dict[str, list[str]]] = {}
    shown: dict[str, list[str]] | None = None
    for line in dump.split("\n"):
        if unit := re.match(r"\t-> Unit (.*):$", line):
            shown = found.setdefault(unit[1], {name: [] for name in names}) if unit[1].endswith(ending) else None
        elif shown is not None and (said := re.match(r"\s+([A-Za-z ]+): (.*)$", line)) and said[1] in shown:
            shown[said[1]].append(said[2])
    return found


def _loaded(shown: dict[str, list[str]]) -> Loaded:
    drop_ins = [path for path in shown["DropIn Path"] if os.path.realpath(path) != os.devnull]
    variables = dict(line.split("=", 1) for line in shown["Environment"] if "=" in line)
    return Loaded(
        (shown["Fragment Path"] or [""])[0],
        tuple(drop_ins),
        variables,
        tuple(shown["EnvironmentFile"]),
        tuple(shown["Command Line"]),
        (shown["Unit Load State"] or ["not-found"])[0],
    )


def generated(home: Path, variables: dict[str, str]) -> dict[str, str]:
    """What the generator makes of the files of environment.d."""
    done = subprocess.run([str(GENERATOR)], env=variables | {"HOME": str(home)}, capture_output=True, check=True)
    found = {}
    for line in done.stdout.decode().split("\n"):
        name, equals, value = line.partition("=")
        if equals:
            quoted = value[1:-1] if value[:1] == '"' else value[2:-1] if value[:2] == "$'" else None
            plain = value if quoted is None else re.sub(r"\\(.)", lambda one: _ESCAPES.get(one[1], one[1]), quoted)
            found[name] = plain
    return found
