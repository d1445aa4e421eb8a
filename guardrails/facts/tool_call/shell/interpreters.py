"""Programs that are given a program: code that no shell reads, and which can do anything."""

from __future__ import annotations

from guardrails.facts.tool_call.shell.shell_calls import is_input
from guardrails.facts.tool_call.shell.wrapper_rows import AWKS, INTERPRETERS, LONG_CODE, SEDS
from guardrails.facts.tool_call.shell.wrappers import program_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.facts.tool_call.commands import Word

_ACTING_AWK = r'system\s*\(|\|&?\s*"|"\s*\|&?|\bprintf?\b[^;}\n]*>|\bgetline\b'
_ACTING_SED = r"(?:^|[;{}\n])\s*(?:[0-9$,~+!]|/(?:[^/\\\n]|\\.)*/)*\s*e(?:\s|$)|s(\W)[^\n]*\1[gpiImM0-9]*e"


def _row(program: str) -> tuple[str, str] | None:
    """The options of an interpreter, for every version in its name."""
    return INTERPRETERS.get(program) or INTERPRETERS.get(program.rstrip("0123456789.t"))


def code_of(words: Sequence[Word], script: Word | None, *, fed: bool) -> str | None:
    """The code that a command gives its interpreter, as far as it is known; None when there is none.

    `script` is what is fed to it, and `fed` says whether something is.
    """
    program = program_of(words[0])
    if program in AWKS or program in SEDS:
        return _acting(words, _ACTING_AWK if program in AWKS else _ACTING_SED)
    row = _row(program)
    if row is None:
        return None
    with_code, with_value = row
    at = 1
    while at < len(words) and (known := words[at].known).startswith("-") and len(known) > 1:
        at += 1
        following = words[at].known if at < len(words) else ""
        if known.partition("=")[0] in LONG_CODE:
            return known.partition("=")[2] or following
        if known.startswith("--"):
            continue
        letter, rest = _first_of(known[1:], with_code + with_value)
        if letter and letter in with_code:
            return rest or following
        if letter == "m" and program.startswith(("python", "pypy")):
            return None  # a module, which is a program as any other
        at += bool(letter) and not rest
    if program == "deno" and at < len(words) and words[at].text == "eval":
        return " ".join(word.known for word in words[at + 1 :])
    return _fed_code(words, at, script, fed=fed)


def _acting(words: Sequence[Word], pattern: str) -> str | None:
    """The code of `awk` and `sed`, when it does more than to print."""
    import re  # json has loaded it by now

    texts = [word.known for word in words[1:] if re.search(pattern, word.known)]
    return "\n".join(texts) if texts else None


def _first_of(cluster: str, letters: str) -> tuple[str, str]:
    """The first of the letters in options written together, and what follows it, which is its value."""
    at = next((at for at, letter in enumerate(cluster) if letter in letters), -1)
    return ("", "") if at < 0 else (cluster[at], cluster[at + 1 :])


def _fed_code(words: Sequence[Word], at: int, script: Word | None, *, fed: bool) -> str | None:
    """The code that an interpreter reads from its input, when no file is named."""
    if at < len(words) and words[at].text != "-" and not is_input(words[at]):
        return None
    return (script.known if script is not None else "") if fed else None
