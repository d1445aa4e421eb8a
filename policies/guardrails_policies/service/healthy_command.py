"""A command answers as it should."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import CommandAnswers, Finding, Policy, Severity, Table, a_look, ask


class HealthyCommand(Policy):
    """A command that does not end with 0, does not say what it should, or does not end.

    Why it matters
        A deployment that went through may still not work. The shortest proof is the answer of the service itself, when
        it is asked as its users ask it.
    Example
        [policies.facts-memory-health]
        use = "healthy-command"
        command = "openclaw memory facts health --json"
        json = { "ok" = true }
    Instead
        Run the command that the finding names, mend what it complains of, or roll back.

    `command` is run in the environment's repository with PATH, HOME, LANG and the variables of the environment, never
    by a shell; `{repo}` and `{state_dir}` may stand in it. `json` are values that its output must have, by dotted
    names, and then the whole output must be JSON; `contains` is text that must stand in it. It is tried again every
    half second until it has answered so `times` in a row or `within` is over: at most 50 s, and in a check with
    `--timeout T` at most 2 T. It may write 1 MiB. A process that it leaves in the background ends with the check,
    unless that process has moved to a process group of its own, as a daemon does.
    """

    id = "healthy-command"
    title = "The command answers as it should"
    source = "deployment-rules, Release plan 6"
    severity = Severity.HIGH
    guards = ("{command}", "*`{command}` *")
    empty = MappingProxyType(
        {
            "command": "skipped: no command is asked; refused beside json and contains",
            "json": "judged: the output may have any values",
            "json.*": "judged: the value must be empty text",
            "contains": "judged: the output may be any",
            "times": "refused",
            "within": "refused",
        }
    )

    command: str = ""
    json: dict[str, str | bool | int | float] = Table()
    contains: str = ""
    times: int = 1
    within: str = "10s"

    def __post_init__(self) -> None:
        """Raise ValueError when there could be no such command, or no such answer."""
        if (self.json or self.contains) and not self.command:
            raise ValueError("command: of which command is this to be the answer?")
        CommandAnswers.check(self.command, self.json, self.within, self.times)

    def evaluate(
        self, answers: CommandAnswers = ask("command", "json", "contains", "times", "within")
    ) -> Iterator[Finding]:
        """Look at the last answers; each must be good, and there must be enough of them."""
        differences = [answer.differs(self.json, self.contains) for answer in answers.answers]
        wrong = [difference for difference in differences if difference]
        if not wrong and len(differences) >= self.times:
            return
        good = f"{len(differences)} good answers in {self.within}, not {self.times} in a row"
        yield Finding(
            message=f"{self.command} does not answer as it should",
            observed=wrong[-1] if wrong else good,
            expected=self._expected(),
            remediation=a_look(f"{answers.line} || true", "what does it complain of? Mend that, or roll back"),
        )

    def _expected(self) -> str:
        """What is asked of an answer, in words; a value whose name says that it is a secret stays unseen."""
        asked = ["exit status 0", *(f"{name} = {CommandAnswers.written(name, one)}" for name, one in self.json.items())]
        if self.contains:
            asked.append(f"{self.contains!r} in its output")
        often = f", {self.times} times in a row" if self.times > 1 else ""
        return f"{', '.join(asked)} within {self.within}{often}"
