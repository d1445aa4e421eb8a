"""A state directory of OpenClaw: where it is, and what its files say.

Here: configuration, `.env` files, sessions, and references to other places.
Elsewhere: cron jobs are in `cron/`.
"""
