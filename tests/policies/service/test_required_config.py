from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from guardrails import SettingsFile
from guardrails.testing import gather, judge, world
from guardrails_policies.service.required_config import RequiredConfig

PATH = "/state/openclaw.json"
POLICY = RequiredConfig(file=PATH, values={"gateway.mode": "local"}, present=("gateway.auth.token",))
GOOD: dict[str, Any] = {"gateway": {"mode": "local", "auth": {"token": "hunter2hunter2"}}}


def settings(table: Any) -> SettingsFile:
    return SettingsFile(PATH, table)


def gateway(**changes: Any) -> SettingsFile:
    return settings({"gateway": {**GOOD["gateway"], **changes}})


def test_settings_that_are_as_required_pass() -> None:
    assert judge(POLICY, settings=settings(GOOD)).outcome == "pass"


@pytest.mark.parametrize(
    ("observed", "expected", "found"),
    [
        ("gateway.mode is not set", 'gateway.mode = "local"', settings({"gateway": {"auth": {"token": "x"}}})),
        ('gateway.mode = "remote"', 'gateway.mode = "local"', gateway(mode="remote")),
        ("gateway.mode = true", 'gateway.mode = "local"', gateway(mode=True)),
        ("gateway.auth.token is not set", "gateway.auth.token with a value that is not empty", gateway(auth={})),
        (
            "gateway.auth.token is empty",
            "gateway.auth.token with a value that is not empty",
            gateway(auth={"token": ""}),
        ),
    ],
)
def test_a_missing_a_wrong_and_an_empty_setting_fail(observed: str, expected: str, found: SettingsFile) -> None:
    result = judge(POLICY, settings=found)
    assert result.outcome == "fail"
    [finding] = result.findings
    assert (finding.observed, finding.expected, finding.path) == (observed, expected, PATH)
    assert finding.remediation.startswith(f"ls -l {PATH}   # a look: set gateway.")


def test_every_setting_has_its_finding() -> None:
    assert len(judge(POLICY, settings=settings({})).findings) == 2
    assert len(judge(POLICY, settings=settings([])).findings) == 2


def test_a_missing_file_fails() -> None:
    result = judge(POLICY, settings=settings(None))
    assert result.outcome == "fail"
    assert result.findings[0].observed == f"there is no {PATH}"


def test_a_setting_may_be_required_to_have_a_value_and_be_one_that_is_not_shown() -> None:
    policy = RequiredConfig(file=PATH, values={"gateway.auth.token": "expected-secret"})
    result = judge(policy, settings=settings(GOOD))
    assert result.outcome == "fail"
    assert "hunter2" not in str(result)
    assert "expected-secret" not in str(result)


def test_what_is_only_present_is_never_shown() -> None:
    policy = RequiredConfig(file=PATH, present=("plain",), values={"plain": "x"})
    result = judge(policy, settings=settings({"plain": ""}))
    assert result.findings[0].observed == "plain is empty"


def test_a_setting_that_is_decided_elsewhere_cannot_be_known() -> None:
    result = judge(POLICY, settings=gateway(auth={"token": "${TOKEN}"}))
    assert result.outcome == "error"
    assert result.reason
    assert "gateway.auth.token" in result.reason
    assert judge(POLICY, settings=settings({"$include": "./base.json"})).outcome == "error"


def test_a_setting_that_is_wrong_weighs_more_than_one_that_cannot_be_known() -> None:
    result = judge(POLICY, settings=gateway(mode="remote", auth={"token": "${TOKEN}"}))
    assert result.outcome == "fail"
    assert result.reason
    assert "depends on the environment" in result.reason


def test_without_a_file_there_is_nothing_to_judge() -> None:
    assert judge(RequiredConfig(), settings=SettingsFile("", None)).outcome == "skip"


def test_a_file_alone_must_be_there_and_be_readable() -> None:
    result = judge(RequiredConfig(file=PATH), settings=settings({}))
    assert (result.outcome, "no setting is asked for" in str(result.reason)) == ("pass", True)
    assert judge(RequiredConfig(file=PATH), settings=settings(None)).outcome == "fail"


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"values": {"a": 1}}, "in which file"),
        ({"present": ("a",)}, "in which file"),
        ({"file": "a.json", "present": ("a..b",)}, "not a dotted name"),
        ({"file": "a.json", "values": {"": 1}}, "not a dotted name"),
        ({"file": "a.yaml"}, "must end in one of"),
        ({"file": "{home}/a.json"}, "stands for nothing"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        RequiredConfig(**options)


def test_a_real_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "openclaw.json"
    path.write_text(json.dumps(GOOD))
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    found = gather(SettingsFile, world(tmp_path, state_dir=str(tmp_path)), "{state_dir}/openclaw.json")
    assert judge(POLICY, settings=found).outcome == "pass"
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
