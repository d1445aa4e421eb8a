"""The environment has its configured branch checked out."""

from collections.abc import Iterator

from guardrails import BranchInUse, Finding, NothingAsked, Policy, Severity, commented


class ExpectedBranch(Policy):
    """A checkout that is on another branch, on none, or in the middle of a bisect.

    Why it matters
        An update merges into whatever is checked out. On a detached HEAD its commits belong to no branch, and the next
        checkout leaves them behind; in a bisect the files are those of some old commit.
    Example
        $ git -C ~/openclaw-prod checkout v2026.1.30      # looks at a tag, and stays there
    Instead
        Look at other versions in the development repository, or with `git worktree add`. `guardrails run recover`
        brings a production checkout back from wherever it is, and saves the work that is there.
    """

    id = "expected-branch"
    title = "The configured branch is checked out"
    source = "deployment-rules §4"
    severity = Severity.HIGH
    guards = ("*prod branch*",)

    def evaluate(self, use: BranchInUse) -> Iterator[Finding]:
        """Compare what is checked out with the configuration."""
        from shlex import quote

        if use.expected is None:
            raise NothingAsked("no branch is configured")
        repo = quote(use.repo)
        back = f"{use.applying} --abort" if use.applying else f"switch {quote(use.expected)}"
        recovery = commented(use.recovery, "saves the work first") if use.recovery else ""
        if use.bisecting:
            yield Finding(
                message="a bisect is under way",
                observed=f"BISECT_LOG, with {use.branch or 'no branch'} checked out",
                expected=f"the branch {use.expected}, and no bisect",
                remediation=recovery or f"git -C {repo} bisect reset",
                ref=use.branch,
            )
        elif use.branch != use.expected:
            yield Finding(
                message=f"{use.branch or 'no branch'} is checked out instead of {use.expected}",
                observed=f"the branch {use.branch}" if use.branch else f"a detached HEAD at {use.commit}",
                expected=f"the branch {use.expected}",
                remediation=recovery or f"git -C {repo} {back}",
                ref=use.branch,
            )
