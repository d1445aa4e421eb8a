"""What a configured command answers, run as often as its answer is to be seen."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow, NothingAsked
from guardrails.facts.answers import retries
from guardrails.facts.files import parse_json
from guardrails.facts.programs.side_by_side import Command, GivenUp
from guardrails.facts.reading.table_values import find, is_same, show_value, split_name
from guardrails.model import require_known_placeholders
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.command_lines import command_words
from guardrails.wording.shown_text import names_a_secret, redact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from guardrails.policy import World

OUTPUT_LIMIT = 1024 * 1024  # bytes, on both outputs together
QUOTABLE = 8192  # bytes at the end of an output that are looked through for lines to quote
QUOTED = 300  # characters of each output in a finding
LINES_QUOTED = 5
PATH = "/usr/local/bin:/usr/bin:/bin"  # when the caller has none


class CommandAnswer(Record):
    """How one run of a command ended: its exit status (negative: the signal) and outputs, or why it gave none."""

    status: int | None
    output: bytes = b""
    errors: bytes = b""
    problem: str = ""

    def differs(self, json: Mapping[str, Any], contains: str) -> str:
        """How the answer differs from status 0 with these values and this text in its output; empty when it does not.

        The whole output must be JSON when values are asked for, and UTF-8 when anything is.
        """
        if self.status != 0:
            return self.problem or f"exit status {self.status}{self._said}"
        if not json and not contains:
            return ""
        try:
            text = self.output.decode()
        except UnicodeDecodeError:
            return "output that is not UTF-8"
        if contains not in text:
            return f"output without {contains!r}{_quote(self.output)}"
        return _differing_values(text, json) if json else ""

    @property
    def _said(self) -> str:
        """The last lines of what it wrote: its errors first, since these tell more."""
        errors, output = _quote(self.errors), _quote(self.output)
        return f"{errors}; on its output{output}" if errors and output else errors or output


class CommandAnswers(Fact):
    """The last answers of a command, as many as were asked for in a row; fewer when its time was up before.

    `line` is what to type to run it by hand.
    """

    line: str
    answers: tuple[CommandAnswer, ...]

    written = staticmethod(show_value)

    @staticmethod
    def check(command: str, json: Mapping[str, Any], within: str, times: int) -> None:
        """Raise ValueError when no such command could be run, or its answer never be had."""
        for word in _words(command):
            require_known_placeholders(word)
        for name in json:
            split_name(name)
        retries.check(within, times)

    @classmethod
    async def gather(
        cls, world: World, command: str, json: Mapping[str, Any], contains: str, times: int, within: str
    ) -> Self:
        """Run the command until it has answered as asked `times` in a row, or `within` is over.

        It runs in the environment's repository, without a shell, with PATH, HOME and LANG of the caller and the
        variables of the environment. Raises NothingAsked when no command is configured, CannotKnow when it cannot be
        started for another reason than that it is not there.
        """
        words = [world.environment.filled(word, world.home) for word in _words(command)]
        if not words:
            raise NothingAsked("no command is configured")
        own = {name: world.environment.filled(text, world.home) for name, text in world.environment.variables.items()}
        environment = {**_inherited(world), **own}
        line = _typed(words, world.environment.repo, own)
        program = _program(words[0], world.environment.repo, environment["PATH"])
        if program is None:
            return cls(line, (CommandAnswer(None, problem=f"there is no program {words[0]}"),))

        async def run(left: float) -> CommandAnswer:
            child = Command(
                [program, *words[1:]], environment, timeout=left, limit=OUTPUT_LIMIT, folder=world.environment.repo
            )
            try:
                done = await child
            except GivenUp as error:
                return CommandAnswer(None, problem=str(error))
            return CommandAnswer(done.status, done.stdout, done.stderr)

        return cls(
            line,
            await retries.try_until_good(world, run, lambda answer: not answer.differs(json, contains), within, times),
        )


def _words(command: str) -> tuple[str, ...]:
    try:
        return command_words(command)
    except ValueError as error:
        raise ValueError(f"command: {error}") from None


def _inherited(world: World) -> dict[str, str]:
    given = world.variables
    folders = [folder for folder in given.get("PATH", PATH).split(os.pathsep) if os.path.isabs(folder)]
    language = given.get("LC_ALL") or given.get("LANG") or "C.UTF-8"
    return {"PATH": os.pathsep.join(folders), "HOME": world.home, "LANG": language}


def _typed(words: list[str], repo: str, variables: Mapping[str, str]) -> str:
    from shlex import join, quote

    set_first = [f"{name}={quote(value)}" for name, value in variables.items() if not names_a_secret(name)]
    return f"cd {quote(repo)} && {' '.join([*set_first, join(words)])}"


def _program(name: str, repo: str, path: str) -> str | None:
    """The program's absolute path: from PATH, or, with a slash in it, in the repository; None when there is none."""
    folders = [repo] if "/" in name else path.split(os.pathsep)
    places = [os.path.join(folder, name) for folder in folders]
    return next((place for place in places if os.path.isfile(place) and os.access(place, os.X_OK)), None)


def _differing_values(text: str, json: Mapping[str, Any]) -> str:
    try:
        table = parse_json(text, "the output")
    except CannotKnow as error:
        return f"{error}{_quote(text.encode())}"
    for name, wanted in json.items():
        try:
            value = find(table, name)
        except KeyError:
            return f"output without {name}"
        if not is_same(value, wanted):
            return f"{name} = {show_value(name, value)}"
    return ""


def _quote(output: bytes) -> str:
    """The last lines of what was written; secrets are taken out first, since a cut one no longer looks like one."""
    written = redact(output[-QUOTABLE:].decode("utf-8", "replace")).split("\n")
    text = " ⏎ ".join([" ".join(line.split()) for line in written if line.strip()][-LINES_QUOTED:])
    return f": {text[-QUOTED:]}" if text else ""
