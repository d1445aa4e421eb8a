"""Recorded statements: what somebody says about a commit or a tree, kept in git beside it.

A statement is an in-toto Statement v1 (in-toto/attestation, spec/v1/statement.md) in a DSSE envelope
(secure-systems-lab/dsse, envelope.md), which is a blob under a ref of its own, so that `git fetch` carries it and
`git gc` keeps it:

- `refs/attestations/<tree>/<name>/<utc>-<8 hex>`: that a command ran on this tree;
- `refs/signoffs/<commit>/<role>/<8 hex>`: that somebody approves or rejects this commit.

The hex digits are the first of the SHA-256 of the envelope. The content of the statement counts; the name of the ref
only leads to it. A blob that does not hash to its id is no statement.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.files import decode, parse_json
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.objects import read_verified
from guardrails.facts.git.reader import complaint
from guardrails.record import Record
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from guardrails.facts.git.reader import Repository
    from guardrails.policy import World

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
SIGNOFF = "urn:guardrails:signoff:v1"
ATTESTATIONS = "refs/attestations"
SIGNOFFS = "refs/signoffs"

COUNT_LIMIT = 1000  # statements about one commit or tree
SIZE_LIMIT = 1024 * 1024  # bytes of one; a test result may name every test that failed


class Statement(Record):
    """One statement as it was found. `subject` has its digests by kind (gitTree, gitCommit).

    `signed` is what a signature is made over, `signature` the SSHSIG itself (PROTOCOL.sshsig of OpenSSH), and `key_id`
    what the envelope calls the key; these two are empty for a statement that nobody signed.
    """

    ref: str
    repo: str
    kind: str
    subject: Mapping[str, str]
    predicate: Mapping[str, Any]
    signed: bytes
    signature: bytes
    key_id: str = ""

    def text(self, name: str, within: Mapping[str, Any] | None = None) -> str:
        """A text of the predicate, or of a table inside it. Raises CannotKnow when it is missing or no text."""
        value = (self.predicate if within is None else within).get(name)
        if not isinstance(value, str) or not value:
            raise CannotKnow(f"{self.where} has no {name}")
        return value

    def time(self, name: str, within: Mapping[str, Any] | None = None) -> float:
        """A time of the predicate in seconds since the epoch. Raises CannotKnow when it is not one of RFC 3339."""
        try:
            return seconds_of(self.text(name, within))
        except ValueError as error:
            raise CannotKnow(f"{self.where} has a {name} that is no time: {error}") from None

    @property
    def where(self) -> str:
        """How to call it in a message."""
        return f"the statement {self.ref} of {self.repo}"


async def places(world: World) -> list[Checkout]:
    """The repositories where statements are looked for: the environment's own, and those that candidates come from."""
    operation = world.operation
    given = operation.candidate_from if operation else None
    sources = (*world.sources, *((given,) if given else ()))
    paths = dict.fromkeys(source.repo for source in sources if source.repo != world.environment.repo)
    opened = [world.start(_open_checkout(world, path)) for path in (None, *paths)]
    return [await one for one in opened]


async def _open_checkout(world: World, path: str | None) -> Checkout:
    checkout: Checkout = await world.fact(Checkout, path)
    return checkout


async def read_statements(world: World, prefix: str) -> list[Statement]:
    """Every statement under a prefix of refs, each once however many repositories have it.

    Raises CannotKnow when there is one that cannot be read, since it may be the one that counts.
    """
    listings = [(place, world.start(_list_refs(place, prefix))) for place in await places(world)]
    seen: set[str] = set()
    found = []
    for place, listing in listings:
        refs = [(oid, ref) for oid, ref in await listing if oid not in seen]
        seen.update(oid for oid, _ in refs)
        blobs = await read_verified(place.git, "blob", [oid for oid, _ in refs])
        found += [parse_statement(data, ref, place.git.path) for (_, ref), data in zip(refs, blobs, strict=True)]
    return found


