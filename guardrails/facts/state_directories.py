"""Where the environments keep their state, by identity and not by name."""

from __future__ import annotations

import os
import stat

from guardrails.errors import CannotKnow
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World


class StateDirectory(Record):
    """One environment's state directory.

    `real` is the path without symbolic links. `identity` is device and inode, None when the directory is absent.
    `ancestors` are the identities of the folders above it. Comparing identities also finds bind mounts, and twins on a
    file system that does not tell letters apart.
    """

    environment: str
    path: str
    real: str
    identity: tuple[int, int] | None
    ancestors: tuple[tuple[int, int], ...] = ()


class StateDirectories(Fact):
    """The state directories of all environments that have one; `environment` is the one in question."""

    environment: str
    directories: tuple[StateDirectory, ...]

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Stat every configured state directory and the folders above it.

        Raises CannotKnow when one cannot be reached or is no directory.
        """
        return cls(
            world.environment.name,
            tuple(
                _look(environment.name, environment.state_dir)
                for environment in world.environments.values()
                if environment.state_dir is not None
            ),
        )


def _look(environment: str, path: str) -> StateDirectory:
    try:
        real = os.path.realpath(path, strict=True)
        status = os.stat(real)
    except FileNotFoundError:
        return StateDirectory(environment, path, os.path.realpath(path), None)
    except OSError as error:
        raise CannotKnow(f"the state directory {path} cannot be reached: {error.strerror}") from None
    if not stat.S_ISDIR(status.st_mode):
        raise CannotKnow(f"the state directory {path} is not a directory")
    return StateDirectory(environment, path, real, _identity(real), tuple(_identity(folder) for folder in _above(real)))


def _identity(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise CannotKnow(f"{path} cannot be reached: {error.strerror}") from None
    return status.st_dev, status.st_ino


def _above(path: str) -> list[str]:
    folders = []
    while (parent := os.path.dirname(path)) != path:
        folders.append(parent)
        path = parent
    return folders
