"""What has to be known of a repository to read its work tree through a git directory of our own."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.git.checkout import Checkout

_BRANCH = b"ref: refs/heads/"
_HEXADECIMAL = frozenset(b"0123456789abcdef")
_SHA1 = 40  # hexadecimal digits of an id


class Layout(Record):
    """Folders, absolute; the format of ids; and the commit that HEAD leads to, a full id."""

    git_dir: str
    common_dir: str
    objects: str
    object_format: str
    commit: str


def layout_of(checkout: Checkout) -> Layout:
    """The layout as git tells it."""
    return Layout(checkout.git_dir, checkout.common_dir, checkout.objects, checkout.object_format, checkout.commit)


def likely_layout(repo: str) -> Layout | None:
    """What git will most likely say of a repository, read from its files; None for all but the plainest.

    It is a guess, which counts for nothing until `layout_of` is the same (gitrepository-layout(5)).
    """
    git_dir = os.path.join(repo, ".git")
    try:
        commit = _commit(git_dir)
    except (OSError, CannotKnow):
        return None
    if len(commit) != _SHA1 or not _HEXADECIMAL.issuperset(commit):
        return None
    return Layout(git_dir, git_dir, os.path.join(git_dir, "objects"), "sha1", commit.decode())


def _commit(git_dir: str) -> bytes:
    """The commit of the branch that HEAD names, from a file of its own or from the packed ones."""
    head = read_bytes(os.path.join(git_dir, "HEAD")).removesuffix(b"\n")
    if not head.startswith(_BRANCH):
        return head
    ref = head.removeprefix(b"ref: ")
    try:
        return read_bytes(os.path.join(git_dir, os.fsdecode(ref))).removesuffix(b"\n")
    except FileNotFoundError:
        before, found, _ = read_bytes(os.path.join(git_dir, "packed-refs")).partition(b" " + ref + b"\n")
        return before.rpartition(b"\n")[2] if found else b""
