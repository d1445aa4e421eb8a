"""Which policies apply at a moment, and what is said of a name that nobody knows."""

from __future__ import annotations

import json

import pytest

from guardrails.config import settings as of
from guardrails.config.settings import OperationSetting, PolicySetting, Settings
from guardrails.errors import UsageError
from guardrails.model import Environment, Severity
from guardrails.policy import Policy
from guardrails.record import plain


def policy(name: str, **when: tuple[str, ...]) -> PolicySetting:
    return PolicySetting(name, "use", "module:Class", "title", "source", "low", when, {}, {})


SETTINGS = Settings(
    "a test",
    "sha256:0",
    {name: Environment(name, "/repo") for name in ("prod", "dev")},
    {"promote": OperationSetting("prod"), "start": OperationSetting()},
    (policy("b", prod=("standing",)), policy("a", prod=("standing", "promote"), dev=("after promote",)), policy("c")),
)


@pytest.mark.parametrize(
    ("environment", "moment", "names"),
    [
        ("prod", "standing", ["a", "b"]),
        ("prod", "promote", ["a"]),
        ("prod", "after promote", []),
        ("dev", "after promote", ["a"]),
        ("dev", "standing", []),
        ("other", "standing", []),
    ],
)
def test_the_policies_of_a_moment(environment: str, moment: str, names: list[str]) -> None:
    assert [one.name for one in of.select_policies(SETTINGS, environment, moment)] == names


def test_the_name_of_a_moment() -> None:
    assert of.moment(None) == "standing"
    assert of.moment("promote") == "promote"
    assert of.moment("promote", after=True) == "after promote"


def test_an_environment_by_name() -> None:
    assert of.environment_named(SETTINGS, "dev").name == "dev"
    with pytest.raises(UsageError, match=r"^unknown environment prd; did you mean prod\?$"):
        of.environment_named(SETTINGS, "prd")


def test_an_operation_by_name_where_it_happens() -> None:
    assert of.operation_named(SETTINGS, "promote", "prod").environment == "prod"
    assert of.operation_named(SETTINGS, "start", "dev").environment is None
    with pytest.raises(UsageError, match=r"^unknown operation pomote; did you mean promote\?$"):
        of.operation_named(SETTINGS, "pomote", "prod")
    with pytest.raises(UsageError, match=r"^promote happens in prod, not in dev$"):
        of.operation_named(SETTINGS, "promote", "dev")


def test_a_hint_at_what_was_meant() -> None:
    assert of.hint_at_known("zzz", ["b", "a"]) == "known: a, b"
    assert of.hint_at_known("zzz", []) == "known: none"


class Tidy(Policy):
    """A policy to be set."""

    id = "tidy"
    title = "It is tidy"
    source = "a test"
    severity = Severity.HIGH


def test_the_setting_of_a_policy_is_as_the_policy_says() -> None:
    setting = of.make_setting(Tidy)
    assert (setting.name, setting.use, setting.title, setting.source) == ("tidy", "tidy", "It is tidy", "a test")
    assert (setting.severity, setting.location) == ("high", f"{__name__}:Tidy")
    assert (setting.when, setting.enforcement, setting.options) == ({}, {}, {})
    assert of.always_on(Tidy, "prod") == setting.replaced(enforcement={"prod": "hard-mandatory"})


def test_an_instance_has_a_name_and_a_title_of_its_own_and_comes_back_from_plain_data() -> None:
    setting = of.make_setting(Tidy, name="mine", title="Mine", when={"prod": ("standing",)}, options={"a": 1})
    assert (setting.name, setting.use, setting.title) == ("mine", "tidy", "Mine")
    assert of.restore_setting(json.loads(json.dumps(plain(setting)))) == setting
    with pytest.raises(TypeError):
        of.restore_setting({**plain(setting), "more": 1})
