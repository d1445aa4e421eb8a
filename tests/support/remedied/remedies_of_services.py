"""Scenes in which each policy about services and state finds something."""

from __future__ import annotations

import json
import plistlib
import shutil
import time
from pathlib import Path
from typing import Any

from remedied.remedy_cases import Cases
from remedied.remedy_world import Change, RemedyWorld
from servers.fake_gateway import fake_gateway
from worlds.openclaw_state import job, write_database

case = Cases()
START = ("--env", "prod", "--op", "start")
PROMOTE = ("--env", "prod", "--op", "promote", "--candidate", "release/memory-v1")
VERIFY = ("--env", "prod", "--op", "verify")
AGENT = "Library/LaunchAgents/com.moltbot.gateway.prod.plist"


def own(world: RemedyWorld, use: str, *lines: str) -> None:
    """A policy of the reader's own, at all times."""
    world.policy("own", f'use = "{use}"', 'when = ["standing"]', *lines)


@case("environment_variable.evaluate#1", "own", ends=True)
def a_variable_of_another_value(world: RemedyWorld) -> None:
    own(world, "environment-variable", 'name = "NODE_ENV"', 'value = "it is production"')


@case("environment_variable.evaluate#1", "own")
def a_variable_that_must_be_set_to_something(world: RemedyWorld) -> None:
    own(world, "environment-variable", 'name = "OPENCLAW_GATEWAY_TOKEN"')


@case("fresh_file._finding#1", "own")
def an_old_file(world: RemedyWorld) -> None:
    own(world, "fresh-file", 'file = "README.md"', 'newer_than = "1s"')
    time.sleep(1.1)


@case("fresh_file._finding#1", "own")
def a_file_that_was_never_made(world: RemedyWorld) -> None:
    own(world, "fresh-file", 'file = "none/at/all"', 'newer_than = "1s"')


@case("healthy_command.evaluate#1", "own")
def a_command_that_fails(world: RemedyWorld) -> None:
    own(world, "healthy-command", 'command = "false"', 'within = "1s"')


@case("reachable_page.evaluate#1", "own")
def a_page_that_nobody_serves(world: RemedyWorld) -> None:
    own(world, "reachable-page", 'url = "http://127.0.0.1:1/"', 'within = "1s"')


@case("required_config._missing#1")
def no_settings(world: RemedyWorld) -> None:
    (world.state / "openclaw.json").unlink()


@case("required_config._finding#1")
def another_mode(world: RemedyWorld) -> None:
    (world.state / "openclaw.json").write_text('{"gateway": {"mode": "remote"}}')


@case("required_config._finding#1")
def a_token_that_must_be_there(world: RemedyWorld) -> None:
    world.policy("required-config", "values = {}", 'present = ["gateway.auth.token"]')


@case("required_files._finding#1", "own")
def a_pattern_that_nothing_matches(world: RemedyWorld) -> None:
    own(world, "required-files", 'files = ["dist/none/*.js"]')


@case("required_files._finding#1", "own")
def a_missing_file(world: RemedyWorld) -> None:
    own(world, "required-files", 'files = ["none/at/all.js"]')


@case("required_files._finding#1", "own")
def an_empty_file(world: RemedyWorld) -> None:
    (world.prod / "empty.js").touch()
    own(world, "required-files", 'files = ["empty.js"]')


# Services.


def _agent(world: RemedyWorld, name: str = "com.moltbot.gateway.prod") -> tuple[Path, dict[str, Any]]:
    path = world.home / AGENT
    return path.with_name(f"{name}.plist"), plistlib.loads(path.read_bytes())


def _write(path: Path, service: dict[str, Any]) -> None:
    path.write_bytes(plistlib.dumps({**service, "Label": path.stem}))


@case("service_definition._missing#1", ends=True)
def no_service(world: RemedyWorld) -> None:
    (world.home / AGENT).unlink()


