"""What the benchmarks share: one process measured from outside, and how its figures are shown."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile


class Timed:
    """One finished process: wall and processor time in ms, the peak of its largest process in MiB, what it wrote.

    `started` is in seconds of `time.perf_counter`, whose clock its own processes have as well.

    The processor time is that of all its descendants that were waited for.
    """

    def __init__(self, command: Sequence[str], environment: dict[str, str], folder: Path, stdin: bytes = b"") -> None:
        with TemporaryFile() as given, TemporaryFile() as output, TemporaryFile() as complaints:
            given.write(stdin)
            given.seek(0)
            self.started = time.perf_counter()
            child = subprocess.Popen(
                command, stdin=given, stdout=output, stderr=complaints, env=environment, cwd=folder
            )
            _, status, usage = os.wait4(child.pid, 0)
            self.wall = (time.perf_counter() - self.started) * 1000
            child.returncode = self.code = os.waitstatus_to_exitcode(status)
            output.seek(0)
            complaints.seek(0)
            self.output, self.complaints = output.read(), complaints.read()
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1000
        self.peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)


def spread(values: Sequence[float], form: str) -> str:
    """Median, smallest and largest."""
    return f"{statistics.median(values):{form}} ({min(values):{form}}..{max(values):{form}})"
