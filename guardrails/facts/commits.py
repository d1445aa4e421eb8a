"""Commits as people read them: the id and the first line of the message."""

from __future__ import annotations

from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.git import Repository

LIMIT = 1000  # commits of one question; enough for any release, and the rest is counted by nobody


class Commit(Record):
    """A commit's full id and its subject; as a text, what fits into a line among others."""

    id: str
    subject: str

    def __str__(self) -> str:
        return f"{self.id[:12]} {self.subject}"


async def commits(git: Repository, *revisions: str, objects: str | None = None) -> tuple[Commit, ...]:
    """The commits of a revision range, such as `new` and `^old`, newest first as git-log(1) orders them.

    `objects` is the object folder of another repository to look through as well. Raises CannotKnow when git does.
    """
    listing = await git.run(
        "log", "-z", f"--max-count={LIMIT}", "--format=%H %s", *revisions, "--", also_objects_of=objects
    )
    lines = listing.decode("utf-8", "backslashreplace").split("\0")
    return tuple(Commit(commit, subject) for commit, _, subject in (line.partition(" ") for line in lines if line))
