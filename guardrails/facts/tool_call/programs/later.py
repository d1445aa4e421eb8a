"""Programs that keep commands to be run later: crontab and at."""

from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def _later(given: Given) -> "Iterator[Touch]":
    """The commands stand on the standard input, where they are not followed; those of a file are not looked at."""
    if given.words and given.words[0].known in ("-l", "-q", "-c"):
        return
    text = given.command.script.known if given.command.script is not None else ""
    if given.command.piped or text:
        yield from given.code(text, "it keeps commands to be run later")


ROWS = (
    Program(
        ("crontab", "at", "batch"),
        read=_later,
        examples=(Example("crontab -l"), Example("at -l")),
    ),
)
