"""How a shell would read a text: syntax, words, states, builtins, and the wrappers around a program.

Here: the parts of `shell_reading`. Elsewhere: what a program does to its arguments, in `programs/`.
"""
