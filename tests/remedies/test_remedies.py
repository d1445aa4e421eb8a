"""Each printed remedy, run as printed from any folder, ends what was found, or is a look that says so."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from remedied import remedies_of_releases, remedies_of_repositories, remedies_of_services
from remedied.finding_sites import sites
from remedied.remedy_cases import Case
from remedied.remedy_world import RemedyWorld

CASES = [
    case for kind in (remedies_of_repositories, remedies_of_releases, remedies_of_services) for case in kind.case.all
]
_LOOK = "   # a look: "
_GUESSED = re.compile(r"…|<[^>]*>|\b(?:REMOTE|REF|NAME|NEW-NAME|COMMIT|FOLDER|FILE|PATH|OPERATION)\b|\bsomewhere\b")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemedyWorld]:
    world = RemedyWorld(tmp_path_factory.mktemp("remedies"))
    yield world
    world.running.close()


def test_every_place_that_makes_a_finding_has_a_case() -> None:
    assert {case.site for case in CASES} == set(sites().values())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
@pytest.mark.sample(3)
def test_a_line(world: RemedyWorld, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fresh()
    monkeypatch.chdir(world.small.folder)
    change = case.scene(world)
    found = world.judge(case.policy, *case.asked, change=change)
    assert case.site in found.sites, (found.outcome, found.reason, found.findings)
    for finding in found.findings:
        _require_a_line(world, finding.remediation)
    finding = next(one for one in found.findings if case.names in one.message)
    line = finding.remediation
    print(finding.message, line, sep="\n", file=sys.stderr)
    before, dirt = world.seen(), world.dirt()
    done = world.type(line)
    print(done.stdout, done.stderr, file=sys.stderr)
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert (_LOOK in line) != case.ends, line
    if case.ends:
        again = world.judge(case.policy, *case.asked)
        assert again.outcome in ("pass", "fail", "skip"), again
        assert (finding.message, finding.path) not in [(one.message, one.path) for one in again.findings]
    else:
        after = world.seen()
        assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} == set()
    assert world.dirt() <= dirt
    assert [call for call in world.stopped() if "dev" in call] == []


def _require_a_line(world: RemedyWorld, line: str) -> None:
    """One line that a shell can read, that begins with a program and leaves nothing to be guessed."""
    assert not _GUESSED.search(line), line
    assert line.splitlines() == [line]
    assert subprocess.run(["sh", "-n", "-c", line], check=False).returncode == 0, line
    words = re.sub(r"^(?:[A-Z_]+=(?:'[^']*'|\S)* )+", "", line).split()
    done = subprocess.run(
        ["sh", "-c", f"command -v {words[0].removeprefix('/usr/libexec/')}"],
        env=world.environment(),
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, line
    called = line.partition("   #")[0].replace("guardrails init", "")  # which looks for what there is to configure
    if re.search(r"(?:^|[;&] )guardrails [a-z]", called):
        assert "--config" in line, line
    for repo in re.findall(r"\bgit (?!-C )(\S+)", line.partition("   #")[0]):
        raise AssertionError(f"git {repo} is said of no repository: {line}")
