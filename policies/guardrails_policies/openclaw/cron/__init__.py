"""OpenClaw's cron jobs: where each version stores them, and when they fire.

Here: the stores, one job, its schedule, croner's rules, and lost jobs.
Elsewhere: the versions of OpenClaw themselves are in `versions.py`.
"""
