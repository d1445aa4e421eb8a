"""The page in Chromium: nobody is asked for anything, the world stays text, and everybody can read and use it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guardrails.reporters.page.page import render_page
from guardrails.reporters.page.page_data import data_of_report, read_data
from guardrails.wording.shown_text import visible
from many_results import many_results
from needs import need_chromium, need_package
from reports import FAILED, WAIVED, hostile

pytest.importorskip("playwright")
from playwright.sync_api import BrowserContext, Page, expect

from browser import browsing

HOSTILE = (
    "</script><script>document.title = 'run'</script><img src=//evil.example/x onerror=\"document.title='run'\">\u2028"
)
SEEN = "() => [document.documentElement.scrollWidth, innerWidth]"
AXE = "axe.run().then((found) => found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))"
MOVES = {
    "moves": [
        {"at": "2026-01-31T10:00:00Z", "old": "a" * 40, "new": "b" * 40, "by": "anna", "verdict": "allow", "record": 3},
        {"at": "2026-01-31T11:00:00Z", "old": "b" * 40, "new": None, "by": None, "verdict": None, "record": None},
    ],
    "gaps": [{"kind": "record", "text": "record 7 has no move", "at": "2026-01-31T12:00:00Z"}],
}


@pytest.fixture(scope="module")
def open_browser() -> Iterator[Callable[..., BrowserContext]]:
    with browsing(need_chromium()) as opened:
        yield opened


@pytest.fixture(scope="module")
def context(open_browser: Callable[..., BrowserContext]) -> BrowserContext:
    opened = open_browser()
    opened.grant_permissions(["clipboard-read", "clipboard-write"])
    return opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    opened = context.new_page()
    yield opened
    opened.close()


def shown(folder: Path, name: str, data: dict[str, Any]) -> str:
    """The address of a page with this data."""
    path = folder / f"{name}.html"
    path.write_text(render_page(data), encoding="utf-8")
    return path.as_uri()


def address_of(page: Page) -> str:
    return str(page.evaluate("location.href"))


def full(text: str = "a name") -> dict[str, Any]:
    """The data of a page that has everything, with a text from the world in many places."""
    small = many_results(1)
    plan = {
        "steps": [{"command": "git reset", "outcome": "refused", "detail": text}, {"command": "x", "outcome": "moves"}],
        "loses": [text],
        "errors": [text],
    }
    deployment = {"at": "2026-01-31T10:00:00Z", "operation": "promote", "commit": "b" * 40, "previous": "a" * 40}
    verdicts = small["log"]["verdicts"][-12:]
    log = {"verdicts": verdicts, "total": 900, "problem": text, "deployments": [deployment]}
    data = data_of_report(hostile(text), moment="standing", record=500, log=log, moves=MOVES)
    return {**data, "plan": plan}


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
def test_everybody_can_read_it(page: Page, folder: Path, width: int, scheme: Any) -> None:
    axe = need_package("axe-core") / "axe.min.js"
    page.set_viewport_size({"width": width, "height": 6000})  # what is out of sight is not drawn, and not looked at
    page.emulate_media(color_scheme=scheme)
    page.goto(shown(folder, "full", full()))
    page.wait_for_selector("dd > button")
    page.evaluate(axe.read_text(encoding="utf-8"))
    assert page.evaluate(AXE) == []
    wide, seen = page.evaluate(SEEN)
    assert wide <= seen


def test_a_hostile_world_stays_text_and_nobody_is_asked(page: Page, folder: Path) -> None:
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    address = shown(folder, "hostile", full(HOSTILE))
    page.goto(address)
    page.wait_for_selector("dd > button")

    assert visible(HOSTILE) in page.inner_text("article li p")
    assert page.title().startswith("Deny: ")
    assert page.evaluate("document.images.length + document.scripts.length") == 2
    assert (said, asked) == ([], [address])


def test_the_policy_forbids_what_somebody_would_add(page: Page, folder: Path) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(shown(folder, "added", full()))
    for code in (
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'document.title = 1'}))",
        "document.body.append(Object.assign(document.createElement('img'), {src: 'https://evil.example/'}))",
        "document.body.setAttribute('onclick', 'document.title = 1'); document.body.click()",
    ):
        page.evaluate(code)
    page.wait_for_timeout(100)
    assert page.title() != "1"
    assert len([text for text in said if "Content Security Policy" in text]) == 3


def test_without_a_script_nothing_is_missing_but_the_search(
    open_browser: Callable[..., BrowserContext], folder: Path
) -> None:
    page = open_browser(script=False).new_page()
    page.goto(shown(folder, "plain", data_of_report(FAILED, moment="standing")))
    assert page.inner_text("h1") == "Deny"
    assert page.inner_text("article pre") == "git -C /srv/prod restore -- src/x.ts"
    assert page.locator("button:visible, form:visible, input:visible").count() == 0


def test_a_search_is_kept_in_the_address(page: Page, folder: Path) -> None:
    data = data_of_report(FAILED.replaced(decisions=(*FAILED.decisions, *WAIVED.decisions)), moment="standing")
    address = shown(folder, "search", data)
    page.goto(address)
    found = page.locator("article:visible")
    assert found.count() == 2
    page.get_by_label("Show").select_option("waived")
    assert (found.count(), page.inner_text("output")) == (1, "1 of 2")
    page.get_by_label("Search").fill("no such words")
    assert (found.count(), address_of(page)) == (0, f"{address}#?q=no+such+words&show=waived")
    page.get_by_label("Search").fill("HEAD src")
    link = address_of(page)

    again = page.context.new_page()
    again.goto(link)
    assert again.get_by_label("Search").input_value() == "HEAD src"
    assert again.locator("article:visible").count() == 1
    again.close()
    page.get_by_label("Search").fill("")
    page.get_by_label("Show").select_option("")
    assert (found.count(), address_of(page)) == (2, address)


def test_what_to_type_is_copied_and_so_is_the_report(page: Page, folder: Path) -> None:
    page.goto(shown(folder, "copy", data_of_report(FAILED, moment="standing")))
    button = page.locator("dd > button")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == FAILED.decisions[0].result.findings[0].remediation
    page.locator("#json").click()
    expect(page.locator("#json")).to_have_text("Copied")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied["report"]["results"][0]["policy"] == "clean-worktree"
    assert read_data(page.content(), "page")["report"] == copied["report"]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, ""), (5, ", 5 minutes ago"), (150, ", 2 hours ago"), (5760, ", 4 days ago"), (-60, "")],
)
def test_it_says_how_old_it_is(page: Page, folder: Path, minutes: int, said: str) -> None:
    report = FAILED.replaced(started_at=time.time() - 60 * minutes)
    page.goto(shown(folder, f"age{minutes}", data_of_report(report, moment="standing")))
    assert page.inner_text(".when").partition(" in 1.2 s")[2] == said


def test_every_control_is_reached_by_the_keyboard(page: Page, folder: Path) -> None:
    page.goto(shown(folder, "keys", data_of_report(FAILED, moment="standing")))
    page.wait_for_selector("dd > button")
    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.textContent"))
    assert reached[:6] == ["Skip to what was found", "q", "show", "#", "Copy", "1 hold"]
    assert "Copy the JSON" in reached


def test_on_paper_everything_is_there(page: Page, folder: Path) -> None:
    page.goto(shown(folder, "paper", full()))
    page.wait_for_selector("dd > button")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("button:visible, form:visible").count() == 0
    assert page.locator("details:not([open])").count() == 0
    assert page.pdf(format="A4").startswith(b"%PDF")
