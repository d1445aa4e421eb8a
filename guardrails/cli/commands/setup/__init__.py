"""The commands that put guardrails in place and show how it stands: no verdict comes from them.

Here: a first configuration, a package of one's own, completion, a demo, and what is in force.
Elsewhere: whatever judges, approves, saves or tells is in `guardrails/cli/commands/`.
"""
