"""`guardrails init` writes a first configuration from what is there, whole or not at all, and over nothing of yours."""

from __future__ import annotations

import json
import os
import plistlib
import resource
import shutil
import signal
import stat
import tomllib
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.cli.commands.setup import init
from guardrails.errors import UsageError
from plugin_packages import PREAMBLE, install, policy_class, provide
from privileges import without_privileges
from worlds.openclaw_state import job, listing, write_database
from worlds.small_world import DIGEST, ROOT, SmallWorld, outcomes, write

CANARY = "canary-5f2a"


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """The small world, laid out in a home as OpenClaw's users do, without a configuration."""
    made = SmallWorld(tmp_path)
    made.prod, made.dev = made.home / "openclaw-prod", made.home / "moltbot"
    made.prod_state, made.dev_state = made.home / ".openclaw", made.home / ".openclaw-dev"
    made.fill()
    made.configuration.unlink()
    return made


def in_the_database(world: SmallWorld) -> None:
    """Keep production's jobs as OpenClaw 2026.9 does."""
    shutil.rmtree(world.prod_state / "cron")
    write_database(world.prod_state, job("daily digest", DIGEST))


@pytest.mark.parametrize("era", ["file", "database"])
def test_the_written_file_is_read_and_judges_what_runs_today(world: SmallWorld, era: str) -> None:
    if era == "database":
        in_the_database(world)
    home = listing(world.home)
    done = world.run("init")

    assert (done.returncode, done.stderr) == (0, "")
    assert "  ~/openclaw-prod: on main, updates from upstream/main → prod\n" in done.stdout
    assert done.stdout.endswith("wrote guardrails.toml; read it through, then: guardrails check --env prod\n")
    assert listing(world.home) == home, "nothing but the file is touched"
    assert "OpenClaw is used here: guardrails hook install openclaw\n" in done.stdout
    assert "hook install claude-code" not in done.stdout
    written = tomllib.loads(world.configuration.read_text())
    assert written["environments"]["prod"]["repo"] == "~/openclaw-prod"
    assert written["environments"]["dev"]["state_dir"] == "~/.openclaw-dev"
    expected = {"name": "daily digest", "schedule": DIGEST["expr"], "zone": "UTC", "enabled": True}
    assert written["policies"]["expected-cron-jobs"]["jobs"] == [expected]
    assert world.run("config", "show").returncode == 0

    today = outcomes(world.report("--env", "prod"))
    assert (today["expected-cron-jobs"], today["isolated-state-dirs"], today["clean-worktree"]) == ("pass",) * 3
    if era == "database":
        write_database(world.prod_state.with_name("empty"))
        (world.prod_state.with_name("empty") / "state/openclaw.sqlite").replace(
            world.prod_state / "state/openclaw.sqlite"
        )
    else:
        write(world.prod_state / "cron/jobs.json", '{"version": 1, "jobs": []}')
    assert outcomes(world.report("--env", "prod"))["expected-cron-jobs"] == "fail"


@pytest.mark.parametrize("manager", ["launchd", "systemd"])
def test_a_service_says_what_is_production_and_none_of_its_secrets(world: SmallWorld, manager: str) -> None:
    elsewhere, state = world.folder / "srv/shop", world.folder / "var/state"
    elsewhere.parent.mkdir()
    world.prod.rename(elsewhere)
    state.parent.mkdir()
    world.prod_state.rename(state)
    command = ["/usr/bin/node", f"{elsewhere}/dist/entry.js", "gateway", "--token", CANARY]
    variables = {"OPENCLAW_STATE_DIR": str(state), "OPENCLAW_GATEWAY_TOKEN": CANARY, "ANTHROPIC_API_KEY": CANARY}
    if manager == "launchd":
        table = {"Label": "shop-gateway", "ProgramArguments": command, "EnvironmentVariables": variables}
        write(world.home / "Library/LaunchAgents/shop-gateway.plist", plistlib.dumps(table).decode())
    else:
        lines = [f"Environment={name}={value}\n" for name, value in variables.items()]
        unit = f"[Service]\nExecStart={' '.join(command)}\n{''.join(lines)}"
        write(world.home / ".config/systemd/user/shop-gateway.service", unit)
    done = world.run("init")

    assert (done.returncode, done.stderr) == (0, "")
    assert f"  shop-gateway: starts {elsewhere} with {state}\n" in done.stdout
    text = world.configuration.read_text()
    prod = tomllib.loads(text)["environments"]["prod"]
    assert (prod["repo"], prod["state_dir"], prod["service"]) == (str(elsewhere), str(state), "shop-gateway")
    assert "# Production's checkout: the service shop-gateway starts it.\n" in text
    assert CANARY not in done.stdout + text + world.run("config", "show").stdout
    report = world.report("--env", "prod")
    assert outcomes(report)["expected-cron-jobs"] == "pass"
    assert report["errors"] == []


