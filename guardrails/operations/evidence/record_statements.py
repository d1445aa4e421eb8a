"""Build a statement, sign it, and keep it where `guardrails.facts.approval.statements` looks for it.

Writing uses the same hardened git as reading, so that no hook or filter of the repository runs.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.signatures import ATTEST, ENVIRONMENT, SIGN_OFF, find_ssh_keygen, fingerprint, key_of
from guardrails.facts.approval.statements import (
    ATTESTATIONS,
    PAYLOAD_TYPE,
    SIGNOFF,
    SIGNOFFS,
    STATEMENT_TYPE,
    TEST_RESULT,
    pae,
    parse_statement,
)
from guardrails.facts.git.reader import Repository, complaint, resolve
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.record import Record
from guardrails.wording.shown_text import utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NAME = r"[A-Za-z0-9][A-Za-z0-9_-]*"  # what a ref can always be called, and no option starts with
_PATIENCE = 60.0  # seconds for signing: a hardware key waits to be touched
_LOCKED = "it has a passphrase; ssh-add it, and name its public key, so that the agent signs"


class Key(Record):
    """An SSH key to sign with: the path of a private key, or of a public one whose agent listens at `agent`."""

    path: str
    agent: str = ""


def record_run(
    repo: str,
    tree: str,
    name: str,
    command: str,
    *,
    passed: bool,
    finished: float,
    tests: int | None = None,
    failed: tuple[str, ...] = (),
    key: Key | None = None,
) -> str:
    """Record that a command ran on a tree, and give the ref of the record.

    `finished` is in seconds since the epoch, `tests` the number of tests in its report, `failed` the names of
    those that failed. Raises UsageError for a name that no ref can have, CannotKnow when it cannot be signed or kept.
    """
    require_name(name, "a run")
    annotations = {"command": command, "finishedOn": utc(finished), **({} if tests is None else {"tests": tests})}
    predicate = {
        "result": "PASSED" if passed and not failed and tests != 0 else "FAILED",
        "configuration": [{"name": name, "annotations": annotations}],
        **({"failedTests": list(failed)} if failed else {}),
    }
    folder = f"{ATTESTATIONS}/{tree}/{name}/{utc(finished).replace('-', '').replace(':', '')}-"
    return _record(repo, folder, _statement({"gitTree": tree}, TEST_RESULT, predicate), ATTEST, key)


def record_sign_off(
    repo: str,
    commit: str,
    tree: str,
    role: str,
    decision: str,
    *,
    environment: str,
    plan: str,
    signer: str,
    issued: float,
    after: tuple[str, ...] = (),
    notes: str = "",
    key: Key | None = None,
) -> str:
    """Record that somebody approves or rejects a commit, and give the ref of the record.

    `plan` is the digest of what is approved (`guardrails.facts.approval.proposal`), `issued` is in seconds since the
    epoch, and `after` are the roles on whose approval it depends. Raises as `record_run`.
    """
    require_name(role, "a role")
    predicate = {
        "role": role,
        "decision": decision,
        "environment": environment,
        "plan": plan,
        "signer": signer,
        "issuedOn": utc(issued),
        **({"after": list(after)} if after else {}),
        **({"notes": notes} if notes else {}),
    }
    statement = _statement({"gitCommit": commit, "gitTree": tree}, SIGNOFF, predicate)
    return _record(repo, f"{SIGNOFFS}/{commit}/{role}/", statement, SIGN_OFF, key)


def require_name(name: str, what: str) -> None:
    """Raise UsageError for a name that no ref can have; `what` says whose it is."""
    import re

    if not re.fullmatch(_NAME, name):
        raise UsageError(f"{name!r} cannot be the name of {what}; use letters, digits, - and _")


def _statement(digest: dict[str, str], kind: str, predicate: dict[str, Any]) -> bytes:
    import json

    said = {"_type": STATEMENT_TYPE, "subject": [{"digest": digest}], "predicateType": kind, "predicate": predicate}
    return json.dumps(said, sort_keys=True).encode()


def _record(repo: str, folder: str, payload: bytes, namespace: str, key: Key | None) -> str:
    return run_to_end(_sign_and_keep(repo, folder, payload, namespace, key))


def seal(payload: bytes, namespace: str, key: Key | None) -> bytes:
    """A statement in its envelope, signed with a key if there is one. Raises CannotKnow when that cannot sign."""
    return _envelope(payload, _signature(payload, namespace, key) if key else b"")


async def _sign_and_keep(repo: str, folder: str, payload: bytes, namespace: str, key: Key | None) -> str:
    from hashlib import sha256

    envelope = seal(payload, namespace, key)
    ref = folder + sha256(envelope).hexdigest()[:8]
    parse_statement(envelope, ref, repo)  # what could not be read again is not kept
    git = Repository(repo)
    oid = (await git.run("hash-object", "-w", "--stdin", stdin=envelope)).decode().strip()
    await _require_ref(git, ref, oid)
    return ref


async def _require_ref(git: Repository, ref: str, oid: str) -> None:
    """Make the ref, never over another record. The same one may be there: it was made in the same second."""
    done = await git.attempt("update-ref", "--no-deref", ref, oid, "0" * len(oid))
    if done.status != 0 and await resolve(git, ref) != oid:
        raise CannotKnow(f"{ref} cannot be made in {git.path}: {complaint(done)}")


def _envelope(payload: bytes, signature: bytes) -> bytes:
    """The statement in its DSSE envelope; `keyid` is the fingerprint of the key."""
    import json
    from base64 import b64encode

    signed = [{"keyid": fingerprint(key_of(signature)), "sig": b64encode(signature).decode()}] if signature else []
    envelope = {"payloadType": PAYLOAD_TYPE, "payload": b64encode(payload).decode(), "signatures": signed}
    return json.dumps(envelope, sort_keys=True).encode()


def _signature(payload: bytes, namespace: str, key: Key) -> bytes:
    """The SSHSIG of the payload, as ssh-keygen(1) makes it.

    It gets a session of its own, and so no terminal: it would wait there for a passphrase, unseen and without an echo.
    """
    import subprocess
    from base64 import b64decode

    argv = [find_ssh_keygen(), "-q", "-Y", "sign", "-f", key.path, "-n", namespace]
    environment = {**ENVIRONMENT, **({"SSH_AUTH_SOCK": key.agent} if key.agent else {})}
    try:
        done = subprocess.run(
            argv, input=pae(payload), env=environment, capture_output=True, timeout=_PATIENCE, start_new_session=True,
            check=False,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise CannotKnow(f"{key.path} cannot sign: {error}") from None
    armor = done.stdout.strip().split(b"\n")
    if done.returncode != 0 or len(armor) < 3:
        said = done.stderr.decode("utf-8", "replace").strip().replace("\n", "; ")[:300]
        locked = "passphrase" in said
        raise CannotKnow(f"{key.path} cannot sign: {_LOCKED if locked else said or f'status {done.returncode}'}")
    return b64decode(b"".join(armor[1:-1]))
