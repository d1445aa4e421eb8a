"""What a plugin gives for `guardrails demo`: a stage, ways to break what is there, and how to mend it."""

from __future__ import annotations

from guardrails.plugins.stages import Stage, nothing
from guardrails.record import Record, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def nowhere(_folder: str) -> Mapping[str, str]:
    """A picture of nothing."""
    return {}


class Scene(Record):
    """What somebody does to the world, and the command that follows.

    `command` are its words; it runs in `folder`, the world's own when that is empty. Without `denied_by` it must end
    with 0. With it, `guardrails check` must be denied by exactly these policies, and any other command must fail and
    name each of these words; then all that the demo keeps must be unchanged, except for the `leaves`, patterns of paths
    that the command itself leaves behind. `play` changes the world in the given folder, and `says` tells what it did.
    `variables` are set for the command.
    """

    command: tuple[str, ...]
    denied_by: tuple[str, ...] = ()
    play: Callable[[str], None] = nothing
    says: str = ""
    variables: Mapping[str, str] = Table()
    folder: str = ""
    leaves: tuple[str, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether it may change what the demo keeps: when it is neither refused nor a check."""
        return not (self.denied_by or self.is_check)

    @property
    def is_check(self) -> bool:
        """Whether it asks guardrails for a verdict, and does nothing."""
        return self.command[:2] == ("guardrails", "check")


class Act(Record):
    """Scenes that follow each other on one fresh world."""

    title: str
    scenes: tuple[Scene, ...]


class Demo(Record):
    """A stage and its acts.

    `kept` pictures what nothing that is refused may change, by path relative to the folder.
    """

    stage: Stage
    acts: tuple[Act, ...]
    kept: Callable[[str], Mapping[str, str]] = nowhere
