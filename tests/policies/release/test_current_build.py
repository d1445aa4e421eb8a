"""current-build: the commit that the build recorded is HEAD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, make_repository
from guardrails import CannotKnow, Checkout, SettingsFile
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge, world
from guardrails_policies.release.current_build import CurrentBuild


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(tmp_path_factory.mktemp("build"))


def head(prod: Path) -> str:
    return git(prod, "rev-parse", "HEAD")


def check(prod: Path, content: str | None, **options: Any) -> PolicyResult:
    policy, asked = CurrentBuild.from_options(options), world(prod)
    path = prod / policy.file
    path.unlink(missing_ok=True)
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_text(content.replace("HEAD", head(prod)))
    return judge(policy, checkout=gather(Checkout, asked), build=gather(SettingsFile, asked, policy.file))


def test_the_build_is_of_head(prod: Path) -> None:
    content = json.dumps({"version": "2026.1.30", "commit": "HEAD", "builtAt": "2026-02-01T10:00:00Z"})
    assert check(prod, content).outcome == "pass"


@pytest.mark.parametrize(
    ("content", "observed"),
    [
        (f'{{"commit": "{"a" * 40}"}}', f'commit = "{"a" * 40}"'),
        ('{"commit": null}', "commit = null"),
        ('{"version": "2026.1.30"}', "commit is not set"),
        ("{}", "commit is not set"),
        ("[]", "commit is not set"),
    ],
)
def test_stale_or_not_said(prod: Path, content: str, observed: str) -> None:
    result = check(prod, content)
    (finding,) = result.findings
    assert (result.outcome, finding.message, finding.observed) == ("fail", "The build is of another commit", observed)
    assert finding.expected == f"commit = {head(prod)}, which is HEAD"
    assert finding.remediation == f"cd {prod.resolve()} && pnpm install && pnpm build"


def test_missing(prod: Path) -> None:
    (finding,) = check(prod, None).findings
    assert (finding.message, finding.path) == ("Nothing was built", str(prod / "dist/build-info.json"))


@pytest.mark.parametrize("content", ["", "{", '{"commit": "HEAD", "commit": "HEAD"}', '{"commit": "${GIT_COMMIT}"}'])
def test_unreadable(prod: Path, content: str) -> None:
    try:
        assert check(prod, content).outcome == "error"
    except CannotKnow:
        pass  # already when it was gathered


def test_another_file_and_key(prod: Path) -> None:
    options = {"file": "dist/meta.toml", "key": "git.sha"}
    assert check(prod, '[git]\nsha = "HEAD"\n', **options).outcome == "pass"
    assert check(prod, '[git]\nsha = "x"\n', **options).outcome == "fail"


@pytest.mark.parametrize(
    "options", [{"file": ""}, {"file": "dist/build-info"}, {"file": "{nowhere}.json"}, {"key": ""}]
)
def test_options_that_make_no_sense_stop_the_configuration(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"file|nowhere|name"):
        CurrentBuild.from_options(options)
