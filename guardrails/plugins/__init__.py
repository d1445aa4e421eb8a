"""What plugins provide, and how they are loaded.

Here: the loader, the hook specifications, and the records of demo scenes and surveys.
Elsewhere: what a policy or a fact is stands in `guardrails/policy.py`.
"""
