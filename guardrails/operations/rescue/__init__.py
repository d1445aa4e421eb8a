"""Save unsaved work where no reset reaches it, show it, and bring it back.

Here: saving, listing, restoring, bundles, and the writing of trees without an index.
Elsewhere: what a rescue is, and whether one holds the work, is in `guardrails/facts/git/rescues.py`.
"""
