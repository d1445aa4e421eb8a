"""The anchor of an environment's audit log, which shows when the end of the log was cut off.

`refs/guardrails/audit` in the environment's repository is a blob: the number and the digest of a record that was the
newest. `guardrails.operations.audit` moves it.
"""

from __future__ import annotations

from guardrails.audit.chain import Head
from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json
from guardrails.facts.git.refs import read_ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.facts.git.reader import Repository

ANCHOR = "refs/guardrails/audit"


async def read_anchor(git: Repository) -> tuple[str, Head | None]:
    """The anchor's object id and what it says; an empty id when there is none.

    Raises CannotKnow when the ref holds something else.
    """
    oid = await read_ref(git, ANCHOR, bare=True)
    if oid is None:
        return "", None
    where = f"{ANCHOR} of {git.path}"
    try:
        said = parse_json(decode(await git.run("cat-file", "blob", oid, bare=True), where), where)
        head = Head(said["number"], said["digest"])
    except (KeyError, TypeError):
        head = Head()
    if type(head.number) is not int or head.number < 1 or not isinstance(head.digest, str):
        raise CannotKnow(f"{where} is no anchor of an audit log; it was moved by hand")
    return oid, head
