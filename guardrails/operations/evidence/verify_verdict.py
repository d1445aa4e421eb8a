"""Whether a carried verdict still holds: each field of it against what is here and now."""

from __future__ import annotations

import os

from guardrails.config.policy_set import portable_digest
from guardrails.config.settings import select_policies
from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.exit_codes import ALLOW, DENY, UNDECIDED
from guardrails.facts.approval.signatures import AllowedSigners
from guardrails.facts.approval.verdicts import (
    CANDIDATE,
    HEAD,
    PASSED,
    POLICY_SET,
    VERIFIER,
    CarriedVerdict,
    Issuer,
    Revision,
    resource,
    verify_issuer,
)
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.model import Enforcement, Outcome
from guardrails.operations import audit
from guardrails.operations.evidence.issue_verdict import Targets
from guardrails.record import Record
from guardrails.version import VERSION
from guardrails.wording.durations import relative, seconds
from guardrails.wording.shown_text import listed, redact, storable, utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeVar

    from guardrails.audit.chain import Head
    from guardrails.config.settings import Settings
    from guardrails.policy import World

    Found = TypeVar("Found")

_SHOWN = 300  # characters of what a verdict says


class Field(Record):
    """One thing that a verdict says: what that is, what it must be here, and whether it holds."""

    name: str
    observed: str
    expected: str
    holds: bool


class Verification(Record):
    """The result for a carried verdict. When all fields hold and there are no errors, it allows its operation.

    `verdict` is None when there is none to be read. `signed` tells whether a signature is asked for at all, `signers`
    are the principals that it was verified for. `until` is when it runs out, in seconds since the epoch. `digest` and
    `source` are those of the settings by which it was compared.
    """

    file: str
    environment: str | None
    verdict: CarriedVerdict | None = None
    signed: bool = True
    signers: tuple[str, ...] = ()
    until: float | None = None
    fields: tuple[Field, ...] = ()
    errors: tuple[str, ...] = ()
    digest: str | None = None
    source: str | None = None

    @property
    def exit_code(self) -> int:
        """As for a check: deny when a field does not hold, undecided when one cannot be known."""
        if any(not field.holds for field in self.fields):
            return DENY
        return UNDECIDED if self.errors or not self.fields else ALLOW


def verify(
    verdict: CarriedVerdict, settings: Settings, world: World, *, moment: str, candidate: str | None = None
) -> Verification:
    """Compare a verdict with the world. `moment` is as in `when`; `candidate` is the one that somebody asks about.

    The operation of `world` is that of the moment, with the candidate that is asked about, or else the verdict's own.
    """
    errors: list[str] = []
    signers = _try_look(lambda: gather_fact(AllowedSigners, world), errors)
    issued = _try_look(lambda: run_to_end(verify_issuer(world, signers, verdict)), errors) if signers else None
    until = min(verdict.expires, verdict.at + seconds(settings.trust.verdict_max_age))
    fields = [
        *(_signature(issued, signers) if issued and signers else ()),
        *_said(verdict, moment, world),
        *_revisions(verdict, candidate, world, errors),
        *(_rules(verdict, settings, world, signers) if signers else ()),
        *_times(verdict, until, world.at),
    ]
    return Verification(
        file=verdict.statement.ref,
        environment=world.environment.name,
        verdict=verdict,
        signed=signers is None or signers.path is not None,
        signers=issued.principals if issued else (),
        until=until,
        fields=tuple(fields),
        errors=tuple(dict.fromkeys(clean_text(error) for error in errors)),
        digest=settings.digest,
        source=settings.source,
    )


def log(found: Verification, settings: Settings, world: World, *, moment: str) -> Head:
    """Log what became of a verdict, and give the log's new head; `moment` is the one asked about.

    Raises as `audit.log`.
    """
    verdict = found.verdict
    candidate = verdict.subjects.get(CANDIDATE) if verdict else None
    said = {
        "moment": moment,
        "judged_at": utc(world.at),
        "verdict": "deny" if found.exit_code else "allow",
        "exit_code": found.exit_code,
        "commit": verdict.subjects[HEAD].commit if verdict else None,
        "candidate": candidate.commit if candidate else None,
        "policy_set": settings.digest,
        "signers": list(found.signers),
        "nonce": verdict.nonce[:64] if verdict else None,
        "blocking": [field.name for field in found.fields if not field.holds],
        "errors": list(found.errors[:20]),
    }
    return audit.log(settings, world.environment, "verify", said)


def clean_text(text: str) -> str:
    """A text of the world or of a verdict, without secrets and not too long."""
    return redact(storable(text))[:_SHOWN]


