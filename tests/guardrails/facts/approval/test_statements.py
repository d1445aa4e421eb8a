"""Statements are read whole and strictly, from every repository where they may be, without touching any."""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, script, snapshot
from guardrails.errors import CannotKnow
from guardrails.facts.approval import statements as module
from guardrails.facts.approval.statements import Statement, read_statements
from guardrails.operations.evidence.record_statements import record_run
from guardrails.policy import Fact, World
from guardrails.testing import gather
from progress import elapsed
from signers import put, put_many
from worlds.two_repositories import Repositories


class Found(Fact):
    """What `statements` gives for a prefix."""

    all: tuple[Statement, ...]

    @classmethod
    async def gather(cls, world: World, prefix: str) -> Found:
        return cls(tuple(await read_statements(world, prefix)))


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def tree(repo: Path) -> str:
    return git(repo, "rev-parse", "HEAD^{tree}")


def read(repos: Repositories) -> tuple[Statement, ...]:
    return gather(Found, repos.world("promote"), f"refs/attestations/{tree(repos.dev)}").all


def record(repos: Repositories, repo: Path, name: str = "test", finished: float = 1e9) -> str:
    return record_run(str(repo), tree(repos.dev), name, "pnpm test", passed=True, finished=finished)


def garbage(repos: Repositories, data: bytes) -> None:
    put(repos.dev, f"refs/attestations/{tree(repos.dev)}/test/x", data)


def envelope(payload: Any, /, **changes: Any) -> bytes:
    data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    said = {"payloadType": module.PAYLOAD_TYPE, "payload": b64encode(data).decode(), "signatures": [], **changes}
    return json.dumps(said).encode()


def test_none(repos: Repositories) -> None:
    assert read(repos) == ()


def test_those_of_both_repositories_and_each_once(repos: Repositories) -> None:
    mine, theirs = record(repos, repos.prod, finished=1e9), record(repos, repos.dev, finished=2e9)
    git(repos.prod, "fetch", "-q", repos.dev, "refs/attestations/*:refs/attestations/*")
    before = snapshot(repos.prod, repos.dev)
    assert sorted(one.ref for one in read(repos)) == sorted((mine, theirs))
    assert snapshot(repos.prod, repos.dev) == before


def test_packed_refs_and_objects(repos: Repositories) -> None:
    record(repos, repos.dev)
    git(repos.dev, "gc", "-q", "--prune=now")
    assert len(read(repos)) == 1


def test_those_of_another_tree_are_not_read(repos: Repositories) -> None:
    put(repos.dev, f"refs/attestations/{'a' * 40}/test/x", b"garbage")
    put(repos.dev, f"refs/attestations/{tree(repos.dev)}0/test/x", b"garbage")
    assert read(repos) == ()


