"""What is found becomes a configuration that reads back to the same, whatever names the world has."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import config
from guardrails.config.layers import read
from guardrails.config.validate import Validator
from guardrails.plugins import loader
from guardrails_policies.openclaw import survey
from guardrails_policies.openclaw.cron.jobs import CronJob
from guardrails_policies.openclaw.machine import Gateway, Machine, Repository, StateFolder
from worlds.openclaw_state import job, listing, write_database, write_jobs

INSTALLED = loader.load()
DIGEST = CronJob("1", "daily digest", "0 7 * * *", "Europe/Berlin")
CLEANUP = CronJob("2", "memory cleanup", "every 6h", enabled=False)


def machine(*jobs: CronJob, **changes: Any) -> Machine:
    """A usual deployment."""
    usual = {
        "home": "/h",
        "repositories": (Repository("/h/moltbot", "feature"), Repository("/h/openclaw-prod", "main", "upstream/main")),
        "states": (StateFolder("/h/.openclaw", jobs or (DIGEST, CLEANUP)), StateFolder("/h/.openclaw-dev")),
        "gateways": (
            Gateway("com.example.prod", "/h/p.plist", "/h/openclaw-prod", "/h/.openclaw", "com.example.prod sets it"),
        ),
    }
    return Machine(**{**usual, **changes})


def text(found: Machine) -> str:
    return 'extends = ["openclaw"]\n\n' + survey.survey_machine(found).tables


def tables(found: Machine) -> dict[str, Any]:
    return tomllib.loads(text(found))


def jobs(found: Machine) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = tables(found)["policies"]["expected-cron-jobs"].get("jobs", [])
    return listed


def test_a_usual_deployment_is_written_out() -> None:
    assert (
        text(machine())
        == """\
extends = ["openclaw"]

[environments.prod]
# Production's checkout: the name openclaw-prod says so.
repo = "~/openclaw-prod"
branch = "main"
upstream = "upstream/main"
# Production's state directory: com.example.prod sets it.
state_dir = "~/.openclaw"
service = "com.example.prod"

[environments.dev]
# Development's checkout: the deployment rules call it moltbot.
repo = "~/moltbot"
# Development's state directory: its name says so.
state_dir = "~/.openclaw-dev"
# no service: none was found that starts its gateway

