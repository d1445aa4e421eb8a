"""A machine's checkouts, state directories and gateways as they are, each once, and nothing is changed by looking."""

from __future__ import annotations

import os
import plistlib
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import CannotKnow
from guardrails.testing import gather, world
from guardrails_policies.openclaw import machine
from guardrails_policies.openclaw.gateways.gateway_services import GatewayService
from guardrails_policies.openclaw.machine import Gateway, Machine, Repository
from worlds.openclaw_state import job, listing, write_database, write_jobs


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def look(home: Path) -> Machine:
    return gather(Machine, world(os.devnull, home=str(home)))


def checkout(path: Path, branch: str = "main") -> Path:
    path.mkdir(parents=True)
    git(path, "init", "-q", "-b", branch, "--template=")
    git(path, "commit", "-q", "--allow-empty", "-m", "First")
    return path


def test_an_empty_home(home: Path) -> None:
    assert look(home) == Machine(str(home))


def test_checkouts_by_name_with_where_updates_come_from(home: Path) -> None:
    origin = checkout(home / "elsewhere")
    for name, remote in (("openclaw-prod", "upstream"), ("moltbot", "origin"), ("clawdbot", "fork")):
        git(home, "clone", "-q", "-o", remote, "--template=", origin, home / name)
    git(home / "moltbot", "checkout", "-q", "-b", "feature", "--no-track")
    (home / "openclaw-notes").mkdir()
    (home / "openclaw.txt").write_text("no folder\n")
    before = listing(home)

    assert look(home).repositories == (
        Repository(f"{home}/clawdbot", "main", "fork/main"),
        Repository(f"{home}/moltbot", "feature", "origin/main"),
        Repository(f"{home}/openclaw-prod", "main", "upstream/main"),
    )
    assert listing(home) == before


def test_without_remote_or_branch(home: Path) -> None:
    git(checkout(home / "openclaw"), "checkout", "-q", "--detach")
    assert look(home).repositories == (Repository(f"{home}/openclaw", None, None),)


def test_upstream_wins_over_origin(home: Path) -> None:
    repo = checkout(home / "openclaw")
    for remote in ("origin", "upstream"):
        git(repo, "update-ref", f"refs/remotes/{remote}/main", "HEAD")
    assert look(home).repositories[0].upstream == "upstream/main"


def test_a_checkout_that_cannot_be_read_says_why(home: Path) -> None:
    (home / "openclaw/.git").mkdir(parents=True)
    git(checkout(home / "moltbot"), "update-ref", "-d", "HEAD")
    broken = {Path(one.path).name: one.trouble for one in look(home).repositories}

    assert broken.keys() == {"openclaw", "moltbot"}
    assert all(broken.values())


def test_state_directories_of_every_era_and_name(home: Path) -> None:
    write_jobs(home / ".clawdbot", job("old"))
    write_database(home / ".openclaw-work", job("new"))
    (home / ".openclaw").mkdir()
    (home / ".openclawed").mkdir()
    (home / ".openclaw-file").write_text("no folder\n")

    found = {Path(state.path).name: [one.name for one in state.jobs] for state in look(home).states}
    assert found == {".openclaw": [], ".clawdbot": ["old"], ".openclaw-work": ["new"]}


def test_an_older_name_that_leads_to_the_newer_is_not_a_second_one(home: Path) -> None:
    (home / ".openclaw").mkdir()
    (home / ".clawdbot").symlink_to(home / ".openclaw")
    (home / ".openclaw-a").symlink_to(home / ".openclaw-b")
    (home / ".openclaw-b").mkdir()

    assert [Path(state.path).name for state in look(home).states] == [".openclaw", ".openclaw-b"]


def test_a_store_that_cannot_be_read_says_why(home: Path) -> None:
    write_jobs(home / ".openclaw").write_text("{")
    write_database(home / ".openclaw-dev", job("lost"), store_key="/elsewhere/cron/jobs.json")
    broken, copied = look(home).states

    assert broken.trouble.startswith(f"{home}/.openclaw/cron/jobs.json is not valid")
    assert (
        copied.trouble == "its cron jobs are filed under /elsewhere/cron/jobs.json, where its gateway does not see them"
    )
    assert (broken.jobs, copied.jobs) == ((), ())


CANARY = "canary-5f2a"


def plist(home: Path, label: str, program: Path, **rest: object) -> Path:
    """What OpenClaw installs for launchd, with a token in clear text."""
    path = home / f"Library/LaunchAgents/{label}.plist"
    path.parent.mkdir(parents=True, exist_ok=True)
    arguments = ["/usr/bin/node", str(program), "gateway", "--port", "18789", "--token", CANARY]
    variables = {"OPENCLAW_GATEWAY_TOKEN": CANARY, **{name: str(value) for name, value in rest.items()}}
    table = {"Label": label, "ProgramArguments": arguments, "EnvironmentVariables": variables}
    path.write_bytes(plistlib.dumps(table))
    return path


