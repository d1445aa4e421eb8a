"""One module for each command: `configure` declares its options, `run` does the work.

Here: parse, wire, print, give the exit code.
Elsewhere: what several commands share is in `guardrails/cli/`; the work itself in the layers below.
"""
