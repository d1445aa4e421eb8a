"""A schedule is put in its place and taken away again, byte for byte; it is well only when a manager will start it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from fake_systemctl import FakeSystemctl
from guardrails.facts.service.unit_syntax import read_assignments, split_words
from progress import run_to_its_end
from worlds.examined import examined, of
from worlds.small_world import SmallWorld, bare_world, write


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return bare_world(tmp_path)


@pytest.fixture
def manager(world: SmallWorld, tmp_path: Path) -> FakeSystemctl:
    return FakeSystemctl(tmp_path, world.home)


def watch(world: SmallWorld, manager: FakeSystemctl, *words: str) -> subprocess.CompletedProcess[str]:
    return world.run("watch", *words, env={"PATH": manager.path})


def units(world: SmallWorld) -> list[Path]:
    return sorted((world.home / ".config/systemd/user").glob("guardrails-watch-*"))


def what_is_in(folder: Path) -> dict[str, bytes | str]:
    """Every file, link and folder but the cache, as it is."""
    return {
        str(path): os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else ""
        for path in folder.rglob("*")
        if ".cache" not in path.parts
    }


def test_it_is_installed_runs_and_goes_without_a_trace(world: SmallWorld, manager: FakeSystemctl) -> None:
    write(world.home / ".config/systemd/user/mine.service", "[Service]\nExecStart=/bin/true\n")
    before = what_is_in(world.home)

    done = watch(world, manager, "install", "--env", "prod", "--every", "5m")
    assert (done.returncode, done.stderr) == (0, "")
    service, timer = units(world)
    assert done.stdout.splitlines()[:2] == [f"wrote {service}", f"wrote {timer}"]
    assert f"watch will run again: every 300 s, by {timer}" in done.stdout
    assert f'"--env=prod" "--config={world.configuration}"' in service.read_text()
    assert manager.asked[:2] == ["daemon-reload", f"restart {timer.name}"]
    assert watch(world, manager, "status").returncode == 0

    done = watch(world, manager, "uninstall")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)
    assert watch(world, manager, "status").returncode == 1
    assert what_is_in(world.home) == before
    assert "nothing to take away" in watch(world, manager, "uninstall").stdout


def test_what_the_timer_starts_is_a_check(world: SmallWorld, manager: FakeSystemctl) -> None:
    assert watch(world, manager, "install", "--env", "prod").returncode == 0
    service = units(world)[0]
    said = dict(read_assignments(service.read_text(), str(service), "Service"))
    command = split_words(said["ExecStart"], str(service))
    done = run_to_its_end(command, text=True, cwd="/", env={"PATH": "/usr/bin:/bin", "HOME": str(world.home)})
    assert (done.returncode, done.stdout.splitlines()[-1].split()[:2]) == (2, ["UNDECIDED", "prod,"]), done
    assert (world.home / ".local/state/guardrails/prod/audit.jsonl").exists()


def test_it_is_changed_in_place(world: SmallWorld, manager: FakeSystemctl) -> None:
    world.configure('[watch]\nevery = "20m"\n')
    for words, every in (((), "1200s"), (("--every", "90s"), "90s"), (("--every", "90s"), "90s")):
        assert watch(world, manager, "install", *words).returncode == 0
        _, timer = units(world)
        assert f"OnUnitActiveSec={every}" in timer.read_text()
    assert watch(world, manager, "uninstall").returncode == 0
    assert units(world) == []


def test_without_a_manager_it_will_not_run(world: SmallWorld, manager: FakeSystemctl) -> None:
    manager.end()
    done = watch(world, manager, "install")
    assert done.returncode == 1
    assert "watch will not run again: no manager of systemd answers for this user: Failed to connect" in done.stdout
    assert len(units(world)) == 2
    assert watch(world, manager, "uninstall").returncode == 0
    assert units(world) == []
    assert world.run("watch", "install", env={"PATH": "/nowhere-at-all"}).returncode == 1


def _remove_timer(world: SmallWorld, manager: FakeSystemctl) -> None:
    units(world)[1].unlink()


def _remove_link(world: SmallWorld, manager: FakeSystemctl) -> None:
    next((world.home / ".config/systemd/user/timers.target.wants").iterdir()).unlink()


def _edit(world: SmallWorld, manager: FakeSystemctl) -> None:
    units(world)[0].write_text("[Service]\nExecStart=/bin/true\n")


def _remove_configuration(world: SmallWorld, manager: FakeSystemctl) -> None:
    world.configuration.rename(world.configuration.with_suffix(".gone"))


def _stop(world: SmallWorld, manager: FakeSystemctl) -> None:
    (manager.state / "started").unlink()


def _elapse(world: SmallWorld, manager: FakeSystemctl) -> None:
    (manager.state / "sub").write_text("elapsed\n")


def _unload(world: SmallWorld, manager: FakeSystemctl) -> None:
    next((manager.state / "loaded").glob("*.service")).unlink()


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_remove_timer, "timer is gone"),
        (_remove_link, "timer is gone"),
        (_edit, "is not as it was written"),
        (_remove_configuration, "by which it judges, is gone"),
        (_stop, "systemd does not wait for it: inactive (dead)"),
        (_elapse, "systemd does not wait for it: active (elapsed)"),
        (_unload, "systemd has not loaded guardrails-watch-"),
        (lambda _, manager: manager.end(), "no manager of systemd answers"),
    ],
)
@pytest.mark.sample(1)
def test_what_will_not_run_again_says_why(world: SmallWorld, manager: FakeSystemctl, spoil, says: str) -> None:  # type: ignore[no-untyped-def]
    assert watch(world, manager, "install").returncode == 0
    spoil(world, manager)
    done = watch(world, manager, "status", "--config", str(world.configuration))
    assert (done.returncode, done.stderr) == (1, "")
    assert says in done.stdout
    ended = "no manager" in says
    assert f"do: guardrails watch {'--every 900s' if ended else 'install'}" in done.stdout


def test_what_somebody_else_wrote_or_changed_stays(world: SmallWorld, manager: FakeSystemctl) -> None:
    assert watch(world, manager, "install").returncode == 0
    service, timer = units(world)
    service.write_text("mine now\n")
    for action in ("install", "uninstall"):
        done = watch(world, manager, action)
        assert (done.returncode, f"{service} was changed since it was written" in done.stderr) == (2, True)
    assert (service.read_text(), timer.exists()) == ("mine now\n", True)

    for path in (world.home / ".local/state/guardrails/watch").iterdir():
        path.unlink()
    done = watch(world, manager, "install")
    assert (done.returncode, "is there already, and was not written by guardrails" in done.stderr) == (2, True)
    assert service.read_text() == "mine now\n"


def test_memory_that_is_damaged_is_said(world: SmallWorld, manager: FakeSystemctl) -> None:
    assert watch(world, manager, "install").returncode == 0
    (memory,) = (world.home / ".local/state/guardrails/watch").iterdir()
    memory.write_text("{}")
    for action in ("status", "uninstall", "install"):
        done = watch(world, manager, action)
        assert (done.returncode, f"{memory} does not say which files were written" in done.stderr) == (2, True)


def test_it_is_not_written_into_what_is_inspected(world: SmallWorld, manager: FakeSystemctl) -> None:
    inside: dict[str, str | None] = {"PATH": manager.path, "XDG_CONFIG_HOME": str(world.prod / "config")}
    done = world.run("watch", "install", "--config", str(world.configuration), env=inside)
    assert (done.returncode, "is inside of the repo of prod" in done.stderr) == (2, True)
    assert not (world.prod / "config").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("install", "--env", "nowhere"), "nowhere"),
        (("status", "--every", "5m"), "status takes no --every"),
        (("uninstall", "--env", "prod"), "uninstall takes no --env"),
        (("uninstall", "--once"), "uninstall takes no --once"),
        (("install", "--every", "often"), "is not a duration"),
        ((), "add --once or --every"),
        (("--once", "--every", "5m"), "add --once or --every"),
        (("begin",), "no begin"),
    ],
)
def test_what_does_not_fit_is_one_line(world: SmallWorld, words: tuple[str, ...], says: str) -> None:
    done = world.run("watch", *words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert says in done.stderr


def test_the_doctor_tells_whether_it_will_run(world: SmallWorld, manager: FakeSystemctl) -> None:
    def told() -> tuple[str, str]:
        (line,) = of(examined(world, env={"PATH": manager.path}), "watch")
        return line["state"], line["text"]

    assert told() == ("note", "nothing checks by itself: it is not installed")
    assert watch(world, manager, "install").returncode == 0
    state, text = told()
    assert (state, text.startswith("it will run again: every 900 s"), "enable-linger" in text) == ("ok", True, True)
    (manager.state / "linger").write_text("Linger=yes\n")
    assert "enable-linger" not in told()[1]
    manager.end()
    assert told()[0] == "wrong"
    assert os.path.exists(units(world)[0])
