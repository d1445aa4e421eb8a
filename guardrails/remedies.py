"""What a finding tells people to type: a line for a shell in any folder, and in a comment what a command cannot do.

A comment may hold text from the world, and a line break in it would make a command of the rest. Reports show two lines,
the command and the text of the comment, since a zsh at a terminal takes a comment for arguments.
"""

from __future__ import annotations

import re

from guardrails.record import Record
from guardrails.wording.shown_text import visible

_COMMAND = re.compile(r"""(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|(?<!  )\#|\#(?!\ )|[^'"\\#])*""", re.DOTALL)
_ASKED_BY_REF = ("check", "doctor", "plan", "run", "verify")  # the commands that take --config-ref


def commented(command: str, remark: str) -> str:
    """A command that mends a finding, and as a comment what else to do or know."""
    return f"{command}   # {visible(remark)}"


def a_look(command: str, then: str) -> str:
    """A command that changes nothing and ends with 0, and what to do with what it shows, as a comment."""
    return commented(command, f"a look: {then}")


def split_comment(line: str) -> tuple[str, str]:
    """The command of a line for a shell, and what its comment says, empty where there is none.

    A comment begins as `commented` writes it, with two spaces before it and one in it, and outside of quotes. So words
    that are no command, such as `see issue #12`, stay whole.
    """
    found = _COMMAND.match(line)
    end = found.end() if found else 0
    return (line[:end].rstrip(), line[end + 2 :].strip()) if line[end : end + 2] == "# " else (line, "")


class Guardrails(Record):
    """How guardrails is asked again from any folder, by the configuration that is in force now.

    `configuration` is its path; where it is that of a ref, `ref` is its name and `folder` where that was read. All are
    empty when every folder has the same one. `operations` are those of `environment` that lead HEAD, by their ends:
    `upstream`, `previous`, and `clean` for what saves the work, leads to upstream and removes what git does not know.
    """

    configuration: str = ""
    ref: str = ""
    folder: str = ""
    environment: str = ""
    operations: tuple[tuple[str, str], ...] = ()

    def line(self, *words: str) -> str:
        """A command of guardrails for a shell, such as `check --env prod`, with the options that name the rules."""
        from shlex import join, quote  # only a failing run needs it

        more: tuple[str, ...] = ("--config", self.configuration) if self.configuration else ()
        if self.ref and words[0] in _ASKED_BY_REF:
            more = ("--config-ref", self.ref)
        end = words.index("--") if "--" in words else len(words)
        command = join(("guardrails", *words[:end], *more, *words[end:]))
        return f"cd {quote(self.folder)} && {command}" if self.folder else command

    def run(self, end: str) -> str:
        """The line that runs the operation with that end, empty where none is configured."""
        operation = dict(self.operations).get(end)
        return self.line("run", operation, "--env", self.environment) if operation else ""
