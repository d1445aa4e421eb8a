"""A file is a verdict only when it is exactly one, and somebody's only when ssh-keygen says so in its own namespace."""

from __future__ import annotations

import json
import os
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import ATTEST, SIGN_OFF, AllowedSigners
from guardrails.facts.approval.verdicts import Issuer, parse_verdict, read, resource, verify_issuer
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.model import Trust
from guardrails.testing import gather, world
from signers import ENVIRONMENT, Signers
from worlds.carried import Carried, altered, leaves, payload_in, put, resigned


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    return Carried(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def verdict(made: Carried) -> bytes:
    """A verdict that ci signed."""
    return made.issued().read_bytes()


def refused(data: bytes) -> str:
    with pytest.raises(CannotKnow) as caught:
        parse_verdict(data, "given")
    return str(caught.value)


class TestFile:
    """What is no verdict."""

    def test_a_verdict_is_read(self, verdict: bytes) -> None:
        found = parse_verdict(verdict, "given")
        assert (found.environment, found.moment, found.result, found.named) == ("prod", "standing", "PASSED", None)
        assert 0 < found.expires - found.at <= 15 * 60

    def test_cut_anywhere(self, verdict: bytes) -> None:
        for length in [*range(0, len(verdict), 37), len(verdict) - 1]:
            assert refused(verdict[:length])

    def test_followed_by_anything(self, verdict: bytes) -> None:
        assert refused(verdict + b"{}")
        assert refused(verdict + verdict)

    @pytest.mark.parametrize(
        "data", [b"", b" ", b"null", b"[]", b"\xff\xfe", b"NaN", b"[" * 100_000, b"\xef\xbb\xbf{}"]
    )
    def test_garbage(self, data: bytes) -> None:
        assert refused(data)

    def test_a_key_that_stands_twice(self, verdict: bytes) -> None:
        assert "stands twice" in refused(b'{"payload": "e30=", ' + verdict[1:])
        payload = json.dumps(payload_in(verdict)).encode()
        for doubled in (b'{"predicate": {}, ', b'{"subject": [], '):
            inside = doubled + payload[1:]
            assert "stands twice" in refused(_wrapped(verdict, inside))

    def test_numbers_that_are_none(self, verdict: bytes) -> None:
        payload = json.dumps(payload_in(verdict)).encode()
        assert "NaN" in refused(_wrapped(verdict, b'{"more": NaN, ' + payload[1:]))
        assert "too large" in refused(_wrapped(verdict, b'{"more": 1e999, ' + payload[1:]))

    def test_what_is_ours_must_be_there(self, verdict: bytes) -> None:
        said = payload_in(verdict)
        paths = {path[:length] for path in leaves(said) for length in range(1, len(path) + 1)}
        free = {("predicate", "verifiedLevels"), ("predicate", "verifiedLevels", 0)}
        optional = {("predicate", "guardrails", "outcomes", "clean-worktree")}  # is missed later on
        for path in paths - free - optional:
            assert refused(altered(verdict, partial(_without, path=path))), path
            assert refused(altered(verdict, partial(put, path=path, value=5))), path

    def test_what_is_not_ours_is_ignored(self, verdict: bytes) -> None:
        more = altered(verdict, lambda document: document["predicate"].update(inputAttestations=[], more={"a": 1.5}))
        assert parse_verdict(more, "given").replaced(statement=None) == parse_verdict(verdict, "given").replaced(
            statement=None
        )

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (("subject", 0, "digest", "gitCommit"), "HEAD"),
            (("subject", 0, "digest", "gitTree"), "A" * 40),
            (("subject", 0, "name"), "candidate"),
            (("subject", 0, "name"), "head"),
            (("subject",), []),
            (("predicateType",), "https://slsa.dev/provenance/v1"),
            (("_type",), "https://in-toto.io/Statement/v0.1"),
            (("predicate", "timeVerified"), "2026-02-01"),
            (("predicate", "guardrails", "expires"), "2026-02-01T10:00:00"),
            (("predicate", "guardrails", "candidate"), "next"),
            (("predicate", "guardrails", "moment"), "x" * 1001),
            (("predicate", "guardrails", "waivers"), [5]),
            (("predicate", "guardrails", "waivers"), [{"policy": "x"}]),
        ],
    )
    def test_values_that_are_none(self, verdict: bytes, path: tuple[Any, ...], value: Any) -> None:
        assert refused(altered(verdict, lambda document: put(document, path, value)))

    @pytest.mark.parametrize("name", ["HEAD", "tag", None, 5])
    def test_a_second_subject_that_is_not_known(self, verdict: bytes, name: Any) -> None:
        def twice(document: dict[str, Any]) -> None:
            document["subject"].append({**document["subject"][0], "name": name})

        assert refused(altered(verdict, twice))

    @pytest.mark.parametrize("name", ["", None, "a\nb", "a\0b", "\udcff"])
    def test_a_candidate_without_a_name(self, verdict: bytes, name: str | None) -> None:
        def named(document: dict[str, Any]) -> None:
            document["subject"].append({**document["subject"][0], "name": "candidate"})
            document["predicate"]["guardrails"]["candidate"] = name

        assert "candidate" in refused(altered(verdict, named))

    def test_the_envelope(self, verdict: bytes) -> None:
        envelope = json.loads(verdict)
        wrong: list[dict[str, Any]] = [
            {"payloadType": "application/json"},
            {"payload": envelope["payload"] + "="},
            {"payload": None},
            {"signatures": envelope["signatures"] * 2},
            {"signatures": [{"keyid": envelope["signatures"][0]["keyid"]}]},
            {"signatures": ["x"]},
            {"signatures": {}},
        ]
        for changes in wrong:
            assert refused(json.dumps({**envelope, **changes}).encode()), changes

    def test_what_is_no_file(self, tmp_path: Path, verdict: bytes) -> None:
        os.mkfifo(tmp_path / "fifo")
        (tmp_path / "loop").symlink_to("loop")
        with (tmp_path / "huge").open("wb") as file:
            file.truncate(1 << 30)
        for path in (tmp_path, tmp_path / "fifo", tmp_path / "loop", tmp_path / "huge", Path("/dev/zero")):
            with pytest.raises(CannotKnow):
                read(str(path))
        with pytest.raises(CannotKnow, match="there is no such file"):
            read(str(tmp_path / "none"))
        (tmp_path / "file").write_bytes(verdict)
        (tmp_path / "link").symlink_to("file")
        assert read(str(tmp_path / "link")).environment == "prod"


