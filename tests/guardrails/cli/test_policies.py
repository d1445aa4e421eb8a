"""`guardrails policies` lists every instance with its places, and what is installed but not listed."""

import json
from pathlib import Path

import pytest

from guardrails.cli import main

CONFIGURATION = """
[environments.prod]
repo = "."
[operations.promote]
[policies.clean-worktree]
when = ["standing", "promote"]
enforcement = "hard-mandatory"
[policies.full]
use = "clean-worktree"
depth = "full"
[policies.nowhere]
use = "clean-worktree"
environments = []
"""


@pytest.fixture
def configuration(tmp_path: Path) -> str:
    path = tmp_path / "guardrails.toml"
    path.write_text(CONFIGURATION)
    return str(path)


def test_the_table_says_where_each_applies(configuration: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policies", "--config", configuration]) == 0

    printed = capsys.readouterr().out
    assert "prod  hard-mandatory  standing, promote" in printed
    assert "(uses clean-worktree)" in printed
    assert "applies nowhere" in printed
    assert "  not listed" in printed


def test_json_has_a_row_for_each(configuration: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policies", "--config", configuration, "--format", "json"]) == 0

    rows = {row["policy"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["clean-worktree"]["when"] == {"prod": ["standing", "promote"]}
    assert rows["full"]["enforcement"] == {"prod": "soft-mandatory"}
    assert (rows["nowhere"]["listed"], rows["nowhere"]["when"]) == (True, {})
    assert rows["expected-cron-jobs"]["listed"] is False


def test_a_missing_configuration_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policies", "--config", "/no/such/file.toml"]) == 2
    assert capsys.readouterr().err == "guardrails: /no/such/file.toml: there is no such configuration file\n"
