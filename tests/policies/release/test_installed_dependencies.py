"""installed-dependencies: the lock file of what is installed says what that of the repository says."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails.model import Finding, PolicyResult
from guardrails.testing import judge
from guardrails_policies.openclaw.packages import InstalledPackages
from guardrails_policies.release.installed_dependencies import InstalledDependencies


def check(**found: Any) -> PolicyResult:
    said = {"lock_exists": True, "installed_exists": True, "same": False, **found}
    packages = InstalledPackages("/srv/pro d", "pnpm-lock.yaml", "node_modules/.pnpm/lock.yaml", **said)
    return judge(InstalledDependencies(), packages=packages)


def only(result: PolicyResult) -> Finding:
    assert result.outcome == "fail"
    (finding,) = result.findings
    return finding


def test_the_same_content() -> None:
    assert check(same=True).outcome == "pass"


def test_the_lock_has_changed_since() -> None:
    finding = only(check(added=("ms@2.1.3",), removed=("ms@2.1.2",)))
    assert finding.observed == "not installed: ms@2.1.3; installed and not wanted: ms@2.1.2"
    assert finding.remediation == "cd '/srv/pro d' && pnpm install --frozen-lockfile"
    assert finding.path == "node_modules/.pnpm/lock.yaml"


def test_many_changes_are_counted() -> None:
    assert only(check(added=tuple(f"p@{n}" for n in range(8)))).observed.endswith("p@4 and 3 more")


def test_the_same_packages_for_others() -> None:
    assert only(check()).observed == "the same packages, installed with other settings or for other dependents"


def test_never_installed() -> None:
    finding = only(check(installed_exists=False))
    assert (finding.message, finding.observed) == ("Nothing is installed", "no file node_modules/.pnpm/lock.yaml")


@pytest.mark.parametrize("installed", [True, False])
def test_no_lock_file(installed: bool) -> None:
    finding = only(check(lock_exists=False, installed_exists=installed))
    assert (finding.message, finding.path) == ("There is no lock file", "pnpm-lock.yaml")


@pytest.mark.parametrize("option", ["lock", "installed"])
def test_an_empty_option_stops_the_configuration(option: str) -> None:
    with pytest.raises(ValueError, match=option):
        InstalledDependencies.from_options({option: ""})
