"""The stashes of a repository, as git names them: the tip of refs/stash, and what its reflog remembers (git-stash(1)).

`git log -g` ends at the first that is missing, and finds none without a reflog; so the reflog is read as it is.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.facts.git.refs import read_ref, read_reflog
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.git.reader import Repository

_REF = "refs/stash"
_LIMIT = 64 << 20  # bytes
_HEX = frozenset(b"0123456789abcdef")


class Stashes(Record):
    """Their ids, the newest first; `problem` tells why there may be more."""

    ids: tuple[str, ...]
    problem: str = ""


async def find_stashes(git: Repository, common_dir: str) -> Stashes:
    """Look for them. A stash that is found may be incomplete: names outlive objects."""
    tip = await read_ref(git, _REF)
    found, problem = _read_reflog(common_dir)
    if not found and os.path.isdir(os.path.join(common_dir, "reftable")):
        found = await read_reflog(git, _REF)
    return Stashes(tuple(dict.fromkeys([*([tip] if tip else []), *found])), problem)


def _read_reflog(common_dir: str) -> tuple[list[str], str]:
    """What the reflog has, and what is wrong with it (gitrepository-layout(5), git-reflog(1))."""
    try:
        data = read_bytes(os.path.join(common_dir, "logs", *_REF.split("/")), _LIMIT)
    except FileNotFoundError:
        return [], ""
    except CannotKnow as error:
        return [], str(error)
    fields = [line.split(b" ", 2) for line in data.split(b"\n") if line]
    ids = [one[1].decode() for one in fields if len(one) == 3 and _is_id(one[1])]
    return ids[::-1], "" if len(ids) == len(fields) else "the reflog of the stashes is damaged"


def _is_id(text: bytes) -> bool:
    return len(text) in (40, 64) and _HEX.issuperset(text)
