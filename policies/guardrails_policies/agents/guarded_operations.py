"""Production moves in guarded operations alone."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Action, Finding, Policy, Severity, ToolCall, commented, require_told

_KINDS = {
    "moves-head": ("HEAD or a branch would move", "a repository that guarded operations alone move"),
    "loses-work": ("work would be lost", "a repository whose work is saved before anything takes it away"),
    "starts": ("its service would be started", "a service that is started after its checks"),
    "stops": ("its service would be stopped", "a service that is stopped by those who run it"),
}


class GuardedOperations(Policy):
    """A command of an agent that moves HEAD, throws work away, or starts or stops the service, past `guardrails run`.

    Why it matters
        A pull, a merge or a reset by hand skips the checks of a promotion: whether the commit was tested and approved,
        whether the tree is clean, whether a cron job is about to fire. An agent is quick to type one when an update
        stops, and the work that it resets is gone.
    Example
        $ cd ~/openclaw-prod && git reset --hard upstream/main
        $ launchctl kickstart -k gui/501/com.moltbot.gateway.prod
    Instead
        Let `guardrails run` do it: it checks, saves what would be lost, runs the steps, and checks again.

    `service` is the operation in which the service is started and stopped. `own-state` refuses a program of another
    environment that would be started with this one's state.
    """

    id = "guarded-operations"
    title = "Production moves in guarded operations alone"
    source = "deployment-rules §3"
    severity = Severity.CRITICAL
    stricter = MappingProxyType[str, str]({})
    empty = MappingProxyType({"service": "refused"})

    service: str = "start"

    def __post_init__(self) -> None:
        """Raise ValueError when a refusal could not say what to run instead."""
        if not self.service:
            raise ValueError("service is empty")

    def evaluate(self, call: ToolCall) -> Iterator[Finding]:
        """Report each move of the environment that the call would make."""
        certain = [one for one in call.certain(*_KINDS) if one.by in (None, call.environment.name)]
        for action in certain:
            says, expected = _KINDS[action.kind]
            yield Finding(
                message=f"{says} outside of a guarded operation",
                observed=f"`{' '.join(action.words)}` in {action.folder or 'a folder that cannot be told'}",
                expected=expected,
                remediation=self._instead(call, action),
                path=action.path,
            )
        if not certain:
            require_told(call.doubtful(*_KINDS))

    def _instead(self, call: ToolCall, action: Action) -> str:
        name = call.environment.name
        if action.kind in ("starts", "stops"):
            return call.guardrails.line("run", self.service, "--env", name, "--", *action.words)
        end = "clean" if action.kind == "loses-work" else "upstream"
        if line := call.guardrails.run(end) or call.guardrails.run("upstream"):
            return commented(line, "it saves what would be lost; a release comes by a promotion")
        return commented(call.guardrails.line("rescue", "--env", name, "save"), "then a person moves it")
