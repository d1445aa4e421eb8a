"""A program that is started for one environment gets the state of that environment."""

from collections.abc import Iterator

from guardrails import Action, Finding, Policy, Severity, ToolCall, require_told


class OwnState(Policy):
    """A program that is started from one environment's checkout and would use the state of another.

    Why it matters
        A gateway that is started in the development checkout without its variable opens production's state: its cron
        jobs fire twice, its sessions are written by two programs, and a new version migrates a database that the old
        one still needs.
    Example
        $ cd ~/moltbot && openclaw gateway run         # uses ~/.openclaw
    Instead
        Give it the variables of its environment: `OPENCLAW_STATE_DIR=~/.openclaw-dev openclaw gateway run`.

    The policy judges the state that the program would really use, by its options, the variables of the command and of
    the caller, and its default.
    """

    id = "own-state"
    title = "A program gets the state of its own environment"
    source = "deployment-rules §2"
    severity = Severity.CRITICAL

    def evaluate(self, call: ToolCall) -> Iterator[Finding]:
        """Report each use of this environment's state by a program of another environment."""
        foreign = [one for one in call.certain("uses-state") if one.by not in (None, call.environment.name)]
        for action in foreign:
            yield Finding(
                message=f"a program of {action.by} would use the state of {call.environment.name}",
                observed=f"`{' '.join(action.words)}` in {action.folder} uses {action.path}",
                expected=f"the state directory of {action.by}",
                remediation=_instead(call, action),
                path=action.path,
            )
        if not foreign:
            require_told(one for one in call.doubtful("uses-state") if one.by != call.environment.name)


def _instead(call: ToolCall, action: Action) -> str:
    """The same command with the variables of the environment that it is started for."""
    from shlex import join, quote  # only a refused call needs it

    own = call.variables.get(action.by or "", {})
    command = join(("env", *(f"{name}={value}" for name, value in own.items()), *action.words))
    return f"cd {quote(action.folder)} && {command}" if action.folder else command
