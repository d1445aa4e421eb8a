"""The files that one `git clean` would remove, as git itself foretells it (git-clean(1), --dry-run)."""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes, write_new
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.private_git_dir import Contents
from guardrails.facts.operation.checkout_moves import list_below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.operation.git_commands import GitCommand
    from guardrails.policy import World

_SAYS = "Would remove "
_KEPT = ("Would skip repository ", "warning: ")
_ESCAPES = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, '"': 34, "\\": 92}


async def find_swept_files(world: World, command: GitCommand, prefix: str) -> tuple[str, ...]:
    """The files, links and repositories that the command would remove when it runs in a folder, seen from the top.

    git is asked with the rules of the disk, of `info/exclude` and of the user. A folder without any file is nothing.
    """
    flags = [name for name, _ in command.options if name in ("-d", "-x", "-X")]
    flags += [word for name, value in command.options if name in ("-e", "--exclude") for word in ("-e", value)]
    forced = sum(name in ("-f", "--force") for name, _ in command.options)
    git = await _reader(world)
    specs = (*command.words, *(command.paths or ()))
    said = await git.run("-C", prefix, "clean", "-n", *["-f"] * max(1, forced), *flags, "--", *specs)
    found = []
    for line in said.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        if line.startswith(_SAYS):
            found.append(os.path.normpath(os.path.join(prefix, _unquoted(line.removeprefix(_SAYS)))))
        elif not line.startswith(_KEPT):
            raise CannotKnow(f"git clean in {git.path} says what is not known: {line[:80]!r}")
    return tuple(path for path in found if next(list_below(git.path, path), None) is not None)


async def _reader(world: World) -> Repository:
    """A reader that knows what the user's own rules ignore, as the git of the user does (gitignore(5))."""
    checkout: Checkout = await world.fact(Checkout, None)
    git: Repository = (await world.fact(Contents)).git
    asked = await checkout.git.attempt(
        "config", "--null", "--type=path", "--get-all", "core.excludesFile", home=world.home
    )
    places = [one for one in os.fsdecode(asked.stdout).split("\0") if one and one != os.devnull]  # that is our own
    place = places[-1] if places else ""
    if not place:
        configured = world.variables.get("XDG_CONFIG_HOME") or os.path.join(world.home, ".config")
        place = os.path.join(configured, "git", "ignore")
    if not os.path.isfile(place):
        return git
    own = os.path.join(checkout.common_dir, "info", "exclude")
    texts = [read_bytes(path) for path in (place, own) if os.path.isfile(path)]
    both = os.path.join(world.scratch.make_folder(), "exclude")
    write_new(both, b"\n".join(texts) + b"\n")
    return git.with_settings(f"core.excludesFile={both}")


def _unquoted(name: str) -> str:
    """A path as git prints it: in quotes, with escapes as in C, when there is something unusual in it."""
    if not name.startswith('"'):
        return name
    data = re.sub(rb"\\([0-7]{3}|.)", _character, name[1:].rpartition('"')[0].encode("utf-8", "surrogateescape"))
    return os.fsdecode(data) + name.rpartition('"')[2]


def _character(escape: re.Match[bytes]) -> bytes:
    said = escape[1].decode()
    return bytes([_ESCAPES[said] if said in _ESCAPES else int(said, 8)])