STATEMENT = {"_type": module.STATEMENT_TYPE, "subject": [{"digest": {}}], "predicateType": "x", "predicate": {}}
GARBAGE = {
    "empty": b"",
    "text": b"PASSED",
    "a list": b"[]",
    "not UTF-8": b'{"payload": "\xff"}',
    "a key twice": b'{"payloadType": "x", "payloadType": "application/vnd.in-toto+json"}',
    "another type": envelope(STATEMENT, payloadType="text/plain"),
    "no payload": envelope(STATEMENT, payload=None),
    "a payload that is not base64": envelope(STATEMENT, payload="e30=\n\u00e9"),
    "a payload with trailing data": envelope(STATEMENT, payload="e30=e30="),
    "two signatures": envelope(STATEMENT, signatures=[{"sig": ""}, {"sig": ""}]),
    "signatures that are none": envelope(STATEMENT, signatures="PASSED"),
    "a signature that is none": envelope(STATEMENT, signatures=["PASSED"]),
    "a payload that is a list": envelope([]),
    "a statement of another version": envelope({**STATEMENT, "_type": "https://in-toto.io/Statement/v0.1"}),
    "a doubled decision": envelope(b'{"_type": 1, "_type": 2}'),
    "NaN": envelope(b'{"_type": NaN}'),
    "a number with thousands of digits": envelope(b'{"_type": ' + b"9" * 6000 + b"}"),
    "depth": envelope(b"[" * 100_000),
    "no subject": envelope({**STATEMENT, "subject": []}),
    "two subjects": envelope({**STATEMENT, "subject": [{"digest": {}}, {"digest": {}}]}),
    "a subject that is a number": envelope({**STATEMENT, "subject": [1]}),
    "a digest that is no text": envelope({**STATEMENT, "subject": [{"digest": {"gitTree": 1}}]}),
    "no predicate": envelope({**STATEMENT, "predicate": None}),
    "no type of predicate": envelope({**STATEMENT, "predicateType": 1}),
    "too much": b" " * (module.SIZE_LIMIT + 1),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_cannot_be_known(what: str) -> None:
    with pytest.raises(CannotKnow) as caught:
        module.parse_statement(GARBAGE[what], "refs/attestations/x", "/srv/dev")
    assert "\n" not in str(caught.value)


def test_base64_has_one_form() -> None:
    """`eyJ…X0=` and `eyJ…X1=` are the same bytes to a reader that does not look at the bits to spare."""
    data = json.loads(envelope({**STATEMENT, "pad": ""}))
    while not data["payload"].endswith("=") or data["payload"].endswith("=="):
        payload = json.loads(b64decode(data["payload"]))
        data = json.loads(envelope({**payload, "pad": payload["pad"] + "x"}))
    assert module.parse_statement(json.dumps(data).encode(), "a ref", "a repository").kind == "x"
    odd = data["payload"][:-2] + chr(ord(data["payload"][-2]) + 1) + "="
    assert b64decode(odd) == b64decode(data["payload"])
    with pytest.raises(CannotKnow, match="not base64"):
        module.parse_statement(json.dumps({**data, "payload": odd}).encode(), "a ref", "a repository")


@pytest.mark.parametrize("what", ["empty", "two signatures", "too much"])
def test_garbage_beside_what_counts_cannot_be_known(repos: Repositories, what: str) -> None:
    record(repos, repos.dev)
    garbage(repos, GARBAGE[what])
    with pytest.raises(CannotKnow):
        read(repos)


def test_the_least_statement_is_read(repos: Repositories) -> None:
    garbage(repos, envelope({**STATEMENT, "unknown": "fields are ignored"}))
    (one,) = read(repos)
    assert (one.kind, one.signature) == ("x", b"")
    assert one.signed.startswith(b"DSSEv1 28 application/vnd.in-toto+json ")


@pytest.mark.parametrize("target", ["HEAD", "HEAD^{tree}"])
def test_a_ref_that_names_no_blob_cannot_be_known(repos: Repositories, target: str) -> None:
    git(repos.dev, "update-ref", f"refs/attestations/{tree(repos.dev)}/test/x", git(repos.dev, "rev-parse", target))
    with pytest.raises(CannotKnow, match="not a statement"):
        read(repos)


@pytest.mark.parametrize("content", ["", "0" * 40 + "\n", "f" * 40 + "\n", "garbage\n", "ref: refs/heads/main\n"])
def test_a_broken_ref_hides_nothing(repos: Repositories, content: str) -> None:
    record(repos, repos.dev)
    (repos.dev / f".git/refs/attestations/{tree(repos.dev)}/test/broken").write_text(content)
    with pytest.raises(CannotKnow):
        read(repos)


def test_more_than_anybody_records_cannot_be_known(repos: Repositories) -> None:
    oid = git(repos.dev, "hash-object", "-w", "--stdin", stdin=b"garbage")
    prefix = f"refs/attestations/{tree(repos.dev)}/test"
    put_many(repos.dev, [f"{prefix}/{number}" for number in range(module.COUNT_LIMIT + 1)], oid)
    started = time.monotonic()
    with pytest.raises(CannotKnow, match="more than 1000 statements"):
        read(repos)
    assert elapsed(started) < 5


def test_nothing_of_the_repository_runs(repos: Repositories, tmp_path: Path) -> None:
    record(repos, repos.dev)
    trap = script(tmp_path / "trap", f"touch {tmp_path / 'fired'}")
    for name in ("gpg.ssh.program", "core.fsmonitor", "core.pager", "core.alternateRefsCommand"):
        git(repos.dev, "config", name, str(trap))
    assert len(read(repos)) == 1
    assert not (tmp_path / "fired").exists()


def test_a_source_that_is_gone_cannot_be_known(repos: Repositories) -> None:
    world = repos.world("promote")
    repos.dev.rename(repos.folder / "elsewhere")
    with pytest.raises(CannotKnow, match="is not there"):
        gather(Found, world, f"refs/attestations/{'a' * 40}")
