"""A program that is run for so long and no longer, and is then asked to end before it is made to."""

from __future__ import annotations

import os
import signal
import subprocess
from tempfile import TemporaryFile

from guardrails.errors import CannotKnow
from guardrails.facts.programs.command import Completed, GivenUp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.programs.command import Command

_FAREWELL = 2.0  # seconds in which git takes back its lock files
_OUTPUT = 1 << 20  # bytes that are read of each output


def ended_within(command: Command, seconds: float) -> Completed:
    """Run a command in a session of its own, and give how it ended; its own `timeout` does not count.

    One that takes longer gets SIGTERM first, at which git removes the locks that it holds, and then everything in its
    process group is killed. Output goes to files, so nobody waits for what it has left in the background. Raises
    GivenUp for one that took longer, and CannotKnow for one that cannot be started.
    """
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err:
        given.write(command.stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command.argv,
                stdin=given,
                stdout=out,
                stderr=err,
                cwd=command.folder,
                env={**command.environment},
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise CannotKnow(f"cannot run {command.argv[0]!r}: {error}") from None
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise GivenUp(f"gave no answer within {seconds:g} s") from None
        finally:
            _end(process)
        out.seek(0)
        err.seek(0)
        return Completed(status, out.read(_OUTPUT), err.read(_OUTPUT))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing of it when it has not ended by itself, whatever has interrupted the wait."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(_FAREWELL)
    except subprocess.TimeoutExpired:
        pass  # it is killed with the others
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # nothing is left of the group
    process.wait()
