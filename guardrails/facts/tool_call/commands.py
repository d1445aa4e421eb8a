"""The commands that a tool call consists of, as records: words, redirections, and the folder of each."""

from __future__ import annotations

from types import MappingProxyType

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Word(Record):
    """One word after quotes are removed and what can be told is expanded: `~`, `$HOME`, variables set in the text.

    `parts` are its pieces in order; None stands for a piece that only a run would show, such as `$(…)`. `is_pattern`
    says that unquoted `*`, `?`, `[` or braces stand in it, so that it may become other words, or several.
    """

    parts: tuple[str | None, ...]
    is_pattern: bool = False

    @property
    def text(self) -> str | None:
        """The whole word; None when a piece is unknown. A pattern is given as it is written."""
        return None if None in self.parts else "".join(part or "" for part in self.parts)

    @property
    def known(self) -> str:
        """The pieces that are known, with a NUL for each that is not: to look for names in."""
        return "".join("\0" if part is None else part for part in self.parts)


class Redirect(Record):
    """One redirection: its operator as written, such as `>`, `>>`, `&>`, `<`, and where it leads."""

    operator: str
    target: Word


class SimpleCommand(Record):
    """One program with its arguments, after wrappers such as `sudo`, `env` and `xargs` are taken off.

    `folder` is the absolute working directory, None when it cannot be told. `variables` are those that the text sets
    for the command, by assignments before it, `export` or `env`; None is a value that cannot be told. `redirects` are
    those of the command and of every group around it. `script` is what is fed to its standard input by a heredoc or
    here-string, None when nothing is, or when that cannot be told. `piped` says that another command feeds it.
    `more_words`: arguments are appended that cannot be told (`xargs`, `find -exec`). `source` is the text as written.
    """

    words: tuple[Word, ...]
    folder: str | None
    variables: Mapping[str, str | None] = MappingProxyType({})
    redirects: tuple[Redirect, ...] = ()
    script: Word | None = None
    piped: bool = False
    more_words: bool = False
    source: str = ""


class Untold(Record):
    """A piece of the text that cannot be followed: why, in words that finish "cannot tell what … does", and where.

    `known` is all that is known of its words, to look for names of places in. `folder` is as in `SimpleCommand`.
    """

    why: str
    known: str
    folder: str | None
    source: str = ""


class Reading(Record):
    """A text as it was understood: the commands in the order of the text, and what could not be followed."""

    commands: tuple[SimpleCommand, ...] = ()
    untold: tuple[Untold, ...] = ()


# Why something cannot be followed, as `Untold.why` says it; TEXT_REFUSED goes on with a colon and what the parser says.
PROGRAM_COMPUTED = "its program is computed"
TEXT_COMPUTED = "the text that a shell would run is computed"
TEXT_FED = "a shell would run what it is fed"
TEXT_REFUSED = "the text that a shell would run cannot be parsed"
TOO_DEEP = "it leads from text to text too often"
SCRIPT_FILE = "it runs a script that is not read"
CHANGED_BETWEEN = "a trap changes the shell between its commands"
SET_BY_WORDS = "its words set variables"
CODE = "an interpreter would run code that is not read"
