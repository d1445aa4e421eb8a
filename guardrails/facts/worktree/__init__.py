"""Whether the work tree, the index and HEAD hold the same bytes.

Here: the quick probe, the slow one that reads every byte, untracked files, and what a reset could take.
Elsewhere: what a certain operation would lose is in `operation/losses.py`.
"""
