"""Crontabs, read as crontab(5) of Debian's cron and of cronie describe them; nothing is asked of cron.

Where the two differ about a whole file, jobs in it are in doubt. Cron takes none of a file with a line that it cannot
read, and neither does this.
"""

from __future__ import annotations

import os
import re
import stat

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, read_bytes, read_ours
from guardrails.facts.service.scheduled_job import ScheduledJob

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

FILE_LIMIT = 1024 * 1024  # bytes of one crontab
FILES_LIMIT = 1000  # in /etc/cron.d
SPOOLS = ("var/spool/cron/crontabs", "var/spool/cron", "var/at/tabs")  # of Debian, cronie and macOS
PROGRAMS = (  # whichever reads crontabs; the last two are of systemd-cron and NixOS
    "usr/sbin/cron", "usr/sbin/crond", "sbin/crond", "usr/bin/crond",
    "usr/lib/systemd/system-generators/systemd-crontab-generator", "run/current-system/sw/bin/cron",
)  # fmt: skip

_SHORT = {
    "@hourly": "0 * * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    **dict.fromkeys(("@daily", "@midnight"), "0 0 * * *"),
    **dict.fromkeys(("@yearly", "@annually"), "0 0 1 1 *"),
}
_VARIABLE = r"""(?:"([^"]*)"|'([^']*)'|([^\s="']+))\s*=\s*(.*)"""
_FULL = (60, 24, 31, 12, 7)  # how many values the fields have
_STEP = r"(?:^|,)\d+/|[#?~]"  # what cronsim reads and cron does not
_FOREIGN = (_STEP, _STEP, rf"{_STEP}|[lLwW]", _STEP, rf"{_STEP}|\d[lL]")


class NeverComes(ValueError):
    """A cron expression for days that no calendar has."""


def cron_times(text: str) -> str:
    """A cron expression as its fields, each `*` or all its values. Raises ValueError if cron refuses it.

    The day of the month and that of the week are joined by `and` or `or`, as cron takes them.
    """
    if text == "@reboot":
        return text
    fields = _SHORT.get(text, text).split()
    if len(fields) != 5:
        raise ValueError(f"{text!r} is not a cron expression of five fields, or @daily and the like")
    from datetime import datetime

    from cronsim import CronSim, CronSimError

    if any(map(re.search, _FOREIGN, fields)):
        raise ValueError(f"{text!r} is not a cron expression")
    start = datetime(2000, 1, 1)
    try:
        read = CronSim(" ".join(fields), start)
        next(read)
    except (CronSimError, StopIteration):
        minute, hour, day, month, week = fields
        try:  # when each field can be, and not all together
            CronSim(f"{minute} {hour} {day} * {week}", start), CronSim(f"{minute} {hour} * {month} {week}", start)
        except CronSimError as error:
            raise ValueError(f"{text!r} is not a cron expression: {error}") from None
        raise NeverComes(f"{text!r} never comes") from None
    days = {day % 7 for day in read.weekdays if isinstance(day, int)}
    values = (read.minutes, read.hours, read.days, read.months, days)
    pairs = zip(values, _FULL, strict=True)
    shown = ["*" if len(one) == full else ",".join(map(str, sorted(one))) for one, full in pairs]
    joined = "*" in (shown[2], shown[4])
    if joined and not read.day_and:  # one of the two is every day, so either is
        shown[2] = shown[4] = "*"
    return " ".join(shown) + ("" if joined else " and" if read.day_and else " or")


def read_own_crontab(root: str, exported: str) -> Iterator[ScheduledJob]:
    """The jobs of the user's crontab: of the `exported` file if one is named, else where cron keeps it.

    Raises CannotKnow when it cannot be read, which cron forbids to most users.
    """
    path = exported
    try:
        if exported:
            data = read_ours(exported, FILE_LIMIT)
        else:
            path, data = _read_spooled(root)
    except FileNotFoundError:
        if exported:
            raise CannotKnow(f"{exported} is not there; `crontab -l > {exported}` writes it") from None
        return
    yield from _jobs("crontab", path, data)


