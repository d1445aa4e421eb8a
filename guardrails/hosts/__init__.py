"""The programs that run coding agents, each with a protocol of its own for a hook that can refuse a tool call.

Here: a module for each protocol, with `calls_in`, which reads what the host asks, and `answer`, which says it.
Not here: what is refused, which the policies say, and the answer within a second, which `guardrails hook run` gives.
"""
