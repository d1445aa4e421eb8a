"""The files that a deployment needs are there."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import FileState, Finding, NamedFiles, Policy, Severity, a_look, ask


class RequiredFiles(Policy):
    """A file that must be there and is not, is empty, or is no file.

    Why it matters
        A build stopped half way, nobody copied a file that no repository holds, or the target of a link was cleaned up:
        the service starts, and fails at the first request that needs the file.
    Example
        [policies.required-files]
        files = ["dist/entry.js", "dist/control-ui/assets/*.js", "{state_dir}/credentials/oauth.json"]
    Instead
        Build again, or restore the file from a backup.

    A path may start with `{repo}`, `{state_dir}` or `~`; a relative one is in the repository. A pattern with `*`, `?`
    or `[…]` must match something, and all that it matches must be files that are not empty; `*` stays within one
    folder, and `**` is any number of folders. A link to a file is followed; a pattern goes through no link to a folder
    outside of the one in which it begins, and `**` through none.
    """

    id = "required-files"
    title = "The required files are there and not empty"
    source = "deployment-rules §2"
    severity = Severity.MEDIUM
    guards = ("{files}",)
    stricter = MappingProxyType({"files": "more"})
    empty = MappingProxyType({"files": "skipped: no file is asked for"})

    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError when one of them can be no file."""
        NamedFiles.check(self.files)

    def evaluate(self, found: NamedFiles = ask("files")) -> Iterator[Finding]:
        """Look at every file of every pattern."""
        for matches in found.named:
            if not matches.files:
                yield _finding(FileState(matches.pattern, nearest=matches.nearest), "nothing matches")
            for file in matches.files:
                if problem := _problem(file):
                    yield _finding(file, problem)


def _problem(file: FileState) -> str:
    if file.kind is None:
        return "nothing is there"
    if file.kind != "a file":
        return f"it is {file.kind}"
    return "" if file.size else "it is empty"


def _finding(file: FileState, problem: str) -> Finding:
    from shlex import quote

    return Finding(
        message=f"{file.path} is not there as a file",
        observed=problem,
        expected="a file that is not empty",
        remediation=a_look(f"ls -la {quote(file.nearest or file.path)}", "build it again, or restore it from a backup"),
        path=file.path,
    )
