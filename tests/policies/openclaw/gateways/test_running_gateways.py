"""Real processes with the titles, environments and locks of gateways."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from guardrails import CannotKnow, Environment, World
from guardrails.facts import witness
from guardrails.facts.programs.process_table import start_ticks
from guardrails.testing import gather
from guardrails_policies.openclaw.gateways.gateway_locks import read_locks
from guardrails_policies.openclaw.gateways.running_gateways import Gateway, Gateways
from servers.fake_gateway import NEW, OLD, fake_gateway, lock_of, write_lock


class Machine(SimpleNamespace):
    """A home with two repositories and two state directories; a gateway of elsewhere on this machine is left out."""

    home: Path

    def __init__(self, home: Path) -> None:
        super().__init__(home=home, prod=home / "openclaw-prod", dev=home / "moltbot")
        for folder in (self.prod, self.dev, home / ".openclaw", home / ".openclaw-dev", home / "tmp"):
            folder.mkdir(parents=True)

    def world(self) -> World:
        environments = {
            "prod": Environment("prod", str(self.prod), state_dir=str(self.home / ".openclaw"), service="gw"),
            "dev": Environment("dev", str(self.dev), state_dir=str(self.home / ".openclaw-dev")),
        }
        variables = {"TMPDIR": str(self.home / "tmp")}
        return World(environments["prod"], environments, at=time.time(), home=str(self.home), variables=variables)

    def gateways(self) -> Gateways:
        return gather(Gateways, self.world())

    def only(self, process: subprocess.Popen[bytes]) -> Gateway:
        (found,) = (one for one in self.gateways().running if one.pid == process.pid)
        return found


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "home")


@pytest.mark.parametrize("version", [OLD, NEW])
@pytest.mark.parametrize("lock", [True, False])
def test_a_gateway_and_its_state(machine: Machine, version: str, *, lock: bool) -> None:
    given = {"OPENCLAW_STATE_DIR": "~/.openclaw", "OPENCLAW_GATEWAY_TOKEN": "hunter2"}
    with fake_gateway(machine.prod, given, home=machine.home, version=version, lock=lock) as process:
        found = machine.only(process)
        assert "hunter2" not in repr(machine.gateways())
    assert (found.states, found.environments, found.trouble, found.otherwise) == (("prod",), ("prod",), "", "")
    assert bool(found.lock) is lock
    assert process.pid not in [one.pid for one in machine.gateways().running]


def test_the_state_of_another_environment(machine: Machine) -> None:
    with fake_gateway(machine.dev, {"OPENCLAW_STATE_DIR": str(machine.home / ".openclaw")}, home=machine.home) as one:
        found = machine.only(one)
    assert (found.states, found.environments) == (("prod",), ("dev",))


def test_nothing_set_is_the_default_and_a_link_leads_to_it(machine: Machine) -> None:
    (machine.home / ".clawdbot").symlink_to(machine.home / ".openclaw")
    with fake_gateway(machine.prod, {}, home=machine.home) as one:
        assert machine.only(one).because == "OPENCLAW_STATE_DIR is not set"
        assert machine.only(one).states == ("prod",)
    with fake_gateway(machine.prod, {"OPENCLAW_STATE_DIR": "~/.clawdbot"}, home=machine.home) as one:
        assert machine.only(one).states == ("prod",)


def test_a_profile_that_only_the_lock_shows(machine: Machine) -> None:
    config = machine.home / ".openclaw-dev/openclaw.json"
    with fake_gateway(machine.dev, {}, home=machine.home, config=config) as one:
        assert machine.only(one).states == ("dev",)
    state = machine.home / ".openclaw-dev"  # 2026.9.6 says so itself, and may have replaced what it inherited
    given = {"OPENCLAW_STATE_DIR": "~/.openclaw"}
    with fake_gateway(machine.dev, given, home=machine.home, version=NEW, state=state) as one:
        assert machine.only(one).states == ("dev",)


def test_locks_by_configuration_do_not_hide_a_second_gateway(machine: Machine) -> None:
    given = {"OPENCLAW_STATE_DIR": "~/.openclaw"}
    with (
        fake_gateway(machine.prod, given, home=machine.home) as one,
        fake_gateway(machine.dev, given, home=machine.home, config=machine.home / "test.json") as other,
    ):
        assert {machine.only(one).states, machine.only(other).states} == {("prod",)}


def test_what_it_has_open_tells_a_gateway_from_a_client_of_the_same_title(machine: Machine) -> None:
    state = machine.home / ".openclaw"
    given = {"OPENCLAW_STATE_DIR": "~/.openclaw"}
    store, elsewhere = state / "tasks/runs.sqlite", {"TMPDIR": str(machine.home / "elsewhere")}
    with (
        fake_gateway(machine.prod, given, home=machine.home, title=["openclaw"], stores=[store], lock=False) as client,
        fake_gateway(
            machine.prod, given | elsewhere, home=machine.home, title=["openclaw"], stores=[store], listens=True
        ) as locked,
        fake_gateway(
            machine.dev, given, home=machine.home, title=["openclaw"], stores=[store], listens=True, lock=False
        ) as other,
        fake_gateway(machine.dev, given, home=machine.home, title=["openclaw"], listens=True, lock=False) as bare,
    ):
        running = {one.pid: one for one in machine.gateways().running}
    assert client.pid not in running
    for process in (locked, other, bare):
        assert running[process.pid].states == ("prod",)
    assert running[locked.pid].lock.startswith(elsewhere["TMPDIR"])
    assert running[other.pid].because == f"it has a store of {state} open"


@pytest.mark.parametrize("name", ["state/openclaw.sqlite", "agents/main/agent/openclaw-agent.sqlite"])
@pytest.mark.parametrize("listens", [True, False])
def test_whatever_it_is_called(machine: Machine, name: str, *, listens: bool) -> None:
    """Its environment says nothing of this state, either: what it has open counts, through any link."""
    (machine.home / "link").symlink_to(machine.home / ".openclaw")
    with fake_gateway(
        machine.dev,
        {"OPENCLAW_STATE_DIR": "/nowhere"},
        home=machine.home,
        title=["any"],
        stores=[machine.home / "link" / name],
        listens=listens,
        lock=False,
    ) as process:
        running = {one.pid: one for one in machine.gateways().running}
    assert (process.pid in running) is listens
    assert not listens or running[process.pid].states == ("prod",)


@pytest.mark.parametrize("lock", [True, False])
def test_a_profile_beside_production_is_not_on_its_state(machine: Machine, *, lock: bool) -> None:
    """The profile is not in the environment, and the lock is in the profile's own state."""
    state = machine.home / ".openclaw-work"
    with fake_gateway(
        machine.dev,
        {},
        home=machine.home,
        version=NEW,
        state=state,
        stores=[state / "state/openclaw.sqlite"],
        listens=True,
        lock=lock,
    ) as process:
        found = machine.only(process)
    assert (found.state_dir, found.states, found.trouble, found.profile) == (str(state), (), "", "work")