@case("service_definition._missing#1")
def a_service_of_another_name(world: RemedyWorld) -> None:
    path, service = _agent(world, "ai.openclaw.gateway")
    _write(path, service)
    (world.home / AGENT).unlink()


@case("service_definition._missing#1", ends=True)
def a_service_that_is_disabled(world: RemedyWorld) -> None:
    path, service = _agent(world)
    _write(path, {**service, "Disabled": True})


@case("service_definition._program#1")
def a_service_that_runs_development(world: RemedyWorld) -> None:
    path, service = _agent(world)
    _write(path, {**service, "ProgramArguments": ["/usr/bin/node", f"{world.dev}/dist/entry.js", "gateway"]})


@case("service_definition._state#1", ends=True)
def a_service_on_the_state_of_development(world: RemedyWorld) -> None:
    _on_the_state_of_development(world)


@case("state_dir_variable._of_services#1", ends=True)
def a_service_with_another_state(world: RemedyWorld) -> None:
    _on_the_state_of_development(world)


def _on_the_state_of_development(world: RemedyWorld) -> None:
    path, service = _agent(world)
    _write(path, {**service, "EnvironmentVariables": {"OPENCLAW_STATE_DIR": str(world.small.dev_state)}})


def _configured_elsewhere(world: RemedyWorld) -> None:
    path, service = _agent(world)
    variables = {"OPENCLAW_STATE_DIR": str(world.state), "OPENCLAW_CONFIG_PATH": str(world.home / "other.json")}
    _write(path, {**service, "EnvironmentVariables": variables})


@case("service_definition._state#2", ends=True)
def a_service_with_a_configuration_elsewhere(world: RemedyWorld) -> None:
    _configured_elsewhere(world)


@case("state_dir_variable._of_services#2", ends=True)
def settings_outside_of_the_state(world: RemedyWorld) -> None:
    _configured_elsewhere(world)


@case("service_definition._others#1", ends=True)
def a_second_service(world: RemedyWorld) -> None:
    path, service = _agent(world, "spare")
    _write(path, service)


@case("single_gateway._services#1", ends=True)
def two_services_on_one_state(world: RemedyWorld) -> None:
    path, service = _agent(world, "spare")
    _write(path, service)


@case("single_gateway._services#1", "single-gateway", "--env", "dev")
def two_services_on_the_state_of_development(world: RemedyWorld) -> None:
    variables = {"OPENCLAW_STATE_DIR": str(world.small.dev_state)}
    for name in ("one", "two"):
        path, service = _agent(world, name)
        arguments = ["/usr/bin/node", f"{world.dev}/dist/entry.js", "gateway"]
        _write(path, {**service, "ProgramArguments": arguments, "EnvironmentVariables": variables})


@case("single_gateway._services#1", "single-gateway", "--env", "dev")
def the_service_of_production_on_the_state_of_development(world: RemedyWorld) -> None:
    _on_the_state_of_development(world)
    path, service = _agent(world, "one")
    _write(path, {**service, "ProgramArguments": ["/usr/bin/node", f"{world.dev}/dist/entry.js", "gateway"]})


@case("state_dir_variable._of_command#1", "state-dir-variable", *START, ends=True)
def a_variable_that_leads_elsewhere(world: RemedyWorld) -> None:
    world.variables["OPENCLAW_STATE_DIR"] = str(world.small.dev_state)


@case("state_dir_variable._of_command#1", "state-dir-variable", *START, ends=True)
def settings_of_the_caller_outside_of_the_state(world: RemedyWorld) -> None:
    world.variables["OPENCLAW_STATE_DIR"] = str(world.state)
    world.variables["OPENCLAW_CONFIG_PATH"] = str(world.home / "other.json")


@case("state_dir_variable._of_command#1", "state-dir-variable", *START, ends=True)
def a_profile(world: RemedyWorld) -> None:
    world.variables["OPENCLAW_PROFILE"] = "work"


def _gateway(world: RemedyWorld, repo: Path, state: Path, **more: Any) -> None:
    variables = {"OPENCLAW_STATE_DIR": str(state)}
    world.running.enter_context(fake_gateway(repo, variables, home=world.home, **more))


