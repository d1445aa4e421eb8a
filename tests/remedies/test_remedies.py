"""Each printed remedy, run as printed from any folder and in whichever shell, ends what was found, or is a look.

The shells take turns, so that each line is run once; all of them read all of the lines.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import cycle

import pytest

from needs import need
from remedied import remedies_of_agents, remedies_of_releases, remedies_of_repositories, remedies_of_services
from remedied.finding_sites import sites
from remedied.remedy_cases import Case
from remedied.remedy_world import RemedyWorld

CASES = [
    case
    for kind in (remedies_of_repositories, remedies_of_releases, remedies_of_services, remedies_of_agents)
    for case in kind.case.all
]
_LOOK = "a look: "
_EVERY_SHELL = ("bash", "zsh", "fish", "sh")
_SHELLS = [shell for shell in _EVERY_SHELL if shutil.which(shell)]
_GUESSED = re.compile(r"…|<[^>]*>|\b(?:REMOTE|REF|NAME|NEW-NAME|COMMIT|FOLDER|FILE|PATH|OPERATION)\b|\bsomewhere\b")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RemedyWorld]:
    world = RemedyWorld(tmp_path_factory.mktemp("remedies"))
    yield world
    world.running.close()


@pytest.mark.parametrize("shell", _EVERY_SHELL)
def test_every_shell_takes_its_turn(shell: str) -> None:
    need(shell)
    assert shell in _SHELLS


def test_every_place_that_makes_a_finding_has_a_case() -> None:
    assert {case.site for case in CASES} == set(sites().values())


@pytest.mark.parametrize(
    ("case", "shell"), list(zip(CASES, cycle(_SHELLS), strict=False)), ids=[case.name for case in CASES]
)
@pytest.mark.sample(3)
def test_a_line(world: RemedyWorld, case: Case, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fresh()
    monkeypatch.chdir(world.small.folder)
    change = case.scene(world)
    found = world.judge(case.policy, *case.asked, change=change)
    assert case.site in found.sites, (found.outcome, found.reason, found.findings)
    for finding in found.findings:
        _require_a_line(world, finding.remediation, finding.remark)
    finding = next(one for one in found.findings if case.names in one.message)
    line = finding.remediation
    print(finding.message, shell, line, sep="\n", file=sys.stderr)
    before, dirt = world.seen(), world.dirt()
    done = world.type(line, shell)
    print(done.stdout, done.stderr, file=sys.stderr)
    assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert finding.remark.startswith(_LOOK) != case.ends, finding.remark
    if case.ends:
        again = world.judge(case.policy, *case.asked)
        assert again.outcome in ("pass", "fail", "skip"), again
        assert (finding.message, finding.path) not in [(one.message, one.path) for one in again.findings]
    else:
        after = world.seen()
        assert {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)} == set()
    assert world.dirt() <= dirt
    assert [call for call in world.stopped() if "dev" in call] == []


def _require_a_line(world: RemedyWorld, line: str, remark: str) -> None:
    """One line that every shell can read, that begins with a program and leaves nothing to be guessed."""
    assert not _GUESSED.search(f"{line} {remark}"), line
    assert line.splitlines() == [line]
    assert shlex.split(line, comments=True) == shlex.split(line), "a zsh at a terminal takes a comment for arguments"
    assert not {"{", "}", "(", ")"} & set(shlex.split(line)), "a fish has no such groups of commands"
    for shell in _SHELLS:
        assert subprocess.run([shell, "-n", "-c", line], check=False).returncode == 0, (shell, line)
    words = re.sub(r"^(?:[A-Z_]+=(?:'[^']*'|\S)* )+", "", line).split()
    done = subprocess.run(
        ["sh", "-c", f"command -v {words[0].removeprefix('/usr/libexec/')}"],
        env=world.environment(),
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, line
    called = line.replace("guardrails init", "")  # which looks for what there is to configure
    if re.search(r"(?:^|[;&] )guardrails [a-z]", called):
        assert "--config" in line, line
    for repo in re.findall(r"\bgit (?!-C )(\S+)", line):
        raise AssertionError(f"git {repo} is said of no repository: {line}")
