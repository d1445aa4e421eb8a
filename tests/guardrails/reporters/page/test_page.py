"""A page is one file that asks for nothing, says everything without its script, and in which the world is text."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from guardrails.model import Report
from guardrails.reporters.page.page import render_page
from guardrails.reporters.page.page_data import data_of_report, read_data
from guardrails.reporters.problems import problems
from guardrails.wording.shown_text import visible
from many_results import many_results
from reports import ALLOWED, EVERY, FAILED, HOSTILE, MISTAKEN, UNDECIDED, hostile

REPORTS = sorted((Path(__file__).parents[3] / "reports").glob("*.*.*.json"))
LIMIT = 300_000  # bytes, for 1,000 results and 500 records
BREAKING_OUT = (
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "</title></textarea><svg onload=alert(1)>",
    "javascript:alert(1)",
    "x\" onclick=\"alert(1)\" style=\"background:url(//evil.example)",
    "x' autofocus onfocus='alert(1)",
    "\u2028alert(1)\u2029",
    "\ud800 \x00 \x1b[31m \u202e",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "<!--", "-->", "]]>",
)  # fmt: skip


class Read(HTMLParser):
    """What a page is made of: its elements with their attributes, and the text of each kind of element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.shown: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        self._inside = tag

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.shown.append(data)

    @property
    def text(self) -> str:
        return "".join(self.shown)


def rendered(report: Report, **more: Any) -> str:
    return render_page(data_of_report(report, moment=report.operation or "standing", **more))


def everywhere(text: str) -> dict[str, Any]:
    """The data of a page in which every text, name and state is this one."""

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: filled(one) for name, one in value.items()}
        return [filled(one) for one in value] if isinstance(value, list) else text if isinstance(value, str) else value

    log = {
        "verdicts": [
            {"number": 1, "at": "", "moment": "", "verdict": "", "commit": "", "blocking": [""], "errors": [""]}
        ],
        "deployments": [{"at": "", "operation": "", "commit": "", "previous": ""}],
        "problem": "",
    }
    moves = {
        "environment": "",
        "moves": [
            {"at": "", "old": "", "new": "", "by": "", "verdict": "", "accepted": {"at": "", "by": "", "reason": ""}}
        ],
        "gaps": [{"kind": "", "text": "", "at": ""}],
        "errors": [""],
    }
    plan = {
        "digest": "",
        "next_allowed": "",
        "steps": [{"command": "", "outcome": "", "detail": ""}],
        "arrives": [{"commit": "", "subject": ""}],
        "fires": [{"job": "", "at": ""}],
        "loses": [""],
        "errors": [""],
    }
    data = data_of_report(hostile(text), moment="", record=2, log=log, moves=moves)
    shaped = {name: data["report"][name] for name in ("results", "errors", "verdict", "exit_code")}
    found: dict[str, Any] = filled({**data, "plan": plan})
    for result, original in zip(found["report"]["results"], shaped["results"], strict=True):
        result["outcome"] = original["outcome"]
    return found | {"page": "1"}


@pytest.mark.parametrize("text", [*HOSTILE, *BREAKING_OUT])
def test_nothing_from_the_world_is_markup(text: str) -> None:
    page = render_page(everywhere(text))
    read, plain = Read(page), Read(render_page(everywhere("plain")))

    assert [tag for tag, _ in read.elements] == [tag for tag, _ in plain.elements]
    assert [sorted(about) for _, about in read.elements] == [sorted(about) for _, about in plain.elements]
    names = {name for _, about in read.elements for name in about}
    assert not [name for name in names if name.startswith("on") or name in ("style", "src", "action", "srcdoc")]
    assert {about["href"][0] for _, about in read.elements if "href" in about} == {"#"}
    assert visible(text) in read.text
    assert page.replace("\n", "").isprintable()


def test_the_policy_allows_its_own_style_and_script_alone() -> None:
    page = rendered(FAILED)
    (policy,) = (about["content"] for tag, about in Read(page).elements if about.get("http-equiv"))

    def digest(tag: str) -> str:
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        return f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'"

    own = f"style-src {digest('style')}; script-src {digest('script')}"
    assert policy == f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
    assert "unsafe" not in policy
    tags = [tag for tag, _ in Read(page).elements]
    assert not {"link", "img", "iframe", "object", "embed", "base", "audio", "video", "source"} & set(tags)
    assert "url(" not in page
    assert "innerHTML" not in page


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_every_problem_is_readable_without_a_script(report: Report) -> None:
    shown = Read(rendered(report)).text
    for problem in problems(report):
        for line in problem.lines():
            said = line.partition(": ")[2] if line.startswith(("observed: ", "expected: ", "do: ", "note: ")) else line
            assert visible(said.removeprefix("could not decide: ").removeprefix("where: ")) in shown


@pytest.mark.parametrize(
    ("report", "word", "sentence"),
    [
        (ALLOWED, "Allow", "1 policy holds."),
        (FAILED, "Deny", "1 of 2 policies in the way."),
        (UNDECIDED, "Undecided", "1 policy has no answer, so this counts as a denial."),
        (MISTAKEN, "Undecided", "nothing was judged, so this counts as a denial."),
    ],
    ids=["allowed", "failed", "undecided", "mistaken"],
)
def test_the_verdict_comes_first(report: Report, word: str, sentence: str) -> None:
    lines = [line.strip() for line in Read(rendered(report)).text.split("\n") if line.strip()]
    assert lines[0].startswith(f"{word}: ")  # the title
    assert lines[3:5] == [word, sentence]


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_the_report_of_each_version_is_shown(path: Path) -> None:
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["tool"]["version"] == path.stem
    page = Read(render_page(read_data(path.read_text(encoding="utf-8"), path.name)))

    assert "Deny" in page.text
    findings = [finding for result in report["results"] for finding in result["findings"]]
    assert findings
    for finding in findings:
        for said in (finding["message"], finding["observed"], finding["expected"], finding["remediation"]):
            assert said in page.text
    assert all(result["policy"] in page.text for result in report["results"])


def test_there_is_a_report_of_each_version_that_was_released() -> None:
    changes = (Path(__file__).parents[4] / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## \[?(\d+\.\d+\.\d+)", changes, re.MULTILINE)
    assert set(released) - {path.stem for path in REPORTS} <= set(released[:1])  # the one that is being made


def test_a_thousand_results_and_a_timeline_fit() -> None:
    assert len(render_page(many_results(1000)).encode()) <= LIMIT


def test_links_to_findings_are_apart_and_the_same_in_the_next_page() -> None:
    twins = FAILED.decisions[0].result.findings * 2
    decision = FAILED.decisions[0].replaced(result=FAILED.decisions[0].result.replaced(findings=twins))
    report = FAILED.replaced(decisions=(decision,))
    ids = [about["id"] for tag, about in Read(rendered(report)).elements if tag == "li" and "id" in about]
    assert len(set(ids)) == 2
    assert ids[0] in rendered(FAILED)
