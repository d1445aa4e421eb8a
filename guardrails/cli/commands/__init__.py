"""One module for each command: `configure` declares its options, `run` does the work.

Here: parse, wire, print, give the exit code.
Elsewhere: what several commands share is in `guardrails/cli/`; the work itself in the layers below.
"""

COMMANDS = {
    "check": "judge an environment, and say allow or deny",
    "vet": "say what a command or a write would do past the guard, before anybody runs it",
    "verify": "say whether a verdict that was carried here still holds",
    "plan": "say what an operation would do, before anyone does it",
    "attest": "run a command on what is committed, and record how it ended",
    "signoff": "approve or reject a commit, in a role",
    "rescue": "save the work in a repository before anything resets it, look at it, and bring it back",
    "watch": "check by a clock, and tell what changed and since when",
    "waive": "let what a policy finds pass for a while, with an owner and a reason",
    "run": "check, run an operation on what was checked, and check again",
    "policies": "list the policies that are installed, and where they apply",
    "explain": "say what a policy guards, why, and what to do instead",
    "new": "write a package with a policy of your own, its fact and its tests",
    "log": "show the audit log, or verify that it is whole",
    "history": "show every move of an environment and who let it happen, or accept one that nobody guarded",
    "report": "write one HTML page of where an environment stands, and how it got there",
    "doctor": "say what is in force, whether each part of it is well, and what to do where it is not",
    "drill": "prove that each policy fires in small worlds, and that each installed guard refuses a canary",
    "config": "show the effective configuration, or its JSON Schema",
    "init": "write a first configuration from what is on this machine",
    "hook": "install, show or remove the git hooks that refuse what the policies deny",
    "demo": "build a small world, break it rule by rule, and watch each be denied",
    "completion": "print the completion script of a shell",
    "help": "print the help of guardrails, of a command, or of one thing that it does",
}
_SETUP = ("completion", "config", "demo", "doctor", "init", "new")  # those in the folder of that name


def module_of(command: str) -> str:
    """The name of the module of a command."""
    return f"{__name__}.setup.{command}" if command in _SETUP else f"{__name__}.{command}"
