"""What a plugin gives for `guardrails demo` and `guardrails drill` alike: a small world that can be built anywhere."""

from __future__ import annotations

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[str], None]


def nothing(folder: str) -> None:
    """Leave the world as it is."""


class Stage(Record):
    """A world in which every rule holds.

    `name` is a word. `world` says in a few words what is in it. `build` fills an empty folder, with a `guardrails.toml`
    of relative paths at its top, the home directory of whoever acts in `home`, and programs in `bin`, which are found
    before any others. `leave` ends what was started in it. `candidate` is a revision that may be promoted there.
    """

    name: str
    world: str
    build: Play
    leave: Play = nothing
    candidate: str = ""
