"""The candidate descends from what is there."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Descent, Finding, Note, Policy, Severity, a_look, ask


class FastForwardOnly(Policy):
    """A candidate that does not contain the commit that production runs.

    Why it matters
        A fast-forward adds commits and drops none. Anything else needs a merge or a reset in the production
        repository, and then production runs a tree that nobody has tested, or loses what it ran before.
    Example
        $ git merge --ff-only FETCH_HEAD
        fatal: Not possible to fast-forward, aborting.
    Instead
        Rebase the release branch onto what production runs, test it again, and promote that.

    In a push, each update of a ref that matches `refs` is judged against what the remote has.
    """

    id = "fast-forward-only"
    title = "The candidate descends from what is there"
    source = "deployment-rules §4"
    severity = Severity.HIGH
    guards = ("git merge --ff-only *",)
    stricter = MappingProxyType({"refs": "more"})
    empty = MappingProxyType({"refs": "refused"})

    refs: tuple[str, ...] = ("refs/heads/main", "refs/heads/release/*")

    def __post_init__(self) -> None:
        """Raise ValueError when no push would ever be judged."""
        if not self.refs:
            raise ValueError("refs is empty, so that no push would be judged; leave push out of when instead")

    def evaluate(self, descent: Descent = ask("refs")) -> Iterator[Finding | Note]:
        """Accept the same commit or a descendant."""
        from shlex import quote

        if not descent.ancestries:
            yield Note("nothing is pushed that must descend from what is there")
        for ancestry in descent.ancestries:
            name, commit, head = ancestry.candidate.name, ancestry.candidate.commit, ancestry.head
            if ancestry.relation == "same":
                yield Note(f"{name} is what is already there")
            elif ancestry.relation != "descendant":
                says, command, then = _RELATIONS[ancestry.relation]
                names = {"repo": quote(ancestry.repo), "head": head, "commit": commit, "base": ancestry.base}
                yield Finding(
                    message=f"{name} {says.format(base=f' since {ancestry.base[:12]}' if ancestry.base else '')}",
                    observed=f"candidate {commit}, {descent.base} {head}: {ancestry.relation}",
                    expected=f"a candidate that descends from {descent.base} {head}",
                    remediation=a_look(command.format(**names), then.format(**names)),
                    ref=name,
                )


_RELATIONS = {
    "ancestor": (
        "is older than what is there",
        "git -C {repo} log --oneline {commit}..{head}",
        "these commits would be dropped; choose a newer candidate",
    ),
    "diverged": (
        "and what is there have diverged{base}",
        "git -C {repo} log --oneline {base}..{head}",
        "the candidate lacks these; rebase it onto {head} where it comes from, then test it again",
    ),
    "unrelated": (
        "shares no history with what is there",
        "git -C {repo} remote -v",
        "is the candidate from the right repository?",
    ),
}
