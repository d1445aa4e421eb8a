"""The files of a schedule, as systemd and plistlib read them: every word of the command, whatever it is called."""

from __future__ import annotations

import os
import plistlib
import re
import sys
from pathlib import Path

import pytest

from guardrails.errors import UsageError
from guardrails.facts.service.timers import Timers
from guardrails.facts.service.unit_syntax import split_words
from guardrails.watch.schedule import LAUNCHD, SYSTEMD, File, Schedule, files_of
from oracles.systemd_oracle import load, load_timers, need_systemd, need_systemd_analyze
from progress import run_to_its_end

NAMES = [
    "prod",
    "a b",
    "50% %h %%n",
    "$HOME ${HOME} $$",
    'it\'s "quoted"',
    "back\\slash\\",
    "two\nlines\n[Service]\nExecStart=/bin/false",
    "; && | > # *",
    "-dash --env",
    "\t\x07\x1b[31m",
    "Ж漢😀 é\u202e",
    os.fsdecode(b"caf\xe9"),
    "{repo}",
]


def schedule(name: str, home: Path, kind: str = SYSTEMD, program: str = "/usr/bin/python3") -> Schedule:
    command = (program, "-E", "watch", "--once", f"--env={name}", f"--config=/srv/{name}/guardrails.toml")
    return Schedule(kind, f"/srv/{name}/guardrails.toml", command, 300.0, f"/opt/{name}:/usr/bin", str(home))


def put(files: list[File]) -> None:
    for one in files:
        Path(one.path).parent.mkdir(parents=True, exist_ok=True)
        if one.target:
            Path(one.path).symlink_to(one.target)
        else:
            Path(one.path).write_bytes(one.data)


def words_of(command: str) -> list[bytes]:
    """The words of a command as systemd prints it, when it has expanded what it expands."""
    words = split_words(command, "a unit")
    return [
        re.sub(r"\\\$\\\$", "$", word).encode("utf-8" if any(ord(one) > 255 for one in word) else "latin-1")
        for word in words
    ]


def test_systemd_runs_every_word_as_it_is_and_starts_the_timer(tmp_path: Path) -> None:
    need_systemd()
    home, runtime = tmp_path / "home", tmp_path / "run"
    for folder in (home, runtime):
        folder.mkdir()
    for folder in (tmp_path, *tmp_path.parents[:3]):
        folder.chmod(folder.stat().st_mode | 0o011)
    wanted = {one.name: one for one in (schedule(name, home) for name in NAMES)}
    assert len(wanted) == len(NAMES)
    for one in wanted.values():
        put(files_of(one, {}))
    services, timers = load(home, runtime), load_timers(home, runtime)
    for name, one in wanted.items():
        service, timer = services[f"{name}.service"], timers[f"{name}.timer"]
        (command,) = service.commands
        assert (service.state, words_of(command)) == ("loaded", [os.fsencode(word) for word in one.command])
        assert (timer.state, timer.starts) == ("loaded", True)
        assert timer.triggers == (("OnActiveSec", "1s"), ("OnUnitActiveSec", "5min"))
    assert services[f"{schedule('50% %h %%n', home).name}.service"].variables["PATH"] == "/opt/50% %h %%n:/usr/bin"


def test_systemd_analyze_has_nothing_to_say(tmp_path: Path) -> None:
    need_systemd_analyze()
    files = files_of(schedule('it\'s 50% "quoted"\n$HOME', tmp_path, program=sys.executable), {})
    put(files)
    (tmp_path / "run").mkdir()
    variables = {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "run"), "PATH": os.environ["PATH"]}
    command = ["systemd-analyze", "verify", "--user", "--man=no", files[0].path, files[1].path]
    done = run_to_its_end(command, text=True, env=variables)
    assert (done.returncode, [line for line in done.stderr.split("\n") if "guardrails-watch" in line]) == (0, []), done


def test_our_own_reader_of_timers_sees_it_too(tmp_path: Path) -> None:
    one = schedule("prod", tmp_path)
    put(files_of(one, {}))
    targets = tmp_path / "usr/lib/systemd/user"
    for name in ("default.target", "timers.target"):
        targets.mkdir(parents=True, exist_ok=True)
        (targets / name).write_text("[Unit]\n")
    timers = Timers([str(tmp_path / ".config/systemd/user"), str(targets)], "/", of_user=True)
    (job,) = timers.find_named([f"{one.name}.timer"])
    assert (job.off, job.times) == ("", frozenset({"every 300s"}))
    assert job.command.endswith('"--env=prod" "--config=/srv/prod/guardrails.toml"')


def test_a_program_that_systemd_would_not_find_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="may hold no \\$"):
        files_of(schedule("prod", tmp_path, program="/opt/$x/python"), {})


def test_its_folder_is_that_of_the_user(tmp_path: Path) -> None:
    service, *_ = files_of(schedule("prod", tmp_path), {"XDG_CONFIG_HOME": "/elsewhere"})
    assert Path(service.path).parent == Path("/elsewhere/systemd/user")


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.replace("\n", "").isprintable() and name.isprintable()]
)
def test_a_property_list_says_every_word_as_it_is(name: str, tmp_path: Path) -> None:
    one = schedule(name, tmp_path, LAUNCHD)
    (agent,) = files_of(one, {})
    said = plistlib.loads(agent.data)
    assert said["ProgramArguments"] == list(one.command)
    assert (said["Label"], said["StartInterval"], said["RunAtLoad"]) == (one.name, 300, True)
    assert agent.path == f"{tmp_path}/Library/LaunchAgents/{one.name}.plist"


@pytest.mark.parametrize("name", ["a\x1bb", os.fsdecode(b"caf\xe9")])
def test_what_no_property_list_holds_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot hold a path with control characters"):
        files_of(schedule(name, tmp_path, LAUNCHD), {})
