"""HEAD is the pinned upstream commit before a promotion, and contains it afterwards."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import (
    DoesNotApply,
    Effect,
    Finding,
    MomentInQuestion,
    Note,
    Policy,
    Severity,
    Upstream,
    listed,
    seconds,
)


class MatchesUpstream(Policy):
    """Production that is ahead of upstream, behind it, or apart from it, and an upstream that is not what it seems.

    Why it matters
        An update resets production to upstream: what only production has is gone. A promotion onto something else than
        upstream runs a tree that nobody has tested. Both are judged against a ref that the last fetch left behind, and
        a remote whose address is rewritten fetches from somewhere else.
    Example
        $ git -C ~/openclaw-prod rev-list --count upstream/main..HEAD
        3
    Instead
        Fetch, look at what differs, and move commits that only production has to a branch in the development
        repository. Name the address under `url`, and how old a fetch may be under `max_age`; `--online` asks the
        remote itself.

    Before an update production may be behind, since that is what an update is for. After a promotion it may be ahead.
    """

    id = "matches-upstream"
    title = "HEAD is where upstream is, or contains it"
    source = "deployment-rules §3, release plan 0"
    severity = Severity.HIGH
    guards = ("*matches*{upstream}*", "git fetch upstream")
    stricter = MappingProxyType({"max_age": "shorter"})

    url: str = ""
    max_age: str = ""

    def __post_init__(self) -> None:
        if self.max_age:
            seconds(self.max_age, "max_age")

    def evaluate(self, upstream: Upstream, moment: MomentInQuestion) -> Iterator[Finding | Note | Effect]:
        """Compare commits, then the remote's address and the age of what is known of it."""
        if moment.operation is None:
            raise DoesNotApply("production may lawfully be ahead of upstream between operations")
        if upstream.commit is None:
            yield _finding(upstream, "there is no such ref", f"no {upstream.name}", f"the ref {upstream.name}", "fetch")
            return
        for commit in upstream.behind if moment.operation == "update" else ():
            yield Effect("arrives", commit.id, commit.subject)
        yield from _apart(upstream, moment)
        yield from self._address(upstream)
        yield from self._freshness(upstream)

    def _address(self, upstream: Upstream) -> Iterator[Finding]:
        remote = upstream.name.partition("/")[0]
        for what, url in (("is configured as", upstream.url), ("is rewritten to", upstream.effective_url)):
            wanted = self.url or upstream.url
            if url != wanted:
                yield Finding(
                    message=f"the remote {remote} {what} another address",
                    observed=str(url),
                    expected=str(wanted),
                    remediation=f"git -C {_quote(upstream.repo)} config --show-origin --get-regexp '^(url|remote)\\.'",
                    ref=upstream.name,
                )
                return

    def _freshness(self, upstream: Upstream) -> Iterator[Finding | Note]:
        if upstream.online is not None:
            if upstream.online != upstream.commit:
                expected = f"{upstream.name} at {upstream.online}, as the remote has it"
                yield _finding(upstream, "is not what the remote has now", str(upstream.commit), expected, "fetch")
        elif not self.max_age:
            yield Note(f"how old {upstream.name} is was not asked: --online asks the remote, max_age limits the age")
        elif upstream.fetched_at is None:
            expected = f"a recorded fetch of it within {self.max_age}"
            yield _finding(upstream, "was fetched nobody knows when", "no record of a fetch", expected, "fetch")
        elif upstream.at - upstream.fetched_at > seconds(self.max_age):
            age = f"fetched {round((upstream.at - upstream.fetched_at) / 60)} minutes ago"
            yield _finding(upstream, "is stale", age, f"a fetch within {self.max_age}", "fetch")


def _apart(upstream: Upstream, moment: MomentInQuestion) -> Iterator[Finding]:
    """What differs and must not: anything before a promotion, what only HEAD has before an update, the rest after."""
    ahead = upstream.ahead if not moment.after else ()
    behind = upstream.behind if moment.after or moment.operation != "update" else ()
    name = upstream.name
    if not upstream.related:
        yield _finding(upstream, "and HEAD share no history", "two histories", f"HEAD at {upstream.commit}", "log -3")
        return
    if ahead and upstream.behind:
        message = "and HEAD have diverged"
    else:
        message = "lacks commits that HEAD has" if ahead else "has commits that HEAD lacks"
    if ahead:
        expected = f"HEAD at {upstream.commit}" if moment.operation != "update" else f"nothing that {name} lacks"
        yield _finding(upstream, message, f"only in HEAD: {listed(ahead)}", expected, f"log --oneline {name}..HEAD")
    if behind:
        expected = f"HEAD at {upstream.commit}" if not moment.after else f"HEAD containing {upstream.commit}"
        yield _finding(upstream, message, f"only in {name}: {listed(behind)}", expected, f"merge --ff-only {name}")


def _finding(upstream: Upstream, message: str, observed: str, expected: str, command: str) -> Finding:
    command = f"fetch {_quote(upstream.name.partition('/')[0])}" if command == "fetch" else command
    return Finding(
        message=f"{upstream.name} {message}",
        observed=observed,
        expected=expected,
        remediation=f"git -C {_quote(upstream.repo)} {command}",
        ref=upstream.name,
    )


def _quote(text: str) -> str:
    from shlex import quote

    return quote(text)