def _read_spooled(root: str) -> tuple[str, bytes]:
    import pwd

    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise CannotKnow(f"the user {os.getuid()} has no name, by which a crontab is found") from None
    for folder in SPOOLS:
        path = os.path.join(root, folder, user)
        try:
            data = read_bytes(path, FILE_LIMIT)
        except FileNotFoundError:
            continue
        except CannotKnow as error:
            way_out = "name a file that `crontab -l` has written in the option crontab"
            raise CannotKnow(f"{error}; cron keeps crontabs to itself: {way_out}") from None
        if os.stat(path).st_uid not in {os.getuid(), *_trusted(root)}:
            raise CannotKnow(f"{path} is of another user, so cron does not read it")
        return path, data
    raise FileNotFoundError(root)


def read_system_crontabs(root: str, troubles: list[str]) -> Iterator[ScheduledJob]:
    """The jobs of /etc/crontab and /etc/cron.d below `root`; a file that cannot be read is added to `troubles`."""
    folder = os.path.join(root, "etc/cron.d")
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        names = []
    except OSError as error:
        raise CannotKnow(f"{folder} cannot be read: {error.strerror}") from None
    if len(names) > FILES_LIMIT:
        raise CannotKnow(f"{folder} holds more than {FILES_LIMIT} files")
    debian = os.path.exists(os.path.join(root, "etc/debian_version"))
    yield from _system_file(root, os.path.join(root, "etc/crontab"), "", "", troubles)
    for name in names:
        path = os.path.join(folder, name)
        if re.match(r"[.#]", name) or name.endswith(("~", ".rpmsave", ".rpmorig", ".rpmnew")) or os.path.isdir(path):
            continue  # no cron reads it
        plain = re.fullmatch(r"[A-Za-z0-9_-]+", name)
        why = "" if plain else "Debian's cron reads only files whose names are of letters, digits, `_` and `-`"
        yield from _system_file(root, path, why if debian else "", "" if debian else why, troubles)


def _system_file(root: str, path: str, off: str, doubt: str, troubles: list[str]) -> Iterator[ScheduledJob]:
    from guardrails.facts.service.rooted_paths import resolve_inside

    try:
        real = resolve_inside(root, path)
        data = read_bytes(real, FILE_LIMIT)
        status = os.stat(real)
        if status.st_uid not in _trusted(root):
            off = off or "it is not root's, so cron does not read it"
        elif stat.S_IMODE(status.st_mode) & 0o022:
            off = off or "others than root may write to it, so cron does not read it"
        found = list(_jobs("cron.d", path, data))
    except FileNotFoundError:
        return
    except CannotKnow as error:
        troubles.append(str(error))
        return
    for job in found:
        yield job.replaced(off=off, doubt=doubt) if off or doubt else job


def _trusted(root: str) -> set[int]:
    """The users whose files cron reads: root; where another folder stands for `/`, its owner as well."""
    return {0, os.stat(root).st_uid}


def _jobs(source: str, path: str, data: bytes) -> Iterator[ScheduledJob]:
    """The jobs in a crontab. Raises CannotKnow for a line that cron could take for something else."""
    text = decode(data, path)
    if "\r" in text or "\0" in text:
        raise CannotKnow(f"{path} has line ends of Windows or bytes of no text, which cron takes into its commands")
    if text and not text.endswith("\n"):
        raise CannotKnow(f"{path} does not end with a new line, and Debian's cron then reads none of it: add one")
    zone = ""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip(" \t")
        if not line or line.startswith("#"):
            continue
        if variable := re.fullmatch(_VARIABLE, line):
            if "CRON_TZ" in variable.groups()[:3]:
                zone = variable[4].strip("\"'")
            continue
        yield _job(source, path, line, number, zone)


def _job(source: str, path: str, line: str, number: int, zone: str) -> ScheduledJob:
    words = (1 if line.startswith("@") else 5) + (source == "cron.d")
    parts = line.split(None, words)
    if len(parts) <= words:
        raise CannotKnow(f"{path}:{number} is no line of a crontab, and cron reads none of a file with such a line")
    command = parts.pop()
    user = parts.pop() if source == "cron.d" else ""
    schedule = " ".join(parts)
    try:
        times, off = frozenset({cron_times(schedule)}), ""
    except NeverComes as error:
        times, off = frozenset(), str(error)
    except ValueError as error:
        raise CannotKnow(f"{path}:{number}: {error}") from None
    shown = re.sub(r"\\%|%.*", lambda one: "%" if one[0] == r"\%" else "", command).rstrip()
    return ScheduledJob(source, path, "", shown, schedule, times, zone, user, number, off)
