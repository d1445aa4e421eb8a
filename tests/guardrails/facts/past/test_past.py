"""The past of a real repository by a real log: what is matched, what is missing, and what cannot be told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git
from guardrails.audit.writer import append
from guardrails.errors import CannotKnow
from guardrails.facts.past.past import Past
from guardrails.testing import gather
from guardrails.wording.shown_text import utc
from worlds.logged_moves import ALLOWED, LoggedMoves


@pytest.fixture
def guarded(tmp_path: Path) -> LoggedMoves:
    found = LoggedMoves(tmp_path)
    found.check()
    return found


def test_where_nothing_moved_there_is_nothing(guarded: LoggedMoves) -> None:
    before = snapshot(guarded.repositories.folder)

    assert (guarded.told(), guarded.kinds()) == ([], [])
    assert snapshot(guarded.repositories.folder) == before


def test_each_run_is_matched_with_its_move(guarded: LoggedMoves) -> None:
    made = guarded.promote()
    guarded.back()
    first, second = guarded.past().moves

    assert (first.old, first.new, first.verdict, first.operation) == (
        guarded.second,
        guarded.release,
        "allow",
        "promote",
    )
    assert first.record == made
    assert (second.old, second.new, second.operation) == (guarded.release, guarded.second, "rollback")
    assert guarded.kinds() == []


def test_a_move_by_hand_that_equals_a_guarded_one_has_no_record(guarded: LoggedMoves) -> None:
    guarded.promote()
    guarded.reset(guarded.second)
    git(guarded.prod, "merge", "-q", "--ff-only", guarded.release)

    assert [settled for *_, settled in guarded.told()] == [True, False, False]
    guarded.back()
    assert [settled for *_, settled in guarded.told()] == [True, False, False, True]
    assert guarded.kinds() == []


def test_of_equal_moves_in_one_second_the_order_tells_which_was_guarded(guarded: LoggedMoves) -> None:
    now = {"GIT_COMMITTER_DATE": f"{int(time.time())} +0000"}
    git(guarded.prod, "fetch", "-q", guarded.repositories.dev, guarded.release)
    git(guarded.prod, "merge", "-q", "--ff-only", guarded.release, env=now)
    git(guarded.prod, "reset", "-q", "--hard", guarded.second, env=now)
    guarded.promote()

    assert [settled for *_, settled in guarded.told()] == [False, False, True]


def test_times_that_were_made_up_hide_nothing(guarded: LoggedMoves) -> None:
    guarded.promote()
    for date in ("1000000000 +0000", "4000000000 +0000"):
        dated = {"GIT_COMMITTER_DATE": date}
        git(guarded.prod, "reset", "-q", "--hard", guarded.first_commit, env=dated)
        git(guarded.prod, "reset", "-q", "--hard", guarded.release, env=dated)

    assert [settled for *_, settled in guarded.told()] == [True, False, False, False, False]
    assert len(guarded.past(time.time()).moves) == 4, "and none of them was before now"


@pytest.mark.parametrize(("ended", "verdict"), [(0, "allow"), (3, "allow"), (None, "allow"), (124, "deny")], ids=str)
def test_how_a_run_ended(guarded: LoggedMoves, ended: int | None, verdict: str) -> None:
    guarded.promote(ended)
    [move] = guarded.past().moves
    assert (move.verdict, move.settled) == (verdict, verdict == "allow")

    guarded.end("promote", guarded.second, 0)
    assert guarded.past().moves[0].verdict == "allow", "it has gone on, and was verified"


def test_a_deployment_of_a_process_that_nobody_allowed_is_no_guarded_run(guarded: LoggedMoves) -> None:
    guarded.repositories.promote()
    made = guarded.repositories.record()
    append(
        str(guarded.log),
        {"kind": "deployment", "environment": "prod", "run": "0", "repo": str(guarded.prod), "record": made},
    )

    assert [settled for *_, settled in guarded.told()] == [False]


def test_what_was_accepted_is_settled_and_what_comes_later_is_not(guarded: LoggedMoves) -> None:
    one, two = guarded.commit("one"), guarded.commit("two")
    guarded.reset(guarded.second)
    guarded.accept(one)
    assert [settled for *_, settled in guarded.told()] == [True, True, False]
    guarded.accept(two)
    assert [settled for *_, settled in guarded.told()] == [True, True, True]
    assert [settled for *_, settled in guarded.told(at=time.time() - 60)] == [False, False, False]

    guarded.reset(two)
    guarded.reset(guarded.second)
    assert [settled for *_, settled in guarded.told()] == [True, True, True, False, False]


def test_an_acceptance_is_not_spent_on_an_equal_move_that_was_guarded(guarded: LoggedMoves) -> None:
    guarded.promote()
    guarded.reset(guarded.second)
    guarded.repositories.promote()
    first, _, last = guarded.past().moves
    assert (first.entry, first.settled, last.settled) == (last.entry, True, False)
    guarded.accept(guarded.release)

    assert [bool(move.accepted) for move in guarded.past().moves] == [False, True, True]


def test_what_was_made_on_another_branch_is_a_move_too(guarded: LoggedMoves) -> None:
    git(guarded.prod, "checkout", "-q", "-b", "try")
    assert guarded.told() == []
    trial = guarded.commit("trial")
    git(guarded.prod, "branch", "-q", "-f", "main", guarded.first_commit)
    git(guarded.prod, "checkout", "-q", "--detach", guarded.first_commit)
    git(guarded.prod, "checkout", "-q", "main")

    second, first = guarded.second, guarded.first_commit
    assert set(guarded.told()) == {(second, trial, False), (second, first, False), (trial, first, False)}
    assert guarded.kinds() == []


def test_a_branch_that_was_renamed_and_one_that_was_made_anew(guarded: LoggedMoves) -> None:
    git(guarded.prod, "branch", "-q", "-m", "old")
    git(guarded.prod, "branch", "-q", "-m", "main")
    assert (guarded.told(), guarded.kinds()) == ([], [])

    git(guarded.prod, "checkout", "-q", "--detach")
    git(guarded.prod, "branch", "-q", "-D", "main")
    git(guarded.prod, "checkout", "-q", "-b", "main", guarded.first_commit)
    first = guarded.first_commit
    assert (("", first, False) in guarded.told(), (guarded.second, first, False) in guarded.told()) == (True, True)


def test_a_repository_made_anew_is_a_move_that_a_person_may_accept(guarded: LoggedMoves) -> None:
    guarded.promote()
    repositories = guarded.repositories
    guarded.prod.rename(repositories.folder / "old")
    now = {"GIT_COMMITTER_DATE": f"{int(time.time()) + 1} +0000"}
    git(repositories.folder, "clone", "-q", "-o", "upstream", repositories.upstream, guarded.prod, env=now)

    assert guarded.told() == [("", guarded.second, False)]
    guarded.accept(guarded.second)
    assert guarded.told() == [("", guarded.second, True)]
    assert guarded.kinds() == []


def lines_of(guarded: LoggedMoves, name: str = "HEAD") -> tuple[Path, list[bytes]]:
    path = guarded.prod / ".git/logs" / name
    return path, path.read_bytes().splitlines(keepends=True)


def test_a_line_taken_out_leaves_a_record_or_a_hole(guarded: LoggedMoves) -> None:
    guarded.promote()
    guarded.commit("one")
    guarded.commit("two")
    for name in ("HEAD", "refs/heads/main"):
        path, lines = lines_of(guarded, name)
        path.write_bytes(b"".join([lines[0], *lines[2:]]))
    assert guarded.kinds() == ["record"], "the record says what is missing"
    for name in ("HEAD", "refs/heads/main"):
        path, lines = lines_of(guarded, name)
        path.write_bytes(b"".join([lines[0], lines[2]]))
    assert guarded.kinds() == ["reflog", "record"]


@pytest.mark.parametrize("version", ["this", "earlier"])
def test_lines_that_were_taken_out_whole_are_missed_when_something_was_recorded_before(
    guarded: LoggedMoves, version: str
) -> None:
    hotfix = guarded.commit()
    if version == "earlier":
        append(str(guarded.log), {"kind": "check", "environment": "prod", "commit": hotfix, **ALLOWED})
    guarded.reset(guarded.second)
    if version == "this":
        guarded.check()
    for name in ("HEAD", "refs/heads/main"):
        path, lines = lines_of(guarded, name)
        path.write_bytes(lines[0])

    assert (guarded.told(), guarded.kinds()) == ([], ["reflog"])


def there_and_back(guarded: LoggedMoves, name: str) -> int:
    """Two moves that a person made, and two lines of HEAD's that move nothing; how many the branch had before."""
    before, lines = git(guarded.prod, "rev-parse", "HEAD"), len(lines_of(guarded, "refs/heads/main")[1])
    guarded.commit(name)
    guarded.reset(before)
    git(guarded.prod, "checkout", "-q", "-B", "main", before)
    return lines


