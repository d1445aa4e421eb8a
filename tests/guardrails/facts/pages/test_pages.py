"""Pages are read once a run, by as many processes as there are processors, and remembered by their bytes."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guardrails import CannotKnow, DocTree, Documents
from guardrails.engine.gather import Gathering
from guardrails.facts.pages import pages as module
from guardrails.facts.pages.pages import ALONE, Contents, Pages
from guardrails.facts.pages.site import Site
from guardrails.facts.programs.side_by_side import SideBySide
from guardrails.testing import gather, world

MANY = [f"docs/page-{number}.md" for number in range(2 * ALONE + 1)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "repo/docs").mkdir(parents=True)
    for number, path in enumerate(MANY):
        (tmp_path / "repo" / path).write_text(f"# Page {number}\n\n[next](page-{number + 1}.md) ![x]({number}.png)\n")
    return tmp_path / "repo"


Act = Callable[[], object]


@pytest.fixture
def fork(monkeypatch: pytest.MonkeyPatch) -> Callable[[Act], None]:
    """Have two processes read pages; the fork does something first, and this process waits until it has a page."""

    def meanwhile(act: Act) -> None:
        mother, waiting = os.getpid(), [True]
        heard, told = os.pipe()
        read = Site.read

        def reads(self: Site, path: str) -> bytes | None:
            if os.getpid() != mother:
                os.write(told, b".")
                act()
            elif waiting:
                waiting.clear()
                os.read(heard, 1)
            return read(self, path)

        monkeypatch.setattr(module, "_processors", lambda: 2)
        monkeypatch.setattr(Site, "read", reads)

    return meanwhile


def look(repo: Path, timeout: float = 10.0) -> Pages:
    return gather(Pages, world(repo, timeout=timeout), "docs/index.md", "")


def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The process ids of those that parse, one for each page; this process sees its own alone."""
    from guardrails.facts.pages import markdown

    who: list[int] = []

    class Counted(markdown.Page):
        def __init__(self, text: str, *, mdx: bool, **more: Any) -> None:
            who.append(os.getpid())
            super().__init__(text, mdx=mdx, **more)

    monkeypatch.setattr(markdown, "Page", Counted)
    return who


def test_what_a_page_holds(repo: Path) -> None:
    held = look(repo).contents([MANY[3], "docs/none.md"], "x")
    assert held == {
        MANY[3]: Contents([["page-4.md", 3]], [["3.png", 3]], ["page-3"], 3),
        "docs/none.md": None,
    }


def test_a_page_is_parsed_once_a_run_whoever_asks(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who = parsed(monkeypatch)
    pages = look(repo)
    first = pages.contents(MANY[:2], "one")
    second = pages.contents(MANY[1:3], "another")
    assert first[MANY[1]] is second[MANY[1]]
    assert len(who) == 3


def test_a_page_that_stays_the_same_is_not_parsed_again(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = look(repo).contents(MANY[:3], "x")
    who = parsed(monkeypatch)
    assert look(repo).contents(MANY[:3], "x") == first
    assert who == []
    status = (repo / MANY[0]).stat()
    (repo / MANY[0]).write_text("# Page 0\n\n[past](page-1.md) ![x](0.png)\n")  # as long as before, and as old
    os.utime(repo / MANY[0], ns=(status.st_atime_ns, status.st_mtime_ns))
    (held, *_) = look(repo).contents(MANY[:3], "x").values()
    assert held == first[MANY[0]]
    assert len(who) == 1


def test_a_spoilt_memory_is_none(repo: Path, cache: Path) -> None:
    first = look(repo).contents(MANY[:1], "x")
    (entry,) = (cache / "guardrails/pages").iterdir()
    for spoilt in (b"", b"{", b"[]", json.dumps({"key": "other", "value": {}}).encode()):
        entry.write_bytes(spoilt)
        assert look(repo).contents(MANY[:1], "x") == first


def test_a_run_that_cannot_write_only_parses(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    assert look(repo).contents(MANY[:1], "x")[MANY[0]]


def test_many_pages_are_shared_out(repo: Path, monkeypatch: pytest.MonkeyPatch, fork: Callable[[Act], None]) -> None:
    fork(lambda: None)
    who = parsed(monkeypatch)
    shared = look(repo).contents(MANY, "x")
    assert 0 < len(who) < len(MANY)
    monkeypatch.setattr(module, "_processors", lambda: 1)
    alone = look(repo).contents(MANY, "y")
    assert list(shared) == MANY
    assert shared == alone
    assert_nobody_is_left()


def assert_nobody_is_left() -> None:
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize("number", [0, ALONE, 2 * ALONE])
def test_what_whoever_cannot_read_cannot_be_known(repo: Path, number: int, fork: Callable[[Act], None]) -> None:
    fork(lambda: None)
    (repo / MANY[number]).write_bytes(b"\xff")
    for _ in range(2):
        with pytest.raises(CannotKnow, match=f"{MANY[number]} is not UTF-8"):
            look(repo).contents(MANY, "x")
    assert_nobody_is_left()


def refuses() -> None:
    raise CannotKnow("a reason")


ENDINGS: dict[str, tuple[Act, str]] = {
    "refuses": (refuses, "a reason"),
    "is killed": (lambda: os.kill(os.getpid(), signal.SIGKILL), "ended without an answer"),
    "exits": (lambda: os._exit(0), "ended without an answer"),
    "crashes": (lambda: 1 / 0, "ended without an answer"),
}


@pytest.mark.parametrize(("act", "why"), ENDINGS.values(), ids=ENDINGS)
def test_a_fork_that_does_not_finish_has_no_answer(
    repo: Path, fork: Callable[[Act], None], act: Act, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    fork(act)
    with pytest.raises(CannotKnow, match=why):
        look(repo).contents(MANY, "x")
    assert_nobody_is_left()
    capfd.readouterr()


def test_no_time_is_no_answer_but_what_was_read_is_remembered(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CannotKnow, match="in time"):
        look(repo, timeout=-1.0).contents(MANY[:3], "x")
    pages = look(repo)
    answers = iter([True, True, False])
    monkeypatch.setattr(Pages, "has_time", lambda _: next(answers))
    with pytest.raises(CannotKnow, match="in time"):
        pages.contents(MANY[:3], "x")
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(repo.parent / "cache"))
    who = parsed(monkeypatch)
    assert None not in look(repo).contents(MANY[:3], "x").values()
    assert len(who) == 1


def test_more_pages_than_one_entry_holds(repo: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TOGETHER", 2)
    first = look(repo).contents(MANY[:5], "x")
    assert len(list((cache / "guardrails/pages").iterdir())) == 3
    who = parsed(monkeypatch)
    assert look(repo).contents(MANY[:5], "x") == first
    assert who == []


def test_facts_of_one_site_share_its_pages(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    who = parsed(monkeypatch)
    children = SideBySide()
    gathering = Gathering(world(repo), children)
    gathering.task(Documents, (MANY[0], (MANY[1],), ""))
    gathering.task(DocTree, (MANY[0], (), ""))
    gathering.finish()
    assert len(who) == 2