[policies.expected-cron-jobs]
# The jobs in ~/.openclaw today.
jobs = [
    { name = "daily digest", schedule = "0 7 * * *", zone = "Europe/Berlin", enabled = true },
    { name = "memory cleanup", schedule = "every 6h", enabled = false },
]
"""
    )


def test_the_lines_say_what_was_found_and_what_it_was_taken_for() -> None:
    off = (("/h/.config/systemd/user/x.service", "it is a directory, not a file"),)
    assert survey.survey_machine(machine(passed_over=off)).lines == (
        "checkouts:",
        "  ~/moltbot: on feature, updates from nowhere → dev",
        "  ~/openclaw-prod: on main, updates from upstream/main → prod",
        "state directories:",
        "  ~/.openclaw: 2 cron jobs → prod",
        "  ~/.openclaw-dev: 0 cron jobs → dev",
        "services:",
        "  com.example.prod: starts ~/openclaw-prod with ~/.openclaw",
        "  ~/.config/systemd/user/x.service: it is a directory, not a file",
    )
    assert survey.survey_machine(Machine("/h", states=(StateFolder("/h/.openclaw"),))).lines == (
        "checkouts: none",
        "state directories:",
        "  ~/.openclaw: 0 cron jobs → prod",
        "services: none",
    )


def test_what_is_unclear_is_said_and_not_guessed() -> None:
    unclear = machine(repositories=(Repository("/h/clawdbot"), Repository("/srv/openclaw")), gateways=())
    lines = text(unclear).splitlines()

    at = lines.index("[environments.prod]")
    assert lines[at + 1 : at + 4] == [
        "# UNCLEAR which checkout is production's: uncomment one. Until then the profile's holds.",
        '# repo = "~/clawdbot"',
        '# repo = "/srv/openclaw"',
    ]
    assert "repo" not in tables(unclear)["environments"]["prod"]
    assert "# No checkout was found for development; the profile's holds." in lines


def test_a_checkout_without_branch_or_remote_keeps_the_profiles() -> None:
    detached = machine(repositories=(Repository("/h/openclaw-prod"),))
    assert tables(detached)["environments"]["prod"].keys() == {"repo", "state_dir", "service"}
    assert "# no branch: no branch is checked out" in text(detached)


def test_a_second_service_is_named() -> None:
    (one,) = machine().gateways
    found = machine(gateways=(one, one.replaced(name="com.example.prod2")))
    assert tables(found)["environments"]["prod"]["service"] == "com.example.prod"
    assert "although one should: com.example.prod2" in text(found)


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (DIGEST.replaced(name="heartbeat", managed=True), "OpenClaw, or a plugin, adds it by itself"),
        (DIGEST.replaced(name="once", schedule="2027-01-15T08:00:00Z"), "it runs only once"),
        (DIGEST.replaced(name="  "), "its name is no plain text, or looks like a secret"),
        (DIGEST.replaced(name="n" * 201), "its name is no plain text, or looks like a secret"),
        (DIGEST.replaced(name="half \ud800"), "its name is no plain text, or looks like a secret"),
        (DIGEST.replaced(name="curl --token canary"), "its name is no plain text, or looks like a secret"),
    ],
)
def test_a_job_that_cannot_be_expected_is_left_out_by_name(left_out: CronJob, reason: str) -> None:
    found = machine(left_out, CLEANUP)

    assert [one["name"] for one in jobs(found)] == ["memory cleanup"]
    assert f": {reason}\n" in text(found)
    assert "canary" not in text(found)
    text(found).encode()


def test_jobs_of_one_name_are_left_out() -> None:
    found = machine(DIGEST, DIGEST.replaced(id="3", schedule="0 8 * * *"), CLEANUP)
    assert [one["name"] for one in jobs(found)] == ["memory cleanup"]
    assert "# left out: daily digest: 2 jobs have this name\n" in text(found)


@pytest.mark.parametrize("schedule", ["on-exit curl --token canary", "stream tail -f", "0 7 * *", "1 2 3 4 5 6 7 8"])
def test_a_schedule_that_nobody_could_write_is_not_compared(schedule: str) -> None:
    found = machine(DIGEST.replaced(schedule=schedule))
    assert jobs(found) == [{"name": "daily digest", "enabled": True}]
    assert "canary" not in text(found)


def test_many_jobs_are_bounded_and_the_rest_is_said() -> None:
    many = [CronJob(str(number), f"job {number}", "every 1h") for number in range(survey.JOBS_WRITTEN + 1)]
    once = [one.replaced(id=f"o{one.id}", name=f"once {one.id}", schedule="2027-01-15T08:00:00Z") for one in many]

    assert len(jobs(machine(*many))) == survey.JOBS_WRITTEN
    assert "# left out: there are too many\n" in text(machine(*many))
    assert text(machine(*many, *once)).count("# left out: ") == survey.LEFT_OUT_SHOWN + 1


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (StateFolder("/h/.openclaw"), "There are no cron jobs today; list here"),
        (
            StateFolder("/h/.openclaw", trouble="it is\nbroken --token canary"),
            r"no cron jobs to take (it is\nbroken --token ***",
        ),
        (StateFolder("/h/.elsewhere"), "There is no state directory to take the expected jobs from; list here"),
    ],
)
def test_without_jobs_the_table_says_why(state: StateFolder, says: str) -> None:
    found = machine(states=(state,), gateways=())
    assert jobs(found) == []
    assert says in text(found)


ANY = st.text(st.characters(), max_size=30)  # lone surrogates and control characters too
HARD = st.sampled_from(  # what quotes, ends, hides or breaks text
    [
        '"',
        "'",
        '"""',
        "\\",
        "\n",
        "\r\n",
        "\0",
        "\x7f",
        "\x85",
        "\u2028",
        "\u202e",
        "\ud800",
        "#",
        "]",
        "~",
        "\ufeff",
        "𝒳",
    ]
)
NAMES = st.lists(HARD | ANY, max_size=5).map("".join)


