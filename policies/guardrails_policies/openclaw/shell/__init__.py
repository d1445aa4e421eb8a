"""What a command line or a shell script starts, as far as that can be told without running it.

Here: words, scripts, login shells, and the ways that lead to OpenClaw's program.
Elsewhere: which state the started gateway uses is in `gateways/` and `state/`.
"""