def test_a_file_that_is_there_is_never_replaced_unasked(world: SmallWorld) -> None:
    world.configuration.write_text("# mine\n")
    done = world.run("init")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"guardrails: {world.configuration} is there already; --force replaces it, ")
    assert done.stderr.count("\n") == 1
    assert world.configuration.read_text() == "# mine\n"
    assert world.run("init", "--force").returncode == 0
    assert "[environments.prod]" in world.configuration.read_text()


@pytest.mark.parametrize("kind", ["dangling link", "folder"])
def test_whatever_has_the_name_counts_as_there(world: SmallWorld, kind: str) -> None:
    if kind == "folder":
        world.configuration.mkdir()
    else:
        world.configuration.symlink_to("nowhere.toml")

    assert world.run("init").returncode == 2
    assert kind == "folder" or os.readlink(world.configuration) == "nowhere.toml"
    assert not (world.folder / "nowhere.toml").exists()


def test_force_replaces_a_link_and_not_what_it_leads_to(world: SmallWorld) -> None:
    shared = write(world.folder / "shared.toml", "# shared\n")
    world.configuration.symlink_to(shared)

    assert world.run("init", "--force").returncode == 0
    assert not world.configuration.is_symlink()
    assert shared.read_text() == "# shared\n"


PLACES_IN_PRODUCTION = ["openclaw-prod", "openclaw-prod/src", "a link to it"]


@pytest.mark.parametrize("place", PLACES_IN_PRODUCTION)
def test_in_production_it_writes_the_users_configuration(world: SmallWorld, place: str) -> None:
    """From any folder of the checkout; production stays clean, and the file counts there."""
    (world.home / "a link to it").symlink_to(world.prod)
    before = listing(world.prod)
    done = world.run("init", cwd=world.home / place)
    path = world.home / ".config/guardrails/guardrails.toml"

    assert (done.returncode, done.stderr) == (0, "")
    assert f"\nwrote {path}, since a file in {world.prod} would make production dirty; read it " in done.stdout
    assert (listing(world.prod), git(world.prod, "status", "--porcelain")) == (before, "")
    report = world.report("--env", "prod", cwd=world.prod)
    assert report["policy_set"]["source"] == str(path)
    assert outcomes(report)["clean-worktree"] == "pass"
    again = world.run("init", cwd=world.home / place)
    assert (again.returncode, again.stdout) == (2, "")
    assert (
        again.stderr
        == f"guardrails: {path} is there already; --force replaces it, --print shows what would be written\n"
    )
    assert world.run("init", "--force", cwd=world.home / place).returncode == 0


def test_what_may_be_production_is_left_alone_too(world: SmallWorld) -> None:
    """Two checkouts of which nothing says which one is production's."""
    for name in ("openclaw-a", "openclaw-b"):
        git(world.home, "clone", "-q", "--template=", world.upstream, world.home / name)
    shutil.rmtree(world.prod)
    done = world.run("init", cwd=world.home / "openclaw-b", env={"XDG_CONFIG_HOME": str(world.home / "own")})

    assert "# UNCLEAR" in (world.home / "own/guardrails/guardrails.toml").read_text(), done
    assert git(world.home / "openclaw-b", "status", "--porcelain") == ""


@pytest.mark.parametrize("case", ["above", "in the checkout", "by variable", "the user's folder is in production"])
def test_in_production_nothing_is_written_that_would_not_count_or_would_be_dirt(world: SmallWorld, case: str) -> None:
    own, env = world.home / "guardrails.toml", dict[str, str | None]()
    if case == "in the checkout":
        own = world.prod / "guardrails.toml"
    elif case == "by variable":
        own = world.folder / "other.toml"
        env = {"GUARDRAILS_CONFIG": str(own)}
    if case.endswith("in production"):
        own, env = world.prod / "guardrails/guardrails.toml", {"XDG_CONFIG_HOME": str(world.prod)}
    else:
        own.write_text("# mine\n")
    before = listing(world.folder)
    done = world.run("init", "--force", cwd=world.prod, env=env)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"guardrails: {own} ")
    assert f"in {world.prod}, and nothing is written into production; --print shows" in done.stderr
    assert listing(world.folder) == before


def test_in_development_it_writes_into_the_checkout(world: SmallWorld) -> None:
    assert world.run("init", cwd=world.dev).returncode == 0
    assert (world.dev / "guardrails.toml").is_file()


def test_print_writes_nothing(world: SmallWorld) -> None:
    before = listing(world.folder)
    done = world.run("init", "--print")

    assert (done.returncode, done.stderr) == (0, "")
    assert tomllib.loads(done.stdout)["extends"] == ["openclaw"]
    assert listing(world.folder) == before
    world.run("init")
    assert done.stdout == world.configuration.read_text()


