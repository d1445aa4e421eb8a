"""The services that a user's manager would start, read from their files.

Here: systemd's units, drop-ins and environment files, launchd's property lists.
Elsewhere: running processes are in `programs/`; what starts a gateway of OpenClaw is in the policies.
"""
