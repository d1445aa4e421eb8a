"""Which hooks of git and of hosts were installed from here, noted beside the audit log, so that a missing one shows.

A hook is remembered before it is put in place and forgotten after it was taken away, so an interruption leaves one too
many rather than one too few.
"""

from __future__ import annotations

import fcntl
import json
import os
import stat

from guardrails.audit.files import make_folder
from guardrails.config.settings import is_moved, log_of
from guardrails.errors import AuditError, CannotKnow, UsageError
from guardrails.facts.files import read_json
from guardrails.guards import HOSTS, Guard, Guards, Stub
from guardrails.record import Record, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.config.settings import Settings
    from guardrails.model import Environment

_NAME = "guards.json"


class Installed(Record):
    """A hook that was installed: for which environment and repository, by which configuration, run by which Python."""

    kind: str
    environment: str
    repo: str
    configuration: str
    python: str

    def is_of(self, other: Installed) -> bool:
        """Whether both are the same hook, whichever Python runs it."""
        return self.replaced(python="") == other.replaced(python="")


def required_guards(settings: Settings, environment: Environment, configuration: str | None) -> Guards:
    """The hooks that must be in an environment: those that its configuration names, and those installed by it."""
    apart = is_moved(settings, environment.name)
    try:
        known = [
            one
            for one in read_installed(settings, environment)
            if (one.environment, one.repo, one.configuration)
            == (environment.name, environment.repo, configuration or "")
        ]
        kinds = dict.fromkeys((*settings.guards.get(environment.name, ()), *(one.kind for one in known)))
        wanted = [
            guard(kind, settings, environment, configuration, *(one.python for one in known if one.kind == kind))
            for kind in kinds
        ]
    except (CannotKnow, UsageError) as error:
        return Guards(apart=apart, problem=str(error))
    return Guards(tuple(wanted), apart)


def guard(kind: str, settings: Settings, environment: Environment, configuration: str | None, *pythons: str) -> Guard:
    """One guard that must be there, run by this Python or one of those given. Raises UsageError as `stub` does."""
    from guardrails.hooks.stubs import line, stub, this_python  # most checks ask for no hook

    interpreters = tuple(dict.fromkeys((this_python(), *pythons)))
    if kind in HOSTS:
        from guardrails.hosts.installation import host_guard

        return host_guard(kind, settings, environment, configuration, interpreters)
    stubs = [Stub(python, os.fsencode(stub(kind, environment, configuration, python))) for python in interpreters]
    return Guard(kind, tuple(stubs), line("install", kind, environment.name, configuration))


def read_installed(settings: Settings, environment: Environment) -> list[Installed]:
    """Every hook that is remembered beside the log of an environment. Raises CannotKnow when that cannot be read."""
    return _read(_path(settings, environment))


def remember(settings: Settings, environment: Environment, hook: Installed, *, there: bool) -> None:
    """Note that a hook is there now, or that it is not. Raises UsageError where that cannot be noted."""
    path = _path(settings, environment)
    try:
        make_folder(path)
        folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # held for as long as it takes to write a small file
            others = [one for one in _read(path) if not one.is_of(hook)]
            _write(path, [*others, hook] if there else others)
        finally:
            os.close(folder)
    except OSError as error:
        raise UsageError(f"{path}, where installed hooks are noted, cannot be written: {error.strerror}") from None
    except (AuditError, CannotKnow) as error:
        raise UsageError(str(error)) from None


def _path(settings: Settings, environment: Environment) -> str:
    return os.path.join(os.path.dirname(log_of(settings.audit, environment, settings.environments)), _NAME)


def _read(path: str) -> list[Installed]:
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise CannotKnow(f"{path}, where installed hooks are noted, cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & 0o022:
        raise CannotKnow(f"{path}, where installed hooks are noted, is no file of this user alone")
    try:
        return [Installed(**given) for given in read_json(path)["hooks"]]
    except FileNotFoundError:
        return []
    except (KeyError, TypeError):
        raise CannotKnow(f"{path} does not say which hooks were installed; remove it, and install them again") from None


def _write(path: str, hooks: list[Installed]) -> None:
    half = f"{path}.{os.urandom(4).hex()}"
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(json.dumps({"hooks": plain(hooks)}, indent=1).encode())
            file.flush()
            os.fsync(descriptor)
        os.replace(half, path)
    finally:
        if os.path.lexists(half):
            os.unlink(half)
