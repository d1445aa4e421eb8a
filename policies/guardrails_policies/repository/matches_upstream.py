"""HEAD is the pinned upstream commit, or a recorded release, before a promotion, and contains upstream afterwards."""

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
    a_look,
    commented,
    listed,
    relative,
    seconds,
    utc,
)


class MatchesUpstream(Policy):
    """Production that is ahead of upstream, behind it, or apart from it, and an upstream that is not what it seems.

    Why it matters
        An update resets production to upstream: commits that only production has are gone. A promotion onto something
        else than upstream runs a tree that nobody has tested. Both depend on a ref that the last fetch left behind, and
        a remote whose address is rewritten fetches from somewhere else.
    Example
        $ git -C ~/openclaw-prod rev-list --count upstream/main..HEAD
        3
    Instead
        Fetch, look at what differs, and move commits that only production has to a branch in the development
        repository. Name the address under `url`, and how old a fetch may be under `max_age`; `--online` asks the
        remote itself. When upstream has moved on under a release, merge it into the next release in the development
        repository, and promote that.

    Before an update production may be behind, since that is what an update is for. Before a promotion it may be at a
    release that a guarded run has recorded, or that was merged by hand and that a person has settled with `guardrails
    history accept`, and the candidate holds the upstream commit. Afterwards it may be ahead.
    """

    id = "matches-upstream"
    title = "HEAD is where upstream is, or a release on top of it"
    source = "deployment-rules §3, release plan 0"
    severity = Severity.HIGH
    guards = ("*matches*{upstream}*", "git fetch upstream")
    stricter = MappingProxyType({"max_age": "shorter"})
    empty = MappingProxyType(
        {
            "url": "judged: any address will do that git does not rewrite",
            "max_age": "noted: the last fetch may be of any age",
        }
    )

    url: str = ""
    max_age: str = ""

    def __post_init__(self) -> None:
        if self.max_age:
            seconds(self.max_age, "max_age")

    def evaluate(self, upstream: Upstream, moment: MomentInQuestion) -> Iterator[Finding | Note | Effect]:
        """Compare commits, then the remote's address and the age of what is known of it."""
        if moment.operation is None:
            raise DoesNotApply("production may lawfully be ahead of upstream between operations")
        if moment.arrived:
            raise DoesNotApply("HEAD is already where the operation leads; this was judged before it moved")
        if upstream.commit is None:
            missing = _finding(upstream, "is not there", f"no {upstream.name}", f"the ref {upstream.name}", "")
            yield missing.replaced(remediation=upstream.remedy)
            return
        for commit in upstream.behind if moment.moves_head_to == "upstream" else ():
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
                    remediation=a_look(
                        f"git -C {_quote(upstream.repo)} config --show-origin --get-regexp '^(url|remote)\\.'",
                        "which of these leads elsewhere? Correct it, or the option url",
                    ),
                    ref=upstream.name,
                )
                return

    def _freshness(self, upstream: Upstream) -> Iterator[Finding | Note]:
        fetch = f"fetch {_quote(upstream.name.partition('/')[0])}"
        asked = commented(fetch, "then ask with --online; the age counts of a fetch in a guarded run alone")
        if upstream.online is not None:
            if upstream.online != upstream.commit:
                expected = f"{upstream.name} at {upstream.online}, as the remote has it"
                yield _finding(upstream, "is not what the remote has now", str(upstream.commit), expected, fetch)
        elif not self.max_age:
            yield Note(f"how old {upstream.name} is was not asked: --online asks the remote, max_age limits the age")
        elif upstream.fetched_at is None:
            expected = f"a recorded fetch of it within {self.max_age}"
            yield _finding(upstream, "was fetched nobody knows when", "no record of a fetch", expected, asked)
        elif upstream.at - upstream.fetched_at > seconds(self.max_age):
            stale = f"is stale: it was fetched {relative(upstream.fetched_at, upstream.at)}"
            fetched = f"fetched at {utc(upstream.fetched_at)}"
            yield _finding(upstream, stale, fetched, f"a fetch within {self.max_age}", asked)


def _apart(upstream: Upstream, moment: MomentInQuestion) -> Iterator[Finding]:
    """Each wrong difference: any before a promotion, commits of HEAD alone before an update, the others after it.

    A recorded release may stay where it is until the next one replaces it. That one then brings upstream's newer
    commits.
    """
    if not upstream.related:
        look = a_look("log --oneline -3", "is this the right repository, and the right upstream?")
        yield _finding(upstream, "and HEAD share no history", "two histories", f"HEAD at {upstream.commit}", look)
        return
    updates = moment.moves_head_to == "upstream"
    ahead = () if moment.after or upstream.release else upstream.ahead
    behind = () if not moment.after and (updates or upstream.release) else upstream.behind
    if ahead and upstream.behind:
        message = "and HEAD have diverged"
    else:
        message = "lacks commits that HEAD has" if ahead else "has commits that HEAD lacks"
    if ahead:
        expected = (
            f"nothing that {upstream.name} lacks" if updates else f"HEAD at {upstream.commit}, or a recorded release"
        )
        look = a_look(f"log --oneline {_quote(upstream.name)}..HEAD", "no-direct-edits says what to do with each")
        yield _finding(upstream, message, f"only in HEAD: {listed(ahead)}", expected, look)
    if behind:
        observed = f"only in {upstream.name}: {listed(behind)}"
        expected = f"HEAD containing {upstream.commit}" if moment.after else f"HEAD at {upstream.commit}"
        yield _finding(upstream, message, observed, expected, "").replaced(remediation=_catch_up(upstream, moment))
    if upstream.lacking:
        expected = (
            f"a candidate that contains {upstream.commit}: merge that into the release in dev, then test it again"
        )
        observed = f"not in the candidate: {listed(upstream.lacking)}"
        found = _finding(upstream, "has commits that the candidate lacks", observed, expected, "")
        yield found.replaced(remediation=upstream.merge)


def _catch_up(upstream: Upstream, moment: MomentInQuestion) -> str:
    update = "" if moment.after else moment.guardrails.run("upstream")
    look = f"git -C {_quote(upstream.repo)} log --oneline HEAD..{_quote(upstream.name)}"
    return update or a_look(look, "merge them into the release in dev, and promote that")


def _finding(upstream: Upstream, message: str, observed: str, expected: str, command: str) -> Finding:
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
