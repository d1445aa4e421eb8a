from __future__ import annotations

from pathlib import Path

import pytest

from guardrails.calls import Call
from guardrails.facts.tool_call.actions import actions_of, actions_of_write
from guardrails.facts.tool_call.commands import Reading, Untold, Word
from guardrails.facts.tool_call.programs.program import Given, Program, Touch
from shell_examples import command, example_places, folder_of, reading

PLACES = example_places()


def did(text: str, folder: str | None = "/srv/prod", **more: object) -> list[str]:
    actions = actions_of(reading(text, folder, **more), PLACES)
    return [f"{'?' if one.why else ''}{one.kind} {one.path}" for one in actions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat a", []),
        ("cat a > b", ["writes /srv/prod/b"]),
        ("echo x >> /srv/dev-state/log", ["writes /srv/dev-state/log"]),
        ("echo x &> /dev/null", []),
        ("echo x >& 2", []),
        ("cat < a", []),
        ("/usr/bin/rm a", ["removes /srv/prod/a"]),
        ("rm -rf /srv/*", ["removes /srv/*"] * 1),
        ("rm -rf /srv/prod*/a", ["removes /srv/prod*/a"]),
        ("rm -rf ../elsewhere/a", []),
        ("frobnicate /srv/dev-state/a", ["?writes /srv/dev-state/a", "?writes /srv/prod"]),
        ("/srv/prod/deploy.sh", ["?writes /srv/prod"]),
        ("./deploy.sh", ["?writes /srv/prod"]),
        ("/tmp/deploy.sh", ["?writes /srv/prod"]),
    ],
)
def test_paths_and_redirections(text: str, expected: list[str]) -> None:
    assert sorted(set(did(text))) == expected


@pytest.mark.parametrize(
    ("text", "folder", "expected"),
    [
        ("rm -rf /srv/prod/$X", "/", ["removes /srv/prod/…"]),
        ("rm -rf $X", "/srv/prod", ["?removes /srv/prod"]),
        ("rm -rf $X", "/srv/elsewhere", []),
        ("rm -rf /srv/$X", "/srv/elsewhere", []),
        ("rm -rf /srv/pr$X", "/srv/elsewhere", ["?removes /srv/prod", "?removes /srv/prod-state"]),
        ("rm -rf /srv/prod$X", "/srv/elsewhere", ["?removes /srv/prod", "?removes /srv/prod-state"]),
        ("rm -rf $X/prod/a", "/srv/elsewhere", ["?removes /srv/prod"]),
        ("git -C $X reset --hard", "/", []),
        ("git -C $X/prod reset --hard", "/", ["?loses-work /srv/prod"]),
    ],
)
def test_what_is_known_in_part(text: str, folder: str, expected: list[str]) -> None:
    assert did(text, folder) == expected


def test_a_folder_that_cannot_be_told_is_refused_when_the_text_names_a_place() -> None:
    assert did("rm -rf dist", None) == []
    assert did("rm -rf prod/dist", None) == ["?removes /srv/prod"]
    assert did("rm -rf /srv/prod/dist", None) == ["removes /srv/prod/dist"]
    assert did("git reset --hard", None) == []


def test_a_place_that_the_same_text_names_elsewhere_may_be_the_one_that_is_meant() -> None:
    both = Reading((command("realpath /srv/prod"), command("rm -rf $X", "/srv/elsewhere")))
    [action] = actions_of(both, PLACES)
    assert (action.kind, action.path, action.why) == ("removes", "/srv/prod", "its path is computed")


@pytest.mark.parametrize(
    ("text", "folder", "expected"),
    [
        ("git -C $D pull", "/srv/elsewhere", ["?moves-head /srv/prod"]),
        ("rm -rf $D", "/srv/elsewhere", ["?removes /srv/prod"]),
        ("rm -rf $D", "/srv/dev", ["?removes /srv/dev", "?removes /srv/prod"]),
        ("rm -rf dist", None, ["?removes /srv/prod"]),
        ("kill $D", "/srv/dev", ["?stops /srv/prod"]),
        ("kill -0 $D", "/srv/dev", []),
        ("cat $D", "/srv/elsewhere", []),
    ],
)
def test_what_is_computed_may_be_a_place_that_the_text_names_in_any_way(
    text: str, folder: str | None, expected: list[str]
) -> None:
    whole = f"read D <<< ~/prod; {text}"
    actions = actions_of(reading(text, folder), PLACES, text=whole)
    assert [f"{'?' if one.why else ''}{one.kind} {one.path}" for one in actions] == expected
    assert all(one.path != "/srv/prod" for one in actions_of(reading(text, folder), PLACES))