@pytest.mark.parametrize(
    ("variables", "profile"),
    [
        ({}, "work"),
        ({"OPENCLAW_STATE_DIR": "~/.openclaw"}, "work"),
        ({"OPENCLAW_STATE_DIR": "~/.openclaw-work"}, ""),
    ],
)
def test_a_profile_is_what_no_variable_says(machine: Machine, variables: dict[str, str], profile: str) -> None:
    state = machine.home / ".openclaw-work"
    with fake_gateway(machine.prod, variables, home=machine.home, version=NEW, state=state) as process:
        assert machine.only(process).profile == profile


@pytest.mark.parametrize(
    ("version", "variables", "doubtful"),
    [
        ("2026.1.30", {"CLAWDBOT_STATE_DIR": "/elsewhere"}, False),
        ("2026.9.6", {"CLAWDBOT_STATE_DIR": "/elsewhere"}, False),
        ("", {"CLAWDBOT_STATE_DIR": "/elsewhere"}, True),
        ("", {"OPENCLAW_HOME": "/elsewhere"}, True),
        ("", {}, False),
    ],
)
def test_an_unknown_version_is_not_taken_for_the_oldest(
    machine: Machine, version: str, variables: dict[str, str], *, doubtful: bool
) -> None:
    if version:
        (machine.prod / "package.json").write_text(f'{{"name": "openclaw", "version": "{version}"}}')
    with fake_gateway(machine.prod, variables, home=machine.home) as process:
        assert machine.only(process).doubtful is doubtful


