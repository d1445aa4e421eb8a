"""Markdown: the verdict first, and text from the world is never markup, as another parser reads it."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from guardrails.model import Outcome, Report
from guardrails.reporters.markdown_report import LIMIT, render
from guardrails.wording.shown_text import visible
from reports import ALLOWED, EVERY, FAILED, FINDING, HOSTILE, MISTAKEN, decision, hostile, weighed

MARKUP = {"html_inline", "html_block", "link_open", "image", "strong_open", "em_open", "s_open"}


def tokens(text: str) -> list[Token]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return [inner for token in parser.parse(text) for inner in (token, *(token.children or ()))]


@pytest.mark.parametrize("report", EVERY.values(), ids=EVERY)
def test_nothing_from_the_world_is_markup(report: Report) -> None:
    read = tokens(render(report))
    failing = sum(one.result.outcome in (Outcome.FAIL, Outcome.ERROR) for one in report.decisions)
    sections = failing + bool(report.errors or not report.decisions)

    assert {token.type for token in read} & MARKUP == set()
    assert [token.tag for token in read if token.type == "heading_open"] == ["h2", *["h3"] * sections]
    assert len([token for token in read if token.type == "fence"]) == sections
    assert len([token for token in read if token.type == "tr_open"]) == (1 + len(report.decisions)) * bool(
        report.decisions
    )
    assert len([token for token in read if token.type == "td_open"]) == 5 * len(report.decisions)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_as_it_is(text: str) -> None:
    read = tokens(render(hostile(text)))
    fences = [token.content for token in read if token.type == "fence"]
    assert all(visible(text) in fence for fence in fences)
    spans = [token.content.strip() for token in read if token.type == "code_inline"]
    assert spans.count(visible(text).replace("|", "\\x7c").strip()) >= 5  # branch, candidate, left out, two reasons
    assert all(one.isprintable() or one == "\n" for one in render(hostile(text)))


def test_the_verdict_comes_first() -> None:
    assert render(ALLOWED).startswith("## ALLOW: `prod standing`\n\n1 pass, 1 skip (guardrails ")
    assert render(FAILED).startswith("## DENY: `prod standing`\n\n1 of 2 blocks: 1 pass, 1 fail (guardrails ")


def test_a_finding_says_what_to_do() -> None:
    (fence,) = (token for token in tokens(render(FAILED)) if token.type == "fence")
    assert fence.content.splitlines() == [
        "src/x.ts is not as HEAD says",
        "observed: modified in the work tree",
        "expected: the bytes of HEAD",
        "do: git -C /srv/prod restore -- src/x.ts",
    ]


def test_what_went_wrong_with_the_run_is_told() -> None:
    assert "```text\nunknown environment\n```" in render(MISTAKEN)


@pytest.mark.parametrize(("findings", "shown"), [(20, 20), (21, 20)])
def test_of_many_findings_the_first_are_shown(findings: int, shown: int) -> None:
    many = [FINDING.replaced(observed=f"the {number}th") for number in range(findings)]
    text = render(weighed(decision("a", Outcome.FAIL, *many)))
    assert text.count("observed: ") == shown
    assert ("\nand 1 more\n" in text) == (findings > shown)


def test_it_is_never_longer_than_github_takes() -> None:
    long = FINDING.replaced(observed="x" * 2_000, expected="é" * 2_000)
    report = weighed(*(decision(f"policy-{number}", Outcome.FAIL, *[long] * 25) for number in range(30)))
    assert len(render(report).encode()) < LIMIT
