"""What an operation would do, before anyone does it.

Here: the plan and the forecast of its steps.
Elsewhere: the simulation itself is a fact, `guardrails/facts/operation/simulation.py`.
"""
