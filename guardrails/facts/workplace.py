"""Where the files of an environment are changed: in the repository that its releases come from, never in production."""

from __future__ import annotations

import os

from guardrails.record import Record
from guardrails.remedies import a_look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.policy import World


class Workplace(Record):
    """The repository to edit; `is_here` says that it is the one that was looked at, so that no release is needed."""

    repo: str = "."
    is_here: bool = True

    @classmethod
    def of(cls, world: World) -> Workplace:
        """That of the world's environment."""
        here = world.environment
        if not world.sources or any(source.repo == here.repo for source in world.sources):
            return cls(here.repo)
        return cls(world.sources[0].repo, is_here=False)

    @property
    def after(self) -> str:
        """What is to be done after a change there, as the rest of a sentence."""
        return "" if self.is_here else ", then commit and release it"

    def git(self, command: str) -> str:
        """A command of git, for a shell in any folder."""
        from shlex import quote

        return f"git -C {quote(self.repo)} {command}"

    def path(self, path: str) -> str:
        """The path of a file there, for a shell in any folder."""
        from shlex import quote

        return quote(os.path.join(self.repo, path))

    def renaming(self, old: str, new: str) -> str:
        """How to give a file another name: by a command here, else by a look and a release."""
        from shlex import quote

        if self.is_here:
            return self.git(f"mv -- {quote(old)} {quote(new)}")
        return a_look(self.git(f"ls-files -- {quote(old)} {quote(new)}"), f"name it {new}{self.after}")
