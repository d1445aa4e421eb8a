"""Waivers: recorded, owned, reasoned and expiring exemptions, and what each covers of a result.

Nothing here looks at a file or a clock: `guardrails.config.waivers` reads them, the gate weighs with them. A waiver
covers failures of a soft-mandatory policy and nothing else. It never lets an undecided policy pass.
"""

from __future__ import annotations

from guardrails.model import FINDINGS_LIMIT, Enforcement, Outcome, WaiverUse
from guardrails.wording.durations import relative
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.model import PolicyResult, Waiver

LONGEST = 30 * 86_400.0  # seconds from when a waiver is written until it expires
SOON = 3 * 86_400.0  # seconds before it expires in which a report says so

USED, UNUSED, EXPIRED, LATER, REFUSED = "used", "unused", "expired", "later", "refused"


def use(waiver: Waiver, result: PolicyResult, prints: Sequence[str], enforcement: Enforcement, at: float) -> WaiverUse:
    """How a waiver of this policy and environment is used. `prints` are the fingerprints of the result's findings."""
    if waiver.created is None or waiver.created > at:
        return WaiverUse(waiver, LATER)
    if at >= waiver.expires:
        return WaiverUse(waiver, EXPIRED)
    if enforcement is Enforcement.HARD_MANDATORY:
        return WaiverUse(waiver, REFUSED)
    if enforcement is Enforcement.ADVISORY or result.outcome is not Outcome.FAIL:
        return WaiverUse(waiver, UNUSED)
    covered = tuple(number for number, mark in enumerate(prints) if waiver.finding in (None, mark))
    return WaiverUse(waiver, USED if covered else UNUSED, covered, soon=waiver.expires - at <= SOON)


def is_waived(result: PolicyResult, uses: Sequence[WaiverUse]) -> bool:
    """Whether the failure may pass: every finding is covered.

    When findings were cut because there were too many, those that nobody sees are covered only by a waiver of them all.
    """
    if result.outcome is not Outcome.FAIL or not result.findings:
        return False
    if any(one.state == USED and one.waiver.finding is None for one in uses):
        return True
    covered = {number for one in uses for number in one.findings}
    return len(covered) == len(result.findings) < FINDINGS_LIMIT


def reason(result: PolicyResult, uses: Sequence[WaiverUse], enforcement: Enforcement, at: float) -> str:
    """The result's reason with a note on each waiver, so that every format shows what became of it at that time."""
    notes = [_note(one, result, enforcement, at) for one in uses]
    return "; ".join(([result.reason] if result.reason else []) + notes)


def _note(one: WaiverUse, result: PolicyResult, enforcement: Enforcement, at: float) -> str:
    waiver = one.waiver
    ends = f"{utc(waiver.expires)} ({relative(waiver.expires, at)})"
    whose = f"the waiver of {waiver.owner} ({waiver.place})"
    if one.state == USED:
        what = "waived" if waiver.finding is None else f"finding {waiver.finding} waived"
        soon = ", which is soon" if one.soon else ""
        return f"{what} until {ends}{soon}, by {waiver.owner}: {waiver.reason}"
    if one.state == EXPIRED:
        return f"{whose} ran out at {ends} and does not apply"
    if one.state == LATER:
        return f"{whose} was written after the moment that is judged and does not count"
    if one.state == REFUSED:
        return f"{whose} does not apply, since a hard-mandatory policy cannot be waived"
    if enforcement is Enforcement.ADVISORY:
        return f"{whose} is unused, since the policy is advisory and blocks nothing"
    if result.outcome is Outcome.ERROR:
        return f"{whose} does not apply, since what could not be decided cannot be waived"
    return f"{whose} is unused: it covers no finding"
