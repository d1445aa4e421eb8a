"""How production got where it stands: deployments, moves of the branch, and what a plan would do."""

from __future__ import annotations

from guardrails.record import Record
from guardrails.reporters.page.plain_values import table, tables, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_EFFECTS = {
    "arrives": "Commits that would arrive",
    "drops": "Commits that would be dropped",
    "undeploys": "Released commits that would no longer run",
    "loses": "Files whose changes would be lost",
    "overwrites": "Files that would be overwritten",
    "fires": "Cron jobs that fire meanwhile",
}
_SHORT = 12  # characters of a record's id
_HARMFUL = ("drops", "undeploys", "loses", "overwrites")


class Move(Record):
    """One move of a branch: `state` is guarded, accepted or open, `said` who let it happen, or what was accepted."""

    at: str
    old: str
    new: str
    state: str
    said: str


class Step(Record):
    """One step of a plan."""

    command: str
    outcome: str
    detail: str


class Effects(Record):
    """What a plan would do, of one kind: each with what else is known of it."""

    title: str
    harms: bool
    lines: tuple[tuple[str, str], ...]


class Plan(Record):
    """What a plan foresees."""

    steps: tuple[Step, ...]
    effects: tuple[Effects, ...]
    errors: tuple[str, ...]


def deployments_of(data: dict[str, Any]) -> tuple[dict[str, str], ...]:
    """The deployments that the log tells of, the newest first."""
    names = ("at", "operation", "commit", "previous")
    found = tables(table(data, "log"), "deployments")
    return tuple({name: text(one, name) for name in names} for one in reversed(found))


def moves_of(data: dict[str, Any]) -> tuple[Move, ...] | None:
    """The moves of a history, the newest first; None where nobody looked."""
    if not isinstance(data.get("moves"), dict):
        return None
    return tuple(_move(one) for one in reversed(tables(table(data, "moves"), "moves")))


def _move(move: dict[str, Any]) -> Move:
    accepted = move.get("accepted")
    by, record = text(move, "by"), text(move, "record")[:_SHORT]
    if accepted:
        state, said = "accepted", _acceptance(accepted)
    elif record and text(move, "verdict") == "allow":
        state, said = "guarded", f"{by or 'a guarded run'}, record {record}"
    else:
        state, said = "open", f"record {record} did not allow it" if record else "nobody guarded it"
    return Move(text(move, "at"), text(move, "old"), text(move, "new"), state, said)


def _acceptance(accepted: Any) -> str:
    """Who accepted a move, and why."""
    if not isinstance(accepted, dict):
        return str(accepted) if isinstance(accepted, str) else "accepted"
    parts = (text(accepted, name) for name in ("by", "at", "reason"))
    return ", ".join(part for part in parts if part) or "accepted"


def gaps_of(data: dict[str, Any]) -> tuple[str, ...]:
    """What a history cannot tell."""
    moves = table(data, "moves")
    found = [" ".join(filter(None, (text(one, "at"), text(one, "text")))) for one in tables(moves, "gaps")]
    return (*found, *texts(moves, "gaps"), *texts(moves, "errors"))


def plan_of(data: dict[str, Any]) -> Plan | None:
    """What a plan foresees, None on a page without one."""
    if not isinstance(data.get("plan"), dict):
        return None
    plan = table(data, "plan")
    kinds = [(kind, title, tuple(_lines(plan, kind))) for kind, title in _EFFECTS.items()]
    return Plan(
        steps=tuple(
            Step(*(text(one, name) for name in ("command", "outcome", "detail"))) for one in tables(plan, "steps")
        ),
        effects=tuple(Effects(title, kind in _HARMFUL, lines) for kind, title, lines in kinds if lines),
        errors=texts(plan, "errors"),
    )


def _lines(plan: dict[str, Any], kind: str) -> list[tuple[str, str]]:
    named = [(text(one, "commit")[:12], text(one, "subject")) for one in tables(plan, kind) if "commit" in one]
    jobs = [(text(one, "job"), text(one, "at")) for one in tables(plan, kind) if "job" in one]
    return [*named, *jobs, *((path, "") for path in texts(plan, kind))]
