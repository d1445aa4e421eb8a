"""Programs: those that a fact starts, and those that run on this machine.

Here: a child process, many of them side by side, the table of processes, and what a process has open.
Elsewhere: a configured command's answer is in `answers/`; commands that change something are in `operations/`.
"""
