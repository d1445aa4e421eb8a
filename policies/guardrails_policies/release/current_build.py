"""The build is of the commit that is checked out."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Checkout, Finding, Policy, SettingsFile, Severity, ask


class CurrentBuild(Policy):
    """A build of another commit than the one that is checked out.

    Why it matters
        The gateway runs what was built, not what is checked out. After an update without a build, or with one that
        failed half-way, the repository looks right and the old code goes on running.
    Example
        $ git merge --ff-only FETCH_HEAD && launchctl kickstart -k gui/$UID/com.moltbot.gateway.prod  # macOS
        $ git merge --ff-only FETCH_HEAD && systemctl --user restart openclaw-gateway  # Linux
    Instead
        `pnpm install && pnpm build` before every start.

    `file` is the file that the build writes about itself, relative to the repository. `key` names its value that is the
    commit.
    """

    id = "current-build"
    title = "The build is of the commit that is checked out"
    source = "deployment-rules §3, release plan 4"
    severity = Severity.HIGH
    guards = ("pnpm build",)
    empty = MappingProxyType({"file": "refused", "key": "refused"})

    file: str = "dist/build-info.json"
    key: str = "commit"

    def __post_init__(self) -> None:
        """Raise ValueError when there can be no such file, or no such key in it."""
        if not self.file:
            raise ValueError("file is empty")
        SettingsFile.check(self.file, (self.key,))

    def evaluate(self, checkout: Checkout, build: SettingsFile = ask("file")) -> Iterator[Finding]:
        """Compare the recorded commit with HEAD."""
        from shlex import quote

        if build.table is None:
            message, observed = "Nothing was built", f"no file {build.path}"
        elif other := build.other_than(self.key, checkout.commit):
            message, observed = "The build is of another commit", other
        else:
            return
        yield Finding(
            message=message,
            observed=observed,
            expected=f"{self.key} = {checkout.commit}, which is HEAD",
            remediation=f"cd {quote(checkout.git.path)} && pnpm install && pnpm build",
            path=build.path,
        )
