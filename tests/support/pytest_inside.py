"""Options of a pytest that a test starts."""

from __future__ import annotations

from pathlib import Path


def own_options(scratch: Path) -> list[str]:
    """Quiet, without a cache, and with temporary files of its own.

    In the folder that all runs of a user share, it would remove what earlier suites left before it ends: minutes.
    """
    return ["-q", "-p", "no:cacheprovider", "--basetemp", str(scratch)]
