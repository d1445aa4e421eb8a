"""What the operation in question would do: its candidate, the refs it moves, what it would lose.

Here: descent, pushes, the simulation of steps, losses, and the way back.
Elsewhere: who approved it is in `approval/`; `guardrails/operations/` runs it.
"""