def test_the_commands_of_its_page_run(world: SmallWorld) -> None:
    page = (ROOT / "docs/init.md").read_text()
    lines = [line.partition("#")[0].split() for line in page.partition("```sh\n")[2].partition("```")[0].splitlines()]

    assert [line[:2] for line in lines] == [["guardrails", "init"], ["guardrails", "init"], ["guardrails", "config"]]
    for _, *arguments in lines:
        assert world.run(*arguments).returncode == 0


def test_the_file_is_as_readable_as_any_other(world: SmallWorld) -> None:
    assert world.run("init", umask=0o027).returncode == 0
    assert stat.S_IMODE(world.configuration.stat().st_mode) == 0o640
    assert sorted(path.name for path in world.folder.glob("guardrails*")) == ["guardrails.toml"]


def test_nothing_found_is_one_line_that_names_what_was_looked_for(world: SmallWorld) -> None:
    empty = world.folder / "empty"
    empty.mkdir()
    done = world.run("init", "--force", env={"HOME": str(empty)})

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        f"guardrails: found nothing to configure in {empty}; looked for OpenClaw's checkouts ("
    )
    assert done.stderr.count("\n") == 1
    assert not world.configuration.exists()
    assert list(empty.iterdir()) == []


def test_a_home_that_is_none_is_one_line(world: SmallWorld) -> None:
    done = world.run("init", env={"HOME": str(world.folder / "nowhere")})
    assert done.returncode == 2
    assert done.stderr == f"guardrails: {world.folder}/nowhere cannot be read: No such file or directory\n"


def test_what_cannot_be_written_leaves_nothing(world: SmallWorld) -> None:
    folder = world.folder / "closed"
    folder.mkdir()
    folder.chmod(0o500)
    done = world.run("init", cwd=folder, before=without_privileges())

    assert done.returncode == 2
    assert done.stderr.endswith(": Permission denied\n")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = write(tmp_path / "guardrails.toml", "# mine\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            init._write(str(path), "x" * 1000, force=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_text() == "# mine\n"
    assert list(tmp_path.iterdir()) == [path]


def test_one_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "guardrails.toml", "# theirs\n")
    with pytest.raises(UsageError, match="is there already"):
        init._write(str(path), "# ours\n", force=False)
    assert path.read_text() == "# theirs\n"
    assert list(tmp_path.iterdir()) == [path]


def test_hostile_names_end_up_as_text(world: SmallWorld) -> None:
    name = '"""\n[policies.clean-worktree]\nenforcement = "advisory"\n\x1b[31m # \u202e'
    write(world.prod_state / "cron/jobs.json", json.dumps({"version": 1, "jobs": [job(name, DIGEST)]}))
    hostile = world.home / 'openclaw-"\n[x]'
    git(world.home, "clone", "-q", "--template=", world.upstream, hostile)
    done = world.run("init")

    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout + world.configuration.read_text()
    written = tomllib.loads(world.configuration.read_text())
    assert written["policies"].keys() == {"expected-cron-jobs"}
    assert [one["name"] for one in written["policies"]["expected-cron-jobs"]["jobs"]] == [name]
    assert outcomes(world.report("--env", "prod"))["expected-cron-jobs"] == "pass"


def test_a_second_plugin_adds_its_own_tables(world: SmallWorld, tmp_path: Path) -> None:
    survey = """
@hookimpl
def guardrails_surveys():
    from guardrails.plugins.survey import Found, Survey
    found = Found(("shops: one",), ("openclaw",), '[environments.shop]\\nrepo = "/shop"\\n')
    return [Survey("shops", lambda home: found)]
"""
    source = PREAMBLE + policy_class("own-policy", "pass") + provide("OwnPolicy") + survey
    world.python_path.append(str(install(tmp_path / "shops", "shops", source)))
    done = world.run("init")

    assert (done.returncode, done.stderr) == (0, "")
    assert "shops: one\n" in done.stdout
    written = tomllib.loads(world.configuration.read_text())
    assert written["environments"].keys() == {"prod", "dev", "shop"}
    assert written["extends"] == ["openclaw"]


def test_tables_that_do_not_go_together_are_not_written(world: SmallWorld, tmp_path: Path) -> None:
    survey = """
@hookimpl
def guardrails_surveys():
    from guardrails.plugins.survey import Found, Survey
    return [Survey("shops", lambda home: Found((), (), '[environments.prod]\\nrepo = "/shop"\\n'))]
"""
    source = PREAMBLE + policy_class("own-policy", "pass") + provide("OwnPolicy") + survey
    world.python_path.append(str(install(tmp_path / "shops", "shops", source)))
    done = world.run("init")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(
        "guardrails: what was found makes no configuration that can be read: guardrails.toml:"
    )
    assert not world.configuration.exists()
