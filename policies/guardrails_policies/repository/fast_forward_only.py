"""The candidate descends from what is checked out."""

from collections.abc import Iterator

from guardrails import Ancestry, Finding, Note, Policy, Severity


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
    """

    id = "fast-forward-only"
    title = "The candidate descends from what is checked out"
    source = "deployment-rules §4"
    severity = Severity.HIGH

    def evaluate(self, ancestry: Ancestry) -> Iterator[Finding | Note]:
        """Accept the same commit or a descendant."""
        from shlex import quote

        name, commit, head = ancestry.candidate.name, ancestry.candidate.commit, ancestry.head
        if ancestry.relation == "same":
            yield Note(f"{name} is what is already checked out")
        elif ancestry.relation != "descendant":
            says, remedy = _RELATIONS[ancestry.relation]
            yield Finding(
                message=f"{name} {says.format(base=(ancestry.base or '')[:12])}",
                observed=f"candidate {commit}, HEAD {head}: {ancestry.relation}",
                expected=f"a candidate that descends from HEAD {head}",
                remediation=remedy.format(repo=quote(ancestry.repo), head=head, commit=commit),
                ref=name,
            )


_RELATIONS = {
    "ancestor": (
        "is older than what is checked out",
        "git -C {repo} log --oneline {commit}..{head}   # these commits would be dropped; choose a newer candidate",
    ),
    "diverged": (
        "and HEAD have diverged since {base}",
        "in the repository of the candidate: git fetch {repo} {head} && git rebase {head}   # then test it again",
    ),
    "unrelated": (
        "shares no history with what is checked out",
        "git -C {repo} remote -v   # is the candidate from the right repository?",
    ),
}
