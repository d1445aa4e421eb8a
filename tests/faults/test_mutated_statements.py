"""A statement counts for what was signed alone: every change of it is refused, and every place it is carried to.

Each mutation is put under the very ref where the genuine one was, in a real repository, and the policies are asked.
"""

from __future__ import annotations

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dirty.dirty_repository import git
from guardrails import SignOffBlocks, SignOffs
from guardrails.errors import CannotKnow
from guardrails.facts.approval.evidence import RecordedRuns
from guardrails.facts.approval.statements import parse_statement
from guardrails.model import Environment, Trust
from guardrails.operations.evidence.record_statements import record_run, record_sign_off
from guardrails.testing import gather, judge
from guardrails.testing import world as one_world
from guardrails_policies.release import tested_commit
from guardrails_policies.release.required_signoffs import RequiredSignoffs
from signers import Signers, put
from worlds.small_world import RELEASE as WORLD_RELEASE
from worlds.small_world import SmallWorld, small_world
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000
DAY = 86_400
SIGN_OFFS = RequiredSignoffs.from_options({"roles": {"architect-1": []}})
SIGNED_SIGN_OFFS = RequiredSignoffs.from_options({"roles": {"architect-1": ["peter@example.org"]}})
TESTS = tested_commit.TestedCommit.from_options({"commands": {"test": "pnpm test"}})


