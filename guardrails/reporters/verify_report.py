"""What became of a carried verdict, for people and as JSON."""

from __future__ import annotations

import json

from guardrails.exit_codes import ALLOW
from guardrails.facts.approval.verdicts import CANDIDATE, HEAD
from guardrails.reporters.text_report import configuration
from guardrails.version import VERSION
from guardrails.wording.shown_text import listed, paint, utc, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from guardrails.operations.evidence.verify_verdict import Field, Verification

SCHEMA_VERSION = "1"
NOBODY_SIGNS = "nobody need sign, since [trust] has no allowed_signers: whoever writes the file can say this"


class TextVerification:
    """How to show it: in colour or not."""

    def __init__(self, *, colour: bool = False) -> None:
        self._colour = colour

    def render(self, found: Verification) -> str:
        """One line for each field; the last one is the verdict."""
        lines = [*self._heading(found), "", *(self._field(field) for field in found.fields)]
        if not found.signed:
            lines.append(f"{self._paint('!', '33')} {NOBODY_SIGNS}")
        lines += [f"{self._paint('!', '33')} {visible(error)}" for error in found.errors]
        return "\n".join([*lines, "", self._verdict(found)]) + "\n"

    def _heading(self, found: Verification) -> Iterator[str]:
        what = " ".join(word for word in (found.environment, found.verdict.moment if found.verdict else None) if word)
        yield self._paint(f"guardrails {VERSION}", "1") + f"  {visible(what)}, a carried verdict"
        yield visible(found.file)
        if found.source:
            yield visible(f"configuration {configuration(found.source)}")

    def _field(self, field: Field) -> str:
        if field.holds:
            return f"{self._paint('✓', '32')} {field.name:<16}  {visible(field.observed)}"
        said = f"observed {field.observed}, expected {field.expected}"
        return f"{self._paint('✗', '31')} {field.name:<16}  {visible(said)}"

    def _verdict(self, found: Verification) -> str:
        verdict = found.verdict
        if verdict and found.until is not None and found.exit_code == ALLOW:
            of = f" of {verdict.subjects[CANDIDATE].commit[:12]}" if CANDIDATE in verdict.subjects else ""
            by = f", issued by {listed(found.signers)}" if found.signers else ""
            said = f"  {verdict.moment}{of} in {verdict.environment}{by}, until {utc(found.until)}"
            return self._paint("ALLOW", "1;32") + visible(said)
        wrong = [field.name for field in found.fields if not field.holds]
        said = f"  does not hold: {', '.join(wrong)}" if wrong else "  could not decide"
        return self._paint("DENY", "1;31") + said

    def _paint(self, text: str, code: str) -> str:
        return paint(text, code, colour=self._colour)


def as_json(found: Verification) -> str:
    """One object whose keys never disappear."""
    return json.dumps(_document(found), indent=2) + "\n"


def _document(found: Verification) -> dict[str, Any]:
    verdict = found.verdict
    candidate = verdict.subjects.get(CANDIDATE) if verdict else None
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "guardrails", "version": VERSION},
        "file": found.file,
        "environment": found.environment,
        "policy_set": {"digest": found.digest, "source": found.source},
        "moment": verdict.moment if verdict else None,
        "commit": verdict.subjects[HEAD].commit if verdict else None,
        "candidate": candidate.commit if candidate else None,
        "issued_at": utc(verdict.at) if verdict else None,
        "expires": None if found.until is None else utc(found.until),
        "host": verdict.host if verdict else None,
        "signature_required": found.signed,
        "signers": list(found.signers),
        "verdict": "allow" if found.exit_code == ALLOW else "deny",
        "exit_code": found.exit_code,
        "fields": [
            {"field": field.name, "holds": field.holds, "observed": field.observed, "expected": field.expected}
            for field in found.fields
        ],
        "errors": [{"message": error} for error in found.errors],
    }