def test_words_that_are_added_later_cannot_be_told() -> None:
    assert did("rm -f", "/srv/prod", more_words=True) == ["?removes /srv/prod"]
    assert did("rm -f", "/srv/elsewhere", more_words=True) == []


def test_commands_to_be_run_later_are_not_followed() -> None:
    line = Word(("* * * * * cd /srv/prod && git pull",))
    assert did("crontab -", "/srv/elsewhere", script=line) == ["?writes /srv/prod"]
    assert did("at now", "/srv/prod", piped=True) == ["?writes /srv/prod"]
    assert did("crontab -", "/srv/elsewhere", script=Word(("* * * * * true",))) == []


def test_what_cannot_be_followed_is_told_of_the_places_that_it_names_or_stands_in() -> None:
    named = Untold("what eval does", "eval rm /srv/dev-state/\0", "/srv/elsewhere", 'eval "rm /srv/dev-state/$X"')
    stands = Untold("what eval does", "eval \0", "/srv/prod")
    free = Untold("what eval does", "eval \0", "/srv/elsewhere")
    found = actions_of(Reading((), (named, stands, free)), PLACES)

    assert [(one.environment, one.place, one.why) for one in found] == [
        ("dev", "state_dir", "what eval does"),
        ("prod", "repo", "what eval does"),
    ]


def test_an_action_carries_what_is_needed_to_judge_it() -> None:
    [action] = actions_of(reading("LC_ALL=C rm -r dist", "/srv/prod"), PLACES)

    assert (action.environment, action.place, action.words) == ("prod", "repo", ("rm", "-r", "dist"))
    assert (action.folder, action.variables) == ("/srv/prod", (("LC_ALL", "C"),))


def test_a_program_that_is_ended_by_its_name_alone_is_not_known_for_a_service() -> None:
    assert did("killall node", "/srv/elsewhere") == []
    assert did("pkill gateway-prod", "/srv/elsewhere") == ["stops gateway-prod"]


def test_a_file_of_the_guard_is_loosened_whatever_is_done_to_it() -> None:
    for text in ("rm /home/ada/rules/guardrails.toml", "sed -i s/a/b/ /home/ada/rules/guardrails.toml"):
        [action] = actions_of(reading(text), PLACES)
        assert (action.kind, action.place, action.environment) == ("loosens", "configuration", None)


def test_a_write_of_the_hosts_own() -> None:
    def write(path: str) -> list[str]:
        return [f"{one.kind} {one.path}" for one in actions_of_write(Call("/srv/prod", write=path), PLACES)]

    assert write("src/a.ts") == ["writes /srv/prod/src/a.ts"]
    assert write("../dev-state/a") == ["writes /srv/dev-state/a"]
    assert write("/home/ada/rules/guardrails.toml") == ["loosens /home/ada/rules/guardrails.toml"]
    assert write("/tmp/a") == []


def test_a_copy_into_a_folder_is_written_below_it(tmp_path: Path) -> None:
    places = example_places(str(tmp_path))
    for name in ("prod", "there"):
        folder_of(tmp_path / name)
    [action] = actions_of(reading(f"cp /tmp/a {tmp_path}/prod", "/"), places)
    assert action.path == f"{tmp_path}/prod/a"
    [action] = actions_of(reading(f"mv {tmp_path}/there/prod {tmp_path}", "/"), places)
    assert (action.kind, action.path) == ("writes", f"{tmp_path}/prod")


SEEN = Program(("frobnicate",), operands="removes")
READ = Program(("look",), read=lambda given: [Touch("uses-state", given.places.all[1], by="dev")])


def test_rows_of_plugins_are_loaded_by_name() -> None:
    rows = {"frobnicate": f"{__name__}:SEEN", "look": f"{__name__}:READ", "rm": f"{__name__}:SEEN"}
    import sys

    sys.modules.setdefault(__name__, sys.modules.get(__name__) or __import__("types").ModuleType(__name__))
    vars(sys.modules[__name__]).update(SEEN=SEEN, READ=READ)
    found = actions_of(reading("frobnicate a"), PLACES, rows)
    assert [(one.kind, one.path) for one in found] == [("removes", "/srv/prod/a")]
    [used] = actions_of(reading("look"), PLACES, rows)
    assert (used.kind, used.by) == ("uses-state", "dev")
    assert isinstance(Given((), command("x"), PLACES), Given)
