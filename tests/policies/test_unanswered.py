"""What a person asks and cannot be looked at is an error in every policy, and never skipped."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, DoesNotApply, Policy
from guardrails.engine.worker import conclude_inapplicable
from guardrails.testing import gather, judge, world
from guardrails_policies import plugin

POLICIES = {policy.id: policy for policy in plugin.guardrails_policies()}
NO_STATE = "{state_dir}/x.json"  # of an environment that has no state directory

# Of each policy, options that cannot be looked at in a repository with one page, without a state directory, upstream,
# branch or service; the moment, and what comes of it.
UNANSWERED: list[tuple[str, dict[str, Any], str, str]] = [
    ("active-sessions", {"max_age": "1d"}, "", "error"),
    ("current-build", {"file": "none.json"}, "", "fail"),
    ("current-build", {"file": NO_STATE}, "", "error"),
    ("environment-variable", {"name": "NOT_THERE"}, "", "fail"),
    ("environment-variable", {"name": "HOME", "value": NO_STATE}, "", "error"),
    ("expected-cron-jobs", {"jobs": [{"name": "a"}]}, "", "error"),
    ("expected-cron-jobs", {"jobs": [{"name": "a"}], "exact": True}, "", "error"),
    ("fast-forward-only", {"refs": ["refs/heads/none"]}, "push", "error"),
    ("fresh-file", {"file": "none", "newer_than": "1d"}, "", "fail"),
    ("fresh-file", {"file": "none/*", "newer_than": "1d"}, "", "fail"),
    ("fresh-file", {"file": "README.md", "newer_than": "none"}, "", "error"),
    ("fresh-file", {"file": ["README.md"], "newer_than": ["1d", "none/*"]}, "", "error"),
    ("fresh-file", {"file": NO_STATE, "newer_than": "1d"}, "", "error"),
    ("guard-stays-on", {"allow": ["x"]}, "tool-call", "error"),
    ("guarded-operations", {"service": "x"}, "tool-call", "error"),
    ("healthy-command", {"command": "nonesuch"}, "", "fail"),
    ("healthy-command", {"command": NO_STATE}, "", "error"),
    ("healthy-command", {"times": 2}, "", "error"),
    ("installed-dependencies", {"lock": "none"}, "", "fail"),
    ("isolated-state-dirs", {"check_contents": False}, "", "error"),
    ("matches-upstream", {"url": "https://x.example/a.git"}, "update", "error"),
    ("matches-upstream", {"max_age": "1h"}, "update", "error"),
    ("protected-refs", {"refs": ["refs/heads/x"]}, "push", "error"),
    ("quiet-cron", {"within": "1h"}, "promote", "error"),
    ("quiet-cron", {"allowed": ["a"]}, "promote", "error"),
    ("reachable-page", {"status": 201}, "", "error"),
    ("release-branch", {"branches": ["none/*"]}, "promote", "fail"),
    ("release-window", {"windows": [{"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}]}, "", "fail"),
    ("required-config", {"file": "none.json", "present": ["a"]}, "", "fail"),
    ("required-config", {"file": NO_STATE, "present": ["a"]}, "", "error"),
    ("required-doc-links", {"pages": ["docs/*.none"]}, "", "fail"),
    ("required-doc-links", {"document": "none.md"}, "", "error"),
    ("required-files", {"files": ["none/*"]}, "", "fail"),
    ("required-files", {"files": [NO_STATE]}, "", "error"),
    ("required-signoffs", {"roles": {"a": ["a@example.org"]}, "document": "none.md"}, "promote", "fail"),
    ("required-signoffs", {"max_age": "1d"}, "promote", "error"),
    ("resolvable-doc-links", {"pages": ["docs/*.none"]}, "", "fail"),
    ("resolvable-doc-links", {"document": "none.md"}, "", "fail"),
    ("rollback-ready", {"document": "none.md"}, "promote", "fail"),
    ("tested-commit", {"commands": {"test": "true"}}, "promote", "fail"),
    ("tested-commit", {"max_age": "1h"}, "promote", "error"),
    ("untouched-places", {"repos": ["dev"]}, "tool-call", "error"),
    ("untouched-places", {"free": ["x"]}, "tool-call", "error"),
]
# What cannot be without an answer: it needs nothing but the repository, and a pattern of dirt may match none.
ANSWERED = {"clean-worktree"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    (folder / "README.md").write_text("# Read me\n")
    git = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=n@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    return folder


def outcome(policy: Policy, repository: Path, operation: str) -> str:
    """What comes of a policy in an environment that has nothing but a repository."""
    place: dict[str, Any] = {"home": str(repository.parent), "options": {policy.id: {}}}
    if operation:
        leads = {"promote": "candidate", "update": "upstream"}.get(operation)
        head = subprocess.run(
            ["git", "-C", str(repository), "rev-parse", "HEAD"], capture_output=True, text=True, check=True
        )
        place |= {"operation": operation, "moves_head_to": leads, "candidate": head.stdout.strip()}
    facts = {}
    for name, (fact, options) in policy.needs().items():
        try:
            facts[name] = gather(fact, world(repository, **place), *(getattr(policy, option) for option in options))
        except DoesNotApply as error:
            return str(conclude_inapplicable(policy, error)[0])
        except CannotKnow:
            return "error"
    return str(judge(policy, **facts).outcome)


@pytest.mark.parametrize(("name", "options", "operation", "expected"), UNANSWERED)
def test_what_is_asked_is_never_skipped(
    repository: Path, name: str, options: dict[str, Any], operation: str, expected: str
) -> None:
    assert outcome(POLICIES[name].from_options(options), repository, operation) == expected


def test_every_policy_with_options_is_looked_at() -> None:
    with_options = {name for name, policy in POLICIES.items() if policy.__fields__}
    assert {name for name, *_ in UNANSWERED} | ANSWERED == with_options
