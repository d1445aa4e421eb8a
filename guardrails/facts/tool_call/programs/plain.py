"""What a row of plain data says of a command."""

from __future__ import annotations

import os

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import HERE, Arguments, parse
from guardrails.facts.tool_call.programs.program import Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


def touches(program: Program, given: Given) -> Iterable[Touch]:
    """What a program does when it is called like this."""
    if program.read is not None:
        return program.read(given)
    return _plain(program, given, parse(given.words, program.values, program.attached))


def _plain(program: Program, given: Given, found: Arguments) -> Iterator[Touch]:
    for option, kind in program.paths:
        for value in found.values(option):
            yield Touch(kind, value)
    if (program.only_with and not found.has(*program.only_with)) or found.has(*program.never_with, "help", "version"):
        return
    deep = program.deep or found.has(*program.deep_with)
    operands = list(found.operands[0 if found.has(*program.no_skip) else program.skip :])
    folders = list(found.values(*program.into))
    if given.command.more_words:
        operands.append(Word((None,)))
    if program.last and not folders and operands:
        folders = [operands.pop()] if len(operands) > 1 or not program.operands else []
        folders = folders or [HERE]
    elif program.here and not operands:
        operands = [HERE]
    for operand in operands if program.operands else ():
        yield Touch(program.operands, operand, deep)
    for folder in folders:
        yield from _into(program, folder, operands, given)


def _into(program: Program, folder: Word, sources: list[Word], given: Given) -> Iterator[Touch]:
    """What is written to a destination: the file itself, or in a folder one of each source's name."""
    kind = program.last
    if not sources or not is_folder(folder, given.command.folder):
        yield Touch(kind, folder)
        return
    for source in sources:
        yield Touch(kind, folder if source.text is None else place_in(folder, source))  # a name leads nowhere else


def place_in(folder: Word, source: Word) -> Word:
    """Where something of a source's name would be in a folder."""
    text = source.text
    name = None if text is None else os.path.basename(os.path.normpath(text))
    return Word((*folder.parts, "/", name), folder.is_pattern or source.is_pattern)


def is_folder(word: Word, folder: str | None) -> bool:
    """Whether a word leads to a folder that is there."""
    text = word.text
    if text is None or word.is_pattern:
        return False
    return (os.path.isabs(text) or folder is not None) and os.path.isdir(os.path.join(folder or "/", text))
