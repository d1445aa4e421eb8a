"""The profile `checkout` with the README's configuration of a Django site, played on real repositories."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dirty.dirty_repository import git, settle
from guardrails import config
from worlds.small_world import ROOT, SmallWorld, outcomes, write

MANAGE = """\
import pathlib, sys

here = pathlib.Path(__file__).parent
wanted = sorted(path.name for path in (here / "shop/migrations").glob("*.py"))
applied = here / "db.sqlite3"
if sys.argv[1:] == ["migrate", "--check"]:
    missing = set(wanted) - set(applied.read_text().split() if applied.exists() else [])
    sys.exit(f"unapplied: {sorted(missing)}" if missing else 0)
elif sys.argv[1] == "migrate":
    applied.write_text("\\n".join(wanted))
elif sys.argv[1] == "collectstatic":
    (here / "static").mkdir(exist_ok=True)
    (here / "static/staticfiles.json").write_text((here / "shop/static/site.css").read_text())
"""
UNITS = {
    "default.target": "[Unit]\n",
    "timers.target": "[Unit]\n",
    "shop-clearsessions.timer": "[Timer]\nOnCalendar=*-*-* 00:00:00\nPersistent=true\n",
    "shop-clearsessions.service": "[Service]\nExecStart=%h/shop/.venv/bin/python manage.py clearsessions\n",
}
SYSTEMCTL = '#!/bin/sh\necho "$*" >>"$HOME/systemctl.log"\n'


@pytest.fixture
def site(tmp_path: Path) -> SmallWorld:
    """Upstream, production in ~/shop and development in ~/shop-dev, with the README's configuration."""
    world = SmallWorld(tmp_path)
    world.prod, world.dev = world.home / "shop", world.home / "shop-dev"
    world.upstream.mkdir(parents=True)
    git(world.upstream, "init", "-q", "-b", "main", "--template=")
    for name, text in {
        ".gitignore": ".venv/\nstatic/\n!shop/static/\ndb.sqlite3\n",
        "README.md": "# Shop\n\nSee [how to deploy](docs/deploy.md).\n",
        "docs/deploy.md": "# How to deploy\n\n## Rollback\n",
        "manage.py": MANAGE,
        "shop/migrations/0001_initial.py": "",
        "shop/static/site.css": "body { color: black }\n",
    }.items():
        write(world.upstream / name, text)
    commit(world.upstream, "The shop")
    for clone in (world.prod, world.dev):
        git(world.home, "clone", "-q", "--no-hardlinks", "--template=", world.upstream, clone)
    git(world.dev, "checkout", "-q", "-b", "release/2")
    write(world.dev / "shop/migrations/0002_prices.py", "")
    commit(world.dev, "Prices")
    (world.prod / ".venv/bin").mkdir(parents=True)
    (world.prod / ".venv/bin/python").symlink_to(sys.executable)
    for name, text in UNITS.items():
        write(world.home / ".config/systemd/user" / name, text)
    (world.home / ".config/systemd/user/timers.target.wants").mkdir()
    enabled(world).symlink_to("../shop-clearsessions.timer")
    write(world.home / "bin/systemctl", SYSTEMCTL).chmod(0o755)
    for repo in (world.prod, world.dev):
        settle(repo)
    for command in (["migrate"], ["collectstatic"]):
        exec_manage(world, *command)
    write(world.configuration, example())
    return world


def enabled(world: SmallWorld) -> Path:
    """The link that `systemctl --user enable` writes."""
    return world.home / ".config/systemd/user/timers.target.wants/shop-clearsessions.timer"


def example() -> str:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    [found] = [block for block in re.findall(r"```toml\n(.*?)```", text, re.DOTALL) if '"checkout"' in block]
    return str(found)


def commit(repo: Path, message: str) -> None:
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", message)


def exec_manage(world: SmallWorld, *arguments: str) -> None:
    subprocess.run([sys.executable, world.prod / "manage.py", *arguments], check=True)


def path_of(world: SmallWorld) -> dict[str, str | None]:
    return {"PATH": f"{world.home}/bin:/usr/local/bin:/usr/bin:/bin"}


