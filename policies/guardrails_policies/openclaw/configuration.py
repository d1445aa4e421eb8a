"""The settings in a state directory's openclaw.json, as far as other facts depend on them."""

from __future__ import annotations

import os
import stat

from guardrails import CannotKnow
from guardrails.facts.json5_files import read_json5

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
    """What `<state>/openclaw.json` says, an empty table when there is none, and its path.

    Raises CannotKnow as `read_json5` does.
    """
    path = os.path.join(folder, "openclaw.json")
    try:
        return read_json5(path), path
    except FileNotFoundError:
        return {}, path


def setting(table: Any, path: str, *keys: str) -> Any:
    """A setting by its keys from what the file `path` says, None when it is not set.

    Raises CannotKnow when the answer is elsewhere: OpenClaw merges the files named by `$include` and replaces
    `${NAME}` by a variable of the gateway's environment. What the file itself says wins over what it includes.
    """
    name = ".".join(keys)
    for key in keys:
        if not isinstance(table, dict):
            raise CannotKnow(f"{path} has no table around {name}")
        if key not in table and "$include" in table:
            raise CannotKnow(f"{name} may be set in a file that {path} includes; set it in {path} itself")
        table = table.get(key)
        if table is None:
            return None
    if isinstance(table, str) and "${" in table:
        raise CannotKnow(f"{name} of {path} is {table!r}, which depends on the environment of the gateway")
    return table


def expand(path: str, home: str) -> str:
    """A path with a leading `~` as OpenClaw replaces it: alone or before a slash, never `~user`."""
    return home + path[1:] if path == "~" or path.startswith("~/") else path
