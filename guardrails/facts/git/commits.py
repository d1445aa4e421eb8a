"""Commits as people read them: the id and the first line of the message."""

from __future__ import annotations

from types import MappingProxyType

from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import complaint
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from guardrails.facts.git.reader import Repository

LIMIT = 1000  # commits of one question; enough for any release, and the rest is counted by nobody


class Commit(Record):
    """A commit's full id and its subject; as a text, what fits into a line among others."""

    id: str
    subject: str

    def __str__(self) -> str:
        return f"{self.id[:12]} {self.subject}"


async def list_commits(git: Repository, *revisions: str, objects: str | None = None) -> tuple[Commit, ...]:
    """The commits of a revision range, such as `new` and `^old`, newest first as git-log(1) orders them.

    `objects` is the object folder of another repository to look through as well. Raises CannotKnow when git does.
    """
    listing = await git.run(
        "log", "-z", f"--max-count={LIMIT}", "--format=%H %s", *revisions, "--", also_objects_of=objects
    )
    lines = listing.decode("utf-8", "backslashreplace").split("\0")
    return tuple(Commit(commit, subject) for commit, _, subject in (line.partition(" ") for line in lines if line))


class News(Record):
    """What is new of some commits beside what is there: `connected` has each new commit, and whether any of its history
    is there; what it lacks is there already. With nothing there, nothing is `known`.
    """

    connected: Mapping[str, bool] = MappingProxyType({})
    known: bool = False


async def find_news(git: Repository, created: Iterable[str], there: Iterable[str], objects: str | None) -> News:
    """Compare commits, and all before them, with the history of what is there. Raises CannotKnow when git cannot."""
    asked = "".join([*(f"{commit}\n" for commit in sorted(created)), *(f"^{oid}\n" for oid in there)])
    done = await git.attempt(
        "rev-list", "--topo-order", "--boundary", "--parents", "--stdin",
        stdin=asked.encode(), also_objects_of=objects, bare=True,
    )  # fmt: skip
    if done.status != 0 or done.stderr:
        raise CannotKnow(f"what is new in a push cannot be told from {git.path}: {complaint(done)}")
    connected: dict[str, bool] = {}
    lines = done.stdout.decode().split("\n")
    old = {line[1:].partition(" ")[0] for line in lines if line.startswith("-")}
    for line in reversed(lines):  # parents come last
        if line and not line.startswith("-"):
            commit, *parents = line.split(" ")
            connected[commit] = any(parent in old or connected.get(parent, False) for parent in parents)
    return News(connected, known=True)
