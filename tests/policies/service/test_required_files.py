from __future__ import annotations

from pathlib import Path

import pytest

from guardrails import FileState, NamedFiles
from guardrails.facts.named_files import Matches
from guardrails.testing import gather, judge, world
from guardrails_policies.service.required_files import RequiredFiles

POLICY = RequiredFiles(files=("dist/entry.js",))


def found(*files: FileState, pattern: str = "dist/*.js") -> NamedFiles:
    return NamedFiles((Matches(pattern, files),))


def test_files_that_are_there_pass() -> None:
    assert judge(POLICY, found=found(FileState("/a", "a file", 1), FileState("/b", "a file", 9))).outcome == "pass"


@pytest.mark.parametrize(
    ("file", "observed"),
    [
        (FileState("/a b"), "nothing is there"),
        (FileState("/a b", "a file", 0), "it is empty"),
        (FileState("/a b", "a directory", 4096), "it is a directory"),
        (FileState("/a b", "a FIFO"), "it is a FIFO"),
    ],
)
def test_a_file_that_is_not_there_as_one_fails(file: FileState, observed: str) -> None:
    result = judge(POLICY, found=found(FileState("/ok", "a file", 1), file))
    assert result.outcome == "fail"
    [finding] = result.findings
    assert (finding.path, finding.observed) == ("/a b", observed)
    assert finding.remediation.startswith("ls -la '/a b'   # a look: ")


def test_a_pattern_that_matches_nothing_fails() -> None:
    [finding] = judge(POLICY, found=found()).findings
    assert (finding.path, finding.observed) == ("dist/*.js", "nothing matches")


def test_real_files(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("x")
    (tmp_path / "two").touch()
    policy = RequiredFiles(files=("one", "t*", "three", "f*"))
    result = judge(policy, found=gather(NamedFiles, world(tmp_path), policy.files))
    assert [finding.observed for finding in result.findings] == ["it is empty", "nothing is there", "nothing matches"]


def test_options_that_cannot_be_meant() -> None:
    with pytest.raises(ValueError, match="not a path"):
        RequiredFiles(files=("a", ""))
    with pytest.raises(ValueError, match="stands for nothing"):
        RequiredFiles(files=("{home}/a",))
