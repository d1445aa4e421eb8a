"""What `check --output attestation:PATH` needs beyond a check: a key, and a complete question about now."""

from __future__ import annotations

import os

from guardrails.cli import signing
from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from guardrails.model import Report
    from guardrails.request import Question


def refuse_what_cannot_be_carried(given: argparse.Namespace, *, carried: bool) -> None:
    """Raise UsageError for options that a carried verdict must not have; `carried` says that one is to be written."""
    if not carried:
        raise UsageError("--key signs an attestation: add --output attestation:PATH")
    why = {
        "policy": "a verdict that others act on is never narrowed",
        "skip": "a verdict that others act on is never narrowed",
        "at": "a verdict that others act on is of now",
        "updates": "a push is judged where it happens",
    }
    for name, reason in why.items():
        if getattr(given, name) not in (None, "", []):
            raise UsageError(f"--{name} and --output attestation: {reason}")


def issuer(given: argparse.Namespace, asked: Question) -> Callable[[Report], str]:
    """What makes the attestation of a report. GUARDRAILS_KEY stands for --key."""
    from guardrails.operations.evidence.issue_verdict import issue

    given.key = given.key or os.environ.get("GUARDRAILS_KEY")
    key = signing.read_key(given)
    return lambda report: issue(report, asked.settings, asked.world, moment=asked.moment, key=key).decode()
