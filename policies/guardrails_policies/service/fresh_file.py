"""A file is newer than others, or than some time ago."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import CannotKnow, FileAge, FileState, Finding, Policy, Severity, a_look, ask, relative

SKEW = 60  # seconds that the clock of a file system may be ahead of the check's


class FreshFile(Policy):
    """A file that is not newer than the files or the time it must be newer than.

    Why it matters
        A build that is older than its source, or a backup that nobody has made for weeks, looks like any other file.
        Only its time says that it is of no use.
    Example
        [policies.nightly-backup]
        use = "fresh-file"
        file = "~/backups/openclaw.tar.gz"
        newer_than = "26h"

        [policies.built-after-edit]
        use = "fresh-file"
        file = ["dist/*.js", "dist/assets/**/*.css"]
        newer_than = ["src/**/*.ts", "pnpm-lock.yaml"]
    Instead
        Make the file again, and find out why it was not made.

    `newer_than` is a duration such as `36h` or `7d`, counted back from the time of the check, or another file. Both
    options take a pattern or a list as well: then every file that `file` names must be newer than all that `newer_than`
    names. Paths may start with `{repo}`, `{state_dir}` or `~`; a relative one is in the repository. In a pattern `*`
    stays within one folder, `**` is any number of folders, and folders themselves count as no match. A pattern goes
    through no symbolic link out of the folder in which it begins, and `**` through none. The policy judges the file
    that a link leads to.
    An entry of `file` that names nothing is a finding. An entry of `newer_than` that names nothing is an error, since
    then the question has no answer: correct the entry.
    Times of modification are compared. Equal ones are not newer: a copy that keeps times may be of the older content. A
    file from the future cannot be judged against the clock: correct the clock, or make the file again.
    """

    id = "fresh-file"
    title = "The file is fresh"
    source = "deployment-rules, Release plan 4"
    severity = Severity.MEDIUM
    guards = ("{file}",)
    empty = MappingProxyType(
        {
            "file": "skipped: no file is asked for; refused beside newer_than",
            "newer_than": "skipped: no file is asked for; refused beside file",
        }
    )

    file: str | tuple[str, ...] = ""
    newer_than: str | tuple[str, ...] = ""

    def __post_init__(self) -> None:
        """Raise ValueError when only one of the two is given, or one could not be."""
        if bool(self.file) != bool(self.newer_than):
            raise ValueError("file and newer_than belong together: give both")
        FileAge.check(self.file, self.newer_than)

    def evaluate(self, age: FileAge = ask("file", "newer_than")) -> Iterator[Finding]:
        """Look for each file, then compare the times of those that are there with the newest that they must pass."""
        oldest, which = _oldest(age)
        for matches in age.files:
            if not matches.files:
                yield self._finding(FileState(matches.pattern, nearest=matches.nearest), "nothing matches")
            for file in matches.files:
                if file.kind is None:
                    yield self._finding(file, "nothing is there")
                    continue
                _require_file(file)
                if age.limit is not None and file.modified > (age.at + SKEW) * 1e9:
                    raise CannotKnow(f"{file.path} is from the future: {_time(file.modified)}")
                if file.modified <= oldest:
                    old = f"is not fresh: it was modified {relative(file.modified / 1e9, age.at)}"
                    yield self._finding(file, f"modified {_time(file.modified)}", old, which)

    def _finding(self, state: FileState, observed: str, what: str = "is missing", than: str = "") -> Finding:
        from shlex import quote

        asked = self.newer_than if isinstance(self.newer_than, str) else ", ".join(self.newer_than)
        return Finding(
            message=f"{state.path} {what}",
            observed=observed,
            expected=f"a file newer than {than or asked}",
            remediation=a_look(
                f"ls -la {quote(state.nearest or state.path)}", "make it again, and see why it was not made"
            ),
            path=state.path,
        )


def _oldest(age: FileAge) -> tuple[int, str]:
    """The time that every file must be newer than, in nanoseconds since the epoch, and in words what has that time.

    Raises CannotKnow for an entry that names nothing, or no file.
    """
    times = [] if age.limit is None else [(round((age.at - age.limit) * 1e9), age.written)]
    for matches in age.others:
        there = [state for state in matches.files if state.kind is not None]
        if len(there) < max(1, len(matches.files)):
            raise CannotKnow(f"nothing is at {matches.pattern}, which {len(age.files)} files must be newer than")
        for state in there:
            _require_file(state)
            times.append((state.modified, f"{state.path} ({_time(state.modified)})"))
    return max(times)


def _require_file(state: FileState) -> None:
    if state.kind != "a file":
        raise CannotKnow(f"{state.path} is {state.kind}, not a file")


def _time(nanoseconds: int) -> str:
    from time import gmtime, strftime

    seconds, rest = divmod(nanoseconds, 10**9)
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds)) + f".{rest // 10**6:03}Z"
