"""One environment variable of whoever asks, beside what it should be."""

from __future__ import annotations

from guardrails.errors import NothingAsked
from guardrails.model import require_known_placeholders
from guardrails.policy import Fact
from guardrails.wording.shown_text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.policy import World

_SHOWN = 200  # characters


class Variable(Fact):
    """A variable of the caller's environment, which is that of the command about to run; None when it is not set.

    `expected` is the configured value with placeholders and `~` replaced, empty when any will do.
    """

    name: str
    value: str | None
    expected: str

    @staticmethod
    def check(name: str, value: str) -> None:
        """Raise ValueError when there could be no such variable, or no such value."""
        if "=" in name or not name.isprintable():
            raise ValueError(f"name: {name!r} cannot be the name of a variable")
        if value and not name:
            raise ValueError("name: which variable must have that value?")
        require_known_placeholders(value)

    @classmethod
    async def gather(cls, world: World, name: str, value: str) -> Self:
        """Take it from the caller's environment. Raises NothingAsked when none is configured."""
        if not name:
            raise NothingAsked("no variable is configured")
        return cls(name, world.variables.get(name), world.environment.filled(value, world.home))

    def shown(self, value: str) -> str:
        """A value of it for a finding, cut to a readable length; unseen when its name says that it is a secret."""
        return "(not shown)" if names_a_secret(self.name) else value[:_SHOWN]
