"""Record evidence: test results, sign-offs and verdicts; verify a verdict that was carried here.

Here: the commands behind `attest`, `signoff`, `check --output attestation:PATH` and `verify`.
Elsewhere: the formats, and whether a statement counts, are in `guardrails/facts/approval/`.
"""
