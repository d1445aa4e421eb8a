"""The managers that start a schedule: systemd's of this user, by systemctl(1), and launchd, by launchctl(1)."""

from __future__ import annotations

import os
import shutil
import sys

from guardrails.errors import CannotKnow
from guardrails.facts.programs.side_by_side import Command, run_to_end
from guardrails.record import Record
from guardrails.watch.schedule import LAUNCHD, SYSTEMD
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from guardrails.facts.programs.side_by_side import Completed

_PATIENCE = 20.0  # seconds for one command
_PASSED = ("PATH", "HOME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS")
_SHOWN = ("Id", "ActiveState", "SubState", "LoadState", "FragmentPath", "DropInPaths", "NeedDaemonReload")
_OF_ALL_UNITS = ("service.d", "timer.d")  # folders of drop-ins for every unit of a kind, which distributions have, too


def kind_here() -> str:
    """Which manager this machine has."""
    return LAUNCHD if sys.platform == "darwin" else SYSTEMD


class _Manager(Record):
    """One schedule as its manager knows it: by its name, and the file that the manager goes by."""

    name: str
    path: str


NO_MANAGER = "no manager of systemd answers for this user"


class Systemd(_Manager):
    """A timer of systemd's manager of this user."""

    def start(self) -> None:
        """Have the timer started, with what its files say now. Whether it runs then, `problem` says."""
        _systemctl("daemon-reload")
        _systemctl("restart", f"{self.name}.timer")

    def stop(self) -> None:
        """Have it stopped."""
        _systemctl("stop", f"{self.name}.timer")

    def forget(self) -> None:
        """Have files that were taken away forgotten."""
        _systemctl("daemon-reload")

    def problem(self) -> str:
        """Why the manager will not start it again; empty when it will."""
        units, said = self._units()
        if not units:
            return f"{NO_MANAGER}{said and f': {said}'}"
        for one in units:
            if one.get("LoadState") != "loaded":
                return f"systemd has not loaded {one['Id']}: {one.get('LoadState')}"
            if not _is_of_all_units(one.get("DropInPaths", "")):
                return f"systemd changes {one['Id']} by {one['DropInPaths']}; take away what is not yours"
        timer, service = units
        if os.path.realpath(timer.get("FragmentPath", "")) != os.path.realpath(self.path):
            return f"systemd reads {timer.get('FragmentPath')} in its place"
        if "yes" in (timer.get("NeedDaemonReload"), service.get("NeedDaemonReload")):
            return "systemd has not read its files since they were written"
        is_on = timer.get("ActiveState") == "active" and timer.get("SubState") in ("waiting", "running")
        return "" if is_on else f"systemd does not wait for it: {timer.get('ActiveState')} ({timer.get('SubState')})"

    def gap(self) -> str:
        """What may keep it from being started although it will be as things are; empty where nothing may."""
        changed = " ".join(filter(None, (one.get("DropInPaths") for one in self._units()[0])))
        gaps = [f"systemd changes it, as all units of its kind, by {visible(changed)}"] if changed else []
        done = _run("loginctl", "show-user", str(os.getuid()), "--property=Linger")
        if done.stdout.strip() != b"Linger=yes":
            gaps.append("it runs while you are logged in; to have it run always: loginctl enable-linger")
        return "; ".join(gaps)

    def _units(self) -> tuple[list[dict[str, str]], str]:
        """What systemd shows of the timer and of the service; none where it does not answer, and what was said then."""
        names = [f"{self.name}.timer", f"{self.name}.service"]
        done = _systemctl("show", f"--property={','.join(_SHOWN)}", *names)
        units = {
            unit.get("Id"): unit for unit in map(_properties, done.stdout.decode("utf-8", "replace").split("\n\n"))
        }
        if done.status != 0 or not units.keys() >= set(names):
            return [], done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        return [units[one] for one in names], ""


class Launchd(_Manager):
    """An agent of launchd, in the session of this user."""

    @property
    def _domain(self) -> str:
        return f"gui/{os.getuid()}"

    def start(self) -> None:
        """Have the agent loaded, with what its file says now."""
        self.stop()
        _run("launchctl", "bootstrap", self._domain, self.path)

    def stop(self) -> None:
        """Have it unloaded."""
        _run("launchctl", "bootout", f"{self._domain}/{self.name}")

    def forget(self) -> None:
        """Nothing is left once it is unloaded."""

    def problem(self) -> str:
        """Why launchd will not start it again; empty when it will."""
        done = _run("launchctl", "print", f"{self._domain}/{self.name}")
        if done.status != 0:
            return "launchd has not loaded it"
        is_ours = f"path = {self.path}" in done.stdout.decode("utf-8", "replace")
        return "" if is_ours else "launchd has loaded another file in its place"

    def gap(self) -> str:
        """What may keep it from being started although it will be as things are."""
        return "it runs while you are logged in"


def manager_of(kind: str, name: str, paths: Iterable[str]) -> Systemd | Launchd:
    """The manager of a kind, for a schedule that consists of these files."""
    path = next(path for path in paths if path.endswith((".timer", ".plist")))
    return Launchd(name, path) if kind == LAUNCHD else Systemd(name, path)


def _systemctl(*words: str) -> Completed:
    return _run("systemctl", "--user", "--no-pager", *words)


def _run(program: str, *words: str) -> Completed:
    """What a program says; as when it failed where it is not there, or does not end."""
    from guardrails.facts.programs.side_by_side import Completed

    path = shutil.which(program)
    if path is None:
        return Completed(127, b"", f"{program} is not installed".encode())
    variables = {name: os.environ[name] for name in _PASSED if name in os.environ}
    variables = {"XDG_RUNTIME_DIR": f"/run/user/{os.getuid()}", **variables, "LC_ALL": "C"}
    try:
        return run_to_end(_ask([path, *words], variables))
    except CannotKnow as error:
        return Completed(1, b"", str(error).encode())


async def _ask(argv: list[str], variables: dict[str, str]) -> Completed:
    return await Command(argv, variables, timeout=_PATIENCE)


def _properties(text: str) -> dict[str, str]:
    pairs = [line.partition("=") for line in text.split("\n") if "=" in line]
    return {name: value for name, _, value in pairs}


def _is_of_all_units(paths: str) -> bool:
    """Whether all of these drop-ins, as systemctl(1) lists them, are for every unit of a kind."""
    return all(os.path.basename(os.path.dirname(path)) in _OF_ALL_UNITS for path in paths.split())