def _wrapped(verdict: bytes, payload: bytes) -> bytes:
    from base64 import b64encode

    return json.dumps({**json.loads(verdict), "payload": b64encode(payload).decode()}).encode()


def _without(document: Any, path: tuple[Any, ...]) -> None:
    for key in path[:-1]:
        document = document[key]
    del document[path[-1]]


def who(data: bytes, allowed: str, *, at: float | None = None, revoked: str | None = None) -> Issuer:
    one = parse_verdict(data, "given")
    about = world(trust=Trust(allowed, revoked=revoked), at=one.at + 1 if at is None else at)
    return run_to_end(verify_issuer(about, gather(AllowedSigners, about), one))


class TestIssuer:
    """Whose verdict it is."""

    @pytest.fixture
    def signers(self, made: Carried, tmp_path: Path) -> Signers:
        """The keys of the machines, with a file of allowed signers of one test's own."""
        made.signers.allowed = tmp_path / "allowed"
        return made.signers

    def test_the_name_that_the_file_has_for_the_key(self, verdict: bytes, signers: Signers) -> None:
        assert who(verdict, signers.allow("ci")) == Issuer(("ci@example.org",))

    def test_a_stranger(self, verdict: bytes, signers: Signers) -> None:
        assert "not in" in who(verdict, signers.allow("mallory")).why

    def test_nobody(self, verdict: bytes, signers: Signers) -> None:
        unsigned = json.dumps({**json.loads(verdict), "signatures": []}).encode()
        assert who(unsigned, signers.allow("ci")).why == "nobody signed it"

    @pytest.mark.parametrize("named", ["SHA256:somebody", "", None])
    def test_the_name_of_another_key(self, verdict: bytes, signers: Signers, named: str | None) -> None:
        envelope = json.loads(verdict)
        envelope["signatures"][0]["keyid"] = named
        assert "names another key" in who(json.dumps(envelope).encode(), signers.allow("ci")).why

    def test_one_key_under_two_names(self, verdict: bytes, signers: Signers) -> None:
        assert "more than one name" in who(verdict, signers.allow(ci="ci@example.org,grace@example.org")).why
        line = f"%s {signers.public('ci')}\n"
        signers.allowed.write_text(line % "ci@example.org" + line % "grace@example.org")
        assert "more than one name" in who(verdict, str(signers.allowed)).why

    @pytest.mark.parametrize("principal", ["*", "*@example.org", "ci@example.?rg"])
    def test_a_pattern_makes_the_file_worthless(self, verdict: bytes, signers: Signers, principal: str) -> None:
        with pytest.raises(CannotKnow, match="names a pattern"):
            who(verdict, signers.allow(ci="ci@example.org", mallory=principal))

    @pytest.mark.parametrize("namespace", [ATTEST, SIGN_OFF, "git", "file"])
    def test_a_signature_for_something_else(self, verdict: bytes, signers: Signers, namespace: str) -> None:
        replayed = resigned(verdict, lambda _: None, signers, namespace=namespace)
        assert "does not verify" in who(replayed, signers.allow("ci")).why

    def test_a_key_that_is_kept_to_something_else(self, verdict: bytes, signers: Signers) -> None:
        allowed = signers.allow(ci=f'ci@example.org namespaces="{SIGN_OFF}"')
        assert "does not verify" in who(verdict, allowed).why
        allowed = signers.allow(ci='ci@example.org namespaces="guardrails-verdict"')
        assert who(verdict, allowed) == Issuer(("ci@example.org",))

    @pytest.mark.parametrize(("seconds", "counts"), [(-60, False), (30, False), (3600, True)])
    def test_a_key_that_has_run_out(self, verdict: bytes, signers: Signers, seconds: int, counts: bool) -> None:
        """It must be valid when the verdict was given, and still be when it is used, a minute later."""
        at = parse_verdict(verdict, "given").at
        end = time.strftime("%Y%m%d%H%M%S", time.gmtime(at + seconds))
        allowed = signers.allow(ci=f'ci@example.org valid-before="{end}"')
        assert (who(verdict, allowed, at=at + 60).why == "") is counts

    def test_a_revoked_key(self, verdict: bytes, signers: Signers, tmp_path: Path) -> None:
        allowed, revoked = signers.allow("ci", "grace"), tmp_path / "revoked"
        revoked.write_text(f"# since it leaked\n{signers.public('ci')}\n")
        assert f"{revoked} revokes" in who(verdict, allowed, revoked=str(revoked)).why
        revoked.write_text(f"{signers.public('grace')}\n")
        assert who(verdict, allowed, revoked=str(revoked)) == Issuer(("ci@example.org",))

    @pytest.mark.parametrize(("name", "counts"), [("ci", False), ("grace", True)])
    def test_a_binary_list_of_revoked_keys(
        self, verdict: bytes, signers: Signers, tmp_path: Path, name: str, counts: bool
    ) -> None:
        allowed, revoked = signers.allow("ci"), tmp_path / "revoked.krl"
        command = ["ssh-keygen", "-q", "-k", "-f", str(revoked), f"{signers.key(name).path}.pub"]
        subprocess.run(command, env=ENVIRONMENT, check=True)
        assert (who(verdict, allowed, revoked=str(revoked)).why == "") is counts
        revoked.write_bytes(revoked.read_bytes()[:-8])
        assert who(verdict, allowed, revoked=str(revoked)).why


def test_a_resource_is_one_word_whatever_the_names() -> None:
    assert resource("prod", "host-1.example.org") == "guardrails:env/prod@host-1.example.org"
    assert resource("a b@c/d", "x") == "guardrails:env/a%20b%40c%2Fd@x"
