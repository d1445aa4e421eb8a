from __future__ import annotations

import pytest

from guardrails.config.settings import (
    OperationSetting,
    PolicySetting,
    Settings,
    environment_named,
    moment,
    nearest,
    operation_named,
    selected,
)
from guardrails.errors import UsageError
from guardrails.model import Environment


def policy(name: str, **when: tuple[str, ...]) -> PolicySetting:
    return PolicySetting(
        name=name,
        use=name,
        location="module:Class",
        title="",
        source="",
        severity="low",
        when=when,
        enforcement={},
        options={},
    )


SETTINGS = Settings(
    source="here",
    digest="sha256:0",
    environments={name: Environment(name=name, repo=f"/{name}") for name in ("prod", "dev")},
    operations={"promote": OperationSetting(environment="prod"), "start": OperationSetting()},
    policies=(
        policy("b", prod=("standing", "promote")),
        policy("a", prod=("standing",), dev=("after promote",)),
        policy("c"),
    ),
)


@pytest.mark.parametrize(
    ("environment", "when", "names"),
    [
        ("prod", "standing", ["a", "b"]),
        ("prod", "promote", ["b"]),
        ("dev", "standing", []),
        ("dev", "after promote", ["a"]),
        ("dev", "promote", []),
    ],
)
def test_exactly_the_policies_of_the_moment_are_selected_by_name(environment: str, when: str, names: list[str]) -> None:
    assert [one.name for one in selected(SETTINGS, environment, when)] == names


def test_moments() -> None:
    assert [moment(None), moment("x"), moment("x", after=True)] == ["standing", "x", "after x"]


def test_an_unknown_environment_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown environment prd; did you mean prod"):
        environment_named(SETTINGS, "prd")


def test_an_unknown_operation_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="unknown operation promte; did you mean promote"):
        operation_named(SETTINGS, "promte", "prod")


def test_an_operation_happens_in_its_environment_alone() -> None:
    assert operation_named(SETTINGS, "promote", "prod").environment == "prod"
    assert operation_named(SETTINGS, "start", "dev").environment is None
    with pytest.raises(UsageError, match="promote happens in prod, not in dev"):
        operation_named(SETTINGS, "promote", "dev")


def test_without_a_near_name_all_are_listed() -> None:
    assert nearest("xyz", ["b", "a"]) == "known: a, b"
    assert nearest("xyz", []) == "known: none"
