from __future__ import annotations

import tomllib
from typing import Any

import jsonschema
import pytest

from guardrails.config.schema import schema
from guardrails.plugins import loader


@pytest.fixture(scope="module")
def validator() -> Any:
    whole = schema(loader.load().policies)
    jsonschema.Draft202012Validator.check_schema(whole)
    return jsonschema.Draft202012Validator(whole)


def problems(validator: Any, text: str) -> list[str]:
    return [error.message for error in validator.iter_errors(tomllib.loads(text))]


def test_every_installed_profile_is_valid(validator: Any) -> None:
    for path in loader.load().profiles.values():
        with open(path, encoding="utf-8") as file:
            assert problems(validator, file.read()) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        'extends = ["openclaw"]\n[environments.prod]\nbranch = "x"',
        '[policies.clean-worktree]\ndepth = "full"\nenforcement = { prod = "advisory" }',
        '[policies.mine]\nuse = "clean-worktree"\nexpected_dirt = ["dist/"]',
        '[policies.expected-cron-jobs]\njobs = [{ name = "daily digest", schedule = "0 7 * * *" }]',
        '[policies.required-config]\nvalues = { "gateway.mode" = "local", port = 1, open = false, rate = 0.5 }',
    ],
)
def test_what_may_be_written_is_valid(validator: Any, text: str) -> None:
    assert problems(validator, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "unknown = 1",
        "[environments.prod]\nrpeo = 'x'",
        "[policies.clean-worktree]\ndeep = 1",
        "[policies.clean-worktree]\nenforcement = 'hard'",
        "[policies.clean-worktree]\nuse = 'fast-forward-only'",
        "[policies.mine]\nwhen = ['standing']",
        "[policies.mine]\nuse = 'unknown'",
        "[policies.expected-cron-jobs]\njobs = [{ nmae = 'x' }]",
        "[policies.required-config]\nvalues = { a = ['x'] }",
        "[policies.required-config]\nvalues = ['a']",
    ],
)
def test_what_may_not_be_written_is_invalid(validator: Any, text: str) -> None:
    assert problems(validator, text)


def test_a_policy_is_described_by_its_title() -> None:
    policies = loader.load().policies
    tables = schema(policies)["properties"]["policies"]["properties"]
    assert {name: table["description"] for name, table in tables.items()} == {
        name: policy.title for name, policy in policies.items()
    }
