"""What a page shows of drills: each policy, how many of its drills held, and what is wrong with the others."""

from __future__ import annotations

from guardrails.record import Record
from guardrails.reporters.page.plain_values import table, tables, text, texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_KINDS = {"detonation": "detonations fired", "twin": "twins let through"}
_UNPROVEN = "has no drill, so nobody has seen it refuse"


class Proof(Record):
    """One policy and how its drills went. `problems` are the drills that did not hold, each with what is wrong."""

    policy: str
    holds: bool
    said: str
    problems: tuple[tuple[str, str], ...] = ()


def proofs_of(data: dict[str, Any]) -> tuple[Proof, ...]:
    """A proof for each policy, those that do not hold first; none for a page without drills."""
    drills = table(data, "drills")
    by_policy: dict[str, list[dict[str, Any]]] = {}
    for drill in tables(drills, "drills"):
        by_policy.setdefault(text(drill, "policy") or text(drill, "channel"), []).append(drill)
    found = [Proof(policy, holds=False, said=_UNPROVEN) for policy in texts(drills, "unproven")]
    found += [_proof(policy, some) for policy, some in by_policy.items()]
    return tuple(sorted(found, key=lambda proof: proof.holds))


def _proof(policy: str, drills: list[dict[str, Any]]) -> Proof:
    counts = []
    for kind, words in _KINDS.items():
        mine = [one for one in drills if text(one, "kind") == kind]
        if mine:
            counts.append(f"{sum(one.get('held') is True for one in mine)} of {len(mine)} {words}")
    problems = tuple(
        (text(one, "id"), text(one, "problem") or "it did not hold") for one in drills if one.get("held") is not True
    )
    return Proof(policy, holds=not problems, said=", ".join(counts), problems=problems)
