"""How rollback-ready is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import set_option
from guardrails_policies.repository.drills.matches_upstream import publish, update
from guardrails_policies.stages import BOTH, BOTH_RELEASED, OPENCLAW

_POLICY = "rollback-ready"


def _forget_the_section(folder: str) -> None:
    publish(folder, "docs/DEPLOYMENT.md", "# Deployment Rules\n\nThe rollback is left to whoever is on call.\n")
    update(folder)


def _write_another_document(folder: str) -> None:
    publish(folder, "docs/RUNBOOK.md", "# Runbook\n\n## Rollback\n")
    update(folder)


def _name_another_document(folder: str) -> None:
    set_option(folder, _POLICY, 'document = "docs/RUNBOOK.md"')


NOTHING_RECORDED = Drill(_POLICY, ("rollback",), "no-way-back", "Nobody recorded what ran before", stages=BOTH)
DRILLS = (
    NOTHING_RECORDED,
    Drill(_POLICY, ("rollback",), "a-way-back", "What ran before is recorded", harmless=True, stages=BOTH_RELEASED),
    Drill(
        _POLICY, ("promote",), "no-section", "The document says nothing of a rollback", _forget_the_section, stages=BOTH
    ),
    Drill(
        _POLICY,
        ("promote",),
        "no-document",
        "The document that must speak of a rollback is not there",
        _name_another_document,
        stages=(OPENCLAW,),
    ),
    Drill(
        _POLICY,
        ("promote",),
        "another-document",
        "Another document is written beside it",
        _write_another_document,
        harmless=True,
        stages=BOTH,
    ),
)
