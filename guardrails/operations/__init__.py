"""All that changes the world: guarded runs, rescues, evidence, waivers and the audit log.

Here: a folder for each, `audit.py` for what is logged, and `waive.py` for a waiver.
Elsewhere: everything that only looks is in `guardrails/facts/`. Operations such as promote are data of a profile:
`policies/guardrails_policies/openclaw.toml`.
"""
