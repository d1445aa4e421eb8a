from __future__ import annotations

import pytest

from guardrails import DoesNotApply, Environment, Variable, World
from guardrails.testing import gather


def variable(name: str, value: str = "", **given: str) -> Variable:
    prod = Environment("prod", "/repo", state_dir="/state", variables={"NAME": "of the environment"})
    return gather(Variable, World(prod, {"prod": prod}, at=0, home="/home/me", variables=given), name, value)


def test_the_value_is_that_of_the_caller() -> None:
    assert variable("NAME", NAME="x") == Variable("NAME", "x", "")
    assert variable("NAME", NAME="").value == ""
    assert variable("NAME", OTHER="x").value is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("{state_dir}", "/state"),
        ("~/x", "/home/me/x"),
        ("~", "/home/me"),
        ("a:~/x", "a:~/x"),
        ("{repo}:{A}", "/repo:{A}"),
    ],
)
def test_what_is_expected(value: str, expected: str) -> None:
    assert variable("NAME", value).expected == expected


def test_nothing_to_look_at() -> None:
    with pytest.raises(DoesNotApply, match="no variable"):
        variable("")
    with pytest.raises(DoesNotApply, match="prod has no service"):
        variable("NAME", "{service}")


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [("A=B", "", "name of a variable"), ("A\0", "", "name"), ("", "x", "which"), ("A", "{x}", "stands")],
)
def test_what_could_never_be(name: str, value: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        Variable.check(name, value)


def test_what_is_shown() -> None:
    assert Variable("NAME", None, "").shown("x" * 300) == "x" * 200
    for name in ("API_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "DB_PASS", "session_cookie"):
        assert Variable(name, None, "").shown("hunter2") == "(not shown)"
