"""The coverage of a rules document for people, grouped by section, and for machines."""

from __future__ import annotations

import json
import textwrap
from itertools import groupby, zip_longest

from guardrails.record import plain
from guardrails.wording.shown_text import redact, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guardrails.coverage import Line

_NONE = "–"
_MARGIN = 11  # columns of a row beside the text and the policies: indent, number, gaps
_NARROWEST, _WIDEST = 24, 100  # columns for the text


def as_json(document: str, lines: Sequence[Line]) -> str:
    """One object: each line with its policies, and how many have some."""
    guarded = sum(1 for line in lines if line.policies)
    counts = {"lines": len(lines), "guarded": guarded, "unguarded": len(lines) - guarded}
    shown = [_without_secrets(line) for line in lines]
    return json.dumps({"document": document, "summary": counts, "lines": plain(shown)}, indent=2) + "\n"


def _without_secrets(line: Line) -> Line:
    section, text, *names = map(redact, (line.section, line.text, *line.names))
    return line.replaced(section=section, text=text, names=tuple(names))


def as_text(lines: Sequence[Line], *, width: int | None = None) -> str:
    """Every line by section with its policies, then those without, then the counts.

    With the width of a terminal in columns, long lines are wrapped; without, each line stays one.
    """
    table = _Table(lines, width)
    unguarded = [line for line in lines if not line.policies]
    text = []
    for section, members in groupby(lines, key=lambda line: line.section):
        text += [_shown(section) or "(before the first heading)"]
        text += [row for line in members for row in table.rows(line)]
        text += [""]
    if unguarded:
        text += ["Nothing guards", *(row for line in unguarded for row in table.rows(line, policies=False)), ""]
    text.append(f"{len(lines) - len(unguarded)} of {len(lines)} lines are guarded")
    return "\n".join(text) + "\n"


class _Table:
    """The columns that all sections share: line, text, policies."""

    def __init__(self, lines: Sequence[Line], width: int | None) -> None:
        self._width = width
        longest = max((len(_shown(line.text)) for line in lines), default=0)
        policies = max((len(name) for line in lines for name in line.policies), default=0)
        room = _WIDEST if width is None else max(_NARROWEST, width - policies - _MARGIN)
        self._column = min(longest, room)

    def rows(self, line: Line, *, policies: bool = True) -> Iterator[str]:
        """One row, or, on a terminal, as many as the text and the policies take."""
        text, names = [_shown(line.text)], [", ".join(line.policies) or _NONE]
        if self._width is not None:
            text = textwrap.wrap(text[0], self._column if policies else max(_NARROWEST, self._width - _MARGIN))
            names = list(line.policies) or names
        for number, (part, name) in enumerate(zip_longest(text, names if policies else (), fillvalue="")):
            label = str(line.number) if number == 0 else ""
            yield f"  {label:>5}  {part:<{self._column}}  {name}".rstrip()


def _shown(text: str) -> str:
    return visible(redact(text))
