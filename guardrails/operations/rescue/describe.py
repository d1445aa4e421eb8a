"""What a rescue holds, for people: how much of each kind, and the differences line by line.

git compares two trees with each other (git-diff-tree(1)): no work tree, filter, textconv, external diff or colour of
any configuration has a part in it. Both are bounded, and say so.
"""

from __future__ import annotations

import os

from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.record import Record
from guardrails.wording.durations import relative
from guardrails.wording.shown_text import listed, redact, visible
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from guardrails.facts.git.reader import Repository
    from guardrails.operations.rescue.restore import Rescue

LINES, WIDTH = 2000, 1000  # lines of one difference that are shown, and characters of each
_FILES, _BYTES = 200, 1 << 20  # files of one difference that are compared line by line, and bytes of all of them
_NO_FILES = {40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904"}  # the empty tree, by the length of an id
_NO_FILES[64] = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
_OUTSIDE = (":160000", "160000")  # modes of a submodule, whose files no tree holds


class Difference(Record):
    """Where two trees differ: each path with git's letter for how, and as much of it as can be shown, in lines."""

    paths: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]


class Shown(Record):
    """One rescue: what was staged, what was on disk beside that, and the paths in conflict."""

    staged: Difference
    on_disk: Difference
    conflicts: tuple[str, ...]

    @property
    def unstaged(self) -> int:
        """How many tracked files were changed or deleted on disk."""
        return sum(letter != "A" and path not in self.conflicts for path, letter in self.on_disk.paths)

    @property
    def untracked(self) -> int:
        """How many files were on disk alone."""
        return sum(letter == "A" and path not in self.conflicts for path, letter in self.on_disk.paths)


def compare_rescue(git: Repository, rescue: Rescue) -> Shown:
    """Compare what HEAD was with the index, and the index with the work tree."""
    return run_to_end(_compare_rescue(git, rescue))


def summary(rescue: Rescue, seen: Shown, now: float) -> Iterator[tuple[str, str]]:
    """What there is to say of a rescue before its differences, at a time in seconds: labels and values."""
    said = rescue.manifest
    yield "rescue", rescue.name
    yield "saved", f"{rescue.at} ({relative(seconds_of(rescue.at), now)})"
    yield "branch", str(said.get("branch") or "none (a detached HEAD)").removeprefix("refs/heads/")
    yield "HEAD", str(said.get("head") or "none yet")
    yield "local commits", str(said.get("local_commits", "not counted"))
    yield "staged", str(len(seen.staged.paths))
    yield "unstaged", str(seen.unstaged)
    yield "untracked", str(seen.untracked)
    if seen.conflicts:
        yield "in conflict", listed(seen.conflicts)
    if said.get("in_progress"):
        yield "in progress", listed(said["in_progress"])
    yield "stashes", str(said.get("stashes", "not counted"))
    if named := [*(f"{folder}/ is empty" for folder in said.get("empty", ())), *said.get("named", ())]:
        yield "only named", f"{len(named)}: {listed(named)}"
    for text in said.get("unsaved", ()):
        yield "NOT SAVED", str(text)


async def _compare_rescue(git: Repository, rescue: Rescue) -> Shown:
    head = rescue.manifest.get("head")
    index, worktree = f"{rescue.commit}:index", f"{rescue.commit}:worktree"
    done = await git.attempt("ls-tree", "-r", "-z", "--name-only", "--full-tree", f"{rescue.commit}:conflicts")
    conflicts = dict.fromkeys(name.partition("/")[2] for name in os.fsdecode(done.stdout).split("\0")[:-1])
    return Shown(
        await _difference(git, f"{head}^{{tree}}" if head else _NO_FILES[len(rescue.commit)], index),
        await _difference(git, index, worktree),
        tuple(conflicts),
    )


async def _difference(git: Repository, old: str, new: str) -> Difference:
    fields = os.fsdecode(await git.run("diff-tree", "-r", "-z", "--no-renames", old, new)).split("\0")[:-1]
    entries = [
        (facts.split(" "), path)
        for facts, path in zip(fields[::2], fields[1::2], strict=True)
        if not facts.startswith(_OUTSIDE) or f" {_OUTSIDE[1]} " in facts
    ]
    sizes = await _sizes(git, {oid for facts, _ in entries for oid in facts[2:4]})
    small: list[str] = []
    left = _BYTES
    for facts, path in entries[:_FILES]:
        if (size := sizes.get(facts[2], 0) + sizes.get(facts[3], 0)) <= left:
            small.append(path)
            left -= size
    paths = tuple((path, facts[4]) for facts, path in entries)
    return Difference(
        paths, tuple(_cut(await _diff_lines(git, old, new, small), [p for p, _ in paths if p not in small]))
    )


async def _sizes(git: Repository, ids: set[str]) -> dict[str, int]:
    """The size of each object in bytes; none for what git does not have, such as the id of no file."""
    wanted = "".join(f"{oid}\n" for oid in sorted(ids)).encode()
    listing = await git.run("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=wanted) if ids else b""
    pairs = (line.split(" ") for line in listing.decode().split("\n")[:-1])
    return {oid: int(size) for oid, size in pairs if size.isdecimal()}


async def _diff_lines(git: Repository, old: str, new: str, paths: Sequence[str]) -> list[str]:
    if not paths:
        return []
    switches = ("-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
    data = await git.run("--literal-pathspecs", "diff-tree", *switches, old, new, "--", *paths)
    return data.decode("utf-8", "backslashreplace").split("\n")[:-1]


def _cut(lines: Sequence[str], unshown: Sequence[str]) -> Iterator[str]:
    """The lines as they can be printed, and what of it is missing."""
    for line in redact("\n".join(lines[:LINES])).split("\n")[: len(lines)]:  # before cutting, and keys are many lines
        text = "\t".join(map(visible, line[:WIDTH].split("\t")))
        yield f"{text} … cut: {len(line) - WIDTH} more characters" if len(line) > WIDTH else text
    if len(lines) > LINES:
        yield f"… cut: {len(lines) - LINES} more lines"
    if unshown:
        yield f"… cut: {len(unshown)} files are too large or too many to show: {visible(listed(unshown))}"
