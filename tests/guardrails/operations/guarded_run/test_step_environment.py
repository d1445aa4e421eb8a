"""What a guarded command finds in its environment, and what its own words may not change of it."""

from pathlib import Path

import pytest

from guardrails.errors import UsageError
from guardrails.model import Environment
from guardrails.operations.guarded_run.step_environment import (
    command_variables,
    contradictions,
    overridden_variables,
    own_variables,
)

OWN = {"STATE": "/srv/state"}


def test_own_variables_are_filled() -> None:
    environment = Environment(name="prod", repo="/r", state_dir="/s", variables={"A": "{state_dir}/x", "B": "~/y"})
    assert own_variables(environment, "/home/me") == {"A": "/s/x", "B": "/home/me/y"}


def test_one_without_a_value() -> None:
    with pytest.raises(UsageError, match="prod"):
        own_variables(Environment(name="prod", repo="/r", variables={"A": "{state_dir}"}), "/")


def test_nothing_redirects_git_and_nothing_of_an_earlier_run_is_passed_on() -> None:
    inherited = {
        "PATH": "/bin",
        "STATE": "/other",
        "GIT_DIR": "/x",
        "GIT_CONFIG_KEY_0": "a",
        "GIT_AUTHOR_NAME": "me",
        "GUARDRAILS_PERMIT": "x",
        "GUARDRAILS_CANDIDATE_ID": "x",
        "GUARDRAILS_ENV": "prod",
    }
    assert command_variables(inherited, OWN) == {
        "PATH": "/bin",
        "STATE": "/srv/state",
        "GIT_AUTHOR_NAME": "me",
        "GUARDRAILS_ENV": "prod",
    }


def test_what_was_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    own = {"STATE": str(tmp_path)}
    assert overridden_variables({"STATE": str(tmp_path / "link")}, own) == []
    assert overridden_variables({}, own) == []
    assert overridden_variables({"STATE": "/elsewhere"}, own) == ["STATE"]


@pytest.mark.parametrize(
    "words",
    [
        ("env", "STATE=/other", "x"),
        ("env", "STATE=", "x"),
        ("env", "-u", "STATE", "x"),
        ("env", "--unset=STATE", "x"),
        ("env", "-i", "x"),
        ("/usr/bin/env", "-", "x"),
        ("sh", "-c", "export STATE=/other; x"),
        ("bash", "-lc", "env -i x"),
        ("sh", "-c", "sh -c 'STATE=/other x'"),
    ],
)
def test_words_that_lead_elsewhere(words: tuple[str, ...]) -> None:
    assert list(contradictions(words, OWN))


@pytest.mark.parametrize(
    "words",
    [
        ("env", "STATE=/srv/state", "x"),
        ("env", "STATE=/srv/../srv/state/", "x"),
        ("env", "OTHER=/other", "x"),
        ("make", "-i"),
        ("sh", "-c", "it's not closed"),
        ("sort", "-u", "file"),
    ],
)
def test_words_that_do_not(words: tuple[str, ...]) -> None:
    assert list(contradictions(words, OWN)) == []


def test_without_variables_of_its_own_there_is_nothing_to_contradict() -> None:
    assert list(contradictions(("env", "-i", "STATE=/x"), {})) == []
