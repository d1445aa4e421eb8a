"""Whose a statement is: signatures of SSH keys, made and verified by ssh-keygen.

No repository decides which program verifies or whom to believe: the program is ssh-keygen at an absolute path, and the
keys are those of `[trust] allowed_signers`, a file as of ssh-keygen(1), ALLOWED SIGNERS. Its times without a zone are
UTC. The file is refused whole when a principal in it is a pattern, since such a line lets its key speak for people who
are not named; certificate authorities are refused as well, since one person can hold any number of their certificates.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import CannotKnow
from guardrails.facts.approval.signer_lines import parse_signer
from guardrails.facts.files import read_ours, write_new
from guardrails.facts.programs.side_by_side import Command, GivenUp
from guardrails.policy import Fact
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from typing import Self

    from guardrails.facts.approval.statements import Statement
    from guardrails.policy import World

ATTEST = "guardrails-attest"
SIGN_OFF = "guardrails-signoff"
CARRY = "guardrails-verdict"
KRL = "SSHKRL\n\0"  # what a binary list of revoked keys begins with (PROTOCOL.krl of OpenSSH)
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin", "TZ": "UTC", "SSH_ASKPASS_REQUIRE": "never"}
_PLACES = ("/usr/bin/ssh-keygen", "/usr/local/bin/ssh-keygen", "/opt/homebrew/bin/ssh-keygen")
_KEY = re.compile(rb"(?:^|[ \t])(?:ssh|ecdsa|sk)-[\w@.-]+[ \t]+([A-Za-z0-9+/]+={0,2})(?:[ \t]|$)")


class AllowedSigners(Fact):
    """The keys that may speak: of each, the principals it stands for, and those of the person whose key it is.

    `path` is None when none are configured; then nothing need be signed. `data` is the file as it was read.
    Two keys belong to one person when they share a principal, directly or through a third key. `revoked_path` and
    `revoked` are the same of the file of keys that count no more, None and empty when none is configured.
    """

    path: str | None
    data: bytes = b""
    principals: tuple[tuple[bytes, tuple[str, ...]], ...] = ()
    people: tuple[tuple[str, ...], ...] = ()
    revoked_path: str | None = None
    revoked: bytes = b""

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read the files. Raises CannotKnow when one is missing, or holds a line that says too much or nothing."""
        path, revoked_path = world.trust.allowed_signers, world.trust.revoked
        if path is None:
            return cls(None)
        data = _read_trusted(path, world.trust.content)
        revoked = _read_revoked(revoked_path, world.trust.revoked_content) if revoked_path else b""
        keys: dict[bytes, tuple[str, ...]] = {}
        if b"\0" in data:
            raise CannotKnow(f"{path} holds a NUL, where ssh-keygen would stop reading the line")
        for number, line in enumerate(data.split(b"\n"), start=1):
            text = line.strip(b" \t\r")
            if text and not text.startswith(b"#"):
                key, names = parse_signer(line, f"{path}:{number}")
                keys[key] = tuple(dict.fromkeys((*keys.get(key, ()), *names)))
        return cls(path, data, tuple(keys.items()), _people(keys.values()), revoked_path, revoked)

    def names_of(self, key: bytes) -> tuple[str, ...]:
        """The principals of a key, as far as the file lists it."""
        return next((names for known, names in self.principals if known == key), ())

    def person(self, principal: str) -> tuple[str, ...]:
        """Every name that the person of that principal goes by."""
        return next((names for names in self.people if principal in names), (principal,))


class Signature(Record):
    """Who signed a statement: the principals that it was verified for, and every name of that person."""

    principals: tuple[str, ...] = ()
    person: tuple[str, ...] = ()


class Ignored(Record):
    """A statement that does not count, and why."""

    ref: str
    why: str


def _read_trusted(path: str, content: str | None) -> bytes:
    """Read a file that says whom to believe. Its content at a trusted ref counts instead of the file on the disk."""
    if content is not None:
        return content.encode("utf-8", "surrogateescape")
    try:
        return read_ours(path, 1024 * 1024)
    except FileNotFoundError:
        raise CannotKnow(f"{path} is missing, so nobody's signature can be trusted") from None


def _read_revoked(path: str, content: str | None) -> bytes:
    """The keys that count no more: a KRL, which ssh-keygen understands, or a public key on each line."""
    data = _read_trusted(path, content)
    if not data.startswith(KRL.encode()):
        for number, line in enumerate(data.split(b"\n"), start=1):
            text = line.strip(b" \t\r")
            if text and not text.startswith(b"#") and not _KEY.match(text):
                raise CannotKnow(f"{path}:{number} is not a public key, so that nobody knows which keys are revoked")
    return data


