"""Gateways: the services that start them, and those that are running.

Here: services, locks, processes, and the state that each gateway uses.
Elsewhere: systemd and launchd are read by `guardrails/facts/service/`.
"""
