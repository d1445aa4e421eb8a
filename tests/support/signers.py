"""SSH keys of people, and evidence that they sign, for the tests of what is signed."""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dirty.dirty_repository import git
from guardrails.operations.evidence.record_statements import Key

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


class Signers:
    """A folder with the key of each person who is asked for, and a file of allowed signers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.allowed = folder / "allowed_signers"
        folder.mkdir(parents=True, exist_ok=True)

    def key(self, name: str) -> Key:
        """The key of that person, made when it is first asked for."""
        path = self.folder / f"key-{name}"
        if not path.exists():
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)]
            subprocess.run(command, env=ENVIRONMENT, check=True, stdin=subprocess.DEVNULL)
        return Key(str(path))

    def public(self, name: str) -> str:
        """The public key as it stands in a file of allowed signers."""
        return Path(f"{self.key(name).path}.pub").read_text().strip()

    def allow(self, *names: str, **principals: str) -> str:
        """Write the file: each name for itself, at example.org, and each key for what is said of it. Gives its path."""
        lines = {name: f"{name}@example.org" for name in names} | principals
        self.allowed.write_text("".join(f"{said} {self.public(name)}\n" for name, said in lines.items()))
        return str(self.allowed)


def envelope_of(repo: Path, ref: str) -> dict[str, Any]:
    """The envelope behind a ref."""
    found: dict[str, Any] = json.loads(git(repo, "cat-file", "blob", ref))
    return found


def payload_of(repo: Path, ref: str) -> dict[str, Any]:
    """The statement inside the envelope behind a ref."""
    found: dict[str, Any] = json.loads(b64decode(envelope_of(repo, ref)["payload"]))
    return found


def put(repo: Path, ref: str, data: bytes) -> str:
    """Make a ref name a blob, whatever is in it."""
    oid = git(repo, "hash-object", "-w", "--stdin", stdin=data)
    git(repo, "update-ref", ref, oid)
    return ref


def put_many(repo: Path, refs: list[str], oid: str) -> None:
    """Make any number of refs name one object, as `git pack-refs` leaves them (gitrepository-layout(5))."""
    git(repo, "pack-refs", "--all")
    packed = repo / ".git/packed-refs"
    head, *lines = packed.read_text().splitlines()
    lines += [f"{oid} {ref}" for ref in refs]
    packed.write_text("\n".join([head, *sorted(lines, key=lambda line: line.split()[1]), ""]))


def forge(repo: Path, ref: str, changes: Mapping[str, Any]) -> str:
    """Change the payload behind a ref and leave the signature as it is; a dotted name leads into tables."""
    payload = payload_of(repo, ref)
    for name, value in changes.items():
        *above, last = name.split(".")
        table: Any = payload
        for one in above:
            table = table[int(one)] if one.isdigit() else table[one]
        table[last] = value
    envelope = {**envelope_of(repo, ref), "payload": b64encode(json.dumps(payload).encode()).decode()}
    return put(repo, ref, json.dumps(envelope).encode())
