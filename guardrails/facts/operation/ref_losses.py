"""The commits that a command of a tool call would leave without a name: those of stashes, branches and HEAD.

git keeps such commits for some weeks, where only its reflogs know them, and those of a deleted branch are not even in
its own. So they count as lost, unless another ref or a rescue holds them.
"""

from __future__ import annotations

import re

from guardrails.errors import CannotKnow
from guardrails.facts.git.commits import Commit, list_commits
from guardrails.facts.git.refs import read_ref, read_refs, resolve_revision
from guardrails.facts.git.stashes import find_stashes
from guardrails.facts.operation.checkout_moves import literal_pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from guardrails.facts.git.checkout import Checkout
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.operation.git_commands import GitCommand

_STASH = r"(?:(?:refs/)?stash@\{(\d+)\}|(\d+))"


async def find_dropped_stashes(checkout: Checkout, words: Sequence[str]) -> tuple[Commit, ...]:
    """The stashes that `git stash` with these words removes for good. `pop` puts its one back."""
    doing, *which = words or ("push",)
    if doing not in ("drop", "clear"):
        return ()
    found = await find_stashes(checkout.git, checkout.common_dir)
    if found.problem:
        raise CannotKnow(found.problem)
    ids = found.ids
    if doing == "drop":
        number = re.fullmatch(_STASH, which[0] if which else "0")
        if not number:
            raise CannotKnow(f"which stash {which[0]} is cannot be told")
        at = int(number[1] or number[2])
        ids = ids[at : at + 1]
    return tuple(one for one in await only_in(checkout.git, ids) if one.id in ids)


async def find_unnamed_tips(checkout: Checkout, command: GitCommand) -> tuple[Commit, ...]:
    """The tips that `git branch` leaves without a name: of a branch that it deletes by force, moves or overwrites."""
    names = [*command.words, *(command.paths or ())]
    forced = command.has("-f", "--force")
    if command.has("-D") or (command.has("-d", "--delete") and forced):
        kind = "refs/remotes/" if command.has("-r", "--remotes") else "refs/heads/"
        return await find_lost_tips(checkout, [f"{kind}{name}" for name in names])
    if not names:
        return ()
    if command.has("-M", "-C") or (command.has("-m", "--move", "-c", "--copy") and forced):
        source = f"refs/heads/{names[0]}" if len(names) > 1 else "HEAD"
        return await _replaced(checkout, names[-1], source)
    return await _replaced(checkout, names[0], (*names[1:], "HEAD")[0]) if forced else ()


async def find_untagged_commits(checkout: Checkout, command: GitCommand) -> tuple[Commit, ...]:
    """The commits that `git tag` leaves without a name: of a tag that it deletes, or gives to another commit."""
    deletes = command.has("-d", "--delete")
    if not deletes and not command.has("-f", "--force"):
        return ()
    refs = [f"refs/tags/{name}" for name in (command.words if deletes else command.words[:1])]
    tips = [tip for ref in refs if (tip := await resolve_word(checkout.git, ref))]
    new = None if deletes else await resolve_word(checkout.git, (*command.words[1:], "HEAD")[0])
    held = (checkout.commit, new) if new else (checkout.commit,)
    return tuple(one for one in await only_in(checkout.git, tips, *held, but=refs) if one.id in tips)


async def _replaced(checkout: Checkout, branch: str, source: str) -> tuple[Commit, ...]:
    """What a branch alone holds when it is set to what another name means; where that means nothing, git refuses."""
    new = await resolve_word(checkout.git, source)
    return await find_lost_tips(checkout, [f"refs/heads/{branch}"], new) if new else ()


async def find_lost_tips(checkout: Checkout, refs: Sequence[str], *held: str) -> tuple[Commit, ...]:
    """The tips of these refs whose commits no other ref, not HEAD, and none of the commits `held` keeps."""
    tips = await read_refs(checkout.git, refs)
    found = await only_in(checkout.git, tuple(tips.values()), checkout.commit, *held, but=tuple(tips))
    return tuple(one for one in found if one.id in tips.values())


async def only_in(git: Repository, tips: Sequence[str], *held: str, but: Sequence[str] = ()) -> tuple[Commit, ...]:
    """The commits of these tips that no ref, other than those of `but`, and none of the commits `held` keeps."""
    if not tips:
        return ()
    heads = [f"--exclude={literal_pattern(name[11:])}" for name in but if name.startswith("refs/heads/")]
    remotes = [f"--exclude={literal_pattern(name[13:])}" for name in but if name.startswith("refs/remotes/")]
    tags = [f"--exclude={literal_pattern(name[10:])}" for name in but if name.startswith("refs/tags/")]
    kept = [
        *heads,
        "--branches",
        *tags,
        "--tags",
        *remotes,
        "--remotes",
        "--glob=refs/rescue/",
        "--glob=refs/guardrails/",
    ]
    return await list_commits(git, *tips, "--not", *held, *kept)


async def resolve_word(git: Repository, name: str) -> str | None:
    """The commit that a word of a command names, None when it names none."""
    if name.startswith("refs/") and await read_ref(git, name) is None:
        return None
    return await resolve_revision(git, "@{-1}" if name == "-" else name)