def test_a_child_shows_whose_repository_runs(machine: Machine) -> None:
    worker = "dist/process/spawn-broker/worker.js"
    (machine.dev / "dist/process/spawn-broker").mkdir(parents=True)
    parent = (
        "import subprocess, sys, time\n"
        f"subprocess.Popen(['node', {str(machine.dev / worker)!r}], executable='/bin/sh', stdin=subprocess.PIPE)\n"
        "print('ready', flush=True)\ntime.sleep(600)\n"
    )
    (machine.dev / worker).write_text("echo ready; read line\n")
    process = subprocess.Popen(
        ["openclaw-gateway", "-c", parent],
        executable=sys.executable,
        cwd=machine.home,
        env={"HOME": str(machine.home), "OPENCLAW_STATE_DIR": "~/.openclaw"},
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        assert {process.stdout.readline(), process.stdout.readline()} == {b"ready\n"}
        found = machine.only(process)
        assert (found.program, found.environments) == (str(machine.dev), ("dev",))
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="start times are those of Linux")
def test_locks_of_the_dead_and_of_their_successors(machine: Machine) -> None:
    state = machine.home / ".openclaw"
    path, fields = lock_of(OLD, state, state / "openclaw.json", machine.home / "tmp")
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    other, _ = lock_of(OLD, state, state / "other.json", machine.home / "tmp")
    own = start_ticks(os.getpid())
    assert own is not None
    write_lock(path, fields, pid=dead.pid, ticks=1)
    write_lock(other, fields, pid=os.getpid(), ticks=own + 1)  # the id belongs to somebody else by now
    assert [one.stale for one in read_locks([str(path.parent)])] == [True, True]  # so that psutil need not be loaded
    found = machine.gateways()
    assert {str(path), str(other)} == set(found.stale)
    assert os.getpid() not in [one.pid for one in found.running]
    write_lock(other, fields, pid=os.getpid(), ticks=own)  # alive, whatever it calls itself
    assert os.getpid() in [one.pid for one in machine.gateways().running]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": -1}', '{"pid": 1, "configPath": 2, "createdAt": "x"}'])
def test_a_lock_that_makes_no_sense_is_no_answer(machine: Machine, text: str) -> None:
    path, _ = lock_of(OLD, machine.home / ".openclaw", machine.home / "x.json", machine.home / "tmp")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(CannotKnow, match="is not the lock of a gateway"):
        machine.gateways()


def test_a_lock_that_is_no_file_is_no_answer(machine: Machine) -> None:
    path, _ = lock_of(NEW, machine.home / ".openclaw", machine.home / "x.json", machine.home / "tmp")
    path.parent.mkdir(parents=True)
    os.mkfifo(path)
    with pytest.raises(CannotKnow, match="a FIFO"):
        machine.gateways()


