"""Command lines that start a gateway: which program, from where, with which options and variables.

A command is followed from program to program (`trails.py`), down to the one that runs.
"""

from __future__ import annotations

from guardrails import CannotKnow, Record, Table
from guardrails.wording.shown_text import names_a_secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WITH_VALUE = ("--profile", "--log-level", "--container")  # options before the command that take a word


class Launch(Record):
    """A command that starts a gateway.

    `program` is the file that is run, absolute and without links, empty when it is not found; `arguments` are those of
    OpenClaw itself. `folder` is where it runs; `variables` are those it gets, without secrets. `doubt` says what else
    may have a say in them.
    """

    program: str
    arguments: tuple[str, ...]
    folder: str
    variables: Mapping[str, str] = Table()
    doubt: str = ""


def launch(
    command: Sequence[str], folder: str, variables: Mapping[str, str], *, home: str, repos: Sequence[str] = ()
) -> Launch | None:
    """Read a command that runs in a folder with these variables; None when it starts no gateway.

    A program inside one of `repos` counts as OpenClaw's under any name. Raises CannotKnow when a file that it is
    started through cannot be read, or may start a gateway in a way that cannot be followed.
    """
    from guardrails_policies.openclaw.shell.calls import Call
    from guardrails_policies.openclaw.shell.trails import Trail

    trail = Trail(home, repos)
    for program, call in trail.programs(Call(tuple(command), folder, variables)):
        if runs_gateway(call.words):
            given = {name: value for name, value in call.variables.items() if value is not None}
            shown = Table({name: value for name, value in given.items() if not names_a_secret(name)})
            return Launch(program, call.words, call.folder, shown, call.doubt)
    if trail.may_start:
        raise CannotKnow(f"{trail.may_start} may start a gateway in a way that cannot be followed")
    return None


def arguments_of(command: Sequence[str], *, home: str) -> tuple[str, ...]:
    """The arguments that a command gives to OpenClaw; none when it does not start OpenClaw."""
    from guardrails_policies.openclaw.shell.calls import Call
    from guardrails_policies.openclaw.shell.trails import Trail

    try:
        programs = Trail(home, ()).programs(Call(tuple(command), "", Table()))
        return next((call.words for _, call in programs), ())
    except CannotKnow:
        return ()


def runs_gateway(arguments: Sequence[str]) -> bool:
    """Whether these arguments of OpenClaw run a gateway: `gateway` alone or `gateway run`, after any options."""
    rest = iter(arguments)
    words: list[str] = []
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, "")
        elif not word.startswith("-"):
            words = [word, *rest]
    return words[:1] == ["gateway"] and (len(words) == 1 or words[1] == "run" or not words[1][:1].isalpha())
