"""The one reader of git repositories: hardened, bounded, in bytes.

Each git gets the settings of `overridden_settings`. The names of filters and configured hooks are read first, with a
command that executes nothing, since each is switched off by its name. git itself refuses a repository of a foreign
owner, since no `safe.directory` reaches it.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.git.overridden_settings import ENVIRONMENT, SWITCHES, disarming_variables
from guardrails.facts.programs.side_by_side import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.programs.side_by_side import Completed

_PLACES = ("/usr/bin/git", "/usr/local/bin/git", "/opt/homebrew/bin/git", "/opt/local/bin/git")


def find_git() -> str:
    """The absolute path of git: from the usual places first, so that no folder on PATH can stand in for it."""
    for path in (*_PLACES, *(os.path.join(folder, "git") for folder in os.environ.get("PATH", "").split(os.pathsep))):
        if os.path.isabs(path) and os.access(path, os.X_OK):
            return path
    raise CannotKnow("git is not installed where it can be found; install git")


class Repository:
    """A repository to read. `path` is the top of its work tree, without symbolic links; `timeout` is in seconds."""

    def __init__(self, path: str, *, timeout: float = 10.0) -> None:
        self.path = os.path.realpath(path)
        self._timeout = timeout
        self._git = find_git()
        self._variables: dict[str, str] = {}
        self._settings: tuple[str, ...] = ()
        if not os.path.isdir(self.path):
            raise CannotKnow(f"{self.path} is not there, so nothing about that repository can be known")

    async def settings(self) -> frozenset[str]:
        """The names of all settings of the repository's configuration; reading them executes nothing."""
        listing = await self.run("config", "--null", "--name-only", "--list")
        return frozenset(listing.decode("utf-8", "surrogateescape").split("\0"))

    def disarm(self, settings: frozenset[str]) -> None:
        """Switch off each filter and hook named in the settings.

        To be called before any command that reads the work tree: `status`, `diff`, `cat-file --filters`.
        """
        self._variables = disarming_variables(settings)

    def with_variables(self, variables: dict[str, str], *settings: str) -> Repository:
        """A reader of the same work tree that gives git these variables and settings, `key=value`, as well."""
        other = Repository(self.path, timeout=self._timeout)
        other._variables, other._settings = variables, tuple(word for one in settings for word in ("-c", one))
        return other

    def with_settings(self, *settings: str) -> Repository:
        """A reader of the same, disarmed as this one is, that gives git these settings, `key=value`, as well."""
        return self.with_variables(self._variables, *settings)

    async def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        also_objects_of: str | None = None,
        bare: bool = False,
        limit: int | None = None,
    ) -> bytes:
        """Run one git command and give its output.

        Raises CannotKnow when it does not end with 0, and when it warns: git says on standard error alone that it
        could not look into a folder or at a file, and goes on without it.
        """
        done = await self.attempt(*arguments, stdin=stdin, also_objects_of=also_objects_of, bare=bare, limit=limit)
        if done.status != 0 or done.stderr:
            raise CannotKnow(f"git {arguments[0]} in {self.path}: {complaint(done)}")
        return done.stdout

    def attempt(
        self,
        *arguments: str,
        stdin: bytes = b"",
        also_objects_of: str | None = None,
        home: str | None = None,
        bare: bool = False,
        limit: int | None = None,
    ) -> Command:
        """One git command, to be awaited; its exit status is the caller's to judge.

        `also_objects_of` is the object folder of another repository to look through as well, writing to neither. With
        `home`, the configuration of that user counts too: only for commands that can run nothing it names. `bare` also
        takes a repository without a work tree, by discovery, so that git still refuses one of a foreign owner. `limit`
        is of bytes of output, for what is known to be large.
        """
        environment = {**ENVIRONMENT, **self._variables, "GIT_CEILING_DIRECTORIES": os.path.dirname(self.path)}
        if home is not None:
            environment["HOME"] = home
            del environment["GIT_CONFIG_GLOBAL"]
        if also_objects_of is not None:
            environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = quote_alternate(also_objects_of)
        switches = ("-c", "safe.bareRepository=all") if bare else ()
        argv = [self._git, "-C", self.path, *SWITCHES, *self._settings, *switches, *arguments]
        return Command(argv, environment, timeout=self._timeout, stdin=stdin, limit=limit)


