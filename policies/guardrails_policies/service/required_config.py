"""A file of settings says what the service needs."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import CannotKnow, Finding, Note, NothingAsked, Policy, SettingsFile, Severity, Table, a_look, ask


class RequiredConfig(Policy):
    """A required setting that is missing, empty or of another value.

    Why it matters
        A service that starts with the wrong settings runs, and does something else: OpenClaw refuses to start its
        gateway unless `gateway.mode` is local, and one without a token is open to anybody who reaches its port. A file
        that was restored, merged or copied from the other environment is complete and wrong.
    Example
        [policies.required-config]
        file = "{state_dir}/openclaw.json"
        values = { "gateway.mode" = "local" }
        present = ["gateway.auth.token"]
    Instead
        Set what the finding names, in the file it names, and start the service again.

    `file` is JSON (JSON5 too), TOML or a property list, as its ending says; it may start with `{repo}`, `{state_dir}`
    or `~`, and a relative one is in the repository. A key with dots in it is written in quotes. A value that must only
    be `present` is never shown, nor is one whose name says that it is a secret. JSON is read with the files that it
    takes in by `$include`, as OpenClaw reads it. The policy cannot know a value that the environment of the service
    decides (`${NAME}`), or that may be in an included file that cannot be followed: write such a value into the file
    itself.
    """

    id = "required-config"
    title = "The service's settings are as required"
    source = "deployment-rules §2"
    severity = Severity.HIGH
    guards = ("{file}",)
    stricter = MappingProxyType({"values": "more", "present": "more"})
    empty = MappingProxyType(
        {
            "file": "skipped: no file is asked for; refused beside values and present",
            "values": "judged: what is present is asked for alone; noted without that",
            "values.*": "judged: the value must be empty text",
            "present": "judged: values are asked for alone; noted without them",
        }
    )

    file: str = ""
    values: dict[str, str | bool | int | float] = Table()
    present: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError when the options cannot be meant."""
        if (self.values or self.present) and not self.file:
            raise ValueError("file: in which file must these settings be?")
        SettingsFile.check(self.file, (*self.values, *self.present))

    def evaluate(self, settings: SettingsFile = ask("file")) -> Iterator[Finding | Note]:
        """Look for each value, then for those that must only be there. Unknown ones count if nothing is wrong."""
        if not self.file:
            raise NothingAsked("no file is configured")
        if settings.table is None:
            yield _missing(settings.path)
            return
        wrong, unknown = 0, []
        for name in (*self.values, *self.present):
            try:
                observed = settings.lacks(name) if name in self.present else None
                if name in self.values:
                    observed = observed or settings.other_than(name, self.values[name])
            except CannotKnow as error:
                unknown.append(str(error))
                continue
            if observed:
                wrong += 1
                yield self._finding(settings, name, observed)
        if unknown and not wrong:
            raise CannotKnow("; ".join(unknown))
        if not self.values and not self.present:
            yield Note("no setting is asked for, only that the file can be read (options values and present)")
        yield from map(Note, unknown)

    def _finding(self, settings: SettingsFile, name: str, observed: str) -> Finding:
        from shlex import quote

        wanted = settings.written(name, self.values[name]) if name in self.values else "a value that is not empty"
        return Finding(
            message=f"{name} is not as required",
            observed=observed,
            expected=f"{name} = {wanted}" if name in self.values else f"{name} with {wanted}",
            remediation=a_look(
                f"ls -l {quote(settings.path)}", f"set {name} in it to {wanted}, then restart the service"
            ),
            path=settings.path,
        )


def _missing(path: str) -> Finding:
    from os.path import dirname
    from shlex import quote

    return Finding(
        message="the file of settings is missing",
        observed=f"there is no {path}",
        expected="a file with the required settings",
        remediation=a_look(f"ls -la {quote(dirname(path))}", "restore it from a backup, or correct file or state_dir"),
        path=path,
    )
