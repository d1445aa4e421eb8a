"""The files that are not git's, by the rules of the disk and by those of the commits that a reset leads to.

A `.gitignore` that was edited, staged or never committed protects nothing: a reset takes it back, and the next `git
clean` sweeps what it ignored. So a file counts as ignored only while the rules on the disk ignore it, and those of each
commit that matters, alone and together with the files of rules that no reset touches (gitignore(5), git-clean(1)).
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import kind_of, read_bytes, write_new
from guardrails.facts.git.listings import TREE_LISTING, read_tree_listing
from guardrails.facts.git.reader import Repository, complaint
from guardrails.facts.operation.checkout_moves import list_below
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from guardrails.policy import World

    Rules = Mapping[str, bytes]  # path of each .gitignore -> what it says

_NAME = ".gitignore"
_OF_THE_TREE = "--exclude-per-directory=.gitignore"


class Others(Record):
    """What is not in the index: `files` that not every rule ignores, and repositories, with a slash at their end.

    `passed_over` are the files and folders that every rule ignores; `warnings` tell what git could not look into.
    """

    files: frozenset[str]
    passed_over: frozenset[str]
    warnings: tuple[str, ...] = ()


async def list_others(world: World, git: Repository, rules: Sequence[Rules], *, exclude: str | None = None) -> Others:
    """List them. `rules` are those of each commit that counts; the disk's count always.

    The file `exclude`, which no reset changes, counts where it is given.
    """
    _require_rules(git.path)
    flags = (_OF_THE_TREE, f"--exclude-from={exclude}") if exclude and os.path.isfile(exclude) else (_OF_THE_TREE,)
    listing = await git.attempt("ls-files", "-z", "-o", *flags)
    hidden = await git.attempt("ls-files", "-z", "-o", "-i", *flags, "--directory")
    for one in (listing, hidden):
        if one.status != 0:
            raise CannotKnow(f"git ls-files in {git.path}: {complaint(one)}")
    found, ignored = _names(listing.stdout), _names(hidden.stdout)
    exposed: set[str] = set()
    if ignored:
        beside = await _read_untracked_rules(git, ignored)
        for given in [one for number, one in enumerate(rules) if one not in rules[:number]]:
            for whole in [given, {**beside, **given}] if beside.keys() - given.keys() else [given]:
                exposed |= await _find_exposed(world, git.path, whole, ignored, exclude)
    warnings = listing.stderr.decode("utf-8", "surrogateescape").split("\n")[:-1]
    return Others(
        frozenset({*found, *exposed}),
        frozenset(one.rstrip("/") for one in ignored if not _holds_any(one, exposed)),
        tuple(line.removeprefix("warning: ") for line in warnings),
    )


def _holds_any(path: str, exposed: set[str]) -> bool:
    return path in exposed or (path.endswith("/") and any(one.startswith(path) for one in exposed))


async def rules_of(git: Repository, tree: str, *, also_objects_of: str | None = None) -> Rules:
    """The files of rules in a commit; git takes no link for one."""
    listing = await git.run(*TREE_LISTING, tree, also_objects_of=also_objects_of)
    name = _NAME.encode()
    blobs = {
        os.fsdecode(path): oid
        for mode, _, oid, _, path in read_tree_listing(listing)
        if path.rpartition(b"/")[2] == name and mode.startswith(b"100") and _is_inside(os.fsdecode(path))
    }
    texts = await _blobs(git, sorted(set(blobs.values())), also_objects_of)
    return {path: texts[blob] for path, blob in blobs.items()}


def _is_inside(path: str) -> bool:
    """Whether no tree that somebody forged leads out of the folder by this path, or into what is git's."""
    return not {"", ".", "..", ".git"}.intersection(path.split("/"))


async def _blobs(git: Repository, wanted: list[str], also_objects_of: str | None) -> dict[str, bytes]:
    if not wanted:
        return {}
    text = "".join(f"{one}\n" for one in wanted).encode()
    data = await git.run("cat-file", "--batch=%(objectsize)", stdin=text, also_objects_of=also_objects_of)
    found, position = {}, 0
    for one in wanted:
        start = data.find(b"\n", position) + 1
        size = data[position : start - 1]
        if not size.isdigit():
            raise CannotKnow(f"{one} cannot be read from {git.path}")
        found[one] = data[start : start + int(size)]
        position = start + int(size) + 1
    return found


def _require_rules(top: str) -> None:
    """Raise CannotKnow for what is called `.gitignore` and is no file: git would wait at a FIFO without end."""
    for folder, folders, names in os.walk(top):
        folders[:] = [name for name in folders if name != ".git"]
        place = os.path.join(folder, _NAME)
        if _NAME in names and not (os.path.islink(place) or os.path.isfile(place)):
            raise CannotKnow(f"{place} is {kind_of(os.lstat(place).st_mode)}, not a file of rules; move it away first")


async def _read_untracked_rules(git: Repository, ignored: Sequence[str]) -> dict[str, bytes]:
    """The files of rules in the folders above what is ignored that git does not know: no reset takes them away."""
    folders = {""}
    for path in ignored:
        folder = os.path.dirname(path.rstrip("/"))
        while folder not in folders:
            folders.add(folder)
            folder = os.path.dirname(folder)
    there = {os.path.join(folder, _NAME): os.path.join(git.path, folder, _NAME) for folder in sorted(folders)}
    there = {path: place for path, place in there.items() if os.path.isfile(place) and not os.path.islink(place)}
    if not there:
        return {}
    tracked = set(_names(await git.run("ls-files", "-z", "--", f":(glob)**/{_NAME}")))
    return {path: read_bytes(place) for path, place in there.items() if path not in tracked}


async def _find_exposed(world: World, top: str, given: Rules, ignored: Sequence[str], exclude: str | None) -> set[str]:
    """The files and repositories, ignored on the disk, that some rules do not ignore."""
    scratch = Repository(world.scratch.make_folder())
    await scratch.run("init", "--quiet", "--template=")
    for path, text in given.items():
        os.makedirs(os.path.dirname(os.path.join(scratch.path, path)), exist_ok=True)
        write_new(os.path.join(scratch.path, path), text)
    reader = scratch.with_variables({}, *((f"core.excludesFile={exclude}",) if exclude else ()))
    exposed = await _list_not_ignored(reader, ignored)
    folders = [one for one in exposed if one.endswith("/")]  # git names one also when only all of its files are ignored
    files = [path for folder in folders for path in _inside(top, folder)]
    return {*exposed, *await _list_not_ignored(reader, files)}.difference(folders)


async def _list_not_ignored(reader: Repository, paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    for path in paths:
        if path.endswith("/"):  # a rule may be for folders alone
            os.makedirs(os.path.join(reader.path, path), exist_ok=True)
    wanted = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)  # a leading colon would be magic
    done = await reader.attempt("check-ignore", "--no-index", "-z", "--stdin", stdin=wanted)
    if done.status > 1 or done.stderr:
        raise CannotKnow(f"git check-ignore for the rules of a commit: {complaint(done)}")
    covered = {path.removeprefix("./") for path in _names(done.stdout)}
    return [path for path in paths if path not in covered]


def _inside(top: str, folder: str) -> Iterator[str]:
    """Every file, link and repository in a folder, the latter with a slash at its end."""
    for path in list_below(top, folder):
        place = os.path.join(top, path)
        yield f"{path}/" if os.path.isdir(place) and not os.path.islink(place) else path


def _names(listing: bytes) -> list[str]:
    return os.fsdecode(listing).split("\0")[:-1]
