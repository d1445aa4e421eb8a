"""The hooks that must be there are the ones that git, and the hosts of agents, would run."""

from collections.abc import Iterator

from guardrails import DoesNotApply, Finding, InstalledHooks, Note, Policy, Severity


class GuardsInstalled(Policy):
    """A hook of guardrails that nobody would run, although the configuration names it or somebody installed it.

    Why it matters
        A hook that is gone says nothing. husky, lefthook and simple-git-hooks write their own over it when they run,
        `core.hooksPath` leads git elsewhere, a new machine never had it, and an update takes its interpreter away.
    Example
        $ guardrails hook install pre-push --env dev
        $ npx husky                                    # from now on, git push asks nobody
    Instead
        Install the hook again after whatever took it off, as part of the same script.

    `[guards]` names the kinds of hooks by environment. The policy also asks for each hook that `guardrails hook
    install` has installed for this configuration, until `guardrails hook uninstall`. A hook counts when git may run it,
    in every work tree, and it is byte for byte the hook that would be installed now. A hook of an agent's host counts
    when the host's settings, of the user or of the checkout, hold the entry that would be put there now. The policy
    does not run a hook, so it does not see what its interpreter does: `guardrails hook status` runs it.
    """

    id = "guards-installed"
    title = "The installed guards are the ones that git runs"
    source = "deployment-rules §4"
    severity = Severity.HIGH

    def evaluate(self, installed: InstalledHooks) -> Iterator[Finding | Note]:
        """Yield a finding for each hook, in each work tree, that does not guard."""
        if not installed.hooks:
            raise DoesNotApply(f"[guards] names no hook of {installed.environment}, and none was installed")
        for hook in installed.hooks:
            if hook.problem:
                yield Finding(
                    message=f"{hook.kind} does not guard {installed.environment}",
                    observed=hook.problem,
                    expected=f"{hook.runner} runs the {hook.kind} hook of guardrails in {hook.folder}",
                    remediation=hook.remedy,
                    path=hook.path,
                )
            elif hook.kept_by_pre_commit:
                yield Note(f"pre-commit runs {hook.kind} before its own hooks")
