"""The verbs of git whose effect depends on more than their options: checkout, reset, push, fetch, config and clone."""

from __future__ import annotations

import os

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.git_files import read_setting
from guardrails.facts.tool_call.places import FoundRepository, Places
from guardrails.facts.tool_call.programs.arguments import HERE, Arguments, parse
from guardrails.facts.tool_call.programs.git_arguments import GitCall
from guardrails.facts.tool_call.programs.program import Touch, possible_kind
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Kinds = Iterator["tuple[str, str] | Touch"]


class Work(Record):
    """A call of git, the repository that it works on, and the places."""

    call: GitCall
    found: FoundRepository
    places: Places


_FREE_REFS = ("refs/remotes/", "refs/tags/", "refs/guardrails/fetched")


def _checkout(work: Work) -> Kinds:
    """A branch moves HEAD; paths, a force and a branch that is set anew lose what was there."""
    words = work.call.words[1:]
    at = next((at for at, word in enumerate(words) if word.text == "--"), None)
    before = parse(words[:at], ("b", "B", "orphan", "conflict", "pathspec-from-file"))
    paths = at is not None and at + 1 < len(words)
    paths = paths or (len(before.operands) > 1 and not before.has("b", "B", "orphan", "t", "track"))
    paths = paths or before.has("p", "patch", "ours", "theirs", "pathspec-from-file")
    if not paths and len(before.operands) == 1 and not before.has("b", "B", "orphan"):
        paths = _is_path(before.operands[0], work.call.folder)
    if not paths:
        yield "moves-head", "tree"
    if paths or before.has("f", "force", "B"):
        yield "loses-work", "tree"


def _is_path(word: Word, folder: str | None) -> bool:
    """Whether one word after `checkout` is a path: it is there, or no branch could be called so."""
    text = word.text
    if text is None:
        return False
    strange = word.is_pattern or text.startswith((".", ":", "/")) or text.endswith("/")
    return strange or (folder is not None and os.path.lexists(os.path.join(folder, text)))


def _reset(work: Work) -> Kinds:
    """Paths and a bare reset write the index; a mode or a commit moves HEAD, `--hard` and `--merge` lose changes."""
    found_words = parse(work.call.words[1:], ("pathspec-from-file",))
    hard = found_words.has("hard", "merge")
    paths = any(word.text == "--" for word in work.call.words) or len(found_words.operands) > 1
    one = len(found_words.operands) == 1 and not _is_path(found_words.operands[0], work.call.folder)
    if found_words.has("soft", "keep") or (one and not paths and not _is_head(found_words)):
        yield "moves-head", "tree"
    elif not hard:
        yield "writes", "tree"
    if hard:
        yield "loses-work", "tree"


def _is_head(found: Arguments) -> bool:
    return found.operands[0].text in ("HEAD", "@")


def _restore(work: Work) -> Kinds:
    staged = parse(work.call.words[1:], ("s", "source", "pathspec-from-file"))
    only_index = staged.has("S", "staged") and not staged.has("W", "worktree")
    yield "writes" if only_index else "loses-work", "tree"


def _push(work: Work) -> Kinds:
    """A push, and what it writes in a guarded repository that it goes to."""
    words = parse(work.call.words[1:], ("o", "push-option", "repo", "receive-pack", "exec"))
    if words.has("n", "dry-run"):
        return
    yield "pushes", "refs"
    remote = (words.operands[:1] or words.values("repo"))[:1]
    for word in remote:
        yield from (Touch("writes", Word((url,)), folder=work.call.folder) for url in _folders(word, work.found))


def _folders(word: Word, found: FoundRepository) -> Iterator[str]:
    """The folders that a remote's name or address leads to on this machine."""
    text = word.text or ""
    urls = [text, *read_setting(found.common_dir, f"remote.{text}.url")] if found.common_dir else [text]
    for url in urls:
        path = url.removeprefix("file://")
        if path.startswith(("/", "./", "../")):
            yield path


