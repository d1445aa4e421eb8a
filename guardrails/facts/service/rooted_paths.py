"""Paths below a folder that stands for `/`, such as that of an image."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow

_LINKS = 16


def resolve_inside(root: str, path: str) -> str:
    """The target of a path below `root` when links stay in there. Raises CannotKnow when they go round.

    A path elsewhere, such as one of a home, stays as it is.
    """
    start = root.rstrip("/")
    if not start or not path.startswith(f"{start}/"):
        return path
    for _ in range(_LINKS):
        try:
            target = os.readlink(path)
        except OSError:
            return path  # no link, or nothing
        if target == os.devnull:
            return path
        path = path_below(root, os.path.join(os.path.dirname(path.removeprefix(start)), target))
    raise CannotKnow(f"{path} is a link that goes round in a circle")


def path_below(root: str, path: str) -> str:
    """An absolute path, where `root` stands for `/`."""
    return root.rstrip("/") + os.path.normpath(path)