def take_out_there_and_back(guarded: LoggedMoves, left: int) -> None:
    """As `git gc` does it: both moves, and no other line."""
    path, lines = lines_of(guarded)
    path.write_bytes(b"".join([*lines[:-4], *lines[-2:]]))
    path, lines = lines_of(guarded, "refs/heads/main")
    path.write_bytes(b"".join(lines[:left]))


def test_lines_taken_out_between_two_that_stay_are_missed(guarded: LoggedMoves) -> None:
    left = there_and_back(guarded, "hotfix")
    guarded.check()
    assert (len(guarded.told()), guarded.kinds()) == (2, [])
    take_out_there_and_back(guarded, left)

    assert (guarded.told(), guarded.kinds()) == ([], ["reflog"])


def test_lines_from_before_guarding_may_expire_between_records_and_after_them(tmp_path: Path) -> None:
    found = LoggedMoves(tmp_path)
    found.reset(found.first_commit)
    found.reset(found.second)
    found.check()
    found.promote()
    for turn in range(2):
        path, lines = lines_of(found)
        path.write_bytes(b"".join(lines[1:]))
        assert (len(found.told()), found.kinds()) == (1 + turn, [])
        found.commit(f"later {turn}")
        found.check()
    left = there_and_back(found, "hotfix")
    found.check()
    assert (len(found.told()), found.kinds()) == (5, [])
    take_out_there_and_back(found, left)
    assert (len(found.told()), found.kinds()) == (3, ["reflog"])