def test_services_lead_to_checkouts_and_states_anywhere(home: Path, tmp_path: Path) -> None:
    repo, state = checkout(tmp_path / "srv/shop"), tmp_path / "var/state"
    write_jobs(state, job("digest"))
    file = plist(home, "com.example.prod", repo / "dist/entry.js", OPENCLAW_STATE_DIR=state)
    before = listing(home)
    found = look(home)

    because = f"OPENCLAW_STATE_DIR={state} in the service com.example.prod"
    assert found.gateways == (Gateway("com.example.prod", str(file), str(repo), str(state), because),)
    assert [one.path for one in found.repositories] == [str(repo)]
    assert [[one.name for one in store.jobs] for store in found.states] == [["digest"]]
    assert CANARY not in repr(found)
    assert listing(home) == before


def test_a_systemd_unit_is_a_service_too(home: Path) -> None:
    repo = checkout(home / "openclaw-prod")
    unit = home / ".config/systemd/user/openclaw-gateway.service"
    unit.parent.mkdir(parents=True)
    unit.write_text(
        f"[Service]\nExecStart=/usr/bin/node {repo}/dist/entry.js gateway\n"
        f"Environment=OPENCLAW_STATE_DIR={home}/.openclaw\nEnvironment=OPENCLAW_GATEWAY_TOKEN={CANARY}\n"
    )
    found = look(home)

    (gateway,) = found.gateways
    assert (gateway.name, gateway.repo, gateway.state_dir) == ("openclaw-gateway", str(repo), f"{home}/.openclaw")
    assert [one.path for one in found.repositories] == [str(repo)], "found by its name and by its service, and once"
    assert found.states == (), "it has not been started yet"
    assert CANARY not in repr(found)


def test_one_place_has_one_name(home: Path) -> None:
    repo = checkout(home / "openclaw-prod")
    (home / "current").symlink_to(repo)
    (home / ".openclaw").mkdir()
    (home / ".clawdbot").symlink_to(home / ".openclaw")
    plist(home, "a.prod", home / "current/dist/entry.js", OPENCLAW_STATE_DIR=home / ".clawdbot")
    found = look(home)

    assert [one.path for one in found.repositories] == [str(repo)]
    assert [one.path for one in found.states] == [f"{home}/.openclaw"]
    assert [(one.repo, one.state_dir) for one in found.gateways] == [(str(repo), f"{home}/.openclaw")]


def test_a_package_that_is_no_checkout_is_none(home: Path, tmp_path: Path) -> None:
    package = tmp_path / "lib/node_modules/openclaw"
    (package / "dist").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "openclaw", "version": "2026.9.6"}')
    plist(home, "ai.openclaw.gateway", package / "dist/entry.js")
    found = look(home)

    assert found.repositories == ()
    assert [one.repo for one in found.gateways] == [str(package)]


def test_a_home_that_is_a_checkout_is_nobodys(home: Path) -> None:
    git(home, "init", "-q", "--template=")
    plist(home, "ai.openclaw.gateway", home / "lib/openclaw/dist/entry.js")
    assert look(home).repositories == ()


def test_what_is_off_or_broken_is_passed_over_and_said(home: Path) -> None:
    off = plist(home, "ai.openclaw.off", home / "openclaw/dist/entry.js")
    off.write_bytes(plistlib.dumps({**plistlib.loads(off.read_bytes()), "Disabled": True}))
    plist(home, "ai.openclaw.broken", home).write_text("<plist>")
    plist(home, "com.example.other", home / "other/server.js")
    found = look(home)

    assert found.gateways == ()
    (_, trouble), why_off = found.passed_over
    assert "ai.openclaw.broken.plist is not" in trouble
    assert why_off == (str(off), "it is turned off")


def test_what_is_not_certain_of_a_state_is_said() -> None:
    service = GatewayService(
        "a", "/a.plist", "/srv/shop", "/s", "CLAWDBOT_STATE_DIR=/s", otherwise="/t", doubt="it is odd"
    )
    assert machine._gateway(service, "/h").because == (
        "CLAWDBOT_STATE_DIR=/s in the service a, or /t if its version is another; but it is odd"
    )


def test_a_home_that_is_none_cannot_be_known(home: Path) -> None:
    with pytest.raises(CannotKnow, match="No such file"):
        look(home / "nowhere")


def test_too_much_is_said(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "PLACES_LIMIT", 1)
    (home / ".openclaw").mkdir()
    look(home)
    (home / ".openclaw-2").mkdir()
    with pytest.raises(CannotKnow, match="more than 1 checkouts or state directories"):
        look(home)
    monkeypatch.setattr(machine, "ENTRIES_LIMIT", 1)
    with pytest.raises(CannotKnow, match="more than 1 entries"):
        look(home)
