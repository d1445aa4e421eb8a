"""What a plugin gives for `guardrails drill`: how a sound world is broken, and the policy that must refuse it."""

from __future__ import annotations

from guardrails.plugins.stages import Stage, nothing
from guardrails.record import Record, Table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.plugins.stages import Play

CHECK = "check"  # the channel of what only asks


class Drill(Record):
    """One proof that a policy fires: something is done to a sound world, and then the policy is asked.

    `policy` is its name in the configuration and `operations` are the moments at which it is asked, as in `when`; the
    drill is played at each of them. `name` is of lower-case words joined by dashes, and `title` tells what was done.
    `play` does it, in the folder of a world. The policy must refuse; of a `harmless` drill, the twin of another one,
    it must allow what comes next.

    `stages` are the worlds in which it is played, each in turn; without any it is the scratch world of
    `guardrails.testing.worlds`. `configuration` is added to that of the stage. `environment` is the one that is asked
    about. `candidate` stands for that of the stage where an operation takes one. `variables` are set for whoever asks.

    At `tool-call`, `call` is what an agent would run, in the `folder` of the world. `command` is run there by itself
    instead of a check, as words; what it refuses is read in the audit log. `channel` says through what it is refused:
    `check`, `run`, or a kind of hook. `leaves` are patterns of paths that a refused command itself leaves behind.
    """

    policy: str
    operations: tuple[str, ...]
    name: str
    title: str
    play: Play = nothing
    harmless: bool = False
    stages: tuple[Stage, ...] = ()
    configuration: str = ""
    environment: str = "prod"
    candidate: str = ""
    variables: Mapping[str, str] = Table()
    call: str = ""
    folder: str = ""
    command: tuple[str, ...] = ()
    channel: str = CHECK
    leaves: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`detonation`, which must be refused, or `twin`, which must not."""
        return "twin" if self.harmless else "detonation"

    @property
    def expected(self) -> str:
        """`deny` or `allow`."""
        return "allow" if self.harmless else "deny"

    @property
    def asks(self) -> bool:
        """Whether it only asks for a verdict, and runs nothing."""
        return self.channel == CHECK
