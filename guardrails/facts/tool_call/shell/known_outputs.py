"""What a few commands print, by their words alone: `echo`, `printf`, `cat <<EOF`, `pwd`, `mktemp`."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.wrappers import joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.tool_call.commands import SimpleCommand

PRINTING = frozenset(("cat", "echo", "mktemp", "printf", "pwd"))
_NEW = Word(("/tmp/tmp.XXXXXXXXXX",))  # noqa: S108 — of a file that was not there before, wherever it is


def output_of(command: SimpleCommand) -> Word | None:
    """What a command prints, without the newline at its end; None when it cannot be told."""
    name = command.words[0].text if command.words else None
    arguments = list(command.words[1:])
    if any(word.is_pattern for word in arguments) or command.more_words or command.redirects:
        return None
    if name == "echo":
        return _echoed(arguments)
    if name == "printf":
        return _printed(arguments)
    if name == "cat" and not arguments and command.script is not None:
        return _without_newlines(command.script)
    if name == "mktemp" and all(word.text in ("-d", "-q", "--directory") for word in arguments):
        return _NEW
    if name == "pwd" and not arguments and command.folder is not None:
        return Word((command.folder,))
    return None


def _echoed(arguments: list[Word]) -> Word | None:
    if arguments and arguments[0].text == "-n":
        arguments = arguments[1:]
    first = arguments[0].known if arguments else ""
    if first.startswith("\0") or (first.startswith("-") and set(first) <= set("-neE\0")):
        return None
    if any("\\" in word.known for word in arguments):
        return None  # some shells replace what follows it
    return _without_newlines(joined(arguments)) if arguments else Word(("",))


def _printed(arguments: list[Word]) -> Word | None:
    form = arguments[0].text if arguments else None
    if form in ("%s", "%s\\n") and len(arguments) == 2:
        return _without_newlines(arguments[1])
    if form is None or len(arguments) > 1 or "%" in form or "\\" in form.removesuffix("\\n"):
        return None
    return _without_newlines(Word((form.removesuffix("\\n"),)))


def _without_newlines(word: Word) -> Word:
    last = word.parts[-1] if word.parts else None
    return word if last is None else Word((*word.parts[:-1], last.rstrip("\n")))
