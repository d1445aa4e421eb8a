"""The installed packages are those of the lock file."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import Finding, Policy, Severity, a_look, ask, listed
from guardrails_policies.openclaw.packages import InstalledPackages


class InstalledDependencies(Policy):
    """Installed packages that are not those of the lock file that is checked out.

    Why it matters
        A merge changes the lock file and leaves `node_modules` as it was. The gateway then runs new code on old
        packages. Nobody has tested that, and it fails where one of them is first used.
    Example
        $ git merge --ff-only FETCH_HEAD && pnpm build            # without pnpm install
    Instead
        `pnpm install --frozen-lockfile`, which installs just what the lock file says or fails.

    The policy compares the contents of `lock` and of `installed`, pnpm's copy of the lock file that it has installed;
    both are relative to the repository. It compares the packages that configure pnpm itself, which a lock file of pnpm
    11 or later names first, by version. It does not see whether somebody has edited or deleted files of a package
    since; to be sure, remove `node_modules` and run `pnpm install --frozen-lockfile`.
    """

    id = "installed-dependencies"
    title = "What is installed is what the lock file says"
    source = "deployment-rules §3, release plan 4"
    severity = Severity.HIGH
    guards = ("pnpm install",)
    empty = MappingProxyType({"lock": "refused", "installed": "refused"})

    lock: str = "pnpm-lock.yaml"
    installed: str = "node_modules/.pnpm/lock.yaml"

    def __post_init__(self) -> None:
        for name in ("lock", "installed"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty")

    def evaluate(self, packages: InstalledPackages = ask("lock", "installed")) -> Iterator[Finding]:
        """Compare the two lock files."""
        from shlex import quote

        if packages.same:
            return
        message, path = "What is installed is not what the lock file says", packages.installed
        if not packages.lock_exists:
            message, observed, path = "There is no lock file", f"no file {packages.lock}", packages.lock
        elif not packages.installed_exists:
            message, observed = "Nothing is installed", f"no file {packages.installed}"
        else:
            observed = _differences(packages)
        history = f"git -C {quote(packages.repo)} log --oneline -3 -- {quote(self.lock)}"
        install = f"cd {quote(packages.repo)} && pnpm install --frozen-lockfile"
        yield Finding(
            message=message,
            observed=observed,
            expected=f"{packages.installed} with the content of {packages.lock}",
            remediation=install if packages.lock_exists else a_look(history, "restore it in dev, and release that"),
            path=path,
        )


def _differences(packages: InstalledPackages) -> str:
    parts = [
        f"{what}: {listed(names)}"
        for what, names in (("not installed", packages.added), ("installed and not wanted", packages.removed))
        if names
    ]
    return "; ".join(parts) or "the same packages, installed with other settings or for other dependents"
