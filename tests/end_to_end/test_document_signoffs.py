"""The approvals in the deployment rules are read, told for what they are, and made binding by what is told."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from signers import Signers
from worlds.small_world import RELEASE, ROOT, SmallWorld, small_world, write

THE_RULES = ROOT.parent / "shared/spec/deployment-rules.md"
BLOCKS = """\
# Deployment Rules (Dev vs Prod)

## Release plan (Dev → Prod)

This section is the shared source of truth for production releases.

### 7) Rollback procedure

```
cd ~/openclaw-prod
git reset --hard upstream/main
```

### Architect #2 sign\u2011off

```
Status: approved
Owner: Grace (Architect #2)
Date: 2026-02-01
Notes:
  Review completed. All phases (1-8) implemented and tested.

  Checklist:
  ✓ 200+ tests pass
  ✓ Build succeeds
  ✓ Documentation complete (OPERATIONS, ROADMAP, RUNBOOK, RELEASE-NOTES)
  ✓ API endpoints documented and tested
  ✓ UI components integrated
  ✓ Rollback procedure documented

  Concerns: None blocking.

  Recommendation: Proceed with release after Architect #1 approval.
```

### Architect #1 sign\u2011off

```
Status: approved
Owner: Peter (Architect #1)
Date: 2026-02-01
Notes:
  - Все фазы памяти закрыты по docs/memory/ROADMAP.md
  - Все тесты пройдены, build успешен
  - Документация и rollback присутствуют
  - Риски: приемлемые, процедура отката зафиксирована

  Decision: APPROVED for production release.
```
"""
ASKED = (
    "--env",
    "prod",
    "--op",
    "promote",
    "--candidate",
    RELEASE,
    "--policy",
    "required-signoffs",
    "--format",
    "text",
)


@pytest.fixture(params=["as it is here", "as it is beside the repository"])
def document(request: pytest.FixtureRequest) -> str:
    """The rules, unchanged."""
    if request.param == "as it is here":
        return BLOCKS
    if not THE_RULES.is_file():
        pytest.skip("the deployment rules are not beside this repository")
    return THE_RULES.read_text(encoding="utf-8")


@pytest.fixture
def world(tmp_path: Path, document: str) -> SmallWorld:
    """A release that brings the document; a `guardrails` is on the path, and two people have keys."""
    made = small_world(tmp_path)
    write(made.dev / "docs/DEPLOYMENT.md", document)
    git(made.dev, "commit", "-qam", "The rules, as they are")
    command = write(made.folder / "bin/guardrails", f'#!/bin/sh\nexec "{sys.executable}" -m guardrails "$@"\n')
    command.chmod(0o755)
    Signers(made.folder / "keys").allow("peter", "grace")
    made.configure(
        '[trust]\nallowed_signers = "keys/allowed_signers"\n[policies.required-signoffs]\n'
        'roles = { architect-1 = ["peter@example.org"], architect-2 = ["grace@example.org"] }\n'
    )
    return made


def typed(world: SmallWorld, command: str, key: str) -> subprocess.CompletedProcess[str]:
    """Run a line as it was shown, in a shell of whoever has that key."""
    environment = world.environment(PATH=f"{world.folder}/bin:/usr/local/bin:/usr/bin:/bin", GUARDRAILS_KEY=key)
    write(world.home / ".gitconfig", "[user]\n\temail = whoever@example.org\n")
    return subprocess.run(
        ["sh", "-c", command], cwd=world.folder, env=environment, capture_output=True, text=True, check=False
    )


def test_they_are_approvals_of_no_commit_until_somebody_signs_one(world: SmallWorld, document: str) -> None:
    commit = git(world.dev, "rev-parse", "HEAD")
    owners = {f"architect-{number}": name for name, number in re.findall(r"Owner: (\w+) \(Architect #(\d)\)", document)}
    assert sorted(owners) == ["architect-1", "architect-2"]
    for role, name in (("architect-1", "peter"), ("architect-2", "grace")):
        shown = world.check(*ASKED)
        assert shown.returncode == 1
        (said,) = (line for line in shown.stdout.splitlines() if f"approved by {owners[role]} on 2026-02-01" in line)
        after = ", after architect-1" if role == "architect-2" else ""
        assert said.endswith(f"says approved by {owners[role]} on 2026-02-01{after}, of no commit")
        assert "no sign-off of this commit; docs/DEPLOYMENT.md:" in said
        line = f"guardrails signoff --role {role} --env prod --commit {commit} --decision approved --op promote"
        (command,) = (one for one in shown.stdout.splitlines() if line in one)
        done = typed(
            world, command[command.index("guardrails signoff") :], Signers(world.folder / "keys").key(name).path
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert f"{role} has not approved the candidate" in shown.stdout
        assert f"{role} has not approved the candidate" not in world.check(*ASKED).stdout
    assert world.check(*ASKED).returncode == 0


def test_what_is_rendered_can_take_the_place_of_the_blocks(world: SmallWorld, document: str) -> None:
    approved = git(world.dev, "rev-parse", "HEAD")
    for number, name in ((1, "peter"), (2, "grace")):
        line = f"guardrails signoff --role architect-{number} --env prod --commit {RELEASE} --decision approved"
        assert typed(world, line, Signers(world.folder / "keys").key(name).path).returncode == 0
    page = world.run("signoff", "--env", "prod", "--commit", RELEASE, "--render").stdout
    write(world.dev / "docs/DEPLOYMENT.md", document.partition("### Architect #2 sign")[0] + page)
    git(world.dev, "commit", "-qam", "The sign-offs, as they were recorded")
    shown = world.check(*ASKED)
    assert shown.returncode == 1, "the page is part of another commit"
    assert shown.stdout.count(f"of the commit {approved}") == 2