def _people(names_of_keys: Iterable[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    people: list[set[str]] = []
    for names in names_of_keys:
        person = set(names)
        for other in [one for one in people if one & person]:
            people.remove(other)
            person |= other
        people.append(person)
    return tuple(tuple(sorted(person)) for person in people)


def find_ssh_keygen() -> str:
    """The absolute path of ssh-keygen, from its usual places alone. Raises CannotKnow when it is in none."""
    for path in _PLACES:
        if os.access(path, os.X_OK):
            return path
    raise CannotKnow("ssh-keygen is not installed where it can be found; install OpenSSH")


def key_of(signature: bytes) -> bytes:
    """The public key that a signature says it was made with (PROTOCOL.sshsig); empty when there is none."""
    if signature[:6] != b"SSHSIG":
        return b""
    length = int.from_bytes(signature[10:14], "big")
    return signature[14 : 14 + length]


def fingerprint(key: bytes) -> str:
    """A public key as ssh-keygen(1) names it."""
    from binascii import b2a_base64
    from hashlib import sha256

    return "SHA256:" + b2a_base64(sha256(key).digest(), newline=False).decode().rstrip("=")


def armor(signature: bytes) -> bytes:
    """A signature as ssh-keygen reads it."""
    from binascii import b2a_base64

    text = b2a_base64(signature, newline=False)
    lines = [text[start : start + 70] for start in range(0, len(text), 70)]
    return b"\n".join((b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----", b""))


class Verifier:
    """Verifies statements against the allowed signers, in a folder of its own outside of every repository.

    Each signature must hold twice: for the time that the statement gives, which is its own word, and for now.
    """

    def __init__(self, world: World, signers: AllowedSigners, namespace: str) -> None:
        self._world, self._signers, self._namespace = world, signers, namespace
        self._folder = world.scratch.make_folder()
        self._allowed = os.path.join(self._folder, "allowed_signers")
        self._count = 0
        write_new(self._allowed, signers.data)  # the very bytes that were understood above
        self._revoked = []
        if signers.revoked_path is not None:
            self._revoked = ["-r", os.path.join(self._folder, "revoked")]
            write_new(self._revoked[1], signers.revoked)

    async def verify(self, statement: Statement, at: float) -> Signature | str:
        """Who signed a statement that says it was made at a time; or why that cannot be believed."""
        if self._signers.path is None:
            return Signature()
        key = key_of(statement.signature)
        if not statement.signature:
            return "nobody signed it"
        if statement.key_id != fingerprint(key):
            return "it names another key than the one that signed it"
        names = self._signers.names_of(key)
        if not names:
            return f"it is signed by a key that is not in {self._signers.path}"
        self._count += 1
        path = os.path.join(self._folder, f"{self._count}.sig")
        write_new(path, armor(statement.signature))
        why, verified = "", []
        for name in names:
            why = await self._complaint(path, name, statement.signed, at) or await self._complaint(
                path, name, statement.signed, self._world.at
            )
            if not why:
                verified.append(name)
        return Signature(tuple(verified), self._signers.person(verified[0])) if verified else why

    async def _complaint(self, path: str, name: str, message: bytes, at: float) -> str:
        """Why ssh-keygen does not believe that a principal signed a message; empty when it does."""
        import time

        when = time.strftime("%Y%m%d%H%M%S", time.gmtime(at))
        switches = ["-f", self._allowed, "-I", name, "-n", self._namespace, "-s", path, f"-Overify-time={when}"]
        argv = [find_ssh_keygen(), "-Y", "verify", *switches, *self._revoked]
        try:
            done = await Command(argv, ENVIRONMENT, timeout=self._world.timeout, stdin=message, limit=1 << 16)
        except GivenUp as error:
            raise CannotKnow(f"a signature cannot be verified: {error}") from None
        if done.status == 0:
            return ""
        said = (done.stderr + done.stdout).decode("utf-8", "replace").strip().split("\n")
        said = said if said[0] else [f"status {done.status}"]
        revoked = f", without what {self._signers.revoked_path} revokes" if self._revoked else ""
        return f"its signature does not verify for {name} at {when}{revoked}: {said[0][:200]}"


class DatedStatement(Record):
    """A statement and what it says in short: when it was made (seconds since the epoch), and whether it is adverse.

    `obstacle` says why it cannot count, whoever signed it.
    """

    statement: Statement
    at: float
    adverse: bool
    obstacle: str = ""
    signature: Signature = Signature()


async def find_newest(
    world: World, told: list[DatedStatement], group: Callable[[DatedStatement], Hashable], namespace: str
) -> tuple[list[DatedStatement], list[Ignored]]:
    """The newest statement of each group that counts; and the newer ones that do not, with the reason.

    Without allowed signers nobody need sign. At equal times the adverse statement wins. Only as many signatures are
    verified as it takes to find the newest that holds.
    """
    groups: dict[Hashable, list[DatedStatement]] = {}
    for one in sorted(told, key=lambda one: (one.at, one.adverse), reverse=True):
        groups.setdefault(group(one), []).append(one)
    verifier = Verifier(world, await world.fact(AllowedSigners), namespace)
    searches = [world.start(_search(verifier, members)) for members in groups.values()]
    found = [await search for search in searches]
    counted = [one for one, _ in found if one]
    return counted, sorted((one for _, ignored in found for one in ignored), key=lambda one: one.ref)


async def _search(verifier: Verifier, members: list[DatedStatement]) -> tuple[DatedStatement | None, list[Ignored]]:
    """The first that counts, and those before it."""
    ignored: list[Ignored] = []
    for one in members:
        held = one.obstacle or await verifier.verify(one.statement, one.at)
        if isinstance(held, Signature):
            return one.replaced(signature=held), ignored
        ignored.append(Ignored(one.statement.ref, held))
    return None, ignored
