"""What protects the tool itself and the people who read its output.

Here: a process that can be killed, whose a file is, secrets and what hints at them, scratch folders.
Elsewhere: control characters are made visible in `guardrails/wording/shown_text.py`.
"""
