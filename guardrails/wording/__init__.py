"""How values are written and read by people.

Here: text that is shown, times, durations, and command lines.
Elsewhere: the layout of a report is in `guardrails/reporters/`.
"""
