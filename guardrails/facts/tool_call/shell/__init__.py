"""How a shell would read a text: syntax, words, states, builtins, and the wrappers around a program.

Here: what `shell_reading` is made of. Not here: what a program does to its arguments, which is no matter of the shell.
"""
