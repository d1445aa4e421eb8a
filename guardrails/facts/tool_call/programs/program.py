"""A row of the table of programs: what one program does to its arguments, and examples of it."""

from __future__ import annotations

from guardrails.facts.tool_call.commands import SimpleCommand, Word
from guardrails.facts.tool_call.places import Places
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from guardrails.calls import Place


class Touch(Record):
    """One thing that a program does, of a kind of `calls.KINDS`, to a path or to a place that is known already.

    `deep`: to what lies below as well. `folder` is where a relative path is looked for, None for that of the command;
    with a place, it is where in that the program stands.
    `why` says what cannot be followed, when it is not certain. `by` is as in `calls.Action`. `guard` are patterns: only
    those of the guard's own files are meant that have a name in their path like one of them.
    """

    kind: str
    target: Word | Place
    deep: bool = False
    folder: str | None = None
    why: str = ""
    by: str | None = None
    guard: tuple[str, ...] = ("*",)


class Given(Record):
    """What a row looks at: the words after the program's name, the command, and the places."""

    words: tuple[Word, ...]
    command: SimpleCommand
    places: Places

    def code(self, text: str, why: str, folder: str | None = None) -> Iterator[Touch]:
        """What a text may do to each place that it names, or in which it would run; `why` as in `Untold`."""
        folder = folder or self.command.folder
        named = self.places.named_in(text)
        for place in named:
            yield Touch(possible_kind(place), place, why=why)
        for place in self.places.touched(folder) if folder else ():
            if place not in named:
                yield Touch(possible_kind(place), place, folder=folder, why=why)


class Example(Record):
    """A command, run in `folder`, and what it does: `KIND PATH` for each action, in order; nothing when it only reads.

    In examples, production is `/srv/prod` with the state `/srv/prod-state` and the service `gateway-prod`, and
    development is `/srv/dev` with `/srv/dev-state`; the home is `/home/ada`. A `?` before the kind: it cannot be told.
    """

    command: str
    does: tuple[str, ...] = ()
    folder: str = "/srv/prod"


class Program(Record):
    """What the program of these names does.

    Options are named without dashes. `values` are those that take the next word, `attached` letters after which the
    rest of the word is a value. `operands` is the kind of action on each operand but the first `skip`, which are none
    with one of `no_skip`; `last` that on the last one, which is a file or the folder into which the others go, as is
    the value of `into`. `paths` are options whose value is a path, with the kind of action. Nothing is done with one of
    `never_with`, nor without one of `only_with` when there are any. With one of `deep_with`, or `deep`, actions reach
    what lies below. `here`: without operands, the action is on the folder. `read` says what data cannot. `tells` says
    which calls this row describes, None for all; a call that no row describes is that of an unknown program.
    """

    names: tuple[str, ...]
    operands: str = ""
    last: str = ""
    values: tuple[str, ...] = ()
    attached: str = ""
    skip: int = 0
    no_skip: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()
    only_with: tuple[str, ...] = ()
    never_with: tuple[str, ...] = ()
    deep_with: tuple[str, ...] = ()
    deep: bool = False
    here: bool = False
    read: Callable[[Given], Iterable[Touch]] | None = None
    tells: Callable[[Given], bool] | None = None
    examples: tuple[Example, ...] = ()


def possible_kind(place: Place) -> str:
    """The kind of action on a place that something unknown might do."""
    return {"repo": "writes", "state_dir": "writes", "service": "stops"}.get(place.kind, "loosens")
