"""The commands of examples as the reading of a text would give them, where no shell is needed to read them."""

from __future__ import annotations

import re
from pathlib import Path
from shlex import split

from guardrails.calls import Place
from guardrails.facts.tool_call.commands import Reading, Redirect, SimpleCommand, Untold, Word
from guardrails.facts.tool_call.places import Places, guarded_places
from guardrails.model import Environment

HOME = "/home/ada"


def example_places(root: str = "/srv") -> Places:
    """The places of the examples: production and development below one folder, with a configuration beside them."""
    environments = {
        "prod": Environment("prod", f"{root}/prod", f"{root}/prod-state", service="gateway-prod"),
        "dev": Environment("dev", f"{root}/dev", f"{root}/dev-state"),
    }
    files = (Place("configuration", None, f"{HOME}/rules/guardrails.toml"),)
    return guarded_places(environments, home=HOME, files=files)


def word(text: str) -> Word:
    """A word in which `$NAME` stands for a piece that cannot be told."""
    parts = tuple(None if re.fullmatch(r"\$\w+", one) else one for one in re.split(r"(\$\w+)", text) if one)
    return Word(parts or ("",), bool(re.search(r"[*?\[{]", text)))


def command(text: str, folder: str | None = "/srv/prod", **more: object) -> SimpleCommand:
    """One command with leading assignments and redirections that stand apart; quotes are only for spaces."""
    words = split(text)
    variables = {}
    while words and (found := re.fullmatch(r"(\w+)=(.*)", words[0])):
        variables[found[1]] = found[2]
        words.pop(0)
    redirects, rest = [], list[Word]()
    while words:
        one = words.pop(0)
        if one in (">", ">>", "&>", ">|", "<", "<>", ">&"):
            redirects.append(Redirect(one, word(words.pop(0))))
        elif "'" + one + "'" in text:
            rest.append(Word((one,), bool(re.fullmatch(r"[\w/.*-]*\*[\w/.*-]*", one))))
        else:
            rest.append(word(one))
    return SimpleCommand(tuple(rest), folder, variables, tuple(redirects), source=text, **more)  # type: ignore[arg-type]


def reading(text: str, folder: str | None = "/srv/prod", **more: object) -> Reading:
    """The reading of one command; what follows `eval` cannot be followed."""
    if text.startswith("eval "):
        return Reading((), (Untold("the text that a shell would run is computed", text, folder, text),))
    return Reading((command(text, folder, **more),))


def folder_of(path: Path) -> str:
    """A folder that is there."""
    path.mkdir(parents=True, exist_ok=True)
    return str(path)
