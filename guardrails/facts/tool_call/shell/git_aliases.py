"""The aliases that `git -c alias.NAME=VALUE` brings: another command of git, or after `!` a text for a shell."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_VALUED = frozenset(("-C", "-c", "--config-env", "--git-dir", "--namespace", "--super-prefix", "--work-tree"))


def replaced_alias(words: Sequence[Word]) -> tuple[list[Word], Word | None] | None:
    """What a call of git is by its own aliases: its words, or else the text for a shell; None when it names no alias.

    A text comes with the words that are its arguments, the first of them after `git`.
    """
    aliases: dict[str, Word] = {}
    at = 1
    while at < len(words) and words[at].known.startswith("-"):
        if words[at].text == "-c" and at + 1 < len(words):
            name, equals, _ = words[at + 1].known.partition("=")
            section, _, key = name.partition(".")
            if equals and section.lower() == "alias":
                first = (words[at + 1].parts[0] or "")[len(name) + 1 :]
                aliases[key.lower()] = Word((first, *words[at + 1].parts[1:]))
        at += 2 if words[at].known in _VALUED else 1
    value = aliases.get(words[at].known.lower()) if at < len(words) else None
    if value is None:
        return None
    rest = list(words[at + 1 :])
    if value.known.startswith("!"):
        return [words[0], *rest], Word(((value.parts[0] or "")[1:], *value.parts[1:], ' "$@"'))
    if value.text is None or any(letter in value.text for letter in "'\"\\"):
        return [*words[:at], Word((None,), is_pattern=True), *rest], None
    return [*words[:at], *(Word((one,)) for one in value.text.split()), *rest], None
