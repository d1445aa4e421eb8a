"""Runs before anything else is imported, so that only installed code is imported.

The folder where a command is started, and Python's own variables, may lead to modules called like those of the standard
library. When they could, the interpreter is started again without them. An interrupt meanwhile ends it in one line.
"""

import _signal  # type: ignore[import-not-found]  # built in; `signal` may be anybody's yet
import gc
import os
import sys

INTERRUPTED = 130
UNDECIDED = 2
_SELDOM = 100_000  # new objects before garbage is looked for: a check ends before, 1 ms sooner

LEADING = (  # of Python's variables (python(1)), those that say where code comes from
    "PYTHONEXECUTABLE",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPLATLIBDIR",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUSERBASE",
)

_AGAIN = f"""\
import os
try:
    from guardrails.start import entry
except ImportError as error:
    os.write(2, f"guardrails: is not installed for this Python: {{error}}; PYTHONPATH does not count\\n".encode())
    os._exit({UNDECIDED})
entry()
"""


def entry(*, here: bool = False) -> None:
    """Run as the command `guardrails`, and end at once. `here`: the working directory is one of modules."""
    if _signal.getsignal(_signal.SIGINT) is not _signal.SIG_IGN:  # as a shell leaves it for `command &`
        _signal.signal(_signal.SIGINT, _end_interrupted)
    if here or _is_led():
        _start_again()
    _keep_standard_descriptors()
    gc.set_threshold(_SELDOM)
    from guardrails import bundle

    bundle.install()
    from guardrails.cli import entry as run

    run()


def _keep_standard_descriptors() -> None:
    """Open what the caller has closed of descriptors 0 to 2: a file that got such a number would be taken for a stream.

    `sys.stdout` and the like stay None for a closed one, and a child process finds it closed.
    """
    descriptor = 0
    while descriptor <= 2:
        descriptor = os.open(os.devnull, os.O_RDWR)
    os.close(descriptor)


def _is_led() -> bool:
    """Whether a variable may have led this interpreter to code that nobody installed."""
    return not sys.flags.ignore_environment and any(os.environ.get(name) for name in LEADING)


def _start_again() -> None:
    """Become an interpreter that reads neither Python's variables nor modules of the working directory."""
    kept = [
        option
        for option, given in (
            ("-s", sys.flags.no_user_site),
            ("-B", sys.flags.dont_write_bytecode),
            ("-Xutf8", sys.flags.utf8_mode),
        )
        if given
    ]
    try:
        os.execv(sys.executable, [sys.executable, "-E", "-P", *kept, "-c", _AGAIN, *sys.argv[1:]])  # noqa: S606 -- no shell
    except (OSError, ValueError) as error:
        os.write(2, f"guardrails: Python cannot be started without PYTHONPATH: {error}\n".encode("utf-8", "replace"))
        os._exit(UNDECIDED)


def _end_interrupted(*_: object) -> None:
    """End before there is anything to clean up, and before a traceback could say where that was."""
    os.write(2, b"guardrails: interrupted\n")
    os._exit(INTERRUPTED)
