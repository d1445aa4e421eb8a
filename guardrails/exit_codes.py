"""The exit codes of every command, and what each means (docs/command-line.md, Exit codes)."""

ALLOW = 0  # every selected policy was decided, and nothing blocks
DENY = 1  # a blocking policy failed
UNDECIDED = 2  # nobody can say: treat it as deny
INTERRUPTED = 130  # by SIGINT, as a shell says it

UNVERIFIED = 124  # `run`: the command succeeded, and what must hold after it does not
REFUSED = 125  # `run` and `attest`: the command was not run (env(1), timeout(1))
NOT_EXECUTABLE = 126  # POSIX, Shell Command Language 2.8.2
NOT_FOUND = 127
BY_SIGNAL = 128  # plus the number of the signal that ended the command
