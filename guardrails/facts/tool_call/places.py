"""What is guarded, and whether a path, a pattern or a text leads to it.

A path is looked up as it is written and with its links followed, and so are the places. File systems that take two
spellings of letters for one name, and other mounts of the same folder, are not seen through.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase
from types import MappingProxyType

from guardrails.calls import Place
from guardrails.facts.tool_call.git_files import find_common_dir, find_git_dir, find_repository, read_setting
from guardrails.facts.tool_call.patterns import alternatives
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from guardrails.model import Environment

GUARD_FILES = ("configuration", "waivers", "signers", "hook", "log", "host")
_HOOKS = ("pre-push", "pre-receive", "reference-transaction")
_OURS = b"#!/bin/sh\n# guardrails hook: "


class GuardedRepository(Record):
    """The repository of an environment: its git directory and the one that its work trees share, links followed."""

    place: Place
    git_dir: str
    common_dir: str


class FoundRepository(Record):
    """Where git would work, as far as it is guarded.

    `tree` are the environments whose HEAD, index and files it would work on, `refs` those whose refs and stashes.
    `around` are the places in which a repository of somebody else lies. `top` is its folder.
    """

    top: str
    tree: tuple[Place, ...] = ()
    refs: tuple[Place, ...] = ()
    around: tuple[Place, ...] = ()
    common_dir: str = ""


class Places:
    """Everything that is guarded. `home` and `variables` are those of the user who would run the call."""

    def __init__(
        self,
        roots: Iterable[tuple[str, Place]],
        repositories: Sequence[GuardedRepository],
        *,
        home: str,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._roots = tuple(dict.fromkeys((name, place) for path, place in roots for name in spellings(path)))
        self._repositories = repositories
        self.home = home
        self.variables = variables
        self.all = tuple(dict.fromkeys(place for _, place in self._roots))
        self.services = tuple(place for place in self.all if place.kind == "service")

    def touched(self, path: str, *, deep: bool = False) -> tuple[Place, ...]:
        """The places that an absolute path is or lies in, and with `deep` also those that lie below it.

        When places of environments lie in one another, the innermost counts.
        """
        names = spellings(path)
        inside, below = [], []
        for root, place in self._roots:
            if any(lies_in(name, root) for name in names):
                inside.append((root, place))
            elif deep and any(lies_in(root, name) for name in names):
                below.append(place)
        deepest = max((len(root) for root, place in inside if place.kind not in GUARD_FILES), default=0)
        kept = [place for root, place in inside if place.kind in GUARD_FILES or len(root) == deepest]
        return tuple(dict.fromkeys([*kept, *below]))

    def matched(self, pattern: str, *, deep: bool = False) -> tuple[Place, ...]:
        """The places that an absolute pattern of a shell could lead to, as `touched` says of a path."""
        found = []
        for one in alternatives(pattern):
            wanted = os.path.normpath(one).split("/")
            for root, place in self._roots:
                parts = root.split("/")
                fits = all(_fits(part, want) for part, want in zip(parts, wanted, strict=False))
                if fits and (deep or len(wanted) >= len(parts) or "**" in one):
                    found.append(place)
        return tuple(dict.fromkeys(found))

    def named_in(self, text: str) -> tuple[Place, ...]:
        """The places whose path, or whose folder's name as a part of a path, stands in a text."""
        return tuple(
            dict.fromkeys(
                place for root, place in self._roots if any(_stands(name, text) for name in _names(root, place))
            )
        )

    def repository(self, folder: str, git_dir: str | None = None, work_tree: str | None = None) -> FoundRepository:
        """What git would work on in an absolute folder, with the git directory and the work tree that it is given."""
        if git_dir is not None:
            found_dir = find_git_dir(git_dir)
            if found_dir is None:  # nothing is there to be read: what it lies in counts
                return self._unread(work_tree or folder, git_dir, work_tree or git_dir)
            top = work_tree or next(read_setting(found_dir, "core.worktree"), folder)
            top = os.path.normpath(os.path.join(found_dir, top))
        elif found := find_repository(folder):
            top, found_dir = work_tree or found[0], found[1]
        else:
            return self._unread(work_tree or folder, folder, work_tree or folder)
        own, common = os.path.realpath(found_dir), os.path.realpath(find_common_dir(found_dir))
        tree = [one.place for one in self._repositories if one.git_dir == own]
        refs = [one.place for one in self._repositories if one.common_dir == common]
        places = tuple(place for place in self.touched(top) if place.environment)
        if work_tree is not None:
            tree += [place for place in places if place.kind == "repo" and place not in tree]
        return FoundRepository(top, tuple(tree), tuple(refs), () if tree else places, common)

    def _unread(self, top: str, refs: str, tree: str) -> FoundRepository:
        """A repository that cannot be read, by the places in which its refs and its work tree would be."""
        inside, around = (tuple(one for one in self.touched(path) if one.environment) for path in (refs, tree))
        repos = tuple(place for place in around if place.kind == "repo")
        return FoundRepository(
            top, repos, tuple(place for place in inside if place.kind == "repo"), () if repos else around
        )

    def of_environment(self, name: str | None, kind: str = "repo") -> Place | None:
        """The place of that kind of an environment."""
        return next((place for place in self.all if (place.environment, place.kind) == (name, kind)), None)


