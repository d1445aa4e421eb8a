"""The agents of a state directory are in use."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Finding, Policy, Severity, a_look, ask, relative, seconds
from guardrails_policies.openclaw.cron.schedules import time_text
from guardrails_policies.openclaw.state.sessions import Sessions


class ActiveSessions(Policy):
    """A state directory without sessions, or whose sessions have all fallen silent or were left behind by an update.

    Why it matters
        A gateway that was started on another state directory runs and looks well; the sessions of this one just stop.
        The same shows when an update lost them, and when messages no longer reach the gateway.
    Example
        $ ls -t ~/.openclaw/agents/main/sessions | head -1      # from three weeks ago
    Instead
        Find out which state directory the running gateway uses, and whether its channels are connected. Let `max_age`
        be longer than the agents are ever idle.

    The index or store says when a session was last used. Where neither is left, the time at which a transcript was last
    written counts; a copy that does not keep times looks new. A time more than five minutes ahead does not count. From
    2026.8.2 on each agent has a store of its sessions. An update that broke off may have moved the cron jobs alone: the
    sessions that are still in files no longer count, and the finding names them.
    """

    id = "active-sessions"
    title = "Some session was used lately"
    source = "deployment-rules §7"
    severity = Severity.MEDIUM
    guards = ("*active sessions*",)
    stricter = MappingProxyType({"max_age": "shorter"})
    empty = MappingProxyType({"max_age": "refused"})

    max_age: str = "7d"

    def __post_init__(self) -> None:
        """Raise ValueError when `max_age` is no duration."""
        seconds(self.max_age, "max_age")

    def evaluate(self, sessions: Sessions = ask("max_age")) -> Iterator[Finding]:
        """Compare the latest use with the time of the check."""
        from os.path import dirname
        from shlex import quote

        folder = sessions.state_dir
        if not sessions.exists:
            yield Finding(
                message="The state directory is missing",
                observed=f"no folder {folder}",
                expected="a state directory with sessions",
                remediation=a_look(f"ls -ld {quote(dirname(folder))}", "restore it, or correct state_dir"),
                path=folder,
            )
        elif sessions.left_behind:
            yield _left_behind(sessions, folder)
        elif sessions.latest is None:
            yield self._finding(sessions, folder, "There is no session", f"agents: {sessions.agents}, sessions: none")
        elif sessions.at - sessions.latest > seconds(self.max_age):
            message = f"All sessions are silent: the last was used {relative(sessions.latest, sessions.at)}"
            yield self._finding(sessions, folder, message, f"last used {time_text(sessions.latest)}")

    def _finding(self, sessions: Sessions, folder: str, message: str, observed: str) -> Finding:
        from shlex import quote

        if sessions.later is not None:
            observed += f"; one claims {time_text(sessions.later)}, which is yet to come"
        return Finding(
            message=message,
            observed=observed,
            expected=f"a session that was used within {self.max_age}",
            remediation=a_look(f"OPENCLAW_STATE_DIR={quote(folder)} openclaw gateway status", "is it up, and on this?"),
            path=sessions.where or f"{folder}/agents",
        )


def _left_behind(sessions: Sessions, folder: str) -> Finding:
    from shlex import quote

    more = f" and {len(sessions.left_behind) - 1} more" if len(sessions.left_behind) > 1 else ""
    return Finding(
        message="An update has not moved the sessions",
        observed=f"sessions in {sessions.left_behind[0]}{more}, none in the store that is read instead",
        expected="the sessions of every agent in its openclaw-agent.sqlite",
        remediation=a_look(
            f"OPENCLAW_STATE_DIR={quote(folder)} openclaw doctor --lint",
            "stop the gateway, copy the state directory, then: openclaw doctor --fix",
        ),
        path=sessions.left_behind[0],
    )
