"""What an agent's tool call would do: its text read as a shell reads it, without running or expanding anything.

Here: the commands in a text, the places that are guarded, and the effect of each program on each of its arguments.
Not here: what is refused, which the policies say, and the protocols of the agents' hosts (`guardrails.hosts`).
"""