@settings(max_examples=300)
@given(names=st.lists(NAMES, max_size=4), folder=NAMES, service=NAMES, zone=NAMES, trouble=NAMES)
def test_any_names_give_a_configuration_that_reads_back_the_same(
    names: list[str], folder: str, service: str, zone: str, trouble: str
) -> None:
    repo = os.path.normpath(f"/h/openclaw-prod-{folder.replace(chr(0), '').replace('/', '')}")
    state = os.path.normpath(f"/h/.openclaw{folder.replace(chr(0), '').replace('/', '')}")
    (gateway,) = machine().gateways
    found = machine(
        home="/h",
        repositories=(Repository(repo, folder, folder), Repository("/h/moltbot", trouble=trouble)),
        states=(StateFolder(state, tuple(CronJob(name, name, "0 7 * * *", zone) for name in names)),),
        gateways=(gateway.replaced(name=service, repo=repo, state_dir=state, because=trouble),),
        passed_over=((folder, trouble),),
    )
    written = survey.survey_machine(found)
    written.tables.encode()
    for line in (*written.lines, *written.tables.splitlines()):
        assert line.isprintable()
    prod = tomllib.loads(written.tables)["environments"]["prod"]
    assert prod.get("repo", "~" + repo[2:]) == "~" + repo[2:]
    assert prod.get("service", service) == service
    assert prod.get("branch", folder) == folder
    assert {one["name"] for one in jobs(found)} == {
        name
        for name in names
        if names.count(name) == 1 and name.strip() and survey._writable(name) and len(name) <= 200
    }
    assert all(one.get("zone", zone) == zone for one in jobs(found))


@settings(max_examples=60)
@given(names=st.lists(NAMES, max_size=3, unique=True), folder=NAMES)
def test_any_such_configuration_is_valid(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], folder: str
) -> None:
    repo = os.path.normpath(f"/h/openclaw-prod{folder.replace(chr(0), '').replace('/', '')}")
    jobs = tuple(CronJob(name, name, "0 7 * * *") for name in names)
    found = machine(*jobs, repositories=(Repository(repo, "main"),))
    path = tmp_path_factory.mktemp("any") / "guardrails.toml"
    path.write_text(text(found), encoding="utf-8", newline="")

    merged = read(str(path), INSTALLED.profiles, "openclaw")
    prod = Validator(merged, INSTALLED.policies, "/h").validate(str(path)).environments["prod"]
    assert prod.repo == repo if survey._writable(repo) else "/h/openclaw-prod"


def test_looking_finds_both_eras_and_changes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_jobs(home / ".openclaw", job("digest", {"kind": "cron", "expr": "0 7 * * *", "tz": "UTC"}))
    write_database(home / ".openclaw-dev", job("cleanup"))
    before = listing(home)
    seen = survey.look(str(home))

    assert seen is not None
    assert "  ~/.openclaw: 1 cron jobs → prod" in seen.lines
    assert "  ~/.openclaw-dev: 1 cron jobs → dev" in seen.lines
    assert '{ name = "digest", schedule = "0 7 * * *", zone = "UTC", enabled = true }' in seen.tables
    assert listing(home) == before


def test_jobs_of_the_database_era_are_expected(tmp_path: Path) -> None:
    write_database(tmp_path / ".openclaw", job("cleanup"), job("own", declarationKey="heartbeat:main"))
    seen = survey.look(str(tmp_path))

    assert seen is not None
    assert '{ name = "cleanup", schedule = "every 30m", enabled = true }' in seen.tables
    assert "# left out: own: OpenClaw, or a plugin, adds it by itself" in seen.tables


def test_an_empty_home_is_nothing(tmp_path: Path) -> None:
    assert survey.look(str(tmp_path)) is None


def test_no_setting_of_openclaw_is_copied(tmp_path: Path) -> None:
    state = tmp_path / ".openclaw"
    write_jobs(state, job("digest"))
    (state / "openclaw.json").write_text(json.dumps({"gateway": {"auth": {"token": "canary-1"}}}))
    (state / ".env").write_text("OPENCLAW_GATEWAY_TOKEN=canary-2\n")
    assert "canary" not in repr(survey.look(str(tmp_path)))


def test_the_plugin_gives_the_survey() -> None:
    given_by_hook, where_nothing_is_found = config.read(None)[2].surveys()
    assert (given_by_hook.last, where_nothing_is_found.last) == (False, True)
    assert given_by_hook.look is survey.look
    assert "state directories" in given_by_hook.what
