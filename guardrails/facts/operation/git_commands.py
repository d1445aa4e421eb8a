"""A command of git as words, understood as git reads it: its options, what they are given, and what follows them.

The options are those of the commands that can lose work or push (git-reset(1), git-push(1) and so on). git takes the
beginning of a long option for the whole, several short ones in one word, and no option after `--`. An unknown option
may change what the command does, so such a command is not understood.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.calls import Action

_PATHS = "--pathspec-from-file= --pathspec-file-nul"
_SUBMODULES = "--recurse-submodules --no-recurse-submodules"
_SWITCHING = f"-q --quiet --progress --no-progress -f --force -d --detach -t --track --no-track -l --guess --no-guess \
--orphan= -m --merge --conflict= --ignore-other-worktrees --overwrite-ignore --no-overwrite-ignore {_SUBMODULES}"
_OPTIONS = {  # of each command; with an equals sign those that take a value, which may be the next word
    "branch": "-d --delete -D -m --move -M -c --copy -C -f --force -r --remotes -a --all -q --quiet -t --track -v \
--verbose -l --list -u= --set-upstream-to= --unset-upstream --create-reflog --no-track -i --ignore-case",
    "checkout": f"{_SWITCHING} -b= -B= --ours --theirs -2 -3 -p --patch --overlay --no-overlay \
--ignore-skip-worktree-bits {_PATHS}",
    "clean": "-d -f --force -i --interactive -n --dry-run -q --quiet -e= --exclude= -x -X",
    "push": "-u --set-upstream -f --force -n --dry-run --all --branches --tags --mirror -d --delete --prune -q --quiet \
-v --verbose --progress --no-progress --thin --no-thin --atomic --no-atomic --follow-tags --no-follow-tags --porcelain \
--verify --no-verify --receive-pack= --exec= --repo= -o= --push-option= --recurse-submodules= --no-recurse-submodules \
--signed --no-signed --force-with-lease --no-force-with-lease --force-if-includes --no-force-if-includes -4 --ipv4 -6 \
--ipv6",
    "reset": f"--hard --soft --mixed --keep --merge -q --quiet --no-quiet --refresh --no-refresh -N --intent-to-add -p \
--patch {_SUBMODULES} {_PATHS}",
    "restore": f"-s= --source= -S --staged -W --worktree -p --patch -q --quiet --progress --no-progress --ours \
--theirs -2 -3 -m --merge --conflict= --ignore-unmerged --overlay --no-overlay --ignore-skip-worktree-bits \
{_SUBMODULES} {_PATHS}",
    "stash": "-q --quiet --index -p --patch -k --keep-index -u --include-untracked -a --all -m= --message= -S --staged",
    "tag": "-d --delete -f --force -a --annotate -s --sign -m= --message= -F= --file= -u= --local-user= --no-sign \
--create-reflog",
    "switch": f"{_SWITCHING} -c= --create= -C= --force-create= --discard-changes",
    "worktree": "-f --force -n --dry-run -v --verbose --expire= --reason= -b= -B= --porcelain -q --quiet",
}
_BEFORE = ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source")
_MAGIC = ("--literal-pathspecs", "--glob-pathspecs", "--noglob-pathspecs", "--icase-pathspecs")


class GitCommand(Record):
    """A command of git: what it is called, its options with their values, and its other words.

    `words` are those before `--`, `paths` those after it, None without it. `folder` is where it works, after each `-C`,
    None when that cannot be told. `settings` are those that `-c` gives, as written. `is_led` says that an option or a
    variable leads it to a git directory or a work tree.
    """

    verb: str
    options: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    paths: tuple[str, ...] | None = None
    folder: str | None = None
    settings: tuple[str, ...] = ()
    is_led: bool = False

    def has(self, *names: str) -> bool:
        """Whether one of the options is given."""
        return any(name in names for name, _ in self.options)

    def value(self, *names: str) -> str | None:
        """The value of the last of these options, None without any."""
        return next((value for name, value in reversed(self.options) if name in names), None)


def understand(action: Action) -> GitCommand:
    """The command of an action. Raises CannotKnow for another program's, and for an option that is not known."""
    program, *rest = action.words or ("",)
    if os.path.basename(program) != "git":
        raise CannotKnow(f"what {os.path.basename(program) or 'it'} would do to a repository cannot be told")
    before = _before(rest)
    verb, words = (rest[before.used], rest[before.used + 1 :]) if before.used < len(rest) else ("", [])
    if verb not in _OPTIONS:
        raise CannotKnow(f"what git {verb} would lose cannot be told")
    folder = action.folder
    for step in before.folders:
        folder = step if os.path.isabs(step) else os.path.join(folder, step) if folder else None
    variables = {name for name, _ in action.variables}
    led = before.is_led or bool(variables.intersection(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")))
    options, others, paths = _split(verb, words)
    return GitCommand(verb, options, others, paths, folder, before.settings, led)


class _Before(Record):
    """What stands between git and its command: how many words, each `-C`, each `-c`."""

    used: int
    folders: tuple[str, ...]
    settings: tuple[str, ...]
    is_led: bool


def _before(words: list[str]) -> _Before:
    folders, settings, led, at = [], [], False, 0
    while at < len(words) and words[at].startswith("-"):
        name, equals, value = words[at].partition("=")
        if name in _MAGIC:
            raise CannotKnow(f"which paths git means with {name} cannot be told")
        at += 1
        if name in _BEFORE and not equals:
            value = words[at] if at < len(words) else ""
            at += 1
        if name == "-C":
            folders.append(value)
        elif name in ("-c", "--config-env"):
            settings.append(value)
        led = led or name in ("--git-dir", "--work-tree", "--bare", "--namespace")
    return _Before(at, tuple(folders), tuple(settings), led)


def _split(verb: str, words: list[str]) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], tuple[str, ...] | None]:
    """The options, the other words before `--`, and those after it."""
    known = {name.removesuffix("="): name.endswith("=") for name in _OPTIONS[verb].split()}
    options: list[tuple[str, str]] = []
    others: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            return tuple(options), tuple(others), tuple(rest)
        if not word.startswith("-") or word == "-":
            others.append(word)
        elif word.startswith("--"):
            name, equals, value = word.partition("=")
            name = _whole(verb, name, known)
            if known[name] and not equals:
                value = rest.pop(0) if rest else ""
            options.append((name, value))
        else:
            _cluster(verb, word, known, options, rest)
    return tuple(options), tuple(others), None


def _cluster(verb: str, word: str, known: dict[str, bool], options: list[tuple[str, str]], rest: list[str]) -> None:
    """Short options in one word; the first that takes a value takes what is left of it, or the next word."""
    for at, letter in enumerate(word[1:], 2):
        name = f"-{letter}"
        if name not in known:
            raise CannotKnow(f"what git {verb} does with {name} cannot be told")
        if known[name]:
            options.append((name, word[at:] or (rest.pop(0) if rest else "")))
            return
        options.append((name, ""))


def _whole(verb: str, name: str, known: dict[str, bool]) -> str:
    """The option that is meant by its beginning."""
    found = [name] if name in known else [one for one in known if one.startswith(name)]
    if len(found) != 1:
        raise CannotKnow(f"what git {verb} does with {name} cannot be told")
    return found[0]
