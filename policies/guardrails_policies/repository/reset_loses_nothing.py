"""A reset destroys nothing that exists nowhere else."""

from collections.abc import Iterator

from guardrails import Effect, Finding, Losses, Note, Policy, Severity, a_look, commented, listed


class ResetLosesNothing(Policy):
    """Commits, changes and files that `git reset --hard` would destroy, and a release that it would un-deploy.

    Why it matters
        A hard reset drops local commits, throws away every staged and unstaged change, and overwrites files that git
        does not know, ignored ones too, without a word. `git diff > prod.patch` saves almost none of it: one binary
        file makes `git apply` reject the whole patch. After a promotion, a reset to upstream un-deploys the release.
    Example
        $ git -C ~/openclaw-prod reset --hard upstream/main      # three days after a promotion
    Instead
        Let `guardrails run` do it, which saves the work first, or save it with `guardrails rescue`, which proves what
        it saved. To take a release out of use on purpose, run the operation rollback, which goes back to what ran
        before.

    For an agent's tool call, the policy judges what the commands themselves would destroy now: `reset`, `checkout`,
    `switch`, `restore`, `clean`, `stash drop`, `branch -D` and `worktree remove --force`. A clean tree may be reset.

    A rescue below refs/rescue counts when it holds every byte that would be lost, as it is now. Stashes survive a
    reset, and the report names them.
    """

    id = "reset-loses-nothing"
    title = "A reset destroys nothing that is nowhere else"
    source = "deployment-rules §3, Update failures, release plan 7"
    severity = Severity.CRITICAL
    guards = ("git reset --hard *", "git diff > *")

    def evaluate(self, losses: Losses) -> Iterator[Finding | Note | Effect]:
        """Tell the effects, then report each kind of loss that no rescue holds."""
        if losses.target is None:
            yield Finding(
                message="there is nothing to reset to",
                observed=losses.problem,
                expected="a commit to reset to",
                remediation=losses.remedy,
            )
            return
        yield from _effects(losses)
        if losses.saving and losses.anything:
            yield Note("what the reset would destroy is saved before anything is reset")
        elif losses.rescue is None:
            for what, loss in _losses(losses):
                yield Finding(
                    message=f"{what} would be lost",
                    observed=loss,
                    expected="nothing that a reset would destroy, or a verified rescue of it",
                    remediation=_save(losses),
                )
        elif losses.anything:
            yield Note(f"{losses.rescue} holds what the reset would destroy")
        yield from _out_of_a_rescue(losses)
        if losses.undeploys and losses.leads_back:
            yield Note(f"this takes out of use: {listed(losses.undeploys)}")
        elif losses.undeploys:
            yield Finding(
                message="a promoted release would be un-deployed",
                observed=listed(losses.undeploys),
                expected=f"a target that holds the release; {losses.target} does not",
                remediation=_keep(losses),
            )
        if losses.stashes:
            yield Note(f"{losses.stashes} stashes stay where they are")


def _out_of_a_rescue(losses: Losses) -> Iterator[Finding]:
    """The things that a command would destroy outside of what a rescue of the work tree holds, and what keeps them."""
    from shlex import quote

    for commit in losses.branches:
        yield Finding(
            message="commits of a branch would be lost",
            observed=str(commit),
            expected="commits that another branch or a tag holds",
            remediation=f"git -C {quote(losses.repo)} tag saved/{commit.id[:12]} {commit.id}",
        )
    for place in losses.elsewhere:
        yield Finding(
            message="work in a linked work tree would be lost",
            observed=place,
            expected="a work tree without changes and files of its own",
            remediation=f"git -C {quote(place)} stash push --include-untracked",
        )


def _save(losses: Losses) -> str:
    """What to type. A check and a plan change nothing, so they can only name a command that saves by itself."""
    command = losses.guardrails.line("rescue", "--env", losses.environment, "save", "--ignored")
    run = losses.guardrails.line("run", losses.operation, "--env", losses.environment)
    return commented(command, f"{run} saves by itself") if losses.saves else command


def _keep(losses: Losses) -> str:
    """What to type to take a recorded release out of use on purpose; for one merged by hand, what to look at."""
    from shlex import quote

    follow = "to follow upstream, merge it into the release in dev, and promote that"
    back = losses.guardrails.run("previous")
    if losses.recorded and back:
        return commented(back, f"takes it out of use; {follow}")
    return a_look(f"git -C {quote(losses.repo)} log --oneline {losses.target}..HEAD", f"no run recorded it; {follow}")


def _losses(losses: Losses) -> Iterator[tuple[str, str]]:
    if losses.orphans:
        yield f"local commits ({len(losses.orphans)})", listed(losses.orphans)
    if losses.loses:
        yield f"changes in files ({len(losses.loses)})", listed(losses.loses)
    if losses.overwrites:
        yield f"files that git does not know ({len(losses.overwrites)})", listed(losses.overwrites)
    if losses.sweeps:
        yield f"files that git clean removes ({len(losses.sweeps)})", listed(losses.sweeps)


def _effects(losses: Losses) -> Iterator[Effect]:
    for kind in ("drops", "undeploys"):
        for commit in getattr(losses, kind):
            yield Effect(kind, commit.id, commit.subject)
    for kind, paths in (("loses", (*losses.loses, *losses.sweeps)), ("overwrites", losses.overwrites)):
        for path in paths:
            yield Effect(kind, path)
