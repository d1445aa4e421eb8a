"""What stands between `git` and its verb: where it works, and which configuration it is given."""

from __future__ import annotations

import os

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import after
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.tool_call.programs.program import Given

_VALUES = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--super-prefix", "--config-env", "--attr-source")
_LOST = "\0"  # a folder that cannot be told


class GitCall(Record):
    """A call of git: the verb with its words, and where it works.

    `folder` is absolute, None when it cannot be told, as are `git_dir` and `work_tree` when they are given; then `lost`
    is set. `settings` are pairs of a key in small letters and a value, which is None when it cannot be told.
    """

    words: tuple[Word, ...]
    folder: str | None
    git_dir: str | None = None
    work_tree: str | None = None
    lost: bool = False
    settings: tuple[tuple[str, str | None], ...] = ()


def understand(given: Given) -> GitCall:
    """Understand the words before the verb, and the variables of git (git(1))."""
    variables = given.command.variables
    rest, folder, settings = list(given.words), given.command.folder, []
    places = {"--git-dir": variables.get("GIT_DIR", ""), "--work-tree": variables.get("GIT_WORK_TREE", "")}
    while rest and rest[0].known.startswith("-"):
        word = rest.pop(0)
        name, equals, _ = word.known.partition("=")
        if not equals and name in _VALUES:
            value: Word | None = rest.pop(0) if rest else None
        else:
            value = after(word, len(name) + 1) if equals else None
        if name == "-C" and value is not None:
            folder = make_absolute(value.text if value.text is not None else _beginning(value), folder)
            folder = _meant(folder, given) if value.is_pattern else folder
        elif name in places and value is not None:
            places[name] = value.text
        elif name in ("-c", "--config-env") and value is not None:
            key, _, said = value.known.partition("=")
            known = value.text is not None and name == "-c"
            settings.append((key.lower(), said if known else None))
        elif name == "--bare" and not places["--git-dir"]:
            places["--git-dir"] = "."
    git_dir, work_tree = (make_absolute(path, folder) if path else None for path in places.values())
    lost = folder is None or any(
        path is None or (path and make_absolute(path, folder) is None) for path in places.values()
    )
    return GitCall(tuple(rest), folder, git_dir, work_tree, lost, (*settings, *_from_variables(variables)))


def make_absolute(path: str | None, folder: str | None) -> str | None:
    """The absolute path, from a folder; None when that cannot be told."""
    if path is None or (folder is None and not os.path.isabs(path)):
        return None
    return os.path.normpath(os.path.join(folder or "/", path))


def _meant(pattern: str | None, given: Given) -> str | None:
    """The guarded place that a pattern could match, else the pattern."""
    return (
        next((place.path for place in given.places.matched(pattern) if place.environment), pattern) if pattern else None
    )


def _beginning(word: Word) -> str | None:
    """The folder in which a path lies whose end is not known."""
    folder, slash, _ = word.known.partition("\0")[0].rpartition("/")
    return folder + slash if slash else None


def _from_variables(variables: object) -> list[tuple[str, str | None]]:
    """The settings that are given by variables (git-config(1), GIT_CONFIG_COUNT)."""
    known: dict[str, str | None] = dict(variables)  # type: ignore[call-overload]
    found = []
    for name, key in known.items():
        if name.startswith("GIT_CONFIG_KEY_"):
            found.append(((key or "").lower(), known.get(f"GIT_CONFIG_VALUE_{name.removeprefix('GIT_CONFIG_KEY_')}")))
        elif name == "GIT_CONFIG_PARAMETERS" and "hookspath" in (key or "").lower():
            found.append(("core.hookspath", key))
    return found
