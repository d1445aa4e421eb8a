"""The commit that will run was tested completely and recently."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import (
    Finding,
    Note,
    NothingAsked,
    Policy,
    RecordedRun,
    RecordedRuns,
    Severity,
    Table,
    command_words,
    commented,
    listed,
    relative,
    seconds,
    utc,
)


class TestedCommit(Policy):
    """A candidate for whose tree no passed run of a required command is recorded.

    Why it matters
        "Tests pass" was true of some work tree at some time. A promotion takes a commit: after a rebase, an amended
        line or a merge in production its tree is another one, which nobody has tested.
    Example
        $ pnpm test                                     # passes, and then:
        $ git commit -am "release: memory system"       # src/memory.ts is new, and stays behind
    Instead
        Test what is committed and record it: `guardrails attest test --env dev -- pnpm test`. The record is about the
        tree: a new commit with the same tree keeps it.

    `commands` has, by name, the command line that must have passed: `{ test = "pnpm test" }`. It is split into words as
    a shell would, and a record counts when it ran the same words. Syntax that only a shell understands needs a shell of
    its own (`sh -c 'pnpm build && pnpm test'`). The newest record of each name counts, so a later failure, or a run of
    only a part, takes an earlier success back. With `[trust] allowed_signers` only signed records count. A record
    proves that the holder of the key says so, not that the run was clean: give the key to the machine that builds.
    """

    id = "tested-commit"
    title = "The commit that will run was built and tested"
    source = "deployment-rules §4, release plan 2"
    severity = Severity.HIGH
    guards = ("tests pass*", "pnpm test")
    stricter = MappingProxyType({"commands": "more", "max_age": "shorter"})
    empty = MappingProxyType(
        {
            "commands": "skipped: no command is required",
            "commands.*": "refused",
            "max_age": "refused",
        }
    )

    commands: dict[str, str] = Table()
    max_age: str = "24h"

    def __post_init__(self) -> None:
        """Raise ValueError when a command could not be recorded under its name, or `max_age` is no duration."""
        from re import fullmatch

        for name, command in self.commands.items():
            if not fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", name) or not command.strip():
                raise ValueError(f"commands: {name!r} must be letters and digits, and stand for a command line")
            try:
                command_words(command)
            except ValueError as error:
                raise ValueError(f"commands: {error}") from None
        seconds(self.max_age, "max_age")

    def evaluate(self, evidence: RecordedRuns) -> Iterator[Finding | Note]:
        """Judge the newest record of each required command."""
        if not self.commands:
            raise NothingAsked("no command is required (option commands)")
        if not evidence.signed:
            yield Note("unsigned records count, since [trust] has no allowed_signers")
        runs = {run.name: run for run in evidence.runs}
        for name, command in sorted(self.commands.items()):
            run = runs.get(name)
            problem = self._problem(run, command, evidence.at) if run else self._nothing(name, evidence)
            if problem:
                message, observed = problem
                yield Finding(
                    message=message,
                    observed=observed,
                    expected=f"`{command}` passed on the tree {evidence.tree} within {self.max_age}",
                    remediation=_remedy(evidence, name, command),
                    ref=run.ref if run else None,
                )
        if evidence.ignored:
            yield Note("not counted: " + listed([f"{one.ref}: {one.why}" for one in evidence.ignored]))

    def _problem(self, run: RecordedRun, command: str, now: float) -> tuple[str, str] | None:
        """What is wrong with the newest record of a name, and what it says."""
        from shlex import join

        when = utc(run.at)
        ran = f"`{join(run.command)}`"
        if run.command != command_words(command):
            return f"{run.name} ran another command", f"{ran} {run.result} at {when}"
        if run.result != "PASSED":
            return f"{run.name} did not pass", f"{ran} {run.result} at {when}"
        if run.tests == 0:
            return f"{run.name} ran no tests", f"{ran} {run.result} at {when}, with 0 tests"
        if now - run.at > seconds(self.max_age):
            return f"{run.name} passed {relative(run.at, now)}, which is too long", f"{ran} passed at {when}"
        return None

    def _nothing(self, name: str, evidence: RecordedRuns) -> tuple[str, str]:
        why = [one.why for one in evidence.ignored if one.ref.split("/")[3:4] == [name]]
        if why:
            return f"no record of {name} counts", f"{len(why)} for this tree, which cannot count: {listed(why)}"
        return f"{name} is not recorded for what will run", f"no record for the tree {evidence.tree}"


def _remedy(evidence: RecordedRuns, name: str, command: str) -> str:
    """The line that records it: attest runs the command in the environment's repository, wherever it is typed."""
    from shlex import quote

    there = f"git -C {quote(evidence.repo)} switch --detach {evidence.commit} && " if evidence.elsewhere else ""
    attest = evidence.guardrails.line("attest", name, "--env", evidence.environment, "--", *command_words(command))
    if not evidence.signed:
        return there + attest
    return commented(there + attest, "GUARDRAILS_KEY must name a key of [trust] allowed_signers, or it does not count")
