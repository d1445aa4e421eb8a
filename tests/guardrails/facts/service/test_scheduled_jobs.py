"""Each source is read when it is asked for, and says what of it could not be."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.scheduled_jobs import ScheduledJobs, Scheduler
from guardrails.testing import gather, world

USER = pwd.getpwuid(os.getuid()).pw_name


def scheduler(folder: Path, source: str, name: str = "x", crontab: str = "") -> Scheduler:
    """What one source holds, in a folder that stands for `/`."""
    place = world(folder, home=str(folder / "home"), variables={"XDG_RUNTIME_DIR": str(folder / "run")})
    (found,) = gather(ScheduledJobs, place, ((source, name),), crontab, str(folder)).schedulers
    assert found.source == source
    return found


@pytest.mark.parametrize("source", ["crontab", "cron.d", "systemd-timer", "launchd"])
def test_nothing_is_there(tmp_path: Path, source: str) -> None:
    found = scheduler(tmp_path, source)
    assert (found.jobs, found.troubles) == ((), ())


def test_an_export_in_the_repository_or_at_home(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    for path, text in ((tmp_path / "mine", "0 1 * * * a\n"), (tmp_path / "home/mine", "0 1 * * * b\n")):
        path.write_text(text)
        path.chmod(0o600)
    assert [scheduler(tmp_path, "crontab", crontab=path).jobs[0].command for path in ("mine", "~/mine")] == ["a", "b"]


def test_what_cannot_be_read_is_a_trouble(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/cron.d").symlink_to("cron.d")
    os.mkfifo(tmp_path / "etc/crontab")
    assert "cron.d cannot be read" in scheduler(tmp_path, "cron.d").troubles[0]
    assert "nowhere" in scheduler(tmp_path, "crontab", crontab="nowhere").troubles[0]


def test_a_root_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="no folder"):
        scheduler(tmp_path / "none", "crontab")


def test_whether_there_is_a_cron(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/crontab").write_text("@daily root a\n")
    assert "no cron is where" in scheduler(tmp_path, "cron.d").jobs[0].doubt
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/crond").symlink_to("/bin/busybox")
    assert scheduler(tmp_path, "cron.d").jobs[0].doubt == ""


def test_timers_of_a_user_who_logs_out(tmp_path: Path) -> None:
    own = tmp_path / "home/.config/systemd/user"
    (own / "default.target.wants").mkdir(parents=True)
    (own / "default.target").write_text("[Unit]\n")
    (own / "x.timer").write_text("[Timer]\nOnCalendar=daily\n")
    (own / "x.service").write_text("[Service]\nExecStart=/bin/true\n")
    (own / "default.target.wants/x.timer").symlink_to("../x.timer")
    found = scheduler(tmp_path, "systemd-timer", "x.timer")
    assert ([(one.name, one.off) for one in found.jobs], found.troubles) == ([("x", "")], ())
    assert "enable-linger" in found.remark
    (tmp_path / "var/lib/systemd/linger").mkdir(parents=True)
    (tmp_path / "var/lib/systemd/linger" / USER).touch()
    assert scheduler(tmp_path, "systemd-timer").remark == ""


def test_one_manager_that_is_unclear_hides_nothing_of_the_other(tmp_path: Path) -> None:
    for units in (tmp_path / "home/.config/systemd/user", tmp_path / "etc/systemd/system"):
        (units / "timers.target.wants").mkdir(parents=True)
        (units / "x.timer").write_text("[Timer]\nOnCalendar=daily\n")
        (units / "x.service").write_text("[Service]\nExecStart=/bin/true\n")
        (units / "timers.target.wants/x.timer").symlink_to("../x.timer")
    for name in ("timers.target", "multi-user.target"):
        (tmp_path / "etc/systemd/system" / name).write_text("[Unit]\n")
    (tmp_path / "etc/systemd/system/default.target").symlink_to("multi-user.target")
    found = scheduler(tmp_path, "systemd-timer")
    assert [(one.path, one.off) for one in found.jobs] == [(str(tmp_path / "etc/systemd/system/x.timer"), "")]
    assert "default.target of the user" in found.troubles[0]
