from __future__ import annotations

from typing import Any

import pytest

from guardrails import PageAnswers
from guardrails.facts.answers.page_answers import PageAnswer
from guardrails.testing import judge
from guardrails_policies.service.reachable_page import ReachablePage

URL = "http://127.0.0.1:18789/"
POLICY = ReachablePage(url=URL, contains="Facts Memory")


def answered(status: int | None, **rest: str) -> PageAnswers:
    return PageAnswers(URL, PageAnswer(status, **rest))


def test_a_page_as_it_should_be_passes() -> None:
    assert judge(POLICY, page=answered(200, text="<h2>Facts Memory</h2>")).outcome == "pass"
    assert judge(ReachablePage(url=URL), page=answered(200)).outcome == "pass"
    assert judge(ReachablePage(url=URL, status=401), page=answered(401)).outcome == "pass"
    assert judge(ReachablePage(url=URL, status=302), page=answered(302, target="/x")).outcome == "pass"


@pytest.mark.parametrize(
    ("page", "observed"),
    [
        (answered(None, problem="refused the connection"), "refused the connection"),
        (answered(None, problem="no whole answer within 10 s"), "no whole answer within 10 s"),
        (answered(None, problem="sends more than 1 MiB"), "sends more than 1 MiB"),
        (answered(503, text="Facts Memory"), "status 503"),
        (answered(200, text="Memory"), "status 200, but its 6 characters lack the text"),
        (answered(301, target="https://me:pw@other.example/x?token=1"), "status 301, a redirect to https://other.example/x"),
        (answered(304), "status 304"),
    ],
)  # fmt: skip
def test_a_page_that_is_not(page: PageAnswers, observed: str) -> None:
    result = judge(POLICY, page=page)
    assert result.outcome == "fail"
    [finding] = result.findings
    assert finding.observed == observed
    assert finding.expected == "status 200 with 'Facts Memory' in it within 10s"
    assert finding.remediation.startswith(f"curl --include --max-time 10 {URL} || true   # a look: ")


def test_another_status_may_be_expected() -> None:
    [finding] = judge(ReachablePage(url=URL, status=401, within="2s"), page=answered(200)).findings
    assert (finding.observed, finding.expected) == ("status 200", "status 401 within 2s")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"contains": "x"}, "on which page"),
        ({"url": "ftp://host/"}, "url must be an address"),
        ({"url": "http://me:hunter2@host:x/"}, "url must be an address such as http://127"),
        ({"url": URL, "status": 99}, "from 200 to 599"),
        ({"url": URL, "status": 600}, "from 200 to 599"),
        ({"url": URL, "within": "51s"}, "at most 50s"),
        ({"url": URL, "within": "?"}, "not a duration"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as caught:
        ReachablePage(**options)
    assert "hunter2" not in str(caught.value)
