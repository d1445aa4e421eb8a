"""Git: which repository it works on, and what its verbs do there."""

from __future__ import annotations

from shlex import split

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.places import FoundRepository
from guardrails.facts.tool_call.programs.arguments import Arguments, parse
from guardrails.facts.tool_call.programs.git_arguments import GitCall, make_absolute, understand
from guardrails.facts.tool_call.programs.git_special import SPECIAL, WORST, Work
from guardrails.facts.tool_call.programs.git_verbs import NO_VERIFY, OWN_VERBS, VERBS
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_DEPTH = 5  # aliases that lead to one another
_HARMLESS = frozenset(("", "true", "false", ":", "cat", "less", "more", "head", "1", "0", "yes", "no"))
_RUNS = (  # keys whose value git may run
    "core.fsmonitor", "core.sshcommand", "core.editor", "core.pager", "core.askpass", "sequence.editor",
    "diff.external", "credential.helper", "gpg.program", "core.gitproxy", "uploadpack.packobjectshook",
)  # fmt: skip
_EMPTY = FoundRepository("")


def read_git(given: Given, depth: int = 0) -> Iterator[Touch]:
    """What a call of git does to guarded repositories, and to files that its options name."""
    call = understand(given)
    if not call.words or any(word.text == "--help" for word in call.words):
        return
    found = _found(call, given)
    verb = call.words[0].text
    if [word.text for word in call.words[1:2]] == ["--help"] or [word.text for word in call.words[1:]] == ["-h"]:
        return  # git(1): it shows the page of the verb, and does nothing
    if alias := _alias(call, verb):
        yield from _aliased(alias, call, given, depth)
        return
    if call.lost:
        yield from _lost(call)
    touches = list(_verb(call, found, given)) if verb else [*given.code("", "its verb is computed", found.top)]
    yield from touches
    if touches and verb in NO_VERIFY and _skips_hooks(call):
        yield from (Touch("loosens", place) for place in found.refs)
    for key, value in call.settings:
        if key == "core.hookspath" and (touches or verb not in _VERBS):
            yield from (Touch("loosens", place) for place in found.refs)
        elif (key in _RUNS or key.startswith("filter.")) and not _is_harmless(value):
            yield from given.code(value or "", f"git would run what {key} says", found.top or None)


_VERBS = frozenset(name for verb in VERBS for name in verb.names) | SPECIAL.keys()


def _found(call: GitCall, given: Given) -> FoundRepository:
    if call.folder is None and call.git_dir is None:
        return _EMPTY
    return given.places.repository(call.folder or "/", call.git_dir, call.work_tree)


def _is_harmless(value: str | None) -> bool:
    return value is not None and (value in _HARMLESS or value.partition(" ")[0] in _HARMLESS)


def _skips_hooks(call: GitCall) -> bool:
    """Whether hooks are passed over; `-n` says that to `commit` alone."""
    values = [value for row in VERBS if call.words[0].text in row.names for value in row.values]
    found = parse(call.words[1:], values, "uS")
    return found.has("no-verify") or (call.words[0].text == "commit" and found.has("n"))


def _alias(call: GitCall, verb: str | None) -> str | None:
    return next((value for key, value in reversed(call.settings) if verb and key == f"alias.{verb.lower()}"), None)


def _aliased(alias: str, call: GitCall, given: Given, depth: int) -> Iterator[Touch]:
    """What an alias that the command itself defines does: another verb, or a text for a shell."""
    words = () if alias.startswith("!") or depth == _DEPTH else _split(alias)
    if not words:
        yield from given.code(alias, "its alias is a command for a shell", call.folder)
        return
    used = f"alias.{call.words[0].known.lower()}"
    settings = [Word((f"{key}={value or ''}",)) for key, value in call.settings if key != used]
    where = [
        Word((f"{name}={path}",))
        for name, path in (("--git-dir", call.git_dir), ("--work-tree", call.work_tree))
        if path
    ]
    before = [one for setting in settings for one in (Word(("-c",)), setting)]
    command = given.command.replaced(folder=call.folder)
    more = (*where, *before, *(Word((word,)) for word in words), *call.words[1:])
    yield from read_git(Given(more, command, given.places), depth + 1)


def _split(text: str) -> list[str]:
    try:
        return split(text)
    except ValueError:
        return []


def _lost(call: GitCall) -> Iterator[Touch]:
    """A repository that cannot be told: any that the words name may be it."""
    verb = call.words[0].text or ""
    kinds = [row.kind for row in VERBS if verb in row.names and row.kind]
    for kind in [WORST[verb]] if verb in WORST else kinds[:1]:
        yield Touch(kind, Word((None,)), why="the repository in which git works is computed")


