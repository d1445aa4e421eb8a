"""Issuing a carried verdict: the result of a check, bound to the commits and rules that it judged, and signed."""

from __future__ import annotations

import os

from guardrails.config.policy_set import portable_digest
from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import CARRY, AllowedSigners
from guardrails.facts.approval.statements import STATEMENT_TYPE
from guardrails.facts.approval.verdicts import (
    CANDIDATE,
    FAILED,
    HEAD,
    OWN,
    PASSED,
    POLICY_SET,
    VERDICT,
    VERIFIER,
    Revision,
    parse_verdict,
    resource,
)
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.operation.candidate import candidate_source
from guardrails.model import Verdict
from guardrails.operations.evidence.record_statements import seal
from guardrails.operations.guarded_run.pins import Pins
from guardrails.policy import Fact
from guardrails.version import VERSION
from guardrails.wording.durations import seconds
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from guardrails.config.settings import Settings
    from guardrails.model import Report
    from guardrails.operations.evidence.record_statements import Key
    from guardrails.policy import World


class Targets(Fact):
    """The commits that the operation would bring, with their trees, by what they are called: candidate and so on."""

    revisions: dict[str, Revision]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Resolve them as a guarded run pins them. Raises CannotKnow for one that cannot be had."""
        operation = world.operation
        if operation is None:
            return cls({})
        here, pins, there = await world.fact(Checkout, None), await world.fact(Pins), await candidate_source(world)
        found = {} if pins.candidate is None else {CANDIDATE: pins.candidate}
        if operation.moves_head_to not in (None, CANDIDATE) and not operation.after:
            found[operation.moves_head_to] = pins.target(operation.moves_head_to)
        revisions = {}
        for name, commit in found.items():
            tree = await here.git.run(
                "rev-parse", "--verify", f"{commit}^{{tree}}", also_objects_of=there.objects if there else None
            )
            revisions[name] = Revision(commit, tree.decode().strip())
        return cls(revisions)


def issue(report: Report, settings: Settings, world: World, *, moment: str, key: Key | None) -> bytes:
    """The envelope of a report's verdict. `moment` is as in `when`.

    A verdict that is no allow is FAILED. Without a commit there is no verdict, and the text is empty. Raises CannotKnow
    when it cannot be signed, or the judged commits have moved.
    """
    import json

    allowed = report.verdict is Verdict.ALLOW
    try:
        subjects = _subjects(report, world)
        signers = gather_fact(AllowedSigners, world)
    except CannotKnow:
        if allowed:
            raise
        return b""
    if signers.path is not None and key is None:
        raise CannotKnow("[trust] allowed_signers is configured, so that only a signed verdict would count: add --key")
    said = {
        "_type": STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"gitCommit": one.commit, "gitTree": one.tree}} for name, one in subjects.items()
        ],
        "predicateType": VERDICT,
        "predicate": _predicate(report, settings, world, moment, signers),
    }
    envelope = seal(json.dumps(said, sort_keys=True).encode(), CARRY, key)
    parse_verdict(envelope, "to be issued")  # what could not be read again is not issued
    return envelope


def _subjects(report: Report, world: World) -> dict[str, Revision]:
    """The subjects of the verdict. Raises CannotKnow when they have moved since they were judged."""
    judged, here = report.subject, gather_fact(Checkout, world)
    if judged is None or (here.commit, here.tree) != (judged.commit, judged.tree):
        raise CannotKnow(f"HEAD of {here.git.path} moved while it was judged")
    targets = gather_fact(Targets, world).revisions
    if CANDIDATE in targets and targets[CANDIDATE].commit != judged.candidate:
        raise CannotKnow("the candidate moved while it was judged")
    return {HEAD: Revision(here.commit, here.tree), **targets}


def _predicate(
    report: Report, settings: Settings, world: World, moment: str, signers: AllowedSigners
) -> dict[str, Any]:
    from secrets import token_hex

    environment = world.environment.name
    host, result = os.uname().nodename, PASSED if report.verdict is Verdict.ALLOW else FAILED
    used = [use.waiver for one in report.decisions if one.waived for use in one.waivers if use.findings]
    until = min([int(report.started_at) + seconds(settings.trust.verdict_max_age), *(one.expires for one in used)])
    return {
        "verifier": {"id": VERIFIER, "version": {OWN: VERSION}},
        "timeVerified": utc(report.started_at),
        "resourceUri": resource(environment, host),
        "policy": {"uri": POLICY_SET, "digest": {"sha256": portable_digest(settings, environment, signers)}},
        "verificationResult": result,
        "verifiedLevels": ["GUARDRAILS_ALLOW" if result == PASSED else FAILED],
        OWN: {
            "environment": environment,
            "host": host,
            "moment": moment,
            "candidate": world.operation.candidate if world.operation else None,
            "expires": utc(until),
            "nonce": token_hex(16),
            "outcomes": {one.result.policy: one.result.outcome.value for one in report.decisions},
            "waivers": [{"policy": one.policy, "expires": utc(one.expires)} for one in used],
        },
    }
