from __future__ import annotations

import pytest

from guardrails import Variable
from guardrails.testing import judge
from guardrails_policies.service.environment_variable import EnvironmentVariable

LOOK = "printenv V || echo it is not set   # a look: whoever runs the next command must set it before"
POLICY = EnvironmentVariable(name="NODE_ENV", value="production")


def test_a_variable_as_required_passes() -> None:
    assert judge(POLICY, variable=Variable("NODE_ENV", "production", "production")).outcome == "pass"
    assert judge(EnvironmentVariable(name="A"), variable=Variable("A", "anything", "")).outcome == "pass"


@pytest.mark.parametrize(
    ("value", "expected", "observed", "wanted", "typed"),
    [
        (None, "/a b", "it is not set", "V=/a b", "export V='/a b'"),
        ("", "/a b", "it is empty", "V=/a b", "export V='/a b'"),
        ("x", "/a b", "V=x", "V=/a b", "export V='/a b'"),
        ("/a b/", "/a b", "V=/a b/", "V=/a b", "export V='/a b'"),
        (None, "", "it is not set", "V with a value that is not empty", LOOK),
        ("", "", "it is empty", "V with a value that is not empty", LOOK),
    ],
)
def test_a_variable_that_is_not(value: str | None, expected: str, observed: str, wanted: str, typed: str) -> None:
    result = judge(EnvironmentVariable(name="V", value=expected), variable=Variable("V", value, expected))
    assert result.outcome == "fail"
    [finding] = result.findings
    assert (finding.observed, finding.expected, finding.remediation) == (observed, wanted, typed)


def test_a_secret_is_not_shown() -> None:
    result = judge(EnvironmentVariable(name="TOKEN", value="hunter2"), variable=Variable("TOKEN", "hunter3", "hunter2"))
    assert result.outcome == "fail"
    assert "hunter" not in str(result)
    assert result.findings[0].remediation.startswith("printenv TOKEN ")


def test_options_that_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match="which variable"):
        EnvironmentVariable(value="x")
    with pytest.raises(ValueError, match="name of a variable"):
        EnvironmentVariable(name="A=B")
    with pytest.raises(ValueError, match="stands for nothing"):
        EnvironmentVariable(name="A", value="{statedir}")