def test_a_clean_site_passes_and_a_dirty_one_is_denied(site: SmallWorld) -> None:
    report = site.report("--env", "prod")
    assert (report["verdict"], set(outcomes(report).values())) == ("allow", {"pass", "skip"}), report
    verified = site.report("--env", "prod", "--op", "verify", env=path_of(site))
    assert verified["verdict"] == "allow", verified["results"]
    write(site.prod / "shop/static/site.css", "body { color: red }\n")
    dirty = site.report("--env", "prod")
    assert (dirty["verdict"], outcomes(dirty)["clean-worktree"]) == ("deny", "fail")


def test_a_release_its_migration_and_the_way_back(site: SmallWorld) -> None:
    before, release = git(site.prod, "rev-parse", "HEAD"), git(site.dev, "rev-parse", "HEAD")
    done = site.run("run", "promote", "--env", "prod", "--candidate", "release/2", env=path_of(site))
    assert done.returncode == 0, done.stderr
    assert git(site.prod, "rev-parse", "HEAD") == release
    assert (site.prod / "db.sqlite3").read_text().split() == ["0001_initial.py", "0002_prices.py"]
    restart = ("run", "start", "--env", "prod", "--", "systemctl", "--user", "restart", "gunicorn-shop")
    assert site.run(*restart, env=path_of(site)).returncode == 0
    assert "--user restart gunicorn-shop\n" in (site.home / "systemctl.log").read_text()
    back = site.run("run", "rollback", "--env", "prod", env=path_of(site))
    assert (back.returncode, git(site.prod, "rev-parse", "HEAD")) == (0, before), back.stderr


def test_a_missing_migration_and_old_static_files_are_denied(site: SmallWorld) -> None:
    (site.prod / "db.sqlite3").unlink()
    (site.prod / "shop/static/site.css").touch()
    report = site.report("--env", "prod", "--op", "start", env=path_of(site))
    found = {result["policy"]: result["title"] for result in report["results"] if result["outcome"] == "fail"}
    assert found == {
        "migrated": "Every migration is applied",
        "static-files": "The static files are newer than their sources",
    }


def test_a_scheduled_job_that_is_gone_or_changed_is_denied(site: SmallWorld) -> None:
    units = site.home / ".config/systemd/user"
    policy = ("--env", "prod", "--policy", "expected-cron-jobs")

    def found() -> tuple[str, str]:
        (result,) = site.report(*policy)["results"]
        return result["outcome"], result["findings"][0]["message"] if result["findings"] else str(result["reason"])

    assert found()[0] == "pass"
    write(units / "shop-clearsessions.timer.d/x.conf", "[Timer]\nOnCalendar=hourly\n")
    assert found() == ("fail", "The timer shop-clearsessions has another schedule")
    write(units / "shop-clearsessions.timer.d/x.conf", "[Timer]\nOnCalendar=nonsense\n")
    assert found()[0] == "error"
    (units / "shop-clearsessions.timer.d/x.conf").unlink()
    enabled(site).unlink()
    assert found() == ("fail", "The timer shop-clearsessions is not started")
    (units / "shop-clearsessions.timer").unlink()
    assert found() == ("fail", "The timer shop-clearsessions is missing")
    assert site.check("--env", "prod").returncode == 1


def test_an_update_and_a_recovery_need_no_state_directory(site: SmallWorld) -> None:
    write(site.upstream / "docs/deploy.md", "# How to deploy\n\n## Rollback\n\nCall somebody.\n")
    commit(site.upstream, "Say more")
    write(site.prod / "README.md", "an edit\n")
    git(site.prod, "fetch", "-q", "origin")
    done = site.run("run", "recover", "--env", "prod", env=path_of(site))
    assert done.returncode == 0, done.stderr
    assert git(site.prod, "rev-parse", "HEAD") == git(site.upstream, "rev-parse", "HEAD")
    assert site.report("--env", "prod")["verdict"] == "allow"


def test_the_profile_asks_for_a_repo_and_for_nothing_else(tmp_path: Path) -> None:
    world = SmallWorld(tmp_path)
    world.folder.mkdir()
    write(world.configuration, 'extends = ["checkout"]\n')
    assert "environments.prod.repo is missing" in world.check("--env", "prod").stderr
    settings = config.read(str(write(tmp_path / "own.toml", 'extends = ["checkout"]\nenvironments.prod.repo = "x"\n')))[
        0
    ]
    assert settings.environments["prod"].state_dir is None
    assert "{state_dir}" not in (ROOT / "policies/guardrails_policies/checkout.toml").read_text(encoding="utf-8")
