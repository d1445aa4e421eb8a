"""An environment variable has the required value."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Finding, Policy, Severity, Variable, a_look, ask


class EnvironmentVariable(Policy):
    """A variable that is not set, or has another value, where the next command will run.

    Why it matters
        A command reads its environment before it reads anything else. A variable that was exported hours ago in
        another terminal, or never, sends it to the wrong place without a word.
    Example
        [policies.node-environment]
        use = "environment-variable"
        name = "NODE_ENV"
        value = "production"
    Instead
        Set the variable in the terminal, the script or the service from which the command is run.

    The policy judges the environment of the user who runs the check. In `value`, `{repo}`, `{state_dir}` and a leading
    `~` are replaced, and the result is compared as text. Without `value`, the variable must be set and not be empty. A
    value is not shown when the name of the variable says that it is a secret.
    """

    id = "environment-variable"
    title = "The environment variable is set as required"
    source = "deployment-rules §7"
    severity = Severity.MEDIUM
    guards = ("{name}={value}", "*`{name}={value}` *")
    empty = MappingProxyType(
        {
            "name": "skipped: no variable is asked for; refused beside a value",
            "value": "judged: any value will do but an empty one",
        }
    )

    name: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when there could be no such variable."""
        Variable.check(self.name, self.value)

    def evaluate(self, variable: Variable = ask("name", "value")) -> Iterator[Finding]:
        """Compare the caller's value with the expected one, if there is one."""
        if variable.value and variable.expected in ("", variable.value):
            return
        wanted = variable.shown(variable.expected) if variable.expected else "a value that is not empty"
        given = "it is not set" if variable.value is None else f"{variable.name}={variable.shown(variable.value)}"
        yield Finding(
            message=f"{variable.name} is not set as required",
            observed=given if variable.value != "" else "it is empty",
            expected=f"{variable.name}={wanted}" if variable.expected else f"{variable.name} with {wanted}",
            remediation=_remedy(variable, wanted),
        )


def _remedy(variable: Variable, wanted: str) -> str:
    """The line that sets it, or that looks at it where the value must not be shown here."""
    from shlex import quote

    if variable.expected and wanted == variable.expected:
        return f"export {variable.name}={quote(wanted)}"
    look = f"printenv {quote(variable.name)} || echo it is not set"
    return a_look(look, "whoever runs the next command must set it before")
