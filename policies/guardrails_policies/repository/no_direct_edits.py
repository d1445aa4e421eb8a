"""Production holds no commit that is neither upstream's nor of an approved release."""

from collections.abc import Iterator

from guardrails import Finding, LocalCommits, NothingAsked, Policy, Severity, a_look, commented, listed


class NoDirectEdits(Policy):
    """A commit that was made in production, or that came there without any approval.

    Why it matters
        The next update resets production to upstream, and a commit that was made there is gone, or stands in the way of
        every later promotion. A commit that was made and reset away again shows that somebody works in production.
    Example
        $ cd ~/openclaw-prod && git commit -am "hotfix"
    Instead
        Commit in the development repository, on a release branch, and promote that.

    The upstream ref, the branches of `release-branch` where candidates come from, and the commits that guarded
    promotions have recorded count as approved. The policy goes by reachability, since anybody can make up the messages
    of a reflog. A commit that a guarded run took back, such as `guardrails run recover`, is on record and counts no
    more. A commit that somebody took back by hand counts until a rescue keeps it, an approved release
    holds it, or a person has accepted it: `guardrails history` shows each move of production and who let it happen, and
    `guardrails history accept` settles one.
    """

    id = "no-direct-edits"
    title = "Every commit came from upstream or a release"
    source = "deployment-rules §4"
    severity = Severity.HIGH
    guards = ("*no direct edits*", "*local edits in the production repo*")

    def evaluate(self, local: LocalCommits) -> Iterator[Finding]:
        """Report commits that are there, commits that were there, and a reflog that cannot tell."""
        from shlex import quote

        if local.upstream is None:
            raise NothingAsked("no upstream is configured")
        repo = quote(local.repo)
        if local.remedy:
            yield Finding(
                message=f"there is no {local.upstream}, so no commit can be told from upstream's",
                observed=f"no {local.upstream}",
                expected=f"the ref {local.upstream}",
                remediation=local.remedy,
            )
        expected = f"commits of {local.upstream} and of approved releases alone"
        if local.present:
            newest = local.present[0].id
            yield Finding(
                message=f"commits from neither {local.upstream} nor a release: {len(local.present)}",
                observed=listed(local.present),
                expected=expected,
                remediation=_take_away(local),
                ref=newest,
            )
        if local.past:
            newest = local.past[0].id
            yield Finding(
                message=f"commits that were made here and taken back: {len(local.past)}",
                observed=listed(local.past),
                expected=expected,
                remediation=commented(
                    local.guardrails.line("rescue", "--env", local.environment, "save"),
                    "keeps these commits, and ends this finding",
                ),
                ref=newest,
            )
        if local.reflog != "whole":
            what = "has no reflog" if local.reflog == "missing" else "has moved without its reflog"
            yield Finding(
                message=f"HEAD {what}, so that earlier commits cannot be told",
                observed=f"HEAD {what}",
                expected=f"a reflog that ends at {local.head}",
                remediation=commented(
                    f"git -C {repo} config core.logAllRefUpdates true && "
                    f"git -C {repo} update-ref --create-reflog HEAD HEAD",
                    "it begins anew",
                ),
            )


def _take_away(local: LocalCommits) -> str:
    """What to type to take the commits to dev or save them, and out of production."""
    back, clean = local.guardrails.run("previous"), local.guardrails.run("clean")
    if local.release and back:
        return commented(back, "saves them, goes back; then promote the release anew")
    if clean and not local.release:
        return commented(clean, f"saves them, takes them to dev, leads back to {local.upstream}")
    from shlex import quote

    shown = f"git -C {quote(local.repo)} log --oneline -{len(local.present)}"
    return a_look(shown, "take them to dev, and promote them from there")
