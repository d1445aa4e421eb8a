"""A file is newer than another, or than some time ago."""

from collections.abc import Iterator

from guardrails import CannotKnow, FileAge, FileState, Finding, Policy, Severity, a_look, ask

SKEW = 60  # seconds that the clock of a file system may be ahead of the check's


class FreshFile(Policy):
    """A file that is older than what it must be newer than.

    Why it matters
        What was built before its source changed, or a backup that nobody has made for weeks, looks like any other
        file. Only its time says that it is of no use.
    Example
        [policies.nightly-backup]
        use = "fresh-file"
        file = "~/backups/openclaw.tar.gz"
        newer_than = "26h"
    Instead
        Make the file again, and find out why it was not made.

    `newer_than` is a duration such as `36h` or `7d`, counted back from the time of the check, or another file. Paths
    may start with `{repo}`, `{state_dir}` or `~`; a relative one is in the repository. Times of modification are
    compared. Equal ones are not newer: a copy that keeps times may be of the older content. A file from the future
    cannot be judged against the clock.
    """

    id = "fresh-file"
    title = "The file is fresh"
    source = "deployment-rules, Release plan 4"
    severity = Severity.MEDIUM
    guards = ("{file}",)

    file: str = ""
    newer_than: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError when only one of the two is given, or one could not be."""
        if bool(self.file) != bool(self.newer_than):
            raise ValueError("file and newer_than belong together: give both")
        FileAge.check(self.file, self.newer_than)

    def evaluate(self, age: FileAge = ask("file", "newer_than")) -> Iterator[Finding]:
        """Look whether both are there, then compare their times."""
        looked_at = [age.file] if age.other is None else [age.file, age.other]
        absent = [state for state in looked_at if state.kind is None]
        yield from (self._finding(state, "nothing is there") for state in absent)
        if absent:
            return
        for state in looked_at:
            if state.kind != "a file":
                raise CannotKnow(f"{state.path} is {state.kind}, not a file")
        if age.other is None:
            if age.file.modified > (age.at + SKEW) * 1e9:
                raise CannotKnow(f"{age.file.path} is from the future: {_time(age.file.modified)}")
            oldest = round((age.at - (age.limit or 0)) * 1e9)
        else:
            oldest = age.other.modified
        if age.file.modified <= oldest:
            yield self._finding(age.file, f"modified {_time(age.file.modified)}", f" ({_time(oldest)})")

    def _finding(self, state: FileState, observed: str, than: str = "") -> Finding:
        from shlex import quote

        return Finding(
            message=f"{state.path} is not fresh" if than else f"{state.path} is missing",
            observed=observed,
            expected=f"a file newer than {self.newer_than}{than}",
            remediation=a_look(
                f"ls -la {quote(state.nearest or state.path)}", "make it again, and see why it was not made"
            ),
            path=state.path,
        )


def _time(nanoseconds: int) -> str:
    from time import gmtime, strftime

    seconds, rest = divmod(nanoseconds, 10**9)
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds)) + f".{rest // 10**6:03}Z"
