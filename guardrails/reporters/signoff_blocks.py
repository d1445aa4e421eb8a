"""Sign-offs as the blocks of a document that people read; `facts.approval.signoff_blocks` reads them again."""

from __future__ import annotations

import re

from guardrails.facts.approval.signoff_blocks import HEADING_LIMIT, role_title
from guardrails.wording.shown_text import redact, split_lines, utc, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from guardrails.facts.approval.signoffs import SignOff, SignOffs

_ROLE = r"[a-z0-9]+(-[a-z0-9]+)*"
_OFF = "sign\u2011off"  # with the hyphen that no line is broken at, as the deployment rules have it


def render(given: SignOffs, speakers: Mapping[str, Collection[str]]) -> tuple[str, list[tuple[str, str]]]:
    """A block for each sign-off that counts, and of every other one its ref and why it does not.

    `speakers` has, by role, the principals that may speak for it; for a role that is not there, or has none, anybody.
    """
    left_out = [(one.ref, one.why) for one in given.ignored]
    shown = []
    for one in given.found:
        if why := _obstacle(one, given, speakers.get(one.role, ())):
            left_out.append((one.ref, why))
        else:
            shown.append("\n".join(_block(one, given.commit)) + "\n")
    return "\n".join(shown), left_out


def _obstacle(one: SignOff, given: SignOffs, principals: Collection[str]) -> str:
    if not re.fullmatch(_ROLE, one.role) or len(one.role) > HEADING_LIMIT // 2:
        return f"{one.role} can be the name of no role"
    if not one.is_by(principals):
        return f"{', '.join(one.principals)} does not speak for {one.role}"
    if one.decision == "approved" and given.is_of_a_maker(one):
        return f"{', '.join(one.principals)} made part of what it brings"
    return ""


def _block(one: SignOff, commit: str) -> Iterator[str]:
    """The lines of a block. Words of a statement stand in one line each, and the fence is longer than any in them."""
    title, notes = role_title(one.role), list(_notes(one))
    fence = "`" * max(3, 1 + max((len(run) for line in notes for run in re.findall("`+", line)), default=0))
    yield f"### {title} {_OFF}"
    yield ""
    yield fence
    yield f"Status: {one.decision}"
    yield f"Owner: {_name(one)} ({title})"
    yield f"Date: {utc(one.at).partition('T')[0].zfill(10)}"
    yield f"Commit: {commit}"
    yield f"Statement: {visible(one.ref)}"
    if notes:
        yield "Notes:"
        yield from (f"  {line}".rstrip() for line in notes)
    yield fence


def _notes(one: SignOff) -> Iterator[str]:
    for role in one.after:
        yield visible(f"After {role_title(role)} approval.")
    yield from map(visible, split_lines(redact(one.notes)))


def _name(one: SignOff) -> str:
    """Who says so; a bracket in a name would begin the role."""
    return visible(", ".join(one.principals)).replace("(", r"\x28").replace(")", r"\x29")
