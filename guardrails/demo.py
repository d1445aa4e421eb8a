"""What a plugin gives for `guardrails demo`: a small world to build, and ways to break it."""

from __future__ import annotations

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Act(Record):
    """One scene: what somebody does to a fresh world, the check that follows, and what it must come to.

    `check` are arguments of `guardrails check`. `denied_by` is the one policy that must block, empty when the check
    must allow. `play` changes the world in the given folder.
    """

    title: str
    check: tuple[str, ...]
    denied_by: str
    play: Callable[[str], None]


class Demo(Record):
    """A world and its acts.

    `world` says in a few words what is in it. `build` fills an empty folder, with a `guardrails.toml` of relative paths
    at its top.
    """

    world: str
    build: Callable[[str], None]
    acts: tuple[Act, ...]