def _fetch(work: Work) -> Kinds:
    """Fetching is free, except for a refspec that writes a local branch."""
    words = parse(
        work.call.words[1:], ("depth", "o", "server-option", "refmap", "j", "jobs", "upload-pack", "negotiation-tip")
    )
    targets = [word.known.partition(":")[2] for word in words.operands[1:] if ":" in word.known]
    if not words.has("dry-run") and any(target and not target.startswith(_FREE_REFS) for target in targets):
        yield "moves-head", "refs"


_CONFIG_READS = ("get", "get-all", "get-regexp", "get-urlmatch", "l", "list", "get-color", "get-colorbool")
_CONFIG_VERBS = ("set", "unset", "rename-section", "remove-section", "edit")


def _config(work: Work) -> Kinds:
    """A change of the configuration; one of core.hooksPath, or of all users' at once, takes hooks off."""
    words = parse(work.call.words[1:], ("f", "file", "blob", "type", "default", "value", "comment"))
    operands = [word.known.lower() for word in words.operands]
    if words.has(*_CONFIG_READS) or operands[:1] in (["get"], ["list"]):
        return
    changes = words.has("unset", "unset-all", "add", "replace-all", "e", "edit", "remove-section", "rename-section")
    if not changes and len(operands) < 2 and operands[:1] != ["edit"]:
        return
    elsewhere = words.has("global", "system", "f", "file")
    hooks = any(one in ("core.hookspath", "core") or one.startswith("include") for one in operands)
    if hooks and elsewhere:
        yield from (Touch("loosens", place) for place in work.places.all if place.kind == "repo")
    elif hooks:
        yield "loosens", "refs"
    elif not elsewhere:
        yield "writes", "refs"
    for path in words.values("f", "file"):
        yield Touch("writes", path, folder=work.call.folder)
    for word in words.operands[1:]:
        if word.known.startswith("!"):
            why = "a new alias of git names it, and is not followed"
            yield from (Touch(possible_kind(place), place, why=why) for place in work.places.named_in(word.known))


def _clone(work: Work) -> Kinds:
    """`clone` and `init` write in a folder of their own."""
    values = ("b", "branch", "o", "origin", "depth", "c", "config", "reference", "template", "separate-git-dir", "j")
    words = parse(work.call.words[1:], values)
    operands = list(words.operands)
    if work.call.words[0].text == "clone":
        source = operands.pop(0) if operands else HERE
        text = (source.text or "").rstrip("/").removesuffix(".git").removesuffix("/")
        operands = operands or [Word((os.path.basename(text.rpartition(":")[2]) or None,))]
    for path in (*(operands or [HERE]), *words.values("separate-git-dir")):
        yield Touch("writes", path, folder=work.call.folder)


def _format_patch(work: Work) -> Kinds:
    words = parse(work.call.words[1:], ("o", "output-directory"))
    if not words.has("stdout"):
        yield Touch("writes", (words.values("o", "output-directory") or (HERE,))[-1], folder=work.call.folder)


def _update_ref(work: Work) -> Kinds:
    """A ref is moved or deleted; those of the guard itself are its records."""
    words = parse(work.call.words[1:], ("m",))
    names = [word.known for word in words.operands[:1]]
    if any(name.startswith(("refs/guardrails/", "refs/attestations/", "refs/signoffs/")) for name in names):
        yield "loosens", "refs"
    else:
        yield "loses-work" if words.has("d") else "moves-head", "refs"


SPECIAL: dict[str, Callable[[Work], Kinds]] = {
    "checkout": _checkout,
    "clone": _clone,
    "config": _config,
    "fetch": _fetch,
    "format-patch": _format_patch,
    "init": _clone,
    "push": _push,
    "reset": _reset,
    "restore": _restore,
    "update-ref": _update_ref,
}

WORST = {
    "checkout": "loses-work",
    "reset": "loses-work",
    "restore": "loses-work",
    "push": "pushes",
    "update-ref": "moves-head",
}
"""What one of these verbs may do in a repository that cannot be told."""
