"""Takes the wrappers off a command: what `sudo`, `env`, `xargs`, `find -exec` and their like would run.

Pure functions of words. `wrapper_rows` has the programs; `shell_reading` follows what is found here.
"""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.shell.wrapper_rows import (
    SSH_OPTIONS_WITH_VALUE,
    WRAPPERS,
    Wrapper,
)
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Inner(Record):
    """What a wrapper runs: either `words`, or a `text` for a shell.

    `folders` are where it changes to in turn, None for a folder that cannot be told. `assigned` are variables it is
    given, `removed` those taken away, all of them when `emptied`. `more_words`, as in `SimpleCommand`.
    """

    words: tuple[Word, ...] = ()
    text: Word | None = None
    folders: tuple[Word | None, ...] = ()
    assigned: tuple[tuple[str, Word], ...] = ()
    removed: tuple[str, ...] = ()
    emptied: bool = False
    more_words: bool = False


def program_of(word: Word) -> str:
    """The name of a program without its folder; "" when it cannot be told."""
    text = word.text
    return "" if text is None or word.is_pattern else text.rpartition("/")[2]


def inner_of(words: Sequence[Word]) -> Inner | None:
    """What a command's wrapper runs; None when it is no wrapper, or runs nothing."""
    row = WRAPPERS.get(program_of(words[0]))
    if row is None:
        return None
    rest = list(words[1:])
    if row.sub:
        if not rest or rest[0].text not in row.sub:
            return None
        rest = rest[1:]
    options, at = _options(rest, row)
    if any(name in row.idle for name, _ in options):
        return None
    text = _value(options, row.text)
    folders: list[Word | None] = [value for name, value in options if name in row.folder]
    if any(name in row.elsewhere for name, _ in options) or "" in row.elsewhere:
        folders.insert(0, None)
    inner = Inner(
        folders=tuple(folders),
        removed=tuple(value.text or "" for name, value in options if name in row.removed and value),
        emptied=any(name in row.emptied for name, _ in options),
    )
    rest = [*_split_words(_value(options, row.split)), *rest[at:]]
    if row.valued == WRAPPERS["su"].valued:
        return _as_another_user(inner, options, rest, text)
    return _command_of(row, inner, options, rest, text)


def _command_of(
    row: Wrapper, inner: Inner, options: list[tuple[str, Word | None]], rest: list[Word], text: Word | None
) -> Inner | None:
    """The wrapper's command among the words after its options."""
    assigned = []
    while row.assigns and rest and "=" in rest[0].known.partition("\0")[0]:
        name, _, _ = rest[0].known.partition("=")
        assigned.append((name, _after(rest[0], len(name) + 1)))
        rest = rest[1:]
    inner = inner.replaced(assigned=tuple(assigned))
    rest = rest[row.operands :]
    if text is None and row.text and len(rest) == 2 and rest[0].text in row.text:
        text = rest[1]  # `flock FILE -c TEXT`
    if text is not None:
        return inner.replaced(text=text)
    if not rest:
        return None
    if row.joins and not any(name in ("-x", "--exec") for name, _ in options):
        return inner.replaced(text=joined(rest))
    if row.appends:
        return _with_arguments(inner, options, rest)
    return inner.replaced(words=tuple(rest))


def _with_arguments(inner: Inner, options: list[tuple[str, Word | None]], rest: list[Word]) -> Inner:
    """What `xargs` runs: words are appended, or stand where the option says."""
    marks = [value.text or "" for name, value in options if name in ("-I", "-J", "--replace", "-i") and value]
    marks += ["{}" for name, value in options if name in ("-i", "--replace") and value is None]
    if not marks:
        return inner.replaced(words=tuple(rest), more_words=True)
    return inner.replaced(words=tuple(_with_unknown(word, marks[-1]) for word in rest))


def _with_unknown(word: Word, mark: str) -> Word:
    """A word in which something that cannot be told stands for each mark."""
    if not mark or mark not in word.known:
        return word
    parts: list[str | None] = []
    for part in word.parts:
        if part is None:
            parts.append(None)
            continue
        for at, piece in enumerate(part.split(mark)):
            parts += [None] if at else []
            parts += [piece] if piece else []
    return Word(tuple(parts), word.is_pattern)


def _as_another_user(
    inner: Inner, options: list[tuple[str, Word | None]], rest: list[Word], text: Word | None
) -> Inner | None:
    """What `su` and `runuser` run: a text given anywhere, or for `runuser -u USER` the words."""
    if text is not None:
        return inner.replaced(text=text)
    if any(name in ("-u", "--user") for name, _ in options):
        return inner.replaced(words=tuple(rest)) if rest else None
    if rest and rest[0].text == "-":
        inner, rest = inner.replaced(folders=(None,)), rest[1:]
    for at, word in enumerate(rest[:-1]):
        if word.text in ("-c", "--command", "--session-command"):
            return inner.replaced(text=rest[at + 1])
    return None


