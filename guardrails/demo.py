"""What a plugin gives for `guardrails demo`: a small world to build, ways to break it, and how to mend them."""

from __future__ import annotations

from guardrails.record import Record, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def nothing(folder: str) -> None:
    """Leave the world as it is."""


class Scene(Record):
    """What somebody does to the world, and the check that follows.

    `check` are arguments of `guardrails check`. `denied_by` are the policies that must block, and no others; without
    any the check must allow. `play` changes the world in the given folder, and `says` tells what it did. `variables`
    are set for the check.
    """

    check: tuple[str, ...]
    denied_by: tuple[str, ...] = ()
    play: Callable[[str], None] = nothing
    says: str = ""
    variables: Mapping[str, str] = Table()


class Act(Record):
    """Scenes that follow each other on one fresh world."""

    title: str
    scenes: tuple[Scene, ...]


class Demo(Record):
    """A world and its acts.

    `world` says in a few words what is in it. `build` fills an empty folder, with a `guardrails.toml` of relative paths
    at its top and the home directory of whoever checks in `home`. `leave` ends what the scenes of an act have started.
    """

    world: str
    build: Callable[[str], None]
    acts: tuple[Act, ...]
    leave: Callable[[str], None] = nothing
