"""What git is configured to push where, by the repository, the user and the command itself (git-config(1))."""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guardrails.facts.git.reader import Repository

_TRUE = ("true", "yes", "on", "1", "")


class PushSettings(Record):
    """Settings by their names, in which the section and the key are in small letters, each with all of its values."""

    values: Mapping[str, tuple[str, ...]]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a setting, in the order of the files."""
        return self.values.get(name, ())

    def last(self, *names: str) -> str | None:
        """The value that counts of the first setting that is there, None when none is."""
        return next((self.values[name][-1] for name in names if name in self.values), None)

    def is_true(self, name: str) -> bool:
        """Whether a setting is switched on."""
        found = self.last(name)
        return found is not None and found.lower() in _TRUE

    def remotes(self) -> list[str]:
        """The names of the remotes that have an address."""
        names = (name for name in self.values if name.startswith("remote.") and name.endswith((".url", ".pushurl")))
        return list(dict.fromkeys(name.removeprefix("remote.").rpartition(".")[0] for name in names))

    def remote_of(self, branch: str | None) -> str:
        """Where `git push` goes when it is not told."""
        mine = f"branch.{branch}" if branch is not None else "branch."
        found = self.last(f"{mine}.pushremote", "remote.pushdefault", f"{mine}.remote")
        return found or self.default_remote(branch)

    def default_remote(self, branch: str | None) -> str:
        """Where `git fetch` comes from when it is not told; a single remote is it, whatever its name."""
        names = self.remotes()
        return self.last(f"branch.{branch}.remote") or (names[0] if len(names) == 1 else "origin")


async def read_push_settings(git: Repository, home: str, given: Sequence[str]) -> PushSettings:
    """Read them; reading executes nothing. `given` are those of the command, as `-c` takes them."""
    done = await git.attempt("config", "--null", "--list", "--includes", home=home, bare=True)
    if done.status != 0:
        raise CannotKnow(f"the settings of {git.path} cannot be read: {complaint(done)}")
    entries = done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]
    pairs = [entry.partition("\n")[::2] for entry in entries]
    pairs += [one.partition("=")[::2] for one in given]
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        section, _, rest = name.partition(".")
        middle, dot, key = rest.rpartition(".")
        whole = f"{section.lower()}.{middle}{dot}{key.lower()}"
        found[whole] = (*found.get(whole, ()), value)
    return PushSettings(found)
