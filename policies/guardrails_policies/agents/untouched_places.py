"""Nothing is written or removed in production or in a state directory."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import (
    Action,
    CannotKnow,
    Finding,
    Policy,
    Severity,
    ToolCall,
    a_look,
    commented,
    listed,
    require_told,
)

_BUILDS = ("bun", "make", "npm", "pnpm", "yarn")


class UntouchedPlaces(Policy):
    """A command of an agent that writes or removes something in production's repository, or in a state directory.

    Why it matters
        An edit in the production repository makes the next update stop, and the reset after it destroys the edit. A
        state directory belongs to a running program: when another program writes jobs, sessions or a database there,
        the change is lost or breaks the running one. Agents edit the checkout that they happen to stand in.
    Example
        $ sed -i s/18789/18790/ ~/openclaw-prod/src/gateway.ts
        $ sqlite3 ~/.openclaw/state/openclaw.sqlite "delete from cron_jobs"
    Instead
        Make the change in the development repository and promote it. Change the state by the commands of the program
        that it belongs to; this policy does not refuse them.

    `repos` names the environments whose repository must not be written. The policy guards the state directory, and the
    definition of the service, in every environment where it applies. `free` lists paths, as patterns, that anybody may
    write, such as an agent's workspace. A call that only reads is never refused.
    """

    id = "untouched-places"
    title = "Production and state directories are written by nobody else"
    source = "deployment-rules §1, §2"
    severity = Severity.CRITICAL
    stricter = MappingProxyType({"repos": "more", "free": "fewer"})
    empty = MappingProxyType(
        {
            "repos": "judged: no repository is guarded, state directories are",
            "free": "judged: nothing is free",
        }
    )

    repos: tuple[str, ...] = ("prod",)
    free: tuple[str, ...] = ()

    def evaluate(self, call: ToolCall) -> Iterator[Finding]:
        """Report each write and removal in a place that is not free.

        Raises CannotKnow when `repos` names an environment that there is not, whose repository would go unguarded.
        """
        if unknown := [name for name in self.repos if name not in call.variables]:
            raise CannotKnow(f"repos names {listed(unknown)}, which is no environment of the configuration")
        certain = [one for one in call.certain("writes", "removes") if self._guards(call, one)]
        for action in certain:
            yield Finding(
                message=f"{action.path} would be {'written' if action.kind == 'writes' else 'removed'}",
                observed=f"`{' '.join(action.words)}` {action.kind} it",
                expected=f"{_PLACES[action.place]} of {call.environment.name} that no agent writes",
                remediation=_instead(call, action),
                path=action.path,
            )
        if not certain:
            require_told(one for one in call.doubtful("writes", "removes") if self._guards(call, one))

    def _guards(self, call: ToolCall, action: Action) -> bool:
        if action.place == "repo" and call.environment.name not in self.repos:
            return False
        return not call.is_among(action.path, self.free)


_PLACES = {"repo": "a repository", "state_dir": "a state directory", "service": "a service's definition"}


def _instead(call: ToolCall, action: Action) -> str:
    """What to type: where the change belongs, or what shows what is there."""
    from shlex import quote  # only a refused call needs it

    if action.place == "state_dir":
        state = call.environment.require_state_dir()
        return a_look(f"ls -la {quote(state)}", "the program that it belongs to changes it by its own commands")
    builds = action.words and action.words[0].rpartition("/")[2] in _BUILDS
    if builds and (line := call.guardrails.run("upstream")):
        return commented(line, "it installs and builds what it brings")
    repo = call.source or call.environment.repo
    return a_look(f"git -C {quote(repo)} status", "make the change in development, commit it there, and promote it")
