"""The history of an environment for people, and as the JSON object of `docs/contract.md` (JSON history)."""

from __future__ import annotations

import json

from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.record import Record
from guardrails.remedies import Guardrails
from guardrails.version import VERSION
from guardrails.wording.shown_text import paint, redact, storable, utc, visible
from guardrails.wording.wrapped_lines import wrap_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from guardrails.facts.past.gaps import Gap
    from guardrails.facts.past.past import Move, Past

_HASH = 12  # characters of a commit
_NO_COMMIT = "nothing".ljust(_HASH)
_BESIDE = 53  # columns before what is said of a move in its line
_LEAST_TEXT = 24  # columns for that; where there are fewer, it stands below
_BELOW = 4
_TO_SETTLE = "What nobody guarded is settled by a person who answers for it, for one commit at a time:"
_VERDICTS = {ALLOW: ("GUARDED", "1;32"), DENY: ("NOT GUARDED", "1;31"), UNDECIDED: ("CANNOT TELL", "1;33")}


class History(Record):
    """What is shown: the past of an environment, None where it could not be read; `errors` say what went wrong.

    `guardrails` is how it is asked again.
    """

    environment: str | None
    past: Past | None = None
    errors: tuple[str, ...] = ()
    guardrails: Guardrails = Guardrails()

    @property
    def moves(self) -> tuple[Move, ...]:
        """The moves, the oldest first."""
        return self.past.moves if self.past else ()

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What cannot be told, or is missing."""
        return self.past.gaps if self.past else ()

    @property
    def exit_code(self) -> int:
        """0 when each move has its record or was accepted; 1 when one has none, or a record has no move; else 2.

        By a log or a reflog that cannot be believed at all no move has a record, so that is 2 whatever there is.
        """
        kinds = {gap.kind for gap in self.gaps}
        if self.errors or self.past is None or any(gap.at is None for gap in self.gaps):
            return UNDECIDED
        if not all(move.settled for move in self.moves):
            return DENY
        return UNDECIDED if "reflog" in kinds else DENY if kinds else ALLOW


def as_json(history: History) -> str:
    """One object whose keys never disappear."""
    document: dict[str, Any] = {
        "schema_version": "1",
        "tool": {"name": "guardrails", "version": VERSION},
        "environment": history.environment,
        "moves": [_move(move) for move in history.moves],
        "gaps": [
            {
                "kind": gap.kind,
                "text": storable(redact(gap.text)),
                "at": None if gap.at is None else utc(gap.at),
                "record": gap.record,
            }
            for gap in history.gaps
        ],
        "errors": [storable(redact(error)) for error in history.errors],
        "exit_code": history.exit_code,
    }
    return json.dumps(document, indent=2) + "\n"


def _move(move: Move) -> dict[str, Any]:
    accepted = move.accepted and {
        "at": utc(move.accepted.at),
        "by": move.accepted.by,
        "reason": storable(redact(move.accepted.reason)),
    }
    return {
        "at": utc(move.at),
        "old": move.old or None,
        "new": move.new or None,
        "by": move.by,
        "verdict": move.verdict,
        "record": move.record,
        "accepted": accepted,
    }


class TextHistory:
    """How to show histories: in colour or not, wrapped to a width or not. Commands are never broken."""

    def __init__(self, *, colour: bool = False, width: int | None = None) -> None:
        self._colour = colour
        self._width = width

    def render(self, history: History) -> str:
        """The moves as lines, the oldest first; the last line says whether each has its record."""
        lines = [*self._heading(history)]
        if history.moves or history.gaps or history.errors:
            lines.append("")
        for move in history.moves:
            lines += self._move(move)
        for gap in history.gaps:
            about = f"{utc(gap.at)}  " if gap.at is not None else ""
            lines += self._headed("! ", "33", about + gap.text, _BELOW)
        for error in history.errors:
            lines += self._headed("! ", "33", error, _BELOW)
        lines += self._what_next(history)
        return "\n".join([*lines, "", *self._ending(history)]) + "\n"

    def _heading(self, history: History) -> Iterator[str]:
        about = f"  history of {history.environment}" if history.environment else "  history"
        yield from self._headed(f"guardrails {VERSION}", "1", about, 2)
        if history.past:
            yield from wrap_line(visible(history.past.repo), 2, self._width)

    def _move(self, move: Move) -> Iterator[str]:
        mark, colour = ("✓", "32") if move.settled else ("✗", "31")
        when = utc(move.at).replace("T", " ")
        ends = [end[:_HASH] or _NO_COMMIT for end in (move.old, move.new)]
        head = f"{mark} {when}  {ends[0]} → {ends[1]}"
        if self._width is None or self._width - _BESIDE >= _LEAST_TEXT:
            yield from self._headed(head, colour, f"  {_said(move)}", _BESIDE, painted_length=1)
            return
        yield from self._headed(head, colour, "", 2, painted_length=1)
        yield from wrap_line(" " * _BELOW + visible(redact(_said(move))), _BELOW, self._width)

    def _what_next(self, history: History) -> Iterator[str]:
        """The command to type next: one that says more of the log, or that settles the newest move without a record."""
        again, name = history.guardrails, str(history.environment)
        left = next((move for move in history.moves if not move.settled), None)
        command = ""
        if any(gap.kind == "log" for gap in history.gaps):
            command = again.line("log", "verify", "--env", name)
        elif left:
            yield ""
            yield from wrap_line(_TO_SETTLE, 0, self._width)
            accept = ("history", "accept", (left.new or left.old)[:_HASH], "--env", name)
            command = again.line(*accept, "--reason", "WHY")
        if command:
            yield f"  {paint('do', '2', colour=self._colour)}    {visible(command)}"

    def _ending(self, history: History) -> Iterator[str]:
        """The verdict in one line, with the counts after it, or below where they have no room."""
        word, paint = _VERDICTS[history.exit_code]
        yield from self._headed(word, paint, f"  {_counts(history)}", 2)

    def _headed(
        self, head: str, colour: str, text: str, below: int, *, painted_length: int | None = None
    ) -> Iterator[str]:
        """A text after a head, of which so many characters have a colour, wrapped below itself."""
        first, *rest = wrap_line(head + visible(redact(text)), below, self._width)
        end = len(head) if painted_length is None else painted_length
        yield paint(first[:end], colour, colour=self._colour) + first[end:]
        yield from rest


def _said(move: Move) -> str:
    """Who let a move happen, as it is told in its line."""
    run = f"{move.operation} by {move.by}" if move.by else ""
    if move.verdict == "deny":
        run += ", and what must hold after it did not"
    if move.accepted:
        accepted = f"accepted by {move.accepted.by}: {move.accepted.reason}"
        return f"{run}; {accepted}" if run else accepted
    return run or "nobody guarded it"


def _counts(history: History) -> str:
    if history.past is None:
        return "the history could not be read"
    moves = history.moves
    guarded = sum(move.verdict == "allow" for move in moves)
    accepted = sum(move.settled for move in moves) - guarded
    left = len(moves) - guarded - accepted
    gaps = len(history.gaps)
    counts = [(guarded, "guarded"), (accepted, "accepted"), (left, "by nobody"), (gaps, "gap" if gaps == 1 else "gaps")]
    told = ", ".join(f"{count} {what}" for count, what in counts if count)
    return f"{len(moves)} {'move' if len(moves) == 1 else 'moves'}" + (f": {told}" if told else "")
