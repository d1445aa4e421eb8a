"""What a plugin gives for `guardrails init`: a look at the machine, and the configuration that follows from it."""

from __future__ import annotations

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Found(Record):
    """What a survey saw: lines that say so, the profiles to build on, and tables of a `guardrails.toml` with comments.

    The survey itself writes names from the world as TOML (`guardrails.config.written`). No secret is in any.
    `production` are the paths of the checkouts that are production's, or may be: nothing is written into those.
    """

    lines: tuple[str, ...]
    extends: tuple[str, ...]
    tables: str
    production: tuple[str, ...] = ()


class Survey(Record):
    """A way to look for one product. `what` names what is looked for, in words that end a sentence.

    `look` takes the home directory, changes nothing, and gives None for nothing. It raises CannotKnow when it cannot
    look. One that is `last` is asked only when no other found anything.
    """

    what: str
    look: Callable[[str], Found | None]
    last: bool = False
