"""No agent switches a guard off, or speaks for a person."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from types import MappingProxyType

from guardrails import Action, Finding, Policy, Severity, ToolCall, a_look, require_told

_KINDS = {
    "loosens": ("a guard would be switched off or changed", "guards that people alone change"),
    "approves": ("a person's decision would be recorded", "decisions that people make"),
}


class GuardStaysOn(Policy):
    """A command of an agent that passes over a hook, changes the guard's own files, or approves in a person's name.

    Why it matters
        An agent that is refused looks for the way around: `--no-verify`, another `core.hooksPath`, an edit of the
        configuration, a waiver, a sign-off. Each of them looks like progress, and what the guard was there for happens.
    Example
        $ git push --no-verify
        $ guardrails hook uninstall reference-transaction --env prod
        $ guardrails waive clean-worktree --env prod --reason "blocks the update" --expires 2026-12-24
    Instead
        Do what the refusal says. If the guard itself is wrong, ask a person to change it.

    The policy guards the configuration and the files that it extends, waivers, signers, hooks, logs, and the settings
    of the hosts that hold our hook. `allow` lists exceptions for agents, as patterns of fnmatch over the words of a
    command of guardrails, such as `signoff --role architect-2 *`, or over all words of another command.
    """

    id = "guard-stays-on"
    title = "No agent switches a guard off or speaks for a person"
    source = "deployment-rules §4"
    severity = Severity.CRITICAL
    stricter = MappingProxyType({"allow": "fewer"})
    empty = MappingProxyType({"allow": "judged: nothing is allowed"})

    allow: tuple[str, ...] = ()

    def evaluate(self, call: ToolCall) -> Iterator[Finding]:
        """Report each action that takes a guard off, unless it is allowed."""
        certain = [one for one in call.certain(*_KINDS) if not self._is_allowed(one)]
        for action in certain:
            says, expected = _KINDS[action.kind]
            yield Finding(
                message=says,
                observed=f"`{' '.join(action.words)}` {action.kind} {action.path}",
                expected=expected,
                remediation=a_look(
                    call.guardrails.line("explain", self.id),
                    "leave the guard on; a person changes it, or lists this in allow",
                ),
                path=action.path,
            )
        if not certain:
            require_told(one for one in call.doubtful(*_KINDS) if not self._is_allowed(one))

    def _is_allowed(self, action: Action) -> bool:
        program, *rest = action.words or ("",)
        words = rest if program.rpartition("/")[2] == "guardrails" else action.words
        return any(fnmatchcase(" ".join(words), pattern) for pattern in self.allow)