async def descends(
    git: Repository, newer: str, older: str, *, also_objects_of: str | None = None, bare: bool = False
) -> bool:
    """Whether one commit is, or comes after, another. Raises CannotKnow when that cannot be told."""
    return await _related(git, "--is-ancestor", older, newer, also_objects_of=also_objects_of, bare=bare) is not None


async def merge_base(
    git: Repository, one: str, other: str, *, also_objects_of: str | None = None, bare: bool = False
) -> str | None:
    """The newest commit that two have in common, None without one. Raises CannotKnow when that cannot be told."""
    return await _related(git, one, other, also_objects_of=also_objects_of, bare=bare)


async def _related(git: Repository, *arguments: str, also_objects_of: str | None, bare: bool) -> str | None:
    """What git merge-base says, None for no. A missing parent is told on standard error alone."""
    done = await git.attempt("merge-base", *arguments, also_objects_of=also_objects_of, bare=bare)
    if done.status not in (0, 1) or done.stderr:
        raise CannotKnow(f"ancestry in {git.path} cannot be told: {complaint(done)}")
    return done.stdout.decode().strip() if done.status == 0 else None


async def resolve(git: Repository, name: str) -> str | None:
    """The object that a full id leads to, as in `ID^{tree}` or `ID:path`; None when it leads to none.

    What a ref names is read with `guardrails.facts.git.refs`.
    """
    done = await git.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    return done.stdout.decode().strip() if done.status == 0 else None


def ask_for_tip(url: str, ref: str, *, home: str, timeout: float) -> Command:
    """Ask a remote for one ref, to be awaited: `git ls-remote`, in no repository, never prompting.

    The address is what git made of the remote's name before; no configuration redirects it again. ssh finds its keys
    in `home`.
    """
    environment = {
        **ENVIRONMENT,
        "HOME": home,
        "GIT_ALLOW_PROTOCOL": "file:https:ssh",
        "GIT_SSH_COMMAND": f"ssh -oBatchMode=yes -oConnectTimeout={max(1, int(timeout))}",
    }
    command = ["ls-remote", "--exit-code", "--upload-pack=git-upload-pack", "--", url, ref]
    return Command([find_git(), "-C", "/", *SWITCHES, *command], environment, timeout=timeout)


def complaint(done: Completed) -> str:
    """What git said when it failed, in one line, and what helps where that is known."""
    lines = [line for line in done.stderr.decode("utf-8", "replace").strip().split("\n") if line]
    if any("HEAD^{commit}" in line for line in lines):
        return "HEAD names no commit that can be read (an unborn branch, or a broken repository)"
    if foreign := [line for line in lines if "dubious ownership" in line]:
        return _name_of_repository(foreign[0])
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return (fatal or lines or [f"ended with status {done.status}"])[0][:300]


def _name_of_repository(said: str) -> str:
    """What helps where git refuses a repository because of its owner."""
    from shlex import quote

    path = said.partition("'")[2].rpartition("'")[0]
    return (
        f"{path} belongs to another user, so git does not read it, and guardrails takes no safe.directory of the "
        f'caller; run this as its owner, or make it yours: sudo chown -R "$(id -u)" {quote(path)}'
    )


def quote_alternate(path: str) -> str:
    """A path for GIT_ALTERNATE_OBJECT_DIRECTORIES, where `:` separates and a leading quote starts a C string."""
    if ":" not in path and not path.startswith('"') and "\n" not in path:
        return path
    escaped = path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
