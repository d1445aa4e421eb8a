"""A guarded run: check, pin, save, run step by step, check again, record.

Here: the run and each of its parts, its lock, journal and permits.
Elsewhere: what it saves before a reset is written by `rescue/`; the forecast of a run is in `planning/`.
"""
