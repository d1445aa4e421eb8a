"""Checking by a clock: what is new since the last check, who is told of it, and what starts the next check."""
