"""The sign-offs that stand in a document: what people read, and nothing that could be held to anybody.

A block is a heading that ends in "sign-off", with whatever hyphen, and the fields under it, usually in a code block:

    ### Architect #1 sign-off
    Status: approved
    Owner: Peter (Architect #1)
    Date: 2026-02-01
    Notes: …

`guardrails signoff --render` writes such blocks, with two fields more: the `Commit` that is approved, and the
`Statement` that says so. The notes are the rest, in any language. Whether an approval depends on another one is told
only from English notes.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.approval.evidence import candidate_tree
from guardrails.facts.files import decode, read_bytes
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.listings import read_tree_listing
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.wording.shown_text import split_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from guardrails.policy import World

DOCUMENT_LIMIT = 1024 * 1024  # bytes
HEADING_LIMIT = 200  # characters; what is longer is no heading that people write
STATUSES = ("approved", "rejected", "pending", "changes requested", "")

_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+(?P<title>.+?)[ \t#]*$")
_SIGN_OFF = re.compile(r"(?i)(?P<role>.*\w.*?)[ \t]+sign[ \t\u00ad\u2010-\u2015-]?off$")
_NEWLINE = re.compile(r"\r\n?")  # what ends a line in Markdown beside \n (CommonMark 2.1)
_FENCE = re.compile(r" {0,3}(?P<fence>`{3,}|~{3,})(?P<rest>.*)$")
_FIELD = re.compile(r"(?P<name>Status|Owner|Date|Commit|Statement|Notes):(?P<value>.*)$")
_CONDITION = re.compile(
    r"(?i)\b(?:after|once|when|if|provided|pending|subject to|conditional (?:up)?on|depends on)\s+"
    r"(?P<role>[^.\n]{1,60}?)(?:'s|\u2019s)?\s+(?:has\s+|have\s+|is\s+)?(?:approv|sign[\s\u2010-\u2015-]?off|signs|signed)"
)


class SignOffBlock(Record):
    """One block: the role as an id, the status in lower case, who and when as written, and its 1-based line.

    `after` are the roles on whose approval it says to depend. `commit` and `statement` are as written, empty where it
    names none.
    """

    role: str
    status: str
    owner: str
    date: str
    line: int
    after: tuple[str, ...] = ()
    commit: str = ""
    statement: str = ""


class SignOffBlocks(Fact):
    """The blocks of a document, in its order. `exists` is False when the document is not there; then there are none."""

    document: str
    exists: bool
    blocks: tuple[SignOffBlock, ...] = ()

    @classmethod
    async def gather(cls, world: World, document: str) -> Self:
        """Read the document as the candidate has it; one that is no path within a repository is read as a file.

        Raises CannotKnow when it cannot be read, or a block of it cannot be understood.
        """
        if not document:
            return cls("", exists=False)
        path = world.environment.filled(document, world.home)
        data = _of_file(path) if os.path.isabs(path) else await _of_candidate(world, path)
        if data is None:
            return cls(path, exists=False)
        return cls(path, exists=True, blocks=tuple(parse_blocks(decode(data, path), path)))


def _of_file(path: str) -> bytes | None:
    try:
        return read_bytes(path, DOCUMENT_LIMIT)
    except FileNotFoundError:
        return None


async def _of_candidate(world: World, path: str) -> bytes | None:
    candidate, _, source = await candidate_tree(world)
    here: Checkout = await world.fact(Checkout, None)
    there: Checkout = await world.fact(Checkout, source.repo)
    objects, name = there.objects, f"{candidate.commit}:{os.path.normpath(path)}"
    listing = await here.git.run(
        "--literal-pathspecs", "ls-tree", "-l", "-z", candidate.commit, "--", os.path.normpath(path),
        also_objects_of=objects,
    )  # fmt: skip
    entries = list(read_tree_listing(listing))
    if not entries:
        return None
    mode, kind, oid, size, _ = entries[0]
    if kind != b"blob" or mode == b"120000" or size is None or size > DOCUMENT_LIMIT:
        raise CannotKnow(f"{name} is no file of at most {DOCUMENT_LIMIT} bytes")
    return await here.git.run("cat-file", "blob", oid, also_objects_of=objects)


def parse_blocks(text: str, where: str) -> Iterator[SignOffBlock]:
    """The sign-off blocks of a text. Raises CannotKnow for one that says nothing clear."""
    heading: tuple[str, int] | None = None
    fence = ""
    body: list[str] = []
    for number, line in enumerate([*split_lines(_NEWLINE.sub("\n", text.removeprefix("\ufeff"))), "# end"], start=1):
        marker = _FENCE.match(line)
        if fence:
            closes = marker and marker["fence"].startswith(fence) and not marker["rest"].strip()
            fence = "" if closes else fence
            body += [] if closes else [line]
        elif marker:
            fence = marker["fence"]
        elif len(line) <= HEADING_LIMIT and (title := _HEADING.match(line)):
            if heading:
                yield from _block(*heading, body, where)
            found = _SIGN_OFF.match(title["title"])
            heading, body = ((found["role"], number) if found else None), []
        else:
            body.append(line)
    if heading and fence:
        raise CannotKnow(f"{where}:{heading[1]}: the sign-off of {heading[0]} has a code block without an end")


def _block(heading: str, line: int, body: list[str], where: str) -> Iterator[SignOffBlock]:
    """The block under a heading; none when nothing of its fields is there."""
    here, role = f"{where}:{line}: the sign-off of {heading}", role_id(heading)
    fields: dict[str, str] = {}
    for number, text in enumerate(body):
        field = _FIELD.match(text)
        if field and field["name"] in fields:
            raise CannotKnow(f"{here} says {field['name']} twice")
        if field:
            fields[field["name"]] = field["value"].strip()
        if field and field["name"] == "Notes":
            fields["Notes"] += "\n" + "\n".join(body[number + 1 :])
            break
    if not fields:
        return
    status, date = fields.get("Status", "").casefold(), fields.get("Date", "")
    if status not in STATUSES or "Status" not in fields:
        raise CannotKnow(f"{here} has no status that is known ({', '.join(filter(None, STATUSES))})")
    if not _is_date(date):
        raise CannotKnow(f"{here} has a date that is not of the form 2026-02-01")
    owner, _, office = fields.get("Owner", "").removesuffix(")").partition("(")
    if office and role_id(office) != role:
        raise CannotKnow(f"{here} is owned by {office}")
    notes = fields.get("Notes", "")
    after = dict.fromkeys(role_id(one["role"]) for one in _CONDITION.finditer(notes))
    yield SignOffBlock(
        role, status or "pending", owner.strip(), date, line, tuple(filter(None, after)),
        fields.get("Commit", ""), fields.get("Statement", ""),
    )  # fmt: skip


def role_id(text: str) -> str:
    """A role as an id: `Architect #1` is architect-1."""
    return re.sub(r"\W+", "-", text.casefold()).strip("-")


def role_title(role: str) -> str:
    """An id as people write the role: architect-1 is `Architect #1`."""
    words = [f"#{word}" if word.isdecimal() else word for word in role.split("-")]
    return " ".join([words[0].capitalize(), *words[1:]])


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        return not text or (len(text) == 10 and date.fromisoformat(text) is not None)
    except ValueError:
        return False
