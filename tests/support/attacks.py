"""Attacks on signed statements that verifiers of in-toto and DSSE have fallen for, each built on a really signed one.

The ids name where each is from: an advisory of in-toto/go-witness that its pull request 784 mended (2026-07-09), an
advisory or issue of another verifier, or DSSE (protocol.md, envelope.md) and in-toto (spec/v1/statement.md).
"""

from __future__ import annotations

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guardrails.facts.approval.signatures import fingerprint, key_of
from guardrails.facts.approval.statements import pae
from signers import ENVIRONMENT, Signers

Attack = Callable[["Forge"], bytes]

ADVISORIES = {  # of go-witness, and what each let through
    "GHSA-5qp5-ph6r-qj9f": "a key or certificate that is for another purpose, or not for this time",
    "GHSA-567m-4668-m656": "a step that asks for no evidence",
    "GHSA-rgp5-33mp-jhfm": "a policy without steps",
    "GHSA-r4fv-8r9j-vgcg": "all but the last of what stands there twice",
    "GHSA-v6px-jqx8-8xwj": "a link that leads out of the place that is looked at",
    "GHSA-g9jx-rqhm-mj7g": "a name that is empty, or nearly the one that is asked for",
    "GHSA-c346-qp3r-53vf": "one statement that counts twice",
    "GHSA-3vpg-3m94-v3qr": "programs from PATH",
    "GHSA-2v4r-xhmm-ghv8": "a signer whose signature failed",
    "GHSA-mpvw-hw8p-7x27": "rules about signers that are empty, or that a pattern or an authority meets",
    "GHSA-pgpm-j729-qcvh": "a digest that is missing, short or weaker, beside one that agrees",
    "GHSA-vmvj-p3hw-39q3": "evidence about something else",
}


class Forge:
    """A genuine envelope, the key that signed it, and what it takes to make others of it.

    `who` is the name of that key in `signers`, `namespace` what its signatures are for.
    """

    def __init__(self, genuine: bytes, signers: Signers, who: str, namespace: str) -> None:
        self.genuine, self.signers, self.who, self.namespace = genuine, signers, who, namespace

    @property
    def envelope(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.genuine)
        return found

    @property
    def said(self) -> dict[str, Any]:
        """The statement, to be changed."""
        found: dict[str, Any] = json.loads(b64decode(self.envelope["payload"]))
        return found

    def with_envelope(self, **changes: Any) -> bytes:
        """The envelope with other fields, under the old signature."""
        return json.dumps({**self.envelope, **changes}).encode()

    def with_signature(self, **changes: Any) -> bytes:
        """The envelope with other fields of its signature."""
        [signed] = self.envelope["signatures"]
        return self.with_envelope(signatures=[{**signed, **changes}])

    def with_text(self, old: str, new: str) -> bytes:
        """The envelope around a payload in which a text was replaced, under the old signature."""
        text = b64decode(self.envelope["payload"]).decode()
        assert old in text
        return self.with_envelope(payload=b64encode(text.replace(old, new, 1).encode()).decode())

    def signature(self, message: bytes, by: str = "", namespace: str = "") -> bytes:
        """The signature of somebody over any bytes, made by ssh-keygen."""
        key = self.signers.key(by or self.who).path
        command = ["/usr/bin/ssh-keygen", "-q", "-Y", "sign", "-f", key, "-n", namespace or self.namespace]
        done = subprocess.run(command, input=message, env=ENVIRONMENT, capture_output=True, check=True)
        return b64decode(b"".join(done.stdout.strip().split(b"\n")[1:-1]))

    def signed(self, said: Any, by: str = "", namespace: str = "", message: bytes | None = None) -> bytes:
        """An envelope around another statement, given as a document or as its bytes, signed anew by a trusted key."""
        payload = said if isinstance(said, bytes) else json.dumps(said, sort_keys=True).encode()
        made = self.signature(pae(payload) if message is None else message, by, namespace)
        signatures = [{"keyid": fingerprint(key_of(made)), "sig": b64encode(made).decode()}]
        return self.with_envelope(payload=b64encode(payload).decode(), signatures=signatures)

    def changed(self, change: Callable[[dict[str, Any]], object]) -> bytes:
        """The statement changed, and signed anew by a trusted key."""
        said = self.said
        change(said)
        return self.signed(said)


def attacks(*lists: dict[str, tuple[Attack, str]]) -> list[Any]:
    """The attacks as cases of a test, by their ids: what makes the envelope, and the reason that must be told."""
    return [pytest.param(make, reason, id=name) for one in lists for name, (make, reason) in one.items()]


def named_in(file: Path) -> set[str]:
    """The advisories that a file of tests names, by itself or by playing the lists here."""
    text = file.read_text(encoding="utf-8") + "".join((*ENVELOPE, *TRUST))
    return {name for name in ADVISORIES if name in text}


def _flipped(forge: Forge) -> bytes:
    [signed] = forge.envelope["signatures"]
    data = bytearray(b64decode(signed["sig"]))
    data[-1] ^= 1
    return forge.with_signature(sig=b64encode(data).decode())


def _two(forge: Forge, good_first: bool) -> bytes:
    good = forge.envelope["signatures"]
    bad = json.loads(_flipped(forge))["signatures"]
    return forge.with_envelope(signatures=[*good, *bad] if good_first else [*bad, *good])


def _url_safe(text: str) -> str:
    return text.replace("+", "-").replace("/", "_").rstrip("=") + "-"