def _verb(call: GitCall, found: FoundRepository, given: Given) -> Iterator[Touch]:
    """What the verb does, by its rows, or by a function where rows cannot say it."""
    verb = call.words[0].text or ""
    words = call.words[1:]
    if verb in SPECIAL:
        yield from _certain(SPECIAL[verb](Work(call, found, given.places)), found, call)
        return
    if verb in OWN_VERBS and words and f"{verb} {words[0].text}" in _VERBS:
        verb, words = f"{verb} {words[0].text}", words[1:]
    if verb not in _VERBS:
        yield from given.code("", f"git {verb} may be an alias", found.top or call.folder)
        return
    rows = [row for row in VERBS if verb in row.names]
    arguments = parse(words, [value for row in rows for value in row.values])
    for row in rows:
        if arguments.has(*row.reads_with) or (row.only_with and not arguments.has(*row.only_with)):
            continue
        for path in _written(row.paths, row.path, arguments):
            yield Touch("removes" if verb == "worktree remove" else "writes", path, folder=call.folder, deep=True)
        if not row.kind or len(arguments.operands) < row.operands:
            continue
        index = _index(call, given) if row.index else None
        if index is None:
            yield from _certain([(row.kind, row.on)], found, call)
        else:
            yield Touch("writes", index)


def _certain(kinds: object, found: FoundRepository, call: GitCall) -> Iterator[Touch]:
    """The places on which each kind of action falls; touches that are known already are handed on."""
    for one in kinds:  # type: ignore[attr-defined]
        if isinstance(one, Touch):
            yield one
            continue
        kind, on = one
        yield from (Touch(kind, place) for place in getattr(found, on))
        if on == "tree" and found.around:
            yield from (Touch("writes", Word((found.top,)), folder=call.folder) for _ in found.around[:1])


def _written(options: tuple[str, ...], number: int | None, arguments: Arguments) -> Iterator[Word]:
    yield from arguments.values(*options)
    if number is not None and len(arguments.operands) > number:
        yield arguments.operands[number]


def _index(call: GitCall, given: Given) -> Word | None:
    """The index that GIT_INDEX_FILE names, None where it is that of the repository or cannot be told."""
    index = given.command.variables.get("GIT_INDEX_FILE")
    path = make_absolute(index, call.folder) if index else None
    return None if path is None else Word((path,))


ROWS = (
    Program(
        ("git",),
        read=read_git,
        examples=(
            Example("git reset --hard", ("loses-work /srv/prod",)),
            Example(
                "git -C /srv/prod reset --hard HEAD~1",
                ("moves-head /srv/prod", "loses-work /srv/prod"),
                folder="/srv/elsewhere",
            ),
            Example(
                "git --git-dir /srv/prod/.git --work-tree=/srv/prod clean -fd",
                ("loses-work /srv/prod",),
                folder="/srv/elsewhere",
            ),
            Example(
                "GIT_DIR=/srv/prod/.git GIT_WORK_TREE=/srv/prod git checkout -f",
                ("moves-head /srv/prod", "loses-work /srv/prod"),
                folder="/srv/elsewhere",
            ),
            Example("git -c alias.x='reset --hard' x", ("loses-work /srv/prod",)),
            Example("git commit -nm fix", ("moves-head /srv/prod", "loosens /srv/prod")),
            Example("git -c core.hooksPath=/dev/null pull", ("moves-head /srv/prod", "loosens /srv/prod")),
            Example("git -C /srv/dev push --no-verify", ("pushes /srv/dev", "loosens /srv/dev")),
            Example("git push --dry-run origin main"),
            Example("git add -A", ("writes /srv/prod",)),
            Example("GIT_INDEX_FILE=/tmp/index git add -A"),
            Example("git stash", ("writes /srv/prod",)),
            Example("git stash drop", ("loses-work /srv/prod",)),
            Example("git stash list"),
            Example("git checkout -- src", ("loses-work /srv/prod",)),
            Example("git checkout main", ("moves-head /srv/prod",)),
            Example("git fetch upstream --prune"),
            Example("git fetch upstream main:main", ("moves-head /srv/prod",)),
            Example("git branch backup"),
            Example("git branch -D old", ("loses-work /srv/prod",)),
            Example("git clone /srv/prod /tmp/copy"),
            Example("git config core.hooksPath /tmp/none", ("loosens /srv/prod",)),
            Example("git config --get core.hooksPath"),
            Example("git worktree remove --force /srv/dev", ("removes /srv/dev", "loses-work /srv/prod")),
            Example("git diff --output=a", ("writes /srv/prod/a",)),
            Example("git frobnicate", ("?writes /srv/prod",)),
            Example("git reset --help"),
            Example("git log --oneline -5"),
            Example("git status"),
            Example("git reset --help"),
            Example("git reset --hard", folder="/srv/elsewhere"),
        ),
    ),
)