@case("single_gateway._several#1", names="gateways use one state")
def two_gateways(world: RemedyWorld) -> None:
    _gateway(world, world.prod, world.state)
    _gateway(world, world.prod, world.state, config=world.home / "other.json")


@case("single_gateway._strangers#1", names="runs from")
def a_gateway_of_development_on_the_state_of_production(world: RemedyWorld) -> None:
    _gateway(world, world.dev, world.state)


@case("state_dir_variable._of_gateways#1", names="a gateway of prod")
def a_gateway_of_production_on_another_state(world: RemedyWorld) -> None:
    _gateway(world, world.prod, world.small.dev_state)


# Sessions and cron jobs.


@case("active_sessions._left_behind#1")
def sessions_that_an_update_left_behind(world: RemedyWorld) -> Change:
    left = str(world.state / "agents/main/sessions")
    return lambda facts: {"sessions": facts["sessions"].replaced(left_behind=(left,))}


@case("lost_jobs._find_lost#1", "expected-cron-jobs")
def jobs_that_were_never_imported(world: RemedyWorld) -> None:
    write_database(world.state)


@case("lost_jobs._foreign#1", "expected-cron-jobs")
def jobs_of_another_directory(world: RemedyWorld) -> None:
    (world.state / "cron/jobs.json").unlink()
    write_database(world.state, job("daily"), store_key="/elsewhere/cron/jobs.json")


@case("active_sessions.evaluate#1")
def no_state(world: RemedyWorld) -> None:
    shutil.rmtree(world.state)


@case("active_sessions._finding#1")
def silent_sessions(world: RemedyWorld) -> None:
    path = world.state / "agents/main/sessions/sessions.json"
    path.write_text(json.dumps({"agent:main:main": {"sessionId": "session-1", "updatedAt": 1}}))


@case("expected_cron_jobs._absent#1")
def no_cron_store(world: RemedyWorld) -> None:
    shutil.rmtree(world.state / "cron")


@case("quiet_cron._absent#1", "quiet-cron", *PROMOTE)
def no_cron_store_before_a_promotion(world: RemedyWorld) -> None:
    shutil.rmtree(world.state / "cron")


def _jobs(world: RemedyWorld, *changes: dict[str, Any], **all_of_them: Any) -> None:
    path = world.state / "cron/jobs.json"
    job = json.loads(path.read_text())["jobs"][0]
    jobs = [{**job, **change, **all_of_them} for change in changes]
    path.write_text(json.dumps({"version": 1, "jobs": jobs}))


@case("quiet_cron._fires#1", "quiet-cron", *PROMOTE, ends=True)
def a_job_that_fires_soon(world: RemedyWorld) -> None:
    _jobs(world, {"schedule": {"kind": "cron", "expr": "* * * * *"}})


@case("expected_cron_jobs._off#1", ends=True)
def a_scheduler_that_is_off(world: RemedyWorld) -> None:
    path = world.state / "openclaw.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "cron": {"enabled": False}}))


@case("expected_cron_jobs._empty#1")
def no_job(world: RemedyWorld) -> None:
    _jobs(world)


@case("lost_jobs._find_doubled#1", "expected-cron-jobs")
def a_job_that_is_there_twice(world: RemedyWorld) -> None:
    _jobs(world, {"id": "job-1"}, {"id": "job-2"})


def _expect(world: RemedyWorld, job: str) -> None:
    world.policy("expected-cron-jobs", f"jobs = [{job}]")


@case("expected_cron_jobs._differs#1", names="is missing")
def a_job_that_is_missing(world: RemedyWorld) -> None:
    _expect(world, '{ name = "weekly", schedule = "0 9 * * 1" }')


@case("expected_cron_jobs._differs#1", names="is disabled", ends=True)
def a_job_that_is_disabled(world: RemedyWorld) -> None:
    _jobs(world, {"enabled": False})
    _expect(world, '{ name = "daily digest" }')


