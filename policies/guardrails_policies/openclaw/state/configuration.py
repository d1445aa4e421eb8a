"""The settings in a state directory's openclaw.json, as far as other facts depend on them."""

from __future__ import annotations

import os
import stat

from guardrails import CannotKnow
from guardrails.facts.reading.settings_includes import INCLUDE, literal, read_with_includes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def is_folder(path: str) -> bool:
    """Whether a state directory is there. Raises CannotKnow when that cannot be seen or it is something else."""
    try:
        mode = os.stat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise CannotKnow(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISDIR(mode):
        raise CannotKnow(f"{path} is not a directory")
    return True


def read_configuration(folder: str) -> tuple[Any, str]:
    """What `<state>/openclaw.json` and the files that it includes say, an empty table when there is none, and its path.

    Raises CannotKnow as `read_with_includes` does.
    """
    path = os.path.join(folder, "openclaw.json")
    try:
        return read_with_includes(path), path
    except FileNotFoundError:
        return {}, path


def read_setting(table: Any, path: str, *keys: str) -> Any:
    """A setting by its keys from what the file `path` says, None when it is not set.

    Raises CannotKnow when the answer is elsewhere: in a file whose `$include` could not be followed, which may also add
    to a list, or in the gateway's environment, since OpenClaw replaces `${NAME}` by a variable.
    """
    name = ".".join(keys)
    elsewhere = CannotKnow(f"{name} may be set in a file that {path} includes and that cannot be followed")
    unfollowed = False
    for key in keys:
        if not isinstance(table, dict):
            raise CannotKnow(f"{path} has no table around {name}")
        unfollowed = unfollowed or INCLUDE in table
        if key not in table and unfollowed:
            raise elsewhere
        if (table := table.get(key)) is None:
            return None
    if isinstance(table, dict | list) and (unfollowed or INCLUDE in table):
        raise elsewhere
    if isinstance(table, str):
        if (text := literal(table)) is None:
            raise CannotKnow(f"{name} of {path} is {table!r}, which depends on the environment of the gateway")
        return text
    return table


def expand(path: str, home: str) -> str:
    """A path with a leading `~` as OpenClaw replaces it: alone or before a slash, never `~user`."""
    return home + path[1:] if path == "~" or path.startswith("~/") else path