async def _list_refs(place: Checkout, prefix: str) -> list[tuple[str, str]]:
    """The object and the name of every ref under the prefix. Raises CannotKnow for a ref that can be no statement."""
    where = f"{prefix} of {place.git.path}"
    listing = await refs_of(place.git, f"--count={COUNT_LIMIT + 1}", f"{prefix}/", problem=f"{where} cannot be read")
    if len(listing) > COUNT_LIMIT:
        raise CannotKnow(f"{where} has more than {COUNT_LIMIT} statements; remove what is out of date")
    found: dict[str, str] = {}
    for oid, kind, size, ref in listing:
        if kind != "blob":
            raise CannotKnow(f"{ref} of {place.git.path} names a {kind}, not a statement")
        if size > SIZE_LIMIT:
            raise CannotKnow(f"{ref} of {place.git.path} is larger than {SIZE_LIMIT} bytes")
        found.setdefault(oid, ref)
    return list(found.items())


async def refs_of(git: Repository, *arguments: str, problem: str) -> list[tuple[str, str, int, str]]:
    """The refs that `git for-each-ref` lists: of each the object's id, kind and size in bytes, and the ref's name.

    Raises CannotKnow, which begins with `problem`, when one of them cannot be read.
    """
    form = "--format=%(objectname) %(objecttype) %(objectsize) %(refname)"
    done = await git.attempt("for-each-ref", form, *arguments)
    if done.status != 0 or done.stderr:  # a ref that is broken is told on standard error alone
        raise CannotKnow(f"{problem}: {complaint(done)}")
    lines = done.stdout.decode("utf-8", "backslashreplace").split("\n")[:-1]
    return [(oid, kind, int(size), ref) for oid, kind, size, ref in (line.split(" ", 3) for line in lines)]


def parse_statement(data: bytes, ref: str, repo: str) -> Statement:
    """One envelope and the statement in it. Raises CannotKnow when it is not what the formats say."""
    where = f"the statement {ref} of {repo}"
    said, payload, signature, key_id = open_envelope(data, where)
    kind, predicate = said["predicateType"], said["predicate"]
    return Statement(ref, repo, kind, _subject(said, where), predicate, pae(payload), signature, key_id)


def open_envelope(data: bytes, where: str) -> tuple[dict[str, Any], bytes, bytes, str]:
    """What an envelope holds: the statement, its bytes, the signature over it, and the key that signed, as it says.

    `where` is how to call it. Raises CannotKnow when it is not what the formats say.
    """
    if len(data) > SIZE_LIMIT:
        raise CannotKnow(f"{where} is larger than {SIZE_LIMIT} bytes")
    envelope = parse_json(decode(data, where), where)
    if not isinstance(envelope, dict) or envelope.get("payloadType") != PAYLOAD_TYPE:
        raise CannotKnow(f"{where} is no DSSE envelope of an in-toto statement")
    payload = _unwrap(envelope.get("payload"), where)
    signatures = envelope.get("signatures", [])
    if not isinstance(signatures, list) or len(signatures) > 1:
        raise CannotKnow(f"{where} has more than one signature, or none that can be read")
    signed = signatures[0] if signatures else {"sig": ""}
    if not isinstance(signed, dict):
        raise CannotKnow(f"{where} has a signature that cannot be read")
    signature, key_id = _unwrap(signed.get("sig"), where), str(signed.get("keyid", ""))
    said = parse_json(decode(payload, where), where)
    if not isinstance(said, dict) or said.get("_type") != STATEMENT_TYPE:
        raise CannotKnow(f"{where} is no in-toto Statement v1")
    if not isinstance(said.get("predicateType"), str) or not isinstance(said.get("predicate"), dict):
        raise CannotKnow(f"{where} has no predicate")
    return said, payload, signature, key_id


def pae(payload: bytes) -> bytes:
    """What a signature is made over: DSSE's pre-authentication encoding of the payload (protocol.md)."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def _subject(said: dict[str, Any], where: str) -> dict[str, str]:
    subjects = said.get("subject")
    one = subjects[0] if isinstance(subjects, list) and len(subjects) == 1 else None
    digest = one.get("digest") if isinstance(one, dict) else None
    if not isinstance(digest, dict) or not all(isinstance(value, str) for value in digest.values()):
        raise CannotKnow(f"{where} is not about one thing known by its digest")
    return digest


def _unwrap(text: Any, where: str) -> bytes:
    from binascii import Error, a2b_base64, b2a_base64

    try:
        data = a2b_base64(text, strict_mode=True)
        if b2a_base64(data, newline=False).decode() != text:  # what reads as the same is not written the same
            raise ValueError
        return data
    except (Error, ValueError, TypeError):
        raise CannotKnow(f"{where} has a part that is not base64") from None
