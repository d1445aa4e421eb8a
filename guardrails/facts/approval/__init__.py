"""What was approved, tested and deployed, and who says so.

Here: upstream and release branches, the record of deployments, evidence, sign-offs, signatures, carried verdicts.
Elsewhere: whatever records a statement is in `guardrails/operations/evidence/`.
"""
