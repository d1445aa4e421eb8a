"""A tool call is judged in each environment that it touches, and makes one report of all."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from guardrails import config, reporters
from guardrails.calls import Action
from guardrails.config import places
from guardrails.model import Report, Verdict
from guardrails.reporters import json_report
from guardrails.request import Request
from guardrails.testing.worlds import ScratchWorld
from guardrails.tool_calls import clean_report, guard_files, judge_actions
from worlds.judged_calls import RULES, logged

SCHEMA = json.loads((Path(reporters.__file__).parent / "report.schema.json").read_text())


@pytest.fixture
def world(scratch_world: ScratchWorld, monkeypatch: pytest.MonkeyPatch) -> ScratchWorld:
    scratch_world.configure(RULES)
    monkeypatch.chdir(scratch_world.folder)
    return scratch_world


def reset(world: ScratchWorld) -> Action:
    return Action("loses-work", "dev", "repo", str(world.dev), ("git", "reset", "--hard"), str(world.dev))


def push(world: ScratchWorld, *words: str) -> Action:
    return Action("pushes", "prod", "repo", str(world.prod), ("git", "push", *words), str(world.prod))


def judge(world: ScratchWorld, *actions: Action, **rest: str) -> Report:
    settings = config.load(str(world.configuration))
    return judge_actions(actions, Request(**rest), settings, started=0.0)  # type: ignore[arg-type]


def blocking(report: Report) -> list[tuple[str, str | None]]:
    return [(one.result.policy, one.environment) for one in report.decisions if one.blocks]


def test_no_action_is_no_opinion_and_asks_nobody(world: ScratchWorld) -> None:
    report = judge(world)

    assert (report.exit_code, report.verdict, report.decisions, report.actions) == (0, Verdict.ALLOW, (), ())
    assert logged(world, "prod") == logged(world, "dev") == []


def test_what_passes_is_not_logged(world: ScratchWorld) -> None:
    report = judge(world, reset(world))

    assert (report.exit_code, report.environment, report.operation) == (0, "dev", "tool-call")
    assert report.actions == (reset(world),)
    assert logged(world, "dev") == []


def test_what_is_refused_is_logged_with_its_words(world: ScratchWorld) -> None:
    (world.dev / "README.md").write_text("edited\n")
    report = judge(world, reset(world))

    assert (report.exit_code, blocking(report)) == (1, [("reset-loses-nothing", "dev")])
    [record] = logged(world, "dev")
    assert (record["kind"], record["moment"], record["verdict"]) == ("refusal", "tool-call", "deny")
    assert record["actions"][0]["words"] == ["git", "reset", "--hard"]


def test_two_environments_make_one_report(world: ScratchWorld) -> None:
    (world.dev / "README.md").write_text("edited\n")
    report = judge(world, reset(world), push(world, "upstream", ":main"))

    assert (report.exit_code, report.environment) == (1, None)
    assert blocking(report) == [("protected-refs", "prod"), ("reset-loses-nothing", "dev")]
    assert [len(logged(world, name)) for name in ("prod", "dev")] == [1, 1]
    document = json.loads(json_report.render(report))
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert [(one["kind"], one["environment"]) for one in document["actions"]] == [
        ("loses-work", "dev"),
        ("pushes", "prod"),
    ]
    assert {one["environment"] for one in document["results"]} == {"prod", "dev"}


def test_undecided_in_one_and_denied_in_the_other_is_denied(world: ScratchWorld) -> None:
    (world.dev / "README.md").write_text("edited\n")
    unknown = push(world, "-f", "ssh://no-host.invalid/x", "main")

    assert judge(world, unknown).exit_code == 2
    assert judge(world, reset(world), unknown).exit_code == 1


def test_what_guards_all_is_judged_once(world: ScratchWorld) -> None:
    own = Action("loosens", None, "configuration", str(world.configuration), ("rm", str(world.configuration)))
    report = judge(world, own)

    assert (report.environment, report.actions) == ("prod", (own,))


def test_an_environment_that_asks_about_no_call_is_passed_over(world: ScratchWorld) -> None:
    text = world.configuration.read_text()
    world.configuration.write_text(text.replace('when = ["tool-call"]', 'when = { dev = ["tool-call"] }'))

    assert judge(world, push(world, "upstream", ":main")).exit_code == 0


def test_where_nobody_asks_nothing_can_be_decided(world: ScratchWorld) -> None:
    world.configuration.write_text(world.configuration.read_text().partition("[policies")[0])
    report = judge(world, push(world, "upstream", ":main"))

    assert report.exit_code == 2
    assert "no policy applies" in report.errors[0]


def test_a_refusal_that_cannot_be_logged_stays_one(world: ScratchWorld) -> None:
    (world.home / ".local").write_text("no folder")
    (world.dev / "README.md").write_text("edited\n")
    report = judge(world, reset(world))

    assert report.exit_code == 1
    assert "audit log" in report.errors[-1]


def test_secrets_in_words_are_taken_out(world: ScratchWorld) -> None:
    words = ("deploy", "--token", "hunter2-hunter2", "--to", "prod")
    report = judge(world).replaced(actions=(reset(world).replaced(words=words),))

    [action] = clean_report(report).actions or ()
    assert "hunter2" not in " ".join(action.words)
    assert action.words[:2] == ("deploy", "--token")


def test_what_is_extended_and_the_users_own_configuration_guard_as_well(
    world: ScratchWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    base = world.configuration.with_name("base.toml")
    base.write_text("")
    world.configuration.write_text(f'extends = ["{base.name}"]\n{world.configuration.read_text()}')
    settings = config.load(str(world.configuration))
    again = config.load(str(world.configuration))  # which is read from what was kept

    for one in (settings, again):
        found = [place.path for place in guard_files(one) if place.kind == "configuration"]
        assert found == [str(world.configuration), str(base), places.user_configuration()]
    profile = settings.replaced(source="profile:checkout", extended=())
    assert [place.path for place in guard_files(profile) if place.kind == "configuration"] == [
        places.user_configuration()
    ]


def test_the_files_of_the_guard_itself(world: ScratchWorld) -> None:
    found = [(place.kind, place.environment) for place in guard_files(config.load(str(world.configuration)))]

    assert found == [
        ("configuration", None),
        ("configuration", None),
        ("waivers", None),
        ("log", "prod"),
        ("log", "dev"),
        ("host", None),
    ]
