"""What one run logged stands together, whatever was logged in between, and fits the terminal."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails.reporters.log_report import entries, render

A, B = "a" * 40, "b" * 40


def record(number: int, kind: str, **said: Any) -> dict[str, Any]:
    at = f"2026-02-01T10:00:{number:02}.123Z"
    return {"number": number, "at": at, "kind": kind, "environment": "prod", "user": 501, "host": "mini", **said}


def check(number: int, verdict: str = "allow", *, after: bool = False, **said: Any) -> dict[str, Any]:
    moment = "after promote" if after else "promote"
    return record(number, "run", operation="promote", moment=moment, verdict=verdict, commit=A, candidate=B, **said)


def end(number: int, code: int = 0, **said: Any) -> dict[str, Any]:
    return record(number, "run", operation="promote", ended=code, pins={"head": A, "target": B}, **said)


def step(number: int, code: int = 0, **said: Any) -> dict[str, Any]:
    return record(number, "step", operation="promote", step=1, steps=2, exit_code=code, **said)


def shown(*records: dict[str, Any], width: int | None = None) -> str:
    return render(entries(records), width=width, name_of=lambda user: "me" if user == 501 else str(user))


def grouped(*records: dict[str, Any]) -> list[list[int]]:
    return [[one["number"] for one in entry.records] for entry in entries(records)]


def test_a_run_reads_as_one_thing() -> None:
    text = shown(
        record(1, "check", run="x", moment="standing", verdict="deny", exit_code=1, commit=A, blocking=["one", "two"]),
        check(2, run="y"),
        record(3, "rescue", run="y", did="save", ref="refs/x"),
        step(4, 3, run="y", words="pnpm build", output="/runs/step-1.log"),
        check(5, "deny", after=True, run="y", blocking=["one"]),
        end(6, 124, run="y"),
    )
    assert text == (
        "  1  2026-02-01 10:00:01Z               prod  check  standing  deny             me@mini  aaaaaaaaaaaa\n"
        "     blocking  one, two\n"
        "2-6  2026-02-01 10:00:02Z to 10:00:06Z  prod  run    promote   failed with 124  me@mini"
        "  aaaaaaaaaaaa → bbbbbbbbbbbb\n"
        "       2  10:00:02Z  before    allow\n"
        "       3  10:00:03Z  rescue    save             refs/x\n"
        "       4  10:00:04Z  step 1/2  status 3         pnpm build\n"
        "          output    /runs/step-1.log\n"
        "       5  10:00:05Z  after     deny\n"
        "          blocking  one\n"
        "       6  10:00:06Z  end       failed with 124\n"
    )


def test_how_long_ago_it_was_is_said_of_the_end_of_a_run_and_of_nothing_without_a_time() -> None:
    logged = [record(1, "check", run="x"), check(2, run="y"), end(6, run="y"), record(7, "check", at="soon")]
    text = render(entries(logged), width=None, name_of=str, now=1_769_940_005.123 + 3 * 3600)
    assert [line[3:55] for line in text.split("\n") if " prod " in line] == [
        "  2026-02-01 10:00:01Z               3 hours ago  pr",
        "  2026-02-01 10:00:02Z to 10:00:06Z  2 hours ago  pr",
        "  soon                               -            pr",
    ]


def test_two_runs_side_by_side_are_told_apart() -> None:
    assert grouped(check(1, run="x"), check(2, run="y"), end(3, run="x"), end(4, run="y")) == [[1, 3], [2, 4]]


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([check(1), check(2), record(3, "deployment"), check(4, after=True), end(5), check(6)], [[1, 2, 3, 4, 5], [6]]),
        ([check(1, "deny"), check(2)], [[1], [2]]),
        ([check(1), check(2), check(3, "deny", after=True), end(4, 124), end(5)], [[1, 2, 3, 4], [5]]),
        ([check(1), check(2), check(3), check(4)], [[1, 2], [3, 4]]),
        ([check(1), record(2, "check"), check(3), end(4)], [[1, 3, 4], [2]]),
        ([check(1), check(2) | {"operation": "update"}], [[1], [2]]),
        ([check(1), check(2, run="x"), end(3)], [[1, 3], [2]]),
        ([record(1, "rescue"), record(2, "rescue")], [[1], [2]]),
    ],
)
def test_a_run_of_an_earlier_version(records: list[dict[str, Any]], expected: list[list[int]]) -> None:
    assert grouped(*records) == expected


@pytest.mark.parametrize(
    ("records", "outcome"),
    [
        ([check(1), end(2)], "done"),
        ([check(1), end(2, 3)], "failed with 3"),
        ([check(1), check(2, "deny")], "refused"),
        ([check(1), check(2)], "no end yet"),
    ],
)
def test_how_a_run_ended(records: list[dict[str, Any]], outcome: str) -> None:
    assert f"  promote  {outcome}  me@mini  " in shown(*records).splitlines()[0]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_lines_fit_the_width(width: int) -> None:
    words = "env NAME=value " * 20
    records = [check(1, run="x", errors=["it went wrong " * 20]), step(2, run="x", words=words), end(3, run="x")]
    text = shown(*records, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert text.split() == shown(*records).split(), "nothing is lost"


def test_what_cannot_be_broken_is_left_whole() -> None:
    output = f"/{'long' * 40}/step-1.log"
    assert f"output    {output}\n" in shown(step(1, 3, run="x", words="make", output=output), width=40)


def test_a_user_without_a_name_and_text_of_the_world() -> None:
    text = shown(step(1, run="x", words="\x1b[31m\u202e\n") | {"user": 7, "host": "\r"}, record(2, "\x1b", user={}))
    assert r"7@\r" in text
    assert r"\x1b[31m\u202e\n" in text
    assert "\x1b" not in text


def test_nothing_is_no_line() -> None:
    assert shown() == ""
