"""What a configured command or web address answers, asked as often as its answer is to be seen.

Here: the two facts, the program that fetches a page, and the retries.
Elsewhere: how a child process is started and bounded is in `programs/`.
"""