def _try_look(look: Callable[[], Found], errors: list[str]) -> Found | None:
    """Look, and give what was found; when it cannot be known, note the error and give None."""
    try:
        return look()
    except CannotKnow as error:
        errors.append(str(error))
        return None


def _signature(issued: Issuer, signers: AllowedSigners) -> Iterator[Field]:
    if signers.path is None:
        return
    expected = f"one of a single name in {signers.path}"
    yield Field("signature", clean_text(issued.why or listed(issued.principals)), expected, not issued.why)


def _said(verdict: CarriedVerdict, moment: str, world: World) -> Iterator[Field]:
    """The fields of what it says of itself, and of its purpose."""
    environment, host = world.environment.name, os.uname().nodename
    yield _same("result", verdict.result, PASSED)
    yield _same("verifier", verdict.verifier, VERIFIER)
    yield _same("version", verdict.version, VERSION)
    yield _same("environment", verdict.environment, environment)
    yield _same("resource", verdict.resource, resource(verdict.environment, verdict.host))
    yield _same("moment", verdict.moment, moment)
    if world.trust.bind_host:
        yield _same("host", verdict.host, host)


def _revisions(verdict: CarriedVerdict, asked: str | None, world: World, errors: list[str]) -> Iterator[Field]:
    """The commits that it is about; each has its tree. The candidate is looked up by the name that it goes by."""
    here = _try_look(lambda: gather_fact(Checkout, world), errors)
    found = {HEAD: Revision(here.commit, here.tree)} if here else {}
    targets = _try_look(lambda: gather_fact(Targets, world), errors)
    found |= targets.revisions if targets else {}
    for name in dict.fromkeys((*verdict.subjects, *found)):
        said, seen = verdict.subjects.get(name), found.get(name)
        if seen is None and (here if name == HEAD else targets) is None:
            continue  # why it is not known is among the errors
        yield _same(f"{name} commit", said.commit if said else "none", seen.commit if seen else "none")
        yield _same(f"{name} tree", said.tree if said else "none", seen.tree if seen else "none")
    if asked is not None and CANDIDATE not in verdict.subjects:
        yield Field("candidate", "none", clean_text(asked), holds=False)


def _rules(verdict: CarriedVerdict, settings: Settings, world: World, signers: AllowedSigners) -> Iterator[Field]:
    """That the same rules apply here, that each of them was asked, and that none of them should have blocked.

    Where no policy applies there is nothing to hold, and a verdict of it proves nothing.
    """
    environment = world.environment.name
    digest = portable_digest(settings, environment, signers)
    yield _same("policy set", f"{verdict.policy_uri}:{verdict.policies}", f"{POLICY_SET}:{digest}")
    names = [policy.name for policy in select_policies(settings, environment, verdict.moment)]
    missing = [name for name in names if name not in verdict.outcomes]
    expected = f"all that apply: {_some(names)}" if names else f"one that applies at this moment: {verdict.moment}"
    yield Field("policies", _some(verdict.outcomes) or "none", clean_text(expected), bool(names) and not missing)
    levels = {policy.name: policy.enforcement.get(environment) for policy in settings.policies}
    waived = [policy for policy, _ in verdict.waivers]
    fine = (Outcome.PASS, Outcome.SKIP)
    bad = [
        f"{name} {outcome}"
        for name, outcome in verdict.outcomes.items()
        if outcome not in fine and name not in waived and levels.get(name) != Enforcement.ADVISORY
    ]
    yield Field("outcomes", _some(bad) or "none blocks", "none blocks", not bad)
    known = [(one.policy, utc(one.expires)) for one in settings.waivers if one.environment == environment]
    strange = [policy for policy, end in verdict.waivers if (policy, utc(end)) not in known]
    yield Field("waivers", _some(waived) or "none", "waivers that are here too", not strange)


def _times(verdict: CarriedVerdict, until: float, now: float) -> Iterator[Field]:
    yield Field("time", utc(verdict.at), f"not after {utc(now)}", verdict.at <= now)
    yield Field("expiry", f"{utc(until)} ({relative(until, now)})", f"after {utc(now)}", now < until)
    ended = [policy for policy, end in verdict.waivers if now >= end]
    if ended:
        yield Field("waivers", f"run out: {_some(ended)}", f"in force at {utc(now)}", holds=False)


def _same(name: str, observed: str, expected: str) -> Field:
    return Field(name, clean_text(observed), clean_text(expected), observed == expected)


def _some(names: object) -> str:
    return clean_text(listed(names))  # type: ignore[arg-type]
