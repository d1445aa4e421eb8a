"""Which lines of a rules document the configured policies guard, and which no policy guards.

`guards` of a policy says what it guards. The meaning of a line is not read: a line counts as guarded when it, or
something that it names, matches.
"""

from __future__ import annotations

import re
from fnmatch import translate
from glob import escape
from itertools import product

from markdown_it import MarkdownIt

from guardrails.policy import GUARD_NAME, GUARDED_VALUES
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from markdown_it.token import Token

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.model import Environment
    from guardrails.policy import Policy

DOCUMENT_LIMIT = 1024 * 1024  # bytes; a rules document that people read is far smaller
TEXT_LIMIT = 1000  # characters of one line
NAMES_LIMIT = 100  # paths and commands in one line

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?:[^\n]*\n)*?---[ \t]*(?:\n|\Z)")
_BOX = re.compile(r"\[[ xX]\]\s+")  # of a task list
_MARKED = re.compile(r"\s*(?:[✓✔☑✗✘☐]|[-*+](?:\s\[[ xX]\])?)\s+")  # a list line of a statement
_STATEMENT = re.compile(r"\s*[^\W\d][\w ()-]*:(?:\s|\Z)")  # `Status: approved`
_DEMAND = re.compile(r"(?i)\A(?:no|only|never|always|do not)\b|\b(?:must|shall|never)\b")
_PATH = re.compile(r"(?<![\w/.:~])(?:~/|/|docs/)[\w./*<>{}$~@-]*[\w*/>}]")
_COMMENT = re.compile(r"(?:\A| )#(?: .*)?\Z")
_SHELLS = frozenset(("", "bash", "console", "fish", "sh", "shell", "shell-session", "terminal", "zsh"))
_LOOKALIKES = str.maketrans("\u2010\u2011\u00a0", "-- ")  # what editors put for a hyphen and a space


class Line(Record):
    """One line of a document that says what must hold or what is done.

    `number` counts from 1, `section` holds the headings above it. `kind` is checklist, rule (another list item, or a
    sentence that demands something or names a path or command), path or command. `names` are the paths and commands
    within it. `policies` are the configured policies that guard it.
    """

    number: int
    section: str
    kind: str
    text: str
    names: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


def cover_lines(text: str, settings: Settings, policies: Mapping[str, type[Policy]], home: str) -> tuple[Line, ...]:
    """The lines of a document in order, each with the policies that apply somewhere and guard it."""
    applying = [setting for setting in settings.policies if any(setting.when.values())]
    guards = {
        setting.name: _patterns(policies[setting.use].guards, _values(setting, settings.environments.values(), home))
        for setting in applying
    }
    return tuple(
        line.replaced(policies=tuple(name for name, patterns in guards.items() if _matches(line, patterns)))
        for line in read_lines(text)
    )


def read_lines(text: str) -> Iterator[Line]:
    """The checklist lines, rules, paths and commands of a document in CommonMark, in order.

    A sentence or item that ends with a colon and names nothing only introduces what follows.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    front = _FRONT_MATTER.match(text)
    if front:  # blank lines in its place keep the numbers right
        text = "\n" * front.group().count("\n") + text[front.end() :]
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    headings: dict[int, str] = {}
    depth = 0  # of lists
    for before, token in zip([None, *tokens], tokens, strict=False):
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if token.type == "inline" and before is not None and before.type == "heading_open":
            level = int(before.tag[1:])
            headings = {one: title for one, title in headings.items() if one < level}
            headings[level] = "".join(text for text, *_ in _pieces(token))
            continue
        section = " / ".join(title for level, title in headings.items() if level > 1) or "".join(headings.values())
        if token.type == "inline":
            found = _sentences(token, in_list=depth > 0)
        elif token.type in ("fence", "code_block"):
            found = _block(token)
        else:
            continue
        for number, kind, content, names in found:
            yield Line(number, section, kind, content[:TEXT_LIMIT], names[:NAMES_LIMIT])


def _sentences(token: Token, *, in_list: bool) -> Iterator[tuple[int, str, str, tuple[str, ...]]]:
    """The lines that a paragraph, a list item or a cell of a table holds."""
    for text, names, linked, number in _pieces(token):
        box = _BOX.match(text)
        if box and in_list:
            yield number, "checklist", text[box.end() :], names + linked
            continue
        if in_list:
            names += _paths_outside(names, text) + linked
            counts = bool(names) or not text.endswith(":")
        else:
            counts = bool(names) or (_DEMAND.search(text) is not None and not text.endswith(":"))
        if text and counts:
            yield number, "path" if names == (text,) and "/" in text else "rule", text, names


def _paths_outside(names: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The paths of a text that are not within what is named in code."""
    known = "\n".join(names[:NAMES_LIMIT])
    return tuple(path for path in _PATH.findall(text)[:NAMES_LIMIT] if path not in known)


