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


RULES = "- Prod is clean.\n- The cat is fed.\n"


def test_coverage_lists_lines_and_counts_them(
    configuration: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "RULES.md").write_text(RULES)
    assert main(["policies", "--config", configuration, "--coverage", str(tmp_path / "RULES.md")]) == 0

    printed = capsys.readouterr().out
    assert "1  Prod is clean.   clean-worktree, full\n" in printed
    assert "Nothing guards\n      2  The cat is fed.\n" in printed
    assert printed.endswith("\n1 of 2 lines are guarded\n")


def test_coverage_is_json_for_machines(configuration: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "RULES.md").write_text(RULES)
    rules = str(tmp_path / "RULES.md")
    assert main(["policies", "--config", configuration, "--coverage", rules, "--format", "json"]) == 0

    document = json.loads(capsys.readouterr().out)
    assert document["document"] == rules
    assert document["summary"] == {"lines": 2, "guarded": 1, "unguarded": 1}


@pytest.mark.parametrize(
    ("rule", "policy"),
    [
        ("- [ ] `git status` clean in prod repo", "clean-worktree"),
        ("- [ ] `~/.openclaw/cron/jobs.json` contains expected jobs", "expected-cron-jobs"),
        ("- [ ] `~/.openclaw/agents/*/sessions/` contains active sessions", "active-sessions"),
        ("- `~/.openclaw` → production state", "isolated-state-dirs"),
        ("- `docs/cli/index.md`", "required-doc-links"),
        ("- `openclaw status` shows Facts Memory row.", "facts-memory-row"),
        ("No direct edits on the prod repo.", "no-direct-edits"),
        ("```\ngit merge --ff-only FETCH_HEAD\n```", "fast-forward-only"),
        ("```\ngit fetch ~/moltbot release/memory-v1\n```", "release-branch"),
        ("```\ngit reset --hard upstream/main\n```", "reset-loses-nothing"),
    ],
)
def test_the_built_in_profile_guards_the_rules_that_it_is_made_of(
    rule: str, policy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "RULES.md").write_text(f"{rule}\n")

    assert main(["policies", "--coverage", "RULES.md", "--format", "json"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["lines"]
    assert policy in line["policies"]


@pytest.mark.parametrize(
    "rule", ["- Local changes are allowed.", "- `~/.openclaw-devil`", "```\ngit checkout -b x\n```"]
)
def test_the_built_in_profile_claims_no_more(
    rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "RULES.md").write_text(f"{rule}\n")

    assert main(["policies", "--coverage", "RULES.md"]) == 0
    assert capsys.readouterr().out.endswith("\n0 of 1 lines are guarded\n")


def test_a_document_that_cannot_be_read_is_one_line(
    configuration: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "latin.md").write_bytes(b"caf\xe9\n")
    (tmp_path / "large.md").write_bytes(b"-" * (1024 * 1024 + 1))
    for name, problem in (
        ("missing.md", "there is no such document"),
        ("latin.md", "is not UTF-8 (byte 3)"),
        ("large.md", "is larger than 1048576 bytes"),
        (".", "is a directory, not a file"),
        ("no\0name", "is no name of a file"),
    ):
        assert main(["policies", "--config", configuration, "--coverage", f"{tmp_path}/{name}"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.endswith(f"{problem}\n")
        assert said.err.count("\n") == 1
