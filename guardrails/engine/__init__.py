"""Selected policies and facts in, one report with one verdict out.

Here: the worker process, the gathering of facts, and the gate that decides.
Elsewhere: what a policy is stands in `guardrails/policy.py`; what a verdict is in `guardrails/model.py`.
"""