def _options(words: list[Word], row: Wrapper) -> tuple[list[tuple[str, Word | None]], int]:
    """The options before the first operand, each with its value, and where that operand stands."""
    found: list[tuple[str, Word | None]] = []
    at = 0
    while at < len(words):
        known, at = words[at].known, at + 1
        following = words[at] if at < len(words) else None
        if known == "--":
            break
        if known == "-" and "-" in row.emptied:
            found.append(("-", None))
        elif known.startswith("--"):
            name, equals, _ = known.partition("=")
            name = _full(name, row)
            takes_next = name[2:] in row.long and not equals
            found.append(
                (
                    name,
                    _after(words[at - 1], len(known.partition("=")[0]) + 1)
                    if equals
                    else following
                    if takes_next
                    else None,
                )
            )
            at += takes_next
        elif known.startswith("-") and len(known) > 1:
            at += _cluster(words[at - 1], following, row, found)
        else:
            return found, at - 1
    return found, at


def _full(name: str, row: Wrapper) -> str:
    """A long option as it is called in full."""
    candidates = [one for one in row.long if one.startswith(name[2:])]
    return name if name[2:] in row.long or len(candidates) != 1 or len(name) < 4 else "--" + candidates[0]


def _cluster(word: Word, following: Word | None, row: Wrapper, found: list[tuple[str, Word | None]]) -> int:
    """Add the short options of a word; gives how many words after it are their values."""
    known = word.known
    for at in range(1, len(known)):
        name = "-" + known[at]
        if known[at] not in row.valued:
            found.append((name, None))
        elif at + 1 < len(known):
            found.append((name, _after(word, at + 1)))
            return 0
        else:
            found.append((name, following))
            return 1
    return 0


def _value(options: list[tuple[str, Word | None]], names: tuple[str, ...]) -> Word | None:
    return next((value for name, value in options if name in names), None)


def _after(word: Word, start: int) -> Word:
    """The rest of a word after so many characters that are known."""
    first = word.parts[0] or ""
    return Word(
        (first[start:], *word.parts[1:]) if first[start:] or len(word.parts) == 1 else word.parts[1:], word.is_pattern
    )


def _split_words(text: Word | None) -> list[Word]:
    """The words of `env -S`; with anything else than plain words in it, it cannot be told."""
    if text is None:
        return []
    if text.text is None or any(letter in text.text for letter in "'\"\\$#"):
        return [Word((None, text.known.replace("\0", "")))]
    return [Word((one,)) for one in text.text.split()]


def joined(words: Sequence[Word]) -> Word:
    """Words with a space between each, as `eval`, `watch` and `ssh` make a text of them."""
    parts: list[str | None] = []
    for at, word in enumerate(words):
        for part in ([" "] if at else []) + list(word.parts):
            if part is not None and parts and parts[-1] is not None:
                parts[-1] += part
            else:
                parts.append(part)
    return Word(tuple(parts))


def found_by_find(words: Sequence[Word]) -> list[Inner]:
    """What `find` runs by `-exec` and its like, once for each place where it starts."""
    at = 1
    while at < len(words) and (words[at].text in ("-H", "-L", "-P") or words[at].known.startswith(("-O", "-D"))):
        at += 2 if words[at].text == "-D" else 1
    starts = []
    while at < len(words) and not words[at].known.startswith(("-", "(", ")", "!", ",")):
        starts.append(words[at])
        at += 1
    found = []
    for index, word in enumerate(words):
        if word.text in ("-exec", "-execdir", "-ok", "-okdir"):
            command: list[Word] = []
            for one in words[index + 1 :]:
                if one.text == ";" or (one.text == "+" and command and command[-1].text == "{}"):
                    break
                command.append(one)
            found += [
                _run_by_find(command, start, in_its_folder=word.known.endswith("dir"))
                for start in starts[:8] or [Word((".",))]
            ]
    return [inner for inner in found if inner.words]


def _run_by_find(command: list[Word], start: Word, *, in_its_folder: bool) -> Inner:
    """`{}` is a file somewhere below the start, or the start itself."""
    below = Word((*start.parts, None))
    words = [below if word.text == "{}" else _with_unknown(word, "{}") for word in command]
    return Inner(words=tuple(words), folders=(None,) if in_its_folder else ())


def ssh_call(words: Sequence[Word]) -> tuple[Word | None, Word | None]:
    """The host that `ssh` goes to and the text that it runs there, None where there is none."""
    row = Wrapper(valued=SSH_OPTIONS_WITH_VALUE)
    _, at = _options(list(words[1:]), row)
    rest = list(words[1 + at :])
    if not rest:
        return None, None
    more, at = _options(rest[1:], row)  # options may follow the host
    del more
    text = rest[1 + at :]
    return rest[0], joined(text) if text else None