class Genuine:
    """One statement that is enough for an operation to be allowed, and the question whether it is."""

    def __init__(self, folder: Path, kind: str, *, signed: bool) -> None:
        self.repos = Repositories(folder)
        self.kind, self.signed = kind, signed
        self.signers = Signers(folder / "keys")
        self.trust = Trust(self.signers.allow("peter") if signed else None)
        key = self.signers.key("peter") if signed else None
        repo, commit, tree = str(self.repos.dev), self.repos.release, git(self.repos.dev, "rev-parse", "HEAD^{tree}")
        if kind == "sign-off":
            self.ref = record_sign_off(
                repo, commit, tree, "architect-1", "approved",
                environment="prod", plan=self.repos.plan(commit), signer="peter@example.org", issued=AT,
                notes="Fine", key=key,
            )  # fmt: skip
        else:
            self.ref = record_run(repo, tree, "test", "pnpm test", passed=True, finished=AT, tests=7, key=key)
        self.data = git(self.repos.dev, "cat-file", "blob", self.ref).encode()
        self.oid = git(self.repos.dev, "rev-parse", self.ref)

    @property
    def envelope(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data)
        return found

    @property
    def payload(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(b64decode(self.envelope["payload"]))
        return found

    def with_payload(self, payload: Any) -> bytes:
        """The envelope around another payload, under the signature that it has."""
        return json.dumps({**self.envelope, "payload": b64encode(json.dumps(payload).encode()).decode()}).encode()

    def allows(self, data: bytes | None = None, **rest: Any) -> bool:
        """Whether the operation is allowed when this stands under the ref; what cannot be known allows nothing."""
        if data is not None:
            put(self.repos.dev, self.ref, data)
        about = {"candidate": RELEASE, "moves_head_to": "candidate", "at": AT + 60, "trust": self.trust, **rest}
        world = one_world(self.repos.dev, operation="promote", **about)
        try:
            if self.kind == "sign-off":
                found, policy = gather(SignOffs, world), SIGNED_SIGN_OFFS if self.signed else SIGN_OFFS
                return judge(policy, given=found, written=SignOffBlocks("", exists=False)).outcome == "pass"
            return judge(TESTS, evidence=gather(RecordedRuns, world)).outcome == "pass"
        except CannotKnow:
            return False
        finally:
            if data is not None:
                git(self.repos.dev, "update-ref", self.ref, self.oid)


@pytest.fixture(scope="module", params=["sign-off", "test result"])
def genuine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Genuine:
    return Genuine(tmp_path_factory.mktemp("signed"), request.param, signed=True)


@pytest.fixture(scope="module", params=["sign-off", "test result"])
def unsigned(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Genuine:
    return Genuine(tmp_path_factory.mktemp("unsigned"), request.param, signed=False)


def mutated(whole: Any) -> Iterator[tuple[str, Any]]:
    """Every value changed, made another type, and taken out; every key renamed, every table added to, lists doubled."""
    for path, value in _walk(whole):
        name = ".".join(map(str, path)) or "all"
        for what in _others(value):
            yield (
                f"{name} = {what!r}"[:80],
                _changed(whole, path, lambda table, last, what=what: table.update({last: what})),
            )
        yield f"no {name}", _changed(whole, path, lambda table, last: table.pop(last))
        if not str(path[-1]).isdigit():
            yield (
                f"{name} renamed",
                _changed(whole, path, lambda table, last: table.update({f"{last}x": table.pop(last)})),
            )
        if isinstance(value, dict):
            yield f"more in {name}", _changed(whole, (*path, "x"), lambda table, last: table.update({last: "x"}))
        if isinstance(value, list):
            yield f"{name} doubled", _changed(whole, path, lambda table, last: table.update({last: table[last] * 2}))
    yield "more", {**whole, "x": "x"}


def _walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if path:
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _walk(inner, (*path, key))


def _others(value: Any) -> list[Any]:
    if isinstance(value, str):
        swapped = [] if value.endswith("Z") else [value.swapcase()]  # a time in small letters is the same time
        return [f"{value}x", *swapped, "", 1, None, [value]]
    if isinstance(value, int):
        return [value + 1, -1, float(value), str(value), None]
    return [None, "x", {} if isinstance(value, list) else [], [value], {"x": value}]


class _Table:
    """A dict or a list, changed by the same words."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __getitem__(self, key: Any) -> Any:
        return self.inner[key]

    def pop(self, key: Any) -> Any:
        return self.inner.pop(key)

    def update(self, more: dict[Any, Any]) -> None:
        for key, value in more.items():
            self.inner[key] = value


def _changed(whole: Any, path: tuple[Any, ...], change: Callable[..., object]) -> Any:
    copy = deepcopy(whole)
    table = copy
    for one in path[:-1]:
        table = table[one]
    change(_Table(table), path[-1])
    return copy


def allowed_of(genuine: Genuine, mutations: Iterator[tuple[str, bytes]]) -> list[str]:
    """Those that are allowed all the same; there must be many, and the genuine one must be allowed before and after."""
    assert genuine.allows()
    every = list(mutations)
    assert len(every) > 20
    found = [name for name, data in every if data != genuine.data and _readable(data) and genuine.allows(data)]
    assert genuine.allows()
    return found


def _readable(data: bytes) -> bool:
    """Whether it can be read at all; what cannot be read is CannotKnow for whoever gathers it."""
    try:
        return bool(parse_statement(data, "a ref", "a repository"))
    except CannotKnow:
        return False


@pytest.mark.sample(3)
def test_every_change_of_the_payload_under_the_old_signature(genuine: Genuine) -> None:
    mutations = ((name, genuine.with_payload(payload)) for name, payload in mutated(genuine.payload))
    assert allowed_of(genuine, mutations) == []


def test_every_change_of_the_envelope(genuine: Genuine) -> None:
    mutations = ((name, json.dumps(envelope).encode()) for name, envelope in mutated(genuine.envelope))
    # fields that nobody knows are to be ignored (secure-systems-lab/dsse, envelope.md); they are of no consequence
    assert allowed_of(genuine, mutations) == ["more in signatures.0", "more"]


def test_the_same_said_in_other_bytes_under_the_old_signature(genuine: Genuine) -> None:
    payload = genuine.payload
    same = [json.dumps(payload, indent=1), json.dumps(payload, separators=(",", ":")), json.dumps(payload)[:-1] + " }"]
    for text in same:
        envelope = {**genuine.envelope, "payload": b64encode(text.encode()).decode()}
        assert not genuine.allows(json.dumps(envelope).encode())


@pytest.mark.parametrize(
    "first", ['"decision": "rejected"', '"result": "FAILED"', '"x": NaN', '"x": -Infinity', '"x": 1e999']
)
def test_a_payload_that_readers_read_differently(genuine: Genuine, unsigned: Genuine, first: str) -> None:
    for one in (genuine, unsigned):
        text = b64decode(one.envelope["payload"]).decode()
        if first.startswith('"x"') or first.partition(":")[0] in text:
            odd = text.replace('"predicate": {', f'"predicate": {{{first}, ').encode()
            assert not one.allows(json.dumps({**one.envelope, "payload": b64encode(odd).decode()}).encode())


@pytest.mark.sample(2)
def test_a_bit_of_every_byte_of_the_signature(genuine: Genuine) -> None:
    """All at once, beside each other: none of them counts, and none of them hides another."""
    (signed,) = genuine.envelope["signatures"]
    signature = b64decode(signed["sig"])
    refs = []
    git(genuine.repos.dev, "update-ref", "-d", genuine.ref)
    try:
        for number in range(len(signature)):
            flipped = bytearray(signature)
            flipped[number] ^= 1 << number % 8
            odd = {**genuine.envelope, "signatures": [{**signed, "sig": b64encode(flipped).decode()}]}
            refs.append(put(genuine.repos.dev, f"{genuine.ref}-{number}", json.dumps(odd).encode()))
        assert len(refs) > 150
        assert not genuine.allows()
    finally:
        for ref in refs:
            git(genuine.repos.dev, "update-ref", "-d", ref)
        put(genuine.repos.dev, genuine.ref, genuine.data)
    assert genuine.allows()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(at=st.integers(0), bits=st.integers(1, 255))
def test_any_byte_of_the_record(genuine: Genuine, at: int, bits: int) -> None:
    data = bytearray(genuine.data)
    data[at % len(data)] ^= bits
    same = parse_statement(genuine.data, genuine.ref, "x")
    try:
        read = parse_statement(bytes(data), genuine.ref, "x")
    except CannotKnow:
        return  # gathering it raises the same
    assert read == same or not genuine.allows(bytes(data)), "one white space for another says the same"


def test_a_signature_of_somebody_else_or_for_something_else(genuine: Genuine, tmp_path: Path) -> None:
    other = Genuine(tmp_path, "test result" if genuine.kind == "sign-off" else "sign-off", signed=True)
    assert not genuine.allows(json.dumps({**genuine.envelope, "signatures": other.envelope["signatures"]}).encode())
    assert not genuine.allows(other.data), "a statement of the other kind under the ref of this one"


UNBOUND = ("predicate.signer", "predicate.notes", "predicate.configuration.0.annotations.tests")


def test_every_change_of_what_an_unsigned_statement_is_bound_to(unsigned: Genuine) -> None:
    every = [
        (name, unsigned.with_payload(payload))
        for name, payload in mutated(unsigned.payload)
        if not name.removeprefix("no ").startswith(UNBOUND) and not name.startswith("more")
    ]
    assert allowed_of(unsigned, iter(every)) == []
    bound = {"commit": "Commit", "tree": "Tree"} if unsigned.kind == "sign-off" else {"tree": "Tree"}
    assert all(any(f"git{one}" in name for name, _ in every) for one in bound.values())


@pytest.mark.parametrize("moved", [61, 8 * DAY + 60])
def test_another_time(genuine: Genuine, unsigned: Genuine, moved: int) -> None:
    later = AT - moved if moved > 61 else AT + moved
    text = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(later))
    for one in (genuine, unsigned):
        payload = one.payload
        place = payload["predicate"]
        if one.kind == "test result":
            place = place["configuration"][0]["annotations"]
        place["issuedOn" if one.kind == "sign-off" else "finishedOn"] = text
        assert not one.allows(one.with_payload(payload))


# Carried elsewhere


@pytest.fixture(params=[True, False], ids=["signed", "unsigned"])
def carried(request: pytest.FixtureRequest, tmp_path: Path) -> Genuine:
    return Genuine(tmp_path, "sign-off", signed=request.param)


def carries(genuine: Genuine, **rest: Any) -> bool:
    """As `allows`, of a promotion into prod."""
    world = genuine.repos.world("promote", **{"candidate": RELEASE, "at": AT + 60, "trust": genuine.trust, **rest})
    policy = SIGNED_SIGN_OFFS if genuine.signed else SIGN_OFFS
    return judge(policy, given=gather(SignOffs, world), written=SignOffBlocks("", exists=False)).outcome == "pass"


def copied(genuine: Genuine, commit: str) -> None:
    """Put the statement under the ref where those of another commit are looked for."""
    git(genuine.repos.dev, "update-ref", genuine.ref.replace(genuine.repos.release, commit), genuine.ref)


def test_to_an_amended_commit_or_to_another_tree(carried: Genuine) -> None:
    git(carried.repos.dev, "commit", "-q", "--amend", "-m", "Another message")
    copied(carried, git(carried.repos.dev, "rev-parse", "HEAD"))
    assert not carries(carried)
    copied(carried, carried.repos.commit(carried.repos.dev, "more"))
    assert not carries(carried)


def test_to_another_role(carried: Genuine) -> None:
    git(carried.repos.dev, "update-ref", carried.ref.replace("architect-1", "architect-2"), carried.ref)
    world = carried.repos.world("promote", candidate=RELEASE, at=AT + 60, trust=carried.trust)
    assert [one.role for one in gather(SignOffs, world).found] == ["architect-1"]


def test_to_another_environment(carried: Genuine) -> None:
    staging = Environment(name="staging", repo=str(carried.repos.prod))
    world = carried.repos.world("promote", candidate=RELEASE, at=AT + 60, trust=carried.trust)
    world.environment = staging
    assert gather(SignOffs, world).found == ()


def test_to_another_repository(carried: Genuine, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    other = Genuine(tmp_path / "elsewhere", "sign-off", signed=False)
    other.repos.commit(other.repos.dev, "their own")
    commit = git(other.repos.dev, "rev-parse", "HEAD")
    put(other.repos.dev, f"refs/signoffs/{commit}/architect-1/0", carried.data)
    assert not carries(other, trust=carried.trust)


def test_to_another_time(carried: Genuine) -> None:
    assert carries(carried, at=AT + 7 * DAY)
    assert not carries(carried, at=AT + 7 * DAY + 1)
    assert not carries(carried, at=AT - 1)


# From outside


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    return small_world(tmp_path_factory.mktemp("world"))


@pytest.mark.parametrize("prefix", ["refs/signoffs", "refs/attestations"])
@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("result or decision", lambda text: text.replace("approved", "rejected").replace("PASSED", "FAILED")),
        ("what it is about", lambda text: text.replace('"gitTree": "', '"gitTree": "0')),
        ("its kind", lambda text: text.replace('"predicateType": "', '"predicateType": "x')),
        ("its end", lambda text: text[:-1]),
        ("its version", lambda text: text.replace("Statement/v1", "Statement/v2")),
    ],
)
def test_a_check_from_outside(world: SmallWorld, prefix: str, name: str, change: Callable[[str], str]) -> None:
    asked = ("--env", "prod", "--op", "promote", "--candidate", WORLD_RELEASE, "--format", "json")
    ref, *_ = git(world.dev, "for-each-ref", "--format=%(refname)", prefix).splitlines()
    oid = git(world.dev, "rev-parse", ref)
    envelope = json.loads(git(world.dev, "cat-file", "blob", ref))
    payload = change(b64decode(envelope["payload"]).decode())
    assert payload != b64decode(envelope["payload"]).decode()
    put(world.dev, ref, json.dumps({**envelope, "payload": b64encode(payload.encode()).decode()}).encode())
    try:
        assert world.check(*asked).returncode in (1, 2), name
    finally:
        git(world.dev, "update-ref", ref, oid)
    assert world.check(*asked).returncode == 0
