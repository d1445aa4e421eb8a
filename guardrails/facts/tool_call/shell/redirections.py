"""What the redirections of a command or group lead to, and what its heredocs feed it."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import Redirect, Word
from guardrails.facts.tool_call.shell.folders import from_folder
from guardrails.facts.tool_call.shell.word_values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from guardrails.facts.tool_call.shell.states import Around, State
    from guardrails.facts.tool_call.shell.word_values import Surroundings

    Node = dict[str, Any]


def follow_redirects(surroundings: Surroundings, redirects: Sequence[Node], state: State, around: Around) -> Around:
    """What stands around a command that has redirections of its own."""
    values = Values(surroundings, state)
    for redirect in redirects:
        operator = redirect.get("Op", "")
        if operator in ("<<", "<<-"):
            around = around.replaced(script=_heredoc(redirect, values), piped=False)
        elif operator == "<<<":
            around = around.replaced(script=values.single(redirect.get("Word")), piped=False)
        else:
            target = _target(values.words(redirect["Word"]))
            is_file = operator not in (">&", "<&") or not _is_descriptor(target)
            target = from_folder(state.folder, target) if is_file else target
            around = around.replaced(redirects=(*around.redirects, Redirect(operator, target)))
            if operator.startswith("<") and not redirect.get("N"):
                around = around.replaced(script=None, piped=False)
    return around


def _heredoc(redirect: Node, values: Values) -> Word:
    parts = redirect["Word"].get("Parts", [])
    is_raw = any(part["Type"] != "Lit" or "\\" in part.get("Value", "") for part in parts)
    body = redirect.get("Hdoc")
    if body is None:
        return Word(("",))
    if is_raw:
        word = Word(("".join(part.get("Value", "") for part in body.get("Parts", [])),))
    else:
        word = values.single(body, heredoc=True)
    if redirect["Op"] == "<<-":
        word = Word(tuple(part if part is None else _without_tabs(part) for part in word.parts))
    return word


def _target(words: list[Word]) -> Word:
    return words[0] if len(words) == 1 else Word((None,), is_pattern=True)


def _is_descriptor(target: Word) -> bool:
    text = target.known
    return text.rstrip("-").isdecimal() or text == "-"


def _without_tabs(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([lines[0].lstrip("\t"), *(line.lstrip("\t") for line in lines[1:])])
