"""A verdict that is carried from where it was given to where it counts.

It is a Verification Summary of SLSA (verification_summary/v1) in an in-toto Statement, in a DSSE envelope, as the other
statements are; `guardrails.facts.approval.statements` names the formats. Its subjects are `HEAD` of the environment's
repository and what the operation would bring, the `candidate`, `upstream` or the `previous` deployment, each with
gitCommit and gitTree. The table `guardrails` of the predicate holds what SLSA has no field for. Fields that others add
are ignored, as in-toto demands; our own must be there.

Signatures are of a namespace of their own, so that no commit, test result or sign-off can pass for a verdict.
"""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import CARRY, AllowedSigners, Verifier, key_of
from guardrails.facts.approval.statements import SIZE_LIMIT, Statement, open_envelope, pae
from guardrails.facts.files import read_bytes
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from guardrails.policy import World

VERDICT = "https://slsa.dev/verification_summary/v1"
VERIFIER = "urn:guardrails:verifier:v1"
POLICY_SET = "urn:guardrails:policy-set:v1"  # how the digest of the rules is made: guardrails.config.policy_set
OWN = "guardrails"
PASSED, FAILED = "PASSED", "FAILED"
HEAD, CANDIDATE = "HEAD", "candidate"
_SUBJECTS = (HEAD, CANDIDATE, "upstream", "previous")
_LONGEST = 1000  # characters of one text
_HEX = frozenset("0123456789abcdef")


class Revision(Record):
    """A commit and its tree, by their full ids."""

    commit: str
    tree: str


class CarriedVerdict(Record):
    """What a verdict says. It does not count before its signature has been verified.

    `subjects` are the commits that it is about, by name, HEAD at least; `named` is how somebody called the candidate.
    `moment` is as in `when`. `at` and `expires` are in seconds since the epoch. `outcomes` are by policy; `waivers` are
    those in use, each as its policy and its end. `policies` is the digest of the rules, in hexadecimal.
    """

    statement: Statement
    verifier: str
    version: str
    result: str
    resource: str
    environment: str
    host: str
    moment: str
    subjects: Mapping[str, Revision]
    named: str | None
    policy_uri: str
    policies: str
    outcomes: Mapping[str, str]
    waivers: tuple[tuple[str, float], ...]
    at: float
    expires: float
    nonce: str


class _Summary(Statement):
    @property
    def where(self) -> str:
        return f"the verdict {self.ref}"

    def text(self, name: str, within: Mapping[str, Any] | None = None) -> str:
        text = super().text(name, within)
        if len(text) > _LONGEST:
            raise CannotKnow(f"{self.where} has a {name} of more than {_LONGEST} characters")
        return text

    def table(self, name: str, within: Mapping[str, Any] | None = None) -> dict[str, Any]:
        value = (self.predicate if within is None else within).get(name)
        if not isinstance(value, dict):
            raise CannotKnow(f"{self.where} has no {name}")
        return value


def resource(environment: str, host: str) -> str:
    """What a verdict is about, as one name: the environment on the host that looked at it."""
    from urllib.parse import quote

    return f"guardrails:env/{quote(environment, safe='')}@{quote(host, safe='')}"


def read(path: str) -> CarriedVerdict:
    """The verdict in a file. Raises CannotKnow when there is no file, or it is no verdict."""
    try:
        return parse_verdict(read_bytes(os.path.abspath(path), SIZE_LIMIT), path)
    except FileNotFoundError:
        raise CannotKnow(f"{path}: there is no such file") from None


def parse_verdict(data: bytes, path: str) -> CarriedVerdict:
    """The verdict in an envelope; `path` is how to call it. Raises CannotKnow when it is not one."""
    said, payload, signature, key_id = open_envelope(data, f"the verdict {path}")
    one = _Summary(path, "", said["predicateType"], {}, said["predicate"], pae(payload), signature, key_id)
    if one.kind != VERDICT:
        raise CannotKnow(f"{one.where} is no verification summary, but {one.kind[:100]}")
    subjects = _subjects(said.get("subject"), one.where)
    own, policy = one.table(OWN), one.table("policy")
    return CarriedVerdict(
        statement=one,
        verifier=one.text("id", one.table("verifier")),
        version=one.text(OWN, one.table("version", one.table("verifier"))),
        result=one.text("verificationResult"),
        resource=one.text("resourceUri"),
        environment=one.text("environment", own),
        host=one.text("host", own),
        moment=one.text("moment", own),
        subjects=subjects,
        named=_named(one, own, subjects),
        policy_uri=one.text("uri", policy),
        policies=one.text("sha256", one.table("digest", policy)),
        outcomes={name: one.text(name, one.table("outcomes", own)) for name in one.table("outcomes", own)},
        waivers=_waivers(one, own.get("waivers")),
        at=one.time("timeVerified"),
        expires=one.time("expires", own),
        nonce=one.text("nonce", own),
    )


def _subjects(subjects: Any, where: str) -> dict[str, Revision]:
    """The subjects by name: HEAD, and what else there is."""
    found = {}
    for one in subjects if isinstance(subjects, list) else ():
        digest = one.get("digest") if isinstance(one, dict) else None
        ids = [digest.get(kind) for kind in ("gitCommit", "gitTree")] if isinstance(digest, dict) else [None]
        if not all(_is_id(text) for text in ids) or one.get("name") in found:
            raise CannotKnow(f"{where} has a subject that is no commit with its tree, or one name twice")
        found[one.get("name")] = Revision(*ids)
    if HEAD not in found or not found.keys() <= set(_SUBJECTS):
        raise CannotKnow(f"{where} is not about HEAD, or about something that is not known")
    return found


def _named(one: _Summary, own: dict[str, Any], subjects: Mapping[str, Revision]) -> str | None:
    """How the candidate was called: a text without control characters exactly when there is a candidate."""
    if CANDIDATE not in subjects:
        if CANDIDATE in own and own[CANDIDATE] is None:
            return None
    elif (name := one.text(CANDIDATE, own)).isprintable():
        return name
    raise CannotKnow(f"{one.where} does not say how its candidate is called")


def _is_id(text: Any) -> bool:
    return isinstance(text, str) and len(text) in (40, 64) and _HEX.issuperset(text)


def _waivers(one: _Summary, listed: Any) -> tuple[tuple[str, float], ...]:
    if not isinstance(listed, list) or not all(isinstance(waiver, dict) for waiver in listed):
        raise CannotKnow(f"{one.where} does not say which waivers it uses")
    return tuple((one.text("policy", waiver), one.time("expires", waiver)) for waiver in listed)


class Issuer(Record):
    """Who issued a verdict: the principals of the key, none where nobody need sign.

    `why` says why nobody can be believed to have issued it, and is empty otherwise.
    """

    principals: tuple[str, ...] = ()
    why: str = ""


async def verify_issuer(world: World, signers: AllowedSigners, verdict: CarriedVerdict) -> Issuer:
    """Verify who issued a verdict. Raises CannotKnow when ssh-keygen cannot be asked.

    A key that stands for two names is nobody's: it could be either who let it pass.
    """
    names = signers.names_of(key_of(verdict.statement.signature))
    if len(names) > 1:
        return Issuer(why=f"it is signed by a key that stands for more than one name in {signers.path}")
    try:
        held = await Verifier(world, signers, CARRY).verify(verdict.statement, verdict.at)
    except OSError as error:  # no room for the files that ssh-keygen reads
        raise CannotKnow(f"a signature cannot be verified: {error.strerror}") from None
    return Issuer(why=held) if isinstance(held, str) else Issuer(held.principals)
