"""Where configuration is looked for."""

from __future__ import annotations

import os

from guardrails.errors import ConfigurationError

FILE_NAME = "guardrails.toml"
WAIVERS_NAME = "guardrails.waivers.toml"


def home() -> str:
    """The user's home directory, absolute. Raises ConfigurationError when there is none."""
    path = os.path.expanduser("~")
    if not os.path.isabs(path):
        raise ConfigurationError("HOME is not set to an absolute path")
    return path


def find_configuration(given: str | None) -> str | None:
    """The absolute path of the configuration to use; None when there is none and the built-in profile applies.

    Looked for in the order of `docs/contract.md` (Configuration): as given, GUARDRAILS_CONFIG, walking up from the
    working directory, then the user's folder. Raises ConfigurationError when a given file is not there, and where
    nobody may look.
    """
    given = (os.environ.get("GUARDRAILS_CONFIG") or None) if given is None else given
    if given is not None:
        path = os.path.abspath(os.path.expanduser(given))
        if not given or not _is_there(path):
            raise ConfigurationError(f"{given or '--config'}: there is no such configuration file")
        return path
    try:
        folder = os.getcwd()
    except OSError as error:
        raise ConfigurationError(f"the working directory cannot be read: {error.strerror}") from None
    while not _is_there(os.path.join(folder, FILE_NAME)):
        if os.path.dirname(folder) == folder:
            path = user_configuration()
            return path if _is_there(path) else None
        folder = os.path.dirname(folder)
    return os.path.join(folder, FILE_NAME)


def find_waivers(configuration: str | None) -> str | None:
    """Where the waivers of a configuration stand, if there are any: beside it. The built-in profile has none."""
    return None if configuration is None else os.path.join(os.path.dirname(configuration), WAIVERS_NAME)


def _is_there(path: str) -> bool:
    """Whether there is anything of that name, even a dangling link. Raises when that cannot be seen."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path}: cannot be looked up: {error}") from None
    return True


def user_configuration() -> str:
    """The path of the configuration that applies wherever there is no nearer one."""
    configured = os.environ.get("XDG_CONFIG_HOME", "")
    return os.path.join(
        configured if os.path.isabs(configured) else os.path.join(home(), ".config"), "guardrails", FILE_NAME
    )
