"""Facts about OpenClaw's own formats, for the policies that need them.

Here: its versions, what of it is on this machine, and a folder each for shells, cron jobs, gateways and state.
Elsewhere: policies are in the folders beside this one; what other products share is in `guardrails/facts/`.
"""
