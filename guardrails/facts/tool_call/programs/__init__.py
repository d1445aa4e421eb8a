"""What each program does to which of its arguments, as data: one row for each program, readable alone.

Here: the rows, with examples that a test holds them to, and what reads them. Not here: whether a path is guarded
(`places.py`), and the rows of products, which plugins bring by the hook `guardrails_programs`.
"""
