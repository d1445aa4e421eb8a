"""What a configured web address answers, asked as often as its answer is to be seen."""

from __future__ import annotations

import os
import sys

from guardrails.errors import CannotKnow, NothingAsked
from guardrails.facts.answers import retries
from guardrails.facts.programs.side_by_side import Command, GivenUp
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

_OUTPUT_LIMIT = 16 * 1024 * 1024  # bytes; JSON may write six for each character of a page
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")  # whom to trust, as OpenSSL reads it


class PageAnswer(Record):
    """What came: the status, where a redirect leads, and the text; or the problem when no whole answer came."""

    status: int | None
    target: str = ""
    text: str = ""
    problem: str = ""

    def differs(self, status: int, contains: str) -> str:
        """How the answer differs from this status with this text in it; empty when it does not."""
        if self.status is None:
            return self.problem
        if self.status != status:
            leads = f", a redirect to {show_address(self.target)}" if self.target and 300 <= self.status < 400 else ""
            return f"status {self.status}{leads}"
        return (
            "" if contains in self.text else f"status {self.status}, but its {len(self.text)} characters lack the text"
        )


class PageAnswers(Fact):
    """The last answer of a web address; `url` is the address without what may be secret in it."""

    url: str
    answer: PageAnswer

    @staticmethod
    def check(url: str, within: str) -> None:
        """Raise ValueError when that is no web address, or no time for an answer. The text never has the address."""
        retries.check(within)
        if url:
            _require_address(url)

    @classmethod
    async def gather(cls, world: World, url: str, status: int, contains: str, within: str) -> Self:
        """Get the page until it is as asked, or `within` is over, each time in a process that can be killed.

        Redirects are not followed, and no proxy is asked. Raises NothingAsked when no address is configured,
        CannotKnow when the process cannot be had or says nonsense.
        """
        if not url:
            raise NothingAsked("no url is configured")
        environment = {name: world.variables[name] for name in _CERTIFICATES if name in world.variables}
        program = os.path.join(os.path.dirname(__file__), "page_fetcher.py")

        async def get(left: float) -> PageAnswer:
            argv = [sys.executable, "-I", "-S", "-X", "utf8", program]
            try:
                done = await Command(argv, environment, stdin=url.encode(), timeout=left, limit=_OUTPUT_LIMIT)
            except GivenUp:
                return PageAnswer(None, problem=f"no whole answer within {left:g} s")
            if done.status != 0:
                raise CannotKnow(f"the process that gets pages ended with status {done.status}")
            return _understand(done.stdout)

        answers = await retries.try_until_good(world, get, lambda answer: not answer.differs(status, contains), within)
        return cls(show_address(url), answers[-1])


def show_address(url: str) -> str:
    """A web address without what may be secret: user, password, query and fragment."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
    except ValueError:
        return "something that is not an address"
    place = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{place}{parts.path}" if place else parts.path


def _require_address(url: str) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known or not url.isprintable() or " " in url:
        raise ValueError("url must be an address such as http://127.0.0.1:18789/")


def _understand(output: bytes) -> PageAnswer:
    from json import loads

    try:
        return PageAnswer(**{"status": None, **loads(output)})
    except (ValueError, TypeError):
        raise CannotKnow("the process that gets pages answered with nonsense") from None