def test_of_equal_lines_each_stands_for_the_others(guarded: LoggedMoves) -> None:
    now = {"GIT_COMMITTER_DATE": f"{int(time.time())} +0000"}
    for to in (guarded.first_commit, guarded.second) * 3:
        git(guarded.prod, "reset", "-q", "--hard", to, env=now)
        guarded.check()

    assert (len(guarded.told()), guarded.kinds()) == (6, [])


def test_a_commit_that_was_checked_and_that_no_reflog_had_then_is_missed(guarded: LoggedMoves) -> None:
    git(guarded.prod, "branch", "-q", "other", guarded.first_commit)
    head = guarded.prod / ".git/HEAD"
    main = head.read_bytes()
    head.write_text("ref: refs/heads/other\n")
    guarded.check()
    head.write_bytes(main)
    guarded.promote()
    assert guarded.kinds() == ["reflog"]

    guarded.reset(guarded.first_commit)
    assert guarded.kinds() == ["reflog"], "it was there later, and nobody knows how it came to be there before"


def test_a_reflog_that_has_expired_and_what_is_left_of_it(guarded: LoggedMoves) -> None:
    guarded.promote()
    git(guarded.prod, "reflog", "expire", "--expire=now", "--all")
    assert set(guarded.kinds()) == {"reflog", "record"}
    guarded.check()
    since = time.time()
    guarded.commit("later")
    assert "reflog" in guarded.kinds()
    assert [gap.kind for gap in guarded.past(since).gaps] == ["reflog"], "it is empty before that too"

    guarded.check()
    guarded.reset(guarded.release)
    past = guarded.past(time.time())
    assert (len(past.moves), past.gaps) == (1, ()), "from the newest record on all is there"


def test_what_was_recorded_before_the_reflog_begins_is_part_of_its_hole(guarded: LoggedMoves) -> None:
    guarded.promote()
    later = {"GIT_COMMITTER_DATE": f"{int(time.time()) + 5} +0000"}
    git(guarded.prod, "reset", "-q", "--hard", guarded.second, env=later)
    for name in ("HEAD", "refs/heads/main"):
        path, lines = lines_of(guarded, name)
        path.write_bytes(lines[-1])

    assert guarded.kinds() == ["reflog"]


def _delete_the_log(guarded: LoggedMoves) -> None:
    guarded.log.unlink()


def _cut_the_log(guarded: LoggedMoves) -> None:
    guarded.log.write_bytes(b"".join(guarded.log.read_bytes().splitlines(keepends=True)[1:]))


def _move_the_record(guarded: LoggedMoves) -> None:
    git(guarded.prod, "update-ref", "-d", "refs/guardrails/deployments")


def _forge_the_anchor(guarded: LoggedMoves) -> None:
    git(guarded.prod, "update-ref", "refs/guardrails/audit", "HEAD")


def _delete_the_reflog(guarded: LoggedMoves) -> None:
    lines_of(guarded)[0].unlink()


def _delete_that_of_the_branch(guarded: LoggedMoves) -> None:
    lines_of(guarded, "refs/heads/main")[0].unlink()


def _garbage(guarded: LoggedMoves) -> None:
    path, lines = lines_of(guarded)
    path.write_bytes(b"".join([*lines, b"garbage\n"]))


