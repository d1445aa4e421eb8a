"""Whatever is taken from a log, put into it or changed in it shows, with the line where."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from guardrails.audit import chain, reader
from guardrails.audit.chain import Head
from guardrails.audit.writer import append
from guardrails.errors import AuditError

ROOT = Path(__file__).parents[3]
LINES = 6


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A log of some records."""
    path = tmp_path / "audit.jsonl"
    for number in range(LINES):
        append(str(path), {"kind": "check", "environment": "prod", "turn": number})
    return path


def lines(log: Path) -> list[bytes]:
    return log.read_bytes().splitlines(keepends=True)


def anchor(log: Path, number: int) -> Head:
    return chain.head_at(lines(log)[number - 1][:-1])


def problem(log: Path, anchor: Head | None = None) -> tuple[int | None, str]:
    found = reader.verify(str(log), anchor)
    return found.line, found.problem


def test_a_whole_log_is_whole(log: Path) -> None:
    for number in range(1, LINES + 1):
        assert reader.verify(str(log), anchor(log, number)) == reader.Verified(LINES)


@pytest.mark.parametrize("at", range(LINES))
def test_a_line_that_is_missing_doubled_or_changed_is_named(log: Path, at: int) -> None:
    whole, last = lines(log), at == LINES - 1
    log.write_bytes(b"".join(whole[:at] + whole[at + 1 :]))
    assert problem(log)[0] == (None if last else at + 1)
    log.write_bytes(b"".join(whole[: at + 1] + whole[at:]))
    assert problem(log)[0] == at + 2
    log.write_bytes(b"".join(whole[:at] + [whole[at].replace(b"prod", b"dev2")] + whole[at + 1 :]))
    assert problem(log) == (at + 1, "it was altered: its hash is another")
    log.write_bytes(b"".join(whole[:at] + [b"\n"] + whole[at:]))
    assert problem(log)[0] == at + 1


@pytest.mark.parametrize("at", range(LINES - 1))
def test_lines_that_changed_places_are_named(log: Path, at: int) -> None:
    whole = lines(log)
    whole[at], whole[at + 1] = whole[at + 1], whole[at]
    log.write_bytes(b"".join(whole))
    assert problem(log) == (at + 1, f"it is record {at + 2}; the one that should be here is missing")


def test_a_line_that_was_made_anew_does_not_fit(log: Path) -> None:
    whole = lines(log)
    facts = {"at": "2026-02-01T10:00:00.000Z", "kind": "check", "verdict": "allow"}
    whole[2] = chain.line_after(anchor(log, 2), facts) + b"\n"
    log.write_bytes(b"".join(whole))
    assert problem(log) == (4, "it does not follow the line before, which was altered")
    assert problem(log, anchor(log, 3))[0] == 4


def test_a_record_that_names_no_line_before_does_not_follow(log: Path) -> None:
    body = b'{"number":7}'
    line = b'{"hash":"%s",%s' % (chain.digest(body).encode(), body[1:])
    with log.open("ab") as file:
        file.write(line + b"\n")
    assert problem(log) == (7, "it does not follow the line before, which was altered")


def test_a_log_made_anew_is_not_what_was_anchored(log: Path) -> None:
    old = anchor(log, 3)
    log.unlink()
    for _ in range(LINES):
        append(str(log), {"kind": "check", "environment": "prod"})
    assert problem(log) == (None, "")
    assert problem(log, old) == (3, "it is not the record that was anchored")


@pytest.mark.parametrize("left", range(LINES))
def test_a_cut_tail_shows_up_to_the_anchor(log: Path, left: int) -> None:
    head = anchor(log, 4)
    log.write_bytes(b"".join(lines(log)[:left]))
    line, says = problem(log, head)
    assert line == (left + 1 if left < 4 else None)
    assert ("it was cut: 4 records" in says) == (left < 4)


def test_a_log_that_is_gone_is_no_empty_one(log: Path) -> None:
    log.unlink()
    assert problem(log) == (1, "there is no such log")


def test_a_torn_end_is_named(log: Path) -> None:
    log.write_bytes(log.read_bytes()[:-1])
    assert problem(log)[0] == LINES
    assert "it is torn" in problem(log)[1]
    assert [number for number, record in reader.records(str(log)) if record] == list(range(1, LINES + 1))


def _folder(log: Path) -> None:
    log.unlink()
    log.mkdir()


def _fifo(log: Path) -> None:
    log.unlink()
    os.mkfifo(log)


@pytest.mark.parametrize("spoil", [_folder, _fifo])
def test_what_is_no_file_cannot_be_verified(log: Path, spoil: Callable[[Path], None]) -> None:
    spoil(log)
    with pytest.raises(AuditError, match="no regular file"):
        reader.verify(str(log), None)


def test_while_others_write_a_log_is_whole_at_any_moment(log: Path) -> None:
    code = "import sys\nfrom guardrails.audit.writer import append\n"
    code += "for _ in range(400): append(sys.argv[1], {'kind': 'x'})"
    with subprocess.Popen([sys.executable, "-c", code, str(log)], cwd=ROOT) as process:
        while process.poll() is None:
            assert reader.verify(str(log), None).line is None
    assert reader.verify(str(log), None).records == LINES + 400


def test_the_newest_record_of_a_kind_that_says_all_of_it(log: Path) -> None:
    for number, repo in enumerate(("/a", "/b", "/a")):
        append(str(log), {"kind": "deployment", "environment": "prod", "repo": repo, "record": str(number)})
    append(str(log), {"kind": "check", "environment": "prod", "said": '"kind":"deployment"'})
    with log.open("ab") as file:
        file.write(lines(log)[-2].replace(b'"record":"2"', b'"record":"3"')[:-1])

    found = [reader.newest(str(log), "deployment", repo=repo) for repo in ("/a", "/b", "/c")]
    assert [one and one["record"] for one in found] == ["2", "1", None], "a torn line tells nothing"
    assert reader.newest(str(log.parent / "none"), "deployment") is None
    assert reader.newest(str(log / "below"), "deployment") is None


def test_a_record_of_that_kind_that_was_altered_tells_nothing(log: Path) -> None:
    append(str(log), {"kind": "deployment", "environment": "prod", "record": "1"})
    log.write_bytes(log.read_bytes().replace(b'"record":"1"', b'"record":"2"'))

    with pytest.raises(AuditError, match="was altered"):
        reader.newest(str(log), "deployment")