def _as_other_type(forge: Forge) -> bytes:
    payload, kind = b64decode(forge.envelope["payload"]), b"application/json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    return forge.signed(payload, message=message)


def _payload(forge: Forge) -> bytes:
    return b64decode(forge.envelope["payload"])


# What every verifier must refuse, whatever the statement is about, and the words in which it does.
ENVELOPE: dict[str, tuple[Attack, str]] = {
    "GHSA-2v4r-xhmm-ghv8-a signature of a trusted key that does not verify": (_flipped, "does not verify"),
    "GHSA-2v4r-xhmm-ghv8-a bad signature beside a good one": (lambda one: _two(one, True), "more than one signature"),
    "sigstore-go 225-the bad signature first": (lambda one: _two(one, False), "more than one signature"),
    "sigstore-go 225-no signature": (lambda one: one.with_envelope(signatures=[]), "nobody signed it"),
    "dsse-a signature of no bytes": (lambda one: one.with_signature(sig=""), "nobody signed it"),
    "dsse-the signatures are left out": (
        lambda one: json.dumps({name: one.envelope[name] for name in ("payload", "payloadType")}).encode(),
        "nobody signed it",
    ),
    "dsse-a signature that is no SSHSIG": (
        lambda one: one.with_signature(sig=b64encode(b"x" * 64).decode(), keyid=""),
        "names another key",
    ),
    "GHSA-5qp5-ph6r-qj9f-a signature for another purpose": (
        lambda one: one.signed(one.said, namespace="git"),
        "does not verify",
    ),
    "dsse-a changed payload under the old signature": (
        lambda one: one.with_text('"predicateType"', '"more": 1, "predicateType"'),
        "does not verify",
    ),
    "dsse-the same payload in other bytes": (lambda one: one.with_text("{", "{ "), "does not verify"),
    "dsse-a signature over the bare payload": (
        lambda one: one.signed(_payload(one), message=_payload(one)),
        "does not verify",
    ),
    "dsse-a signature for another type of payload": (_as_other_type, "does not verify"),
    "dsse-another type of payload": (
        lambda one: one.with_envelope(payloadType="application/json"),
        "is no DSSE envelope of an in-toto statement",
    ),
    "dsse-a key that nobody trusts": (lambda one: one.signed(one.said, by="mallory"), "a key that is not in"),
    "dsse-a signature of one key in the name of another": (
        lambda one: one.with_signature(
            sig=json.loads(one.signed(one.said, by="mallory"))["signatures"][0]["sig"],
        ),
        "names another key",
    ),
    "dsse-no key id": (lambda one: one.with_signature(keyid=""), "names another key"),
    "dsse-base64 in another alphabet": (
        lambda one: one.with_envelope(payload=_url_safe(one.envelope["payload"])),
        "not base64",
    ),
    "dsse-base64 with a line end in it": (
        lambda one: one.with_envelope(payload=f"{one.envelope['payload'][:40]}\n{one.envelope['payload'][40:]}"),
        "not base64",
    ),
    "GHSA-r4fv-8r9j-vgcg-a key that stands twice in the envelope": (
        lambda one: one.genuine.replace(b'"payload": ', b'"payload": "e30=", "payload": ', 1),
        "twice",
    ),
    "GHSA-r4fv-8r9j-vgcg-a key that stands twice in the statement": (
        lambda one: one.signed(_payload(one).replace(b'"predicate": ', b'"predicate": {}, "predicate": ', 1)),
        "twice",
    ),
    "in-toto-a number that is none": (
        lambda one: one.signed(_payload(one).replace(b'"_type"', b'"x": NaN, "_type"', 1)),
        "NaN",
    ),
    "in-toto-something after the end": (lambda one: one.signed(_payload(one) + b" {}"), "is not valid JSON"),
    "in-toto-another version of statements": (
        lambda one: one.changed(lambda said: said.update(_type="https://in-toto.io/Statement/v0.1")),
        "is no in-toto Statement v1",
    ),
    "in-toto-a predicate that is no table": (
        lambda one: one.changed(lambda said: said.update(predicate=[])),
        "no predicate",
    ),
    "in-toto-no predicate": (lambda one: one.changed(lambda said: said.pop("predicate")), "no predicate"),
    "in-toto-more than can be read": (lambda one: one.genuine + b" " * (1 << 20), "larger than"),
}

# Files of allowed signers that would let a statement of the key named `who` count, if they were believed.
TRUST: dict[str, tuple[Callable[[Signers, str], str], str]] = {
    "GHSA-mpvw-hw8p-7x27-a file that lists nobody": (lambda _, __: "", "a key that is not in"),
    "GHSA-mpvw-hw8p-7x27-a pattern for a name": (lambda one, who: f"* {one.public(who)}\n", "pattern"),
    "GHSA-mpvw-hw8p-7x27-an authority in place of a key": (
        lambda one, who: f"{who}@example.org cert-authority {one.public(who)}\n",
        "certificate",
    ),
    "GHSA-5qp5-ph6r-qj9f-a key that is for something else": (
        lambda one, who: f'{who}@example.org namespaces="git" {one.public(who)}\n',
        "does not verify",
    ),
    "GHSA-5qp5-ph6r-qj9f-a key whose time is over": (
        lambda one, who: f'{who}@example.org valid-before="20200101" {one.public(who)}\n',
        "does not verify",
    ),
    "GHSA-5qp5-ph6r-qj9f-a key whose time has not come": (
        lambda one, who: f'{who}@example.org valid-after="21000101" {one.public(who)}\n',
        "does not verify",
    ),
}
