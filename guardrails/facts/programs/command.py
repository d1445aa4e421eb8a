"""A command to run as a child process, and the two ways in which it can end."""

from __future__ import annotations

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

OUTPUT_LIMIT = 256 * 1024 * 1024  # bytes; ls-files of a million paths stays below it


class GivenUp(CannotKnow):
    """A child that was killed because it took too long or wrote too much."""


class Completed:
    """A child that ended by itself: its exit status (negative: the signal) and what it wrote, in bytes."""

    def __init__(self, status: int, stdout: bytes, stderr: bytes) -> None:
        self.status = status
        self.stdout = stdout
        self.stderr = stderr


class Command:
    """A child process to run. Awaiting it gives a `Completed`; raises GivenUp, or CannotKnow when it cannot start.

    `argv[0]` is an absolute path; `environment` is the whole environment of the child; `timeout` is in seconds; `limit`
    is of bytes written; `folder` is where it runs, by default the working directory of the check.
    """

    def __init__(
        self,
        argv: list[str],
        environment: Mapping[str, str],
        *,
        timeout: float = 10.0,
        stdin: bytes = b"",
        limit: int | None = None,
        folder: str | None = None,
    ) -> None:
        self.argv = argv
        self.environment = environment
        self.timeout = timeout
        self.stdin = stdin
        self.limit = OUTPUT_LIMIT if limit is None else limit
        self.folder = folder

    def __await__(self) -> Generator[Command, Completed, Completed]:
        return (yield self)
