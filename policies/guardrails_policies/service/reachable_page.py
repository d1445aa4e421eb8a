"""A web page answers as it should."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Finding, PageAnswers, Policy, Severity, a_look, ask


class ReachablePage(Policy):
    """A page that cannot be reached, answers with another status, leads elsewhere, or lacks its text.

    Why it matters
        A process that runs and a port that is open say little: a proxy answers with a page of its own, a half built
        interface with an empty one. So look at the page that people will see.
    Example
        [policies.ui-answers]
        use = "reachable-page"
        url = "http://127.0.0.1:18789/"
        contains = "Facts Memory"
    Instead
        Get the page as the finding says, see what answers there, and start or mend that service.

    `url` is http or https. A redirect is not followed, no proxy is asked, and a certificate must be trusted. A page is
    at most 1 MiB, and `contains` is looked for in what the server sends: text that scripts put there later is not in
    it. The page is tried again every half second until it is as it should be or `within` is over: at most 50 s, and of
    a check with `--timeout T` at most 2 T. Parts of an address that may be secret (user, password, query) are never
    shown.
    """

    id = "reachable-page"
    title = "The page answers as it should"
    source = "deployment-rules, Release plan 6"
    severity = Severity.HIGH
    guards = ("{url}", "*dashboard*{contains}*")
    empty = MappingProxyType(
        {
            "url": "skipped: no page is asked for; refused beside contains",
            "status": "refused",
            "contains": "judged: the page may hold any text",
            "within": "refused",
        }
    )

    url: str = ""
    status: int = 200
    contains: str = ""
    within: str = "10s"

    def __post_init__(self) -> None:
        """Raise ValueError when there could be no such page."""
        if self.contains and not self.url:
            raise ValueError("url: on which page must that text be?")
        if not 200 <= self.status <= 599:
            raise ValueError(f"status is {self.status}, but must be from 200 to 599")
        PageAnswers.check(self.url, self.within)

    def evaluate(self, page: PageAnswers = ask("url", "status", "contains", "within")) -> Iterator[Finding]:
        """Look at the last answer."""
        observed = page.answer.differs(self.status, self.contains)
        if observed:
            from shlex import quote

            text = f" with {self.contains!r} in it" if self.contains else ""
            yield Finding(
                message=f"{page.url} does not answer as it should",
                observed=observed,
                expected=f"status {self.status}{text} within {self.within}",
                remediation=a_look(
                    f"curl --include --max-time 10 {quote(page.url)} || true",
                    "what answers there? Start or mend that service",
                ),
            )
