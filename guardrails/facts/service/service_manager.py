"""What a user's service manager knows besides its units: the user, the user's folders, and variables for every service.

Sources: systemd-user.conf(5) and environment.d(5) of systemd 252. A variable that somebody gave a running manager with
`systemctl --user set-environment` stands in no file, and is not known here.
"""

from __future__ import annotations

import os
from functools import cached_property

from guardrails.facts.service import unit_syntax
from guardrails.facts.service.environment_files import (
    DEFAULT_PATH,
    SYSTEM_FOLDERS,
    list_configuration_files,
    read_manager_variables,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.service.unit_files import Folders

INHERITED = ("HOME", "PATH", "USER", "LOGNAME", "SHELL", "XDG_RUNTIME_DIR")  # what a manager has in any case


class Manager:
    """The manager of one user."""

    def __init__(self, home: str, folders: Folders) -> None:
        """Nothing is looked at until it is asked for."""
        self.home = home
        self.folders = folders

    @cached_property
    def user(self) -> tuple[str, str]:
        """The name and the shell of the user."""
        import pwd

        try:
            entry = pwd.getpwuid(os.getuid())
        except KeyError:
            return str(os.getuid()), "/bin/sh"
        return entry.pw_name, entry.pw_shell

    @cached_property
    def inherited(self) -> dict[str, str]:
        """The variables that it has before it reads a file."""
        name, shell = self.user
        values = (self.home, DEFAULT_PATH, name, name, shell, self.folders.runtime)
        return dict(zip(INHERITED, values, strict=True))

    @cached_property
    def variables(self) -> dict[str, str]:
        """Those that files give it for every service. Raises CannotKnow when one cannot be read."""
        default = self._default_variables()
        return default | read_manager_variables(self.folders.config, self.inherited | default)

    def _default_variables(self) -> dict[str, str]:
        """What `DefaultEnvironment=` in its own configuration says."""
        folders = [f"{one}/systemd" for one in (self.folders.config, *SYSTEM_FOLDERS)]
        main = [f"{folder}/user.conf" for folder in folders[:2]]
        found: dict[str, str] = {}
        for path in (*main, *list_configuration_files(f"{folder}/user.conf.d" for folder in folders)):
            try:
                text = unit_syntax.read(path)
            except FileNotFoundError:
                continue
            for key, value in unit_syntax.read_assignments(text, path, "Manager"):
                if key == "DefaultEnvironment":
                    words = unit_syntax.split_words(value.replace("%h", self.home), path)
                    pairs = [word.partition("=") for word in words]
                    found = found | {name: one for name, equals, one in pairs if equals} if value else {}
        return found