def _without_a_time(guarded: LoggedMoves) -> None:
    path, lines = lines_of(guarded)
    path.write_bytes(b"".join([*lines[:-1], lines[-1][:81], b"Ada <ada> never\n"]))


def _branch_elsewhere(guarded: LoggedMoves) -> None:
    git(guarded.prod, "checkout", "-q", "--detach")
    (guarded.prod / ".git/refs/heads/main").write_text(f"{guarded.second}\n")


def _no_branch(guarded: LoggedMoves) -> None:
    git(guarded.prod, "branch", "-q", "-m", "other")


def _stale(guarded: LoggedMoves) -> None:
    path, lines = lines_of(guarded)
    path.write_bytes(b"".join(lines[:-1]))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (_delete_the_log, "log"),
        (_cut_the_log, "log"),
        (_forge_the_anchor, "log"),
        (_move_the_record, "deployments"),
        (_delete_the_reflog, "reflog"),
        (_delete_that_of_the_branch, "reflog"),
        (_garbage, "reflog"),
        (_without_a_time, "reflog"),
        (_stale, "reflog"),
        (_branch_elsewhere, "reflog"),
        (_no_branch, "reflog"),
    ],
)
def test_what_cannot_be_believed_is_about_all_of_it(
    guarded: LoggedMoves, spoil: Callable[[LoggedMoves], None], kind: str
) -> None:
    guarded.promote()
    hotfix = guarded.commit()
    guarded.accept(hotfix)
    spoil(guarded)
    past = guarded.past()

    assert kind in {gap.kind for gap in past.gaps if gap.at is None}
    assert kind != "log" or not any(move.accepted for move in past.moves)


def test_hostile_persons_and_messages_are_read_as_git_reads_them(guarded: LoggedMoves) -> None:
    hostile = {
        "GIT_COMMITTER_NAME": "a\tb 1700000000 +0000",
        "GIT_COMMITTER_EMAIL": "x 1 +0000\t",
        "GIT_REFLOG_ACTION": "\x1b[31m> 5 +0000\trollback",
    }
    (guarded.prod / "x").write_text("x")
    git(guarded.prod, "add", "x")
    git(guarded.prod, "commit", "-qm", "x\x1b]0;title", env=hostile)

    assert len(guarded.told()) == 1
    assert guarded.kinds() == []


@pytest.mark.parametrize("wrong", [30, 20, 14], ids="{} days ago".format)
def test_since_a_time_hides_no_move_that_was_made_after_it_when_a_clock_was_behind(tmp_path: Path, wrong: int) -> None:
    found = LoggedMoves(tmp_path)

    def check(days: int) -> None:
        found.say("check", commit=found.second, at=utc(time.time() - days * 86400), **ALLOWED)

    for days in (21, 20):
        check(days)
    found.commit()
    found.reset(found.second)
    if wrong != 30:
        check(4)
    for days in (wrong, 3):
        check(days)

    since = time.time() - 7 * 86400
    assert (len(found.past(since).moves), found.past(since).gaps) == (2, ())


def test_of_a_time_to_come_nothing_is_known(guarded: LoggedMoves) -> None:
    with pytest.raises(CannotKnow, match="still to come"):
        guarded.past(time.time() + 60)


def test_since_a_commit(guarded: LoggedMoves) -> None:
    guarded.promote()
    hotfix = guarded.commit()
    past = guarded.past()

    since = past.since_commit(guarded.release)
    assert since is not None
    assert [move.new for move in since.moves] == [hotfix]
    assert past.since_commit(guarded.second) == past
    assert past.since_commit(guarded.first_commit) is None


def test_a_log_of_an_earlier_version_says_when_and_at_which_commit(tmp_path: Path) -> None:
    found = LoggedMoves(tmp_path)
    found.reset(found.first_commit)
    found.reset(found.second)
    append(str(found.log), {"kind": "check", "environment": "prod", "commit": found.second, **ALLOWED})
    assert found.told() == []
    now = {"GIT_COMMITTER_DATE": f"{int(time.time())} +0000"}
    git(found.prod, "reset", "-q", "--hard", found.first_commit, env=now)
    assert found.told() == [(found.second, found.first_commit, False)]


def test_no_log_and_no_repository(tmp_path: Path) -> None:
    found = LoggedMoves(tmp_path)
    assert [gap.kind for gap in gather(Past, found.repositories.world()).gaps] == ["log"]
    append(str(found.log), {"kind": "check", "environment": "dev", "at": utc(0)})
    assert "no record of prod yet" in found.past().gaps[0].text
    found.prod.rename(tmp_path / "gone")
    with pytest.raises(CannotKnow):
        found.past()
