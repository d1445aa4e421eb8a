"""The only code that looks at the world: read-only, bounded, and without opinion.

Here: `files.py` for authors of facts, the world's clock and places, and a folder for each kind of thing looked at.
Elsewhere: what is judged of a fact is in the policies; whatever changes the world is in `guardrails/operations/`.
"""