def guarded_places(
    environments: Mapping[str, Environment],
    *,
    home: str,
    files: Iterable[Place] = (),
    variables: Mapping[str, str] = MappingProxyType({}),
) -> Places:
    """The places of these environments, and the guard's own files beside the hooks in their repositories.

    `files` are those that only the caller knows: the configuration in force with the files that it extends, waivers,
    signers, logs with what lies beside them, and the settings of hosts that hold our hook.
    """
    roots: list[tuple[str, Place]] = [(place.path, place) for place in files]
    repositories = []
    for name, environment in environments.items():
        repo = Place("repo", name, environment.repo)
        git_dir = find_git_dir(environment.repo)
        folders = [environment.repo]
        if git_dir:
            common = find_common_dir(git_dir)
            repositories.append(GuardedRepository(repo, os.path.realpath(git_dir), os.path.realpath(common)))
            tops = [os.path.join(git_dir, top) for top in read_setting(common, "core.worktree")]
            folders += [git_dir, common, *tops]
            roots += [(path, Place("hook", name, path)) for path in _hooks(environment.repo, common, home)]
        roots += [(folder, repo) for folder in folders]
        if environment.state_dir:
            roots.append((environment.state_dir, Place("state_dir", name, environment.state_dir)))
        if environment.service:
            service = Place("service", name, environment.service)
            roots += [(path, service) for path in _definitions(environment.service, home)]
    return Places(roots, repositories, home=home, variables=variables)


def _fits(part: str, pattern: str) -> bool:
    """Whether a pattern matches one name of a path. A dot at its beginning must be written, as without `dotglob`."""
    hidden = part.startswith(".") and pattern[:1] in ("*", "?", "[") and "**" not in pattern
    return "**" in pattern or (fnmatchcase(part, pattern) and not hidden)


def spellings(path: str) -> tuple[str, ...]:
    """An absolute path as it is written and with its links followed, as far as it exists."""
    return tuple(dict.fromkeys((os.path.normpath(path), os.path.realpath(path))))


def lies_in(path: str, folder: str) -> bool:
    """Whether a path, both being absolute and without `..`, is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _definitions(label: str, home: str) -> tuple[str, ...]:
    """Where a service of that name is defined (launchd.plist(5), systemd.unit(5))."""
    unit = os.path.join(home, ".config/systemd/user", label.removesuffix(".service") + ".service")
    return os.path.join(home, "Library/LaunchAgents", f"{label}.plist"), unit, f"{unit}.d"


def _hooks(repo: str, common: str, home: str) -> list[str]:
    """The hooks of ours that lie where git may look for them."""
    named = [*read_setting(common, "core.hooksPath")]
    folders = [os.path.join(common, "hooks")]
    folders += [os.path.join(repo, home + path[1:] if path.startswith("~/") else path) for path in named]
    return [
        path
        for folder in folders
        for kind in _HOOKS
        for path in (os.path.join(folder, kind), os.path.join(folder, f"{kind}.legacy"))
        if _begins(path, _OURS)
    ]


def _begins(path: str, text: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(len(text)) == text
    except OSError:
        return False


def _names(root: str, place: Place) -> tuple[str, ...]:
    """The texts by which a place is named: its path, and its own name where that says which it is."""
    name = os.path.basename(root)
    if place.kind == "service":
        return root, place.path
    if place.kind in GUARD_FILES and "guardrails" not in name:
        name = os.path.join(os.path.basename(os.path.dirname(root)), name)
    return (root, name) if len(name) > 1 else (root,)


def _stands(name: str, text: str) -> bool:
    return name in text and bool(re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text))
