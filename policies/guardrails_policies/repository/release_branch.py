"""A release is made on a release branch, whole and unambiguous."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from types import MappingProxyType

from guardrails import Finding, Policy, ReleaseSource, Severity, a_look, listed


class ReleaseBranch(Policy):
    """A release from a branch that is not one for releases, with uncommitted work, or under an ambiguous name.

    Why it matters
        Tests run on the work tree; a promotion takes a commit. Uncommitted files, a branch that moved on and a tag of
        the same name each make these two different things. `git commit -am` does not add new files.
    Example
        $ git checkout -b release/memory-v1
        $ git commit -am "release: memory system"        # src/memory.ts is new, and stays behind
    Instead
        Commit with `git add --all`, look at `git status`, and promote the tip of the branch.
    """

    id = "release-branch"
    title = "The candidate is the tip of a release branch"
    source = "deployment-rules release plan 0, 3"
    severity = Severity.HIGH
    guards = (
        "*all changes committed*release branch*",
        "git checkout -b {branches}",
        "git commit *release*",
        "git fetch {repo} {branches}",
    )
    stricter = MappingProxyType({"branches": "fewer"})
    empty = MappingProxyType({"branches": "refused"})

    branches: tuple[str, ...] = ("release/*",)

    def __post_init__(self) -> None:
        if not self.branches:
            raise ValueError("branches is empty, so that no branch could be one for releases")

    def evaluate(self, source: ReleaseSource) -> Iterator[Finding]:
        """Judge the name, the commit that it means, and what is not committed."""
        from shlex import quote

        repo, patterns = quote(source.repo), ", ".join(self.branches)
        releases = [branch for branch, _ in source.tips if self._is_release(branch)]
        if not releases:
            found = source.name or "a detached HEAD"
            if source.name == source.candidate:
                found = f"{source.candidate}, the tip of no release branch"
            yield Finding(
                message=f"{found} is no release branch",
                observed=found,
                expected=f"a branch of {source.repo} that matches {patterns}",
                remediation=a_look(
                    f"git -C {repo} branch --list --all {quote(self.branches[0])}", "promote one of these, or make one"
                ),
                ref=source.name or None,
            )
            return
        branch, tip = next((branch, oid) for branch, oid in source.tips if branch in releases)
        if source.tagged and source.name != source.candidate:
            yield Finding(
                message=f"{branch} is a tag as well as a branch",
                observed=f"refs/heads/{branch} and refs/tags/{branch}",
                expected="one meaning of the name",
                remediation=f"git -C {repo} tag {quote(f'{branch}.tag')} {quote(f'refs/tags/{branch}')} && "
                f"git -C {repo} tag --delete {quote(branch)}",
                ref=branch,
            )
        if tip != source.candidate:
            yield Finding(
                message=f"the candidate is not the tip of {branch}",
                observed=f"candidate {source.candidate}, {branch} at {tip}",
                expected=f"the tip of {branch}",
                remediation=a_look(
                    f"git -C {repo} log --oneline {source.candidate}..{tip}", "promote the tip, if these are part of it"
                ),
                ref=branch,
            )
        if source.dirt and source.branch == branch:
            yield Finding(
                message=f"not everything is committed on {branch}",
                observed=listed(source.dirt),
                expected="every change committed, or gone",
                remediation=f"git -C {repo} add --all && git -C {repo} commit --message 'release: the rest'"
                "   # then test again",
                path=source.dirt[0],
                ref=branch,
            )

    def _is_release(self, branch: str) -> bool:
        return any(fnmatchcase(branch, pattern) for pattern in self.branches)
