"""Having rounds made by the clock: putting a schedule in its place, taking it away, and whether it will run again."""

from __future__ import annotations

import os

from guardrails.config import places
from guardrails.config.settings import environment_named, require_outside
from guardrails.errors import ConfigurationError, UsageError
from guardrails.record import Record
from guardrails.remedies import Guardrails
from guardrails.watch import written_files
from guardrails.watch.managers import NO_MANAGER, kind_here, manager_of
from guardrails.watch.own_command import own_command
from guardrails.watch.schedule import Schedule, files_of, schedule_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guardrails.config.settings import Settings
    from guardrails.watch.managers import Launchd, Systemd
    from guardrails.watch.written_files import Written


class Status(Record):
    """Whether a schedule will be started again. `installed`: there is one; `problem`: why it will not; `do`: a remedy.

    `gap` is what may keep it from running all the same.
    """

    installed: bool
    text: str
    problem: str = ""
    do: str = ""
    gap: str = ""


def install(settings: Settings, configuration: str | None, names: Sequence[str], every: float) -> Iterator[str]:
    """Write the files, have the manager start the schedule, and say what was done.

    `names` are environments, none for all; `every` is in seconds. Raises UsageError where something stands in the way.
    """
    for name in names:
        environment_named(settings, name)
    home = places.home()
    command = tuple(own_command(names, configuration))
    wanted = Schedule(kind_here(), configuration or "", command, every, os.environ.get("PATH", os.defpath), home)
    files, memory = files_of(wanted, os.environ), written_files.memory_of(wanted.name, home)
    try:
        for path in (*(one.path for one in files), memory):
            require_outside("watch", path, settings.environments)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None
    before = written_files.read(memory)
    written_files.require_room(files, before)
    written_files.write(memory, wanted, files, before)
    for one in files:
        yield f"wrote {one.path}"
    manager_of(wanted.kind, wanted.name, (one.path for one in files)).start()


def uninstall(configuration: str | None) -> Iterator[str]:
    """Have the manager stop the schedule of a configuration, take its files away, and say what was done."""
    name = schedule_name(configuration or "")
    memory = written_files.memory_of(name, places.home())
    before = written_files.read(memory)
    if before is None:
        yield f"nothing to take away: {name} was not installed from here"
        return
    written_files.require_unchanged(before)
    manager = manager_of(before.kind, name, before.paths)
    manager.stop()
    for path in written_files.take_away(memory, before):
        yield f"removed {path}"
    manager.forget()


def look(configuration: str | None) -> Status:
    """Whether the schedule of a configuration will be started again. Raises UsageError when that cannot be told."""
    again = Guardrails(configuration or "").line("watch", "install")
    name = schedule_name(configuration or "")
    before = written_files.read(written_files.memory_of(name, places.home()))
    if before is None:
        return Status(installed=False, text="nothing checks by itself", problem="it is not installed", do=again)
    manager = manager_of(before.kind, name, before.paths)
    text = f"every {before.every:g} s, by {manager.path}"
    problem = _problem(configuration, before, manager)
    if problem.startswith(NO_MANAGER):  # installing it again would change nothing
        again = Guardrails(configuration or "").line("watch", "--every", f"{before.every:g}s")
    return Status(installed=True, text=text, problem=problem, do=again if problem else "", gap=manager.gap())


def _problem(configuration: str | None, before: Written, manager: Systemd | Launchd) -> str:
    for path in before.missing():
        return f"{path} is gone"
    for path in before.changed():
        return f"{path} is not as it was written"
    if not (os.path.isfile(before.program) and os.access(before.program, os.X_OK)):
        return f"{before.program}, which it runs, is gone"
    if configuration and not os.path.isfile(configuration):
        return f"{configuration}, by which it judges, is gone"
    return manager.problem()
