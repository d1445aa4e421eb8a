"""After an operation, HEAD is where the operation leads."""

from collections.abc import Iterator

from guardrails import DoesNotApply, ExpectedCommit, Finding, Policy, Severity, a_look


class ExpectedHead(Policy):
    """A HEAD that is not the checked candidate, the pinned upstream commit, or the commit to come back to.

    Why it matters
        The check was about a commit, not a name: a branch may move between the check and the merge, a merge of another
        commit succeeds just as well, and a reset to the newest upstream does not lead back to what ran before.
    Example
        $ git merge --ff-only FETCH_HEAD        # whatever was fetched last
    Instead
        Merge the id that was checked, and look at HEAD afterwards.
    """

    id = "expected-head"
    title = "After an operation HEAD is where it leads"
    source = "deployment-rules release plan 4, 7"
    severity = Severity.CRITICAL
    guards = ("git merge --ff-only *",)

    def evaluate(self, expected: ExpectedCommit) -> Iterator[Finding]:
        """Compare two ids."""
        from shlex import quote

        if expected.what is None:
            raise DoesNotApply("no operation has happened that moves HEAD")
        if expected.commit is None:
            yield Finding(
                message=f"there is no {expected.what} commit",
                observed="none is known",
                expected=f"HEAD at the {expected.what} commit",
                remediation=a_look(
                    f"git -C {quote(expected.repo)} for-each-ref refs/guardrails refs/remotes",
                    "is what it leads to among these?",
                ),
            )
        elif expected.head != expected.commit:
            yield Finding(
                message=f"HEAD is not the {expected.what} commit",
                observed=f"HEAD at {expected.head}",
                expected=f"HEAD at {expected.commit}",
                remediation=a_look(
                    f"git -C {quote(expected.repo)} reflog --max-count=5", "which step led HEAD elsewhere? Run it again"
                ),
            )
