"""What a call of a shell runs: the text or file that its arguments name, or its input."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.wrapper_rows import SHELL_OPTIONS_WITH_VALUE
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def is_input(word: Word) -> bool:
    """Whether the name of a file is that of the standard input."""
    return word.known.removeprefix("/dev/").removeprefix("/proc/self/") in ("stdin", "fd/0")


class ShellCall(Record):
    """A call of a shell: its `text` after `-c`, or the `file` of its script, or neither: then it reads its input."""

    text: Word | None = None
    file: Word | None = None
    arguments: tuple[Word, ...] = ()


def shell_call(words: Sequence[Word]) -> ShellCall:
    """What a call such as `bash -lc TEXT NAME ARGUMENT` runs (bash(1), OPTIONS)."""
    has_text, reads_input, at = False, False, 1
    while at < len(words):
        known = words[at].known
        if known in ("--", "-"):
            at += 1
            break
        if known in SHELL_OPTIONS_WITH_VALUE:
            at += 1
        elif known.startswith("-") and not known.startswith("--"):
            has_text, reads_input = has_text or "c" in known, reads_input or "s" in known
            at += known.endswith(("o", "O"))
        elif not known.startswith(("--", "+")):
            break
        at += 1
    rest = tuple(words[at:])
    if has_text:
        return ShellCall(text=rest[0] if rest else Word(("",)), arguments=rest[2:])
    if reads_input or not rest or is_input(rest[0]):
        return ShellCall(arguments=rest if reads_input else rest[1:])
    return ShellCall(file=rest[0], arguments=rest[1:])