@pytest.mark.parametrize(
    ("title", "is_one"),
    [
        (("node", "openclaw.mjs", "gateway", "run"), True),
        (("node", "openclaw.mjs", "gateway", "status"), False),
        (("node", "other.mjs", "gateway"), True),  # a program of the repository
        (("clawdbot-gateway",), True),
        (("grep", "openclaw-gateway"), False),
        (("vi", "openclaw.mjs", "gateway"), False),
        (("openclaw-gateway\n\x1b[31m",), False),
    ],
)
def test_what_is_a_gateway(machine: Machine, tmp_path: Path, title: tuple[str, ...], *, is_one: bool) -> None:
    script = tmp_path / "wait.py"
    script.write_text("import time\nprint('ready', flush=True)\ntime.sleep(600)\n")
    arguments = [title[0], str(script), *title[1:]] if title[0] != "node" else list(title)
    if title[0] == "node":  # Python reads the script, whatever the process is called
        (machine.prod / title[1]).write_text(script.read_text())
    given = {"HOME": str(machine.home), "OPENCLAW_STATE_DIR": "~/.openclaw"}
    process = subprocess.Popen(
        arguments, executable=sys.executable, cwd=machine.prod, env=given, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        running = {one.pid: one for one in machine.gateways().running}
        assert (process.pid in running) is is_one
        if is_one:
            assert running[process.pid].environments == ("prod",)
    finally:
        process.kill()
        process.communicate()


def test_what_waits_for_a_gateway_is_none(machine: Machine) -> None:
    (machine.prod / "openclaw.mjs").write_text(
        "import subprocess\n"
        "program = 'import os, time; print(os.getpid(), flush=True); time.sleep(600)'\n"
        f"subprocess.Popen(['openclaw-gateway', '-c', program], executable={sys.executable!r}).wait()\n"
    )
    process = subprocess.Popen(
        ["node", "openclaw.mjs", "gateway"],
        executable=sys.executable,
        cwd=machine.prod,
        env={"HOME": str(machine.home)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    child = int(process.stdout.readline())
    try:
        pids = [one.pid for one in machine.gateways().running]
        assert child in pids
        assert process.pid not in pids
    finally:
        os.kill(child, 9)
        process.communicate()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be somebody else")
@pytest.mark.parametrize(("mode", "trouble"), [(0o700, False), (0o777, True)])
@pytest.mark.parametrize(
    ("title", "why"),
    [
        ("openclaw-gateway", "a gateway of user 65534, cannot be read"),
        ("openclaw", "of user 65534 may be a gateway, and what it has open cannot be read"),
    ],
)
def test_a_gateway_of_somebody_else(mode: int, title: str, why: str, *, trouble: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        machine = Machine(Path(folder) / "home")
        (machine.home / ".openclaw").chmod(mode)
        os.chown(machine.home / ".openclaw", 65533, 65533)
        process = subprocess.Popen(
            [title], executable="/bin/cat", cwd="/", user=65534, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
        )
        try:
            found = _seen_by(65533, machine, process.pid)
        finally:
            process.kill()
            process.communicate()
    assert bool(found) is trouble
    assert not trouble or why in found


def _seen_by(user: int, machine: Machine, pid: int) -> str:
    """The trouble that another user has with a gateway, from a process that has loaded everything before."""
    import psutil  # noqa: F401 -- another user may not be able to

    heard, mouth = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.setuid(user)
            (found,) = (one for one in machine.gateways().running if one.pid == pid)
            os.write(mouth, found.trouble.encode())
        except BaseException as error:
            os.write(mouth, repr(error).encode())
        finally:
            os._exit(0)
    os.close(mouth)
    with open(heard, encoding="utf-8") as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.parametrize("version", [OLD, NEW])
def test_the_lock_of_a_gateway_of_elsewhere_may_change_while_we_look(
    machine: Machine, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a gateway that has to do with an environment holds up a guarded run when its lock changes."""
    monkeypatch.setattr(witness, "current", witness.Witness(time.time_ns(), everything=True))
    assert witness.current is not None
    elsewhere = Machine(tmp_path / "elsewhere")
    given = {"OPENCLAW_STATE_DIR": str(elsewhere.home / ".openclaw")}
    with fake_gateway(elsewhere.prod, given, home=elsewhere.home, version=version):
        machine.gateways()
        assert not [path for path in witness.current.read if "/elsewhere/" in path]
    given = {"OPENCLAW_STATE_DIR": str(machine.home / ".openclaw")}
    with fake_gateway(machine.prod, given, home=machine.home, version=version) as process:
        assert machine.only(process).lock in witness.current.read
