"""Lines of crontabs, files that cron passes over, and those that it forbids to read."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from guardrails import CannotKnow
from guardrails.facts.service.crontabs import cron_times, read_own_crontab, read_system_crontabs
from guardrails.facts.service.scheduled_job import ScheduledJob

USER = pwd.getpwuid(os.getuid()).pw_name
LINE = "0 3 * * * root /usr/bin/backup --all\n"


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("@daily", "0 0 * * *"),
        ("@midnight", "0  0 * * *"),
        ("@weekly", "0 0 * * SUN"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("@yearly", "@annually"),
        ("*/15 * * * *", "0,15,30,45 * * * *"),
        ("0 9 * * mon-fri", "0 9 * * 1,2,3,4,5"),
        ("0 9 * jan *", "0 9 * 1 *"),
        ("0-59 * * * *", "* * * * *"),
        ("0 3 1 * 0-6", "0 3 * * *"),  # the first, or any day of the week
    ],
)
def test_expressions_that_come_at_the_same_times(one: str, same: str) -> None:
    assert cron_times(one) == cron_times(same)


def test_expressions_that_differ_are_told_apart() -> None:
    texts = (
        "0 3 * * *",
        "0 3 1 * *",
        "0 3 * * 1",
        "0 3 1 * 1",
        "0 3 */2 * 1",
        "0 3 1-31/2 * 1",
        "@reboot",
        "3 0 * * *",
    )
    assert len({cron_times(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    "text",
    ["", "0 3 * *", "0 3 * * * *", "60 * * * *", "0 24 * * *", "0 0 0 * *", "0 0 * 13 *", "0 0 * * 8", "@often",
     "5/10 * * * *",      "0 0 L * *", "0 0 * * 5#2", "0 0 * * 5L", "0 0 LW * *", "0~30 * * * *", "a * * * *",
     "*/0 * * * *", "10-5 * * * *",
     "٣ * * * *", "? * * * *"],
)  # fmt: skip
def test_what_cron_does_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="cron expression"):
        cron_times(text)


def test_a_day_that_never_comes() -> None:
    for text in ("0 0 31 2 *", "0 0 30 2 *"):
        with pytest.raises(ValueError, match="never comes"):
            cron_times(text)


def own(folder: Path, text: str | bytes) -> list[ScheduledJob]:
    """The jobs of an exported crontab."""
    path = folder / "mine"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return list(read_own_crontab(str(folder), str(path)))


def test_lines_of_ones_own(tmp_path: Path) -> None:
    text = '# a comment\n\nMAILTO=ada\n \tSHELL = "/bin/bash"\n'
    text += "0 3 * * * cd /srv && X=1 ./a b=c\n@reboot  ./start 100\\% %input%more\n"
    first, second = own(tmp_path, text)
    assert (first.command, first.schedule, first.line) == ("cd /srv && X=1 ./a b=c", "0 3 * * *", 5)
    assert (second.command, second.schedule) == ("./start 100%", "@reboot")


def test_a_zone_counts_from_its_line_on(tmp_path: Path) -> None:
    found = own(tmp_path, "0 1 * * * a\nCRON_TZ=UTC\n0 1 * * * b\n'CRON_TZ' = \"Europe/Berlin\"\n0 1 * * * c\n")
    assert [one.zone for one in found] == ["", "UTC", "Europe/Berlin"]


def test_a_commented_line_is_not_there(tmp_path: Path) -> None:
    assert own(tmp_path, "#0 3 * * * a\n") == own(tmp_path, "") == []


def test_a_line_that_never_comes_is_not_started(tmp_path: Path) -> None:
    never, seldom = own(tmp_path, "0 0 31 2,4 * a\n0 0 29 2 1-5 b\n")
    assert "never comes" in never.off
    assert seldom.off == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0 3 * * *\n", "no line of a crontab"),
        ("@daily\n", "no line of a crontab"),
        ("hello\n", "no line of a crontab"),
        ("0 3 * * x a\n", "cron expression"),
        ("-0 3 * * * a\n", "cron expression"),
        ("0 3 * * * a", "new line"),
        ("0 3 * * * a\r\n", "Windows"),
        ("0 3 * * * a\0\n", "no text"),
        (b"0 3 * * * caf\xe9\n", "UTF-8"),
        ("#" * (1 << 21) + "\n", "larger"),
    ],
)
def test_a_file_that_cron_could_take_for_something_else(tmp_path: Path, text: str | bytes, why: str) -> None:
    with pytest.raises(CannotKnow, match=why):
        own(tmp_path, text)


def test_an_export_that_is_not_there_or_not_ours(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match=r"crontab -l > .*none"):
        list(read_own_crontab(str(tmp_path), str(tmp_path / "none")))
    path = tmp_path / "mine"
    path.write_text("")
    path.chmod(0o666)
    with pytest.raises(CannotKnow, match="not ours alone"):
        list(read_own_crontab(str(tmp_path), str(path)))


@pytest.mark.parametrize("folder", ["var/spool/cron/crontabs", "var/spool/cron", "var/at/tabs"])
def test_a_crontab_where_cron_keeps_it(tmp_path: Path, folder: str) -> None:
    assert list(read_own_crontab(str(tmp_path), "")) == []
    (tmp_path / folder).mkdir(parents=True)
    assert list(read_own_crontab(str(tmp_path), "")) == []
    (tmp_path / folder / USER).write_text("0 3 * * * a\n")
    (job,) = read_own_crontab(str(tmp_path), "")
    assert job.path == str(tmp_path / folder / USER)


def test_a_crontab_that_cron_keeps_to_itself_names_the_way_out(tmp_path: Path) -> None:
    folder = tmp_path / "var/spool/cron/crontabs"
    folder.mkdir(parents=True)
    os.mkfifo(folder / USER)  # root may read whatever is forbidden, so a FIFO stands for it
    with pytest.raises(CannotKnow, match="`crontab -l` has written in the option crontab"):
        list(read_own_crontab(str(tmp_path), ""))


@pytest.fixture
def system(tmp_path: Path) -> Path:
    (tmp_path / "etc/cron.d").mkdir(parents=True)
    (tmp_path / "etc/debian_version").touch()
    return tmp_path


def found(root: Path) -> tuple[list[ScheduledJob], list[str]]:
    troubles: list[str] = []
    return list(read_system_crontabs(str(root), troubles)), troubles


def test_lines_of_the_system_name_a_user(system: Path) -> None:
    (system / "etc/crontab").write_text("PATH=/bin\n17 * * * * root cd / && run-parts /etc/cron.hourly\n")
    (system / "etc/cron.d/shop").write_text("@daily www-data ./clear\n")
    (first, second), troubles = found(system)
    assert (first.user, first.command) == ("root", "cd / && run-parts /etc/cron.hourly")
    assert (second.user, second.command, troubles) == ("www-data", "./clear", [])


def test_a_line_without_a_user_is_none(system: Path) -> None:
    (system / "etc/cron.d/shop").write_text("@daily ./clear\n")
    (system / "etc/cron.d/good").write_text(LINE)
    jobs, (trouble,) = found(system)
    assert len(jobs) == 1
    assert "shop:1 is no line" in trouble


@pytest.mark.parametrize("name", ["shop.sh", "shop.cron", "sho p"])
def test_names_that_debian_passes_over(system: Path, name: str) -> None:
    (system / "etc/cron.d" / name).write_text(LINE)
    ((job,), _) = found(system)
    assert "Debian's cron reads only" in job.off
    (system / "etc/debian_version").unlink()
    ((job,), _) = found(system)
    assert (job.off, "Debian's" in job.doubt) == ("", True)


@pytest.mark.parametrize("name", [".shop", "#shop", "shop~", "shop.rpmsave", "shop.rpmnew"])
def test_names_that_every_cron_passes_over(system: Path, name: str) -> None:
    (system / "etc/cron.d" / name).write_text("spoilt")
    (system / "etc/cron.d/folder").mkdir()
    assert found(system) == ([], [])


def test_a_file_that_others_may_write_to_is_not_read(system: Path) -> None:
    path = system / "etc/cron.d/shop"
    path.write_text(LINE)
    path.chmod(0o664)
    assert "others than root may write" in found(system)[0][0].off


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_read(system: Path) -> None:
    path = system / "etc/cron.d/shop"
    path.write_text(LINE)
    os.chown(path, 65534, 65534)
    assert "not root's" in found(system)[0][0].off
    os.chown(system, 65534, 65534)  # then the folder that stands for `/` is that user's, and its root is meant
    assert found(system)[0][0].off == ""


def test_links_begin_at_the_root_that_is_given(system: Path) -> None:
    (system / "opt").mkdir()
    (system / "opt/shop").write_text(LINE)
    (system / "etc/cron.d/shop").symlink_to("/opt/shop")
    (system / "etc/cron.d/gone").symlink_to("/opt/none")
    (system / "etc/cron.d/round").symlink_to("round")
    jobs, troubles = found(system)
    assert ([one.command for one in jobs], len(troubles)) == (["/usr/bin/backup --all"], 1)


def test_a_fifo_is_not_opened(system: Path) -> None:
    os.mkfifo(system / "etc/cron.d/shop")
    os.mkfifo(system / "etc/crontab")
    jobs, troubles = found(system)
    assert (jobs, len(troubles)) == ([], 2)


def test_files_without_end(system: Path) -> None:
    for number in range(1001):
        (system / f"etc/cron.d/{number}").touch()
    with pytest.raises(CannotKnow, match="more than 1000"):
        found(system)