@case("expected_cron_jobs._differs#1", names="another schedule", ends=True)
def a_job_of_another_schedule(world: RemedyWorld) -> None:
    _expect(world, '{ name = "daily digest", schedule = "7 7 * * *", zone = "Europe/Berlin" }')


@case("expected_cron_jobs._differs#1", names="is late")
def a_job_that_is_late(world: RemedyWorld) -> None:
    _jobs(world, {"state": {"nextRunAtMs": 1_700_000_000_000}})
    _expect(world, '{ name = "daily digest" }')


@case("expected_cron_jobs._differs#1", names="is failing")
def a_job_that_fails(world: RemedyWorld) -> None:
    _jobs(world, {"state": {"lastStatus": "error", "consecutiveErrors": 3}})
    _expect(world, '{ name = "daily digest" }')


@case("expected_cron_jobs._differs#1", names="is not expected")
def a_job_that_nobody_expects(world: RemedyWorld) -> None:
    _jobs(world, {}, {"id": "job-2", "name": "other"})
    world.policy("expected-cron-jobs", 'jobs = [{ name = "daily digest" }]', "exact = true")


@case("expected_cron_jobs._differs#1", names="cannot run")
def a_job_that_cannot_run(world: RemedyWorld) -> None:
    _jobs(world, {"schedule": {"kind": "cron", "expr": "nonsense"}})


@case("lost_jobs._find_lost#2", "expected-cron-jobs")
def an_emptied_store(world: RemedyWorld) -> None:
    path = world.state / "cron/jobs.json"
    shutil.copy(path, path.with_name("jobs.json.bak"))
    _jobs(world)


# State that is not apart.


@case("isolated_state_dirs._missing#1")
def no_state_of_an_environment(world: RemedyWorld) -> None:
    shutil.rmtree(world.state)


@case("isolated_state_dirs._overlap#1")
def one_state_for_both(world: RemedyWorld) -> None:
    shutil.rmtree(world.small.dev_state)
    world.small.dev_state.symlink_to(world.state)


@case("isolated_state_dirs._reaching#1", ends=True)
def a_workspace_in_the_state_of_development(world: RemedyWorld) -> None:
    settings = {"gateway": {"mode": "local"}, "agents": {"defaults": {"workspace": f"{world.small.dev_state}/w"}}}
    (world.state / "openclaw.json").write_text(json.dumps(settings))


def _scheduled(world: RemedyWorld, job: str) -> None:
    own(world, "expected-cron-jobs", f"jobs = [{job}]", f'root = "{world.folder / "live/world"}"')


@case("scheduled_jobs._differs#1", "own", names="backup is missing")
def a_line_that_is_in_no_crontab(world: RemedyWorld) -> None:
    _scheduled(world, '{ name = "backup", source = "cron.d", command = "/bin/backup" }')


@case("scheduled_jobs._differs#1", "own", names="shop is missing")
def a_timer_that_is_not_there(world: RemedyWorld) -> None:
    _scheduled(world, '{ name = "shop", source = "systemd-timer" }')


@case("scheduled_jobs._differs#1", "own", names="com.example.none is missing")
def a_label_that_is_not_there(world: RemedyWorld) -> None:
    _scheduled(world, '{ name = "com.example.none", source = "launchd" }')


@case("scheduled_jobs._differs#1", "own", names="its is missing")
def a_line_that_is_not_in_ones_own_crontab(world: RemedyWorld) -> None:
    _scheduled(world, '{ name = "its", source = "crontab", command = "/bin/it" }')


@case("scheduled_jobs._differs#1", "own", names="shop is not started")
def a_timer_that_is_masked(world: RemedyWorld) -> None:
    units = world.home / ".config/systemd/user"
    units.mkdir(parents=True, exist_ok=True)
    (units / "shop.timer").symlink_to("/dev/null")
    _scheduled(world, '{ name = "shop", source = "systemd-timer" }')
