"""A folder in which a look at the world may write, never inside of an inspected place."""

from __future__ import annotations

import os
import stat

from guardrails.errors import CannotKnow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_VARIABLES = ("XDG_RUNTIME_DIR", "TMPDIR")  # the first is in memory, and the user's alone
_PLACES = ("/tmp", "/var/tmp")  # noqa: S108 -- a folder of ours alone is made in it


class Scratch:
    """A folder of a random name, made when it is first needed. The process that made this object removes it.

    It is made outside of the folders in `apart_from`, in the first place that can be written: a file in an inspected
    folder would change the times of that folder. A process may make the folder and its parent remove it.
    """

    def __init__(self, apart_from: Iterable[str], variables: Mapping[str, str]) -> None:
        self._apart_from = tuple(apart_from)
        self._variables = variables
        self._name = f"guardrails-{os.urandom(8).hex()}"
        self._made = 0

    def make_folder(self) -> str:
        """A new, empty folder. Raises CannotKnow when there is no place for it."""
        self._made += 1
        path = os.path.join(self._top(), f"{os.getpid()}-{self._made}")
        os.mkdir(path, 0o700)
        return path

    def remove(self) -> None:
        """Remove the folders. One that cannot be removed stays: it holds nothing of value."""
        for place in self._places():
            path = os.path.join(place, self._name)
            if os.path.lexists(path):
                _remove(path)

    def _top(self) -> str:
        for place in self._places():
            path = os.path.join(place, self._name)
            try:
                if not os.path.lexists(path):
                    os.mkdir(path, 0o700)
            except FileExistsError:
                pass  # another process was faster
            except OSError:
                continue
            status = os.lstat(path)
            if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid():
                return path
        raise CannotKnow("there is no place for temporary files outside of what is inspected; set TMPDIR to one")

    def _places(self) -> list[str]:
        given = [self._variables.get(name, "") for name in _VARIABLES]
        inspected = [os.path.join(os.path.realpath(path), "") for path in self._apart_from]
        places = [os.path.realpath(path) for path in (*given, *_PLACES) if os.path.isabs(path)]
        return [place for place in dict.fromkeys(places) if not os.path.join(place, "").startswith(tuple(inspected))]


def _remove(top: str) -> None:
    for folder, folders, names in os.walk(top, topdown=False):
        for name in (*folders, *names):
            path = os.path.join(folder, name)
            try:
                os.rmdir(path) if name in folders and not os.path.islink(path) else os.unlink(path)
            except OSError:
                pass
    try:
        os.rmdir(top)
    except OSError:
        pass
