"""`python -m guardrails`."""

from guardrails.cli import entry

entry()