def _pieces(token: Token) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...], int]]:
    """The text between hard line breaks, the paths and commands in code, the pages linked to, and the 1-based line."""
    text, names, linked = "", list[str](), list[str]()
    first = line = token.map[0] + 1 if token.map else 1
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            text += child.content
        if child.type == "code_inline" and ("/" in child.content or " " in child.content.strip()):
            names.append(_one_line(child.content))
        if child.type == "link_open" and "://" not in (to := str(child.attrs["href"])):
            linked.append(to)
        if child.type == "softbreak":
            text, line = text + " ", line + 1
        elif child.type == "hardbreak":
            yield _one_line(text), tuple(names), tuple(linked), first
            text, names, linked = "", [], []
            first = line = line + 1
    yield _one_line(text), tuple(names), tuple(linked), first


def _block(token: Token) -> Iterator[tuple[int, str, str, tuple[str, ...]]]:
    """The commands of a code block, or what a statement such as a sign-off says."""
    language = (token.info.split() or [""])[0].lower()
    rows = token.content.split("\n")
    number = (token.map[0] if token.map else 0) + (2 if token.type == "fence" else 1)
    if language not in _SHELLS:
        return
    first = next((position for position, row in enumerate(rows) if row.strip()), 0)
    if _STATEMENT.match(rows[first]):
        yield number + first, "rule", _one_line(rows[first]), ()
        for position, row in enumerate(rows):
            if marked := _MARKED.match(row):
                text = _one_line(row[marked.end() :])
                yield number + position, "checklist", text, tuple(_PATH.findall(text))
        return
    for position, command in _commands(rows):
        word, _, rest = command.partition(" ")
        if word == "cd" and rest:  # it does nothing but name a folder
            yield number + position, "path", command, (rest,)
        else:
            yield number + position, "command", command, ()


def _commands(rows: list[str]) -> Iterator[tuple[int, str]]:
    """Each command and its position: without prompt and comment, with the lines that it goes on in.

    Where some lines have a prompt, the others are what was printed.
    """
    prompted = any(row.lstrip().startswith("$ ") for row in rows)
    whole, start = "", 0
    for position, row in enumerate(rows):
        row = _one_line(row)
        if not whole:
            start = position
            if prompted and not row.startswith("$ "):
                continue
            row = row.removeprefix("$ ")
        whole += _COMMENT.sub("", row)
        if whole.endswith("\\"):
            whole = whole[:-1].rstrip() + " "
            continue
        for command in whole.split(" && "):
            if command.strip():
                yield start, command.strip()
        whole = ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _values(setting: PolicySetting, environments: Iterable[Environment], home: str) -> dict[str, list[str]]:
    """What a name in braces stands for: every value that some environment has, and those of the policy's options.

    Paths stand in full and from `~`. The values of options may be patterns themselves, those of environments are not.
    """
    found: dict[str, list[str]] = {}
    for environment in environments:
        for name in GUARDED_VALUES:
            value: str | None = getattr(environment, name)
            below_home = [f"~{value[len(home) :]}"] if value and value.startswith(f"{home}/") else []
            found.setdefault(name, []).extend(escape(one) for one in (value, *below_home) if one)
    given = {name: list(_texts(value)) for name, value in setting.options.items()}
    return found | {name: [one for text in texts for one in _fill(text, found)] for name, texts in given.items()}


def _texts(value: Any) -> Iterator[str]:
    """Every text in an option's value; an empty one would match everything."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and value:
        yield value


def _patterns(guards: tuple[str, ...], values: Mapping[str, list[str]]) -> list[re.Pattern[str]]:
    filled = dict.fromkeys(one for guard in guards for one in _fill(guard, values))
    return [re.compile(translate(one.translate(_LOOKALIKES).lower())) for one in filled]


def _fill(pattern: str, values: Mapping[str, list[str]]) -> Iterator[str]:
    """The pattern with each name in braces replaced by each of its values; none when a name has no value."""
    parts = re.split(GUARD_NAME, pattern)  # text and names in turn
    choices = [values.get(part, []) if position % 2 else [part] for position, part in enumerate(parts)]
    return map("".join, product(*choices))


def _matches(line: Line, patterns: list[re.Pattern[str]]) -> bool:
    candidates = {one.translate(_LOOKALIKES).lower() for one in (line.text, *line.names)}
    candidates |= {one.rstrip("/") for one in candidates}
    return any(pattern.match(one) for pattern in patterns for one in candidates)
