"""A statement is somebody's only when ssh-keygen says so, for a key that the trusted file names without patterns."""

from __future__ import annotations

from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails.errors import CannotKnow
from guardrails.facts.approval.evidence import RecordedRuns
from guardrails.facts.approval.signatures import AllowedSigners, key_of
from guardrails.model import Trust
from guardrails.operations.evidence.record_statements import record_run
from guardrails.testing import gather, world
from signers import Signers, forge
from worlds.two_repositories import RELEASE, Repositories

AT = 1_790_000_000


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Signers:
    return Signers(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def repos(tmp_path: Path) -> Repositories:
    return Repositories(tmp_path)


def allowed(path: Path | str) -> AllowedSigners:
    return gather(AllowedSigners, world(trust=Trust(str(path))))


def record(repos: Repositories, signers: Signers, name: str | None, finished: float = AT) -> str:
    tree = git(repos.dev, "rev-parse", "HEAD^{tree}")
    key = signers.key(name) if name else None
    return record_run(str(repos.dev), tree, "test", "pnpm test", passed=True, finished=finished, key=key)


def runs(repos: Repositories, signers: Signers, at: float = AT + 60) -> tuple[tuple[str, ...], str]:
    """Who signed the run that counts, and why others do not count."""
    trust = Trust(str(signers.allowed))
    found = gather(RecordedRuns, repos.world("promote", candidate=RELEASE, trust=trust, at=at))
    return tuple(name for run in found.runs for name in run.signers), "; ".join(one.why for one in found.ignored)


def test_no_file_is_configured() -> None:
    assert gather(AllowedSigners, world()).path is None


def test_a_file_that_is_not_there_trusts_nobody(tmp_path: Path) -> None:
    with pytest.raises(CannotKnow, match="missing"):
        allowed(tmp_path / "absent")


def test_what_a_trusted_ref_holds_counts_alone(tmp_path: Path) -> None:
    path = tmp_path / "allowed_signers"
    path.write_text("* this line would be refused\n")
    found = gather(AllowedSigners, world(trust=Trust(str(path), "# nobody yet\n")))
    assert (found.path, found.data, found.principals) == (str(path), b"# nobody yet\n", ())


def test_an_empty_file_trusts_nobody(tmp_path: Path, repos: Repositories, signers: Signers) -> None:
    signers.allowed.write_text("# nobody yet\n\n")
    record(repos, signers, "ci")
    assert runs(repos, signers) == ((), f"it is signed by a key that is not in {signers.allowed}")


@pytest.mark.parametrize(
    "line",
    [
        "* {key}",
        "*@example.org {key}",
        "pete?@example.org {key}",
        "peter@example.org,!mallory@example.org {key}",
        '"peter@example.org,*" {key}',
        '"peter@example.org","ann" {key}',
        '"peter@example.org {key}',
        "peter@example.org cert-authority {key}",
        'peter@example.org namespaces="x",CERT-AUTHORITY {key}',
        "peter@example.org",
        "peter@example.org ssh-ed25519 ????",
        "peter@example.org ssh-ed25519",
        "caf\udce9 {key}",
    ],
)
def test_one_bad_line_makes_the_whole_file_invalid(signers: Signers, tmp_path: Path, line: str) -> None:
    path = tmp_path / "allowed"
    good = f"peter@example.org {signers.public('peter')}\n"
    path.write_bytes((good + line.format(key=signers.public("mallory")) + "\n").encode("utf-8", "surrogateescape"))
    with pytest.raises(CannotKnow, match="allowed:2"):
        allowed(path)


def test_names_options_and_comments(signers: Signers, tmp_path: Path) -> None:
    path = tmp_path / "allowed"
    peter, other, ann = (signers.public(name) for name in ("peter", "other", "ann"))
    path.write_text(
        f"# who may sign\r\n\n  peter@example.org,pete@example.net {peter} of Peter\r\n"
        f'pete@example.net namespaces="a ssh-ed25519 AAAA",valid-after="20260101" {other}\n'
        f"ann {ann}\n"
    )
    found = allowed(path)
    assert [names for _, names in found.principals] == [
        ("peter@example.org", "pete@example.net"),
        ("pete@example.net",),
        ("ann",),
    ]
    assert found.person("peter@example.org") == found.person("pete@example.net")
    assert found.person("ann") == ("ann",)


def test_a_third_key_can_show_that_two_names_are_one_person(signers: Signers) -> None:
    path = signers.allow(one="p@example.org", other="q@example.net", both="q@example.net,p@example.org", ann="ann")
    found = allowed(path)
    assert found.person("p@example.org") == found.person("q@example.net") == ("p@example.org", "q@example.net")
    assert found.person("ann") == ("ann",)


def test_a_signature_that_holds(repos: Repositories, signers: Signers) -> None:
    signers.allow("ci")
    record(repos, signers, "ci")
    assert runs(repos, signers) == (("ci@example.org",), "")


def test_of_a_key_of_two_principals_both_are_named(repos: Repositories, signers: Signers) -> None:
    signers.allow(ci="ci@example.org,builder@example.org")
    record(repos, signers, "ci")
    assert runs(repos, signers)[0] == ("ci@example.org", "builder@example.org")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"predicate.result": "WARNED"}, "does not verify"),
        ({"predicate.configuration.0.annotations.command": "pnpm test "}, "does not verify"),
        ({"predicate.note": "harmless"}, "does not verify"),
    ],
)
def test_an_altered_payload(repos: Repositories, signers: Signers, changes: dict[str, str], why: str) -> None:
    signers.allow("ci")
    forge(repos.dev, record(repos, signers, "ci"), changes)
    signed_by, ignored = runs(repos, signers)
    assert signed_by == ()
    assert why in ignored


def test_unsigned_or_by_a_stranger(repos: Repositories, signers: Signers) -> None:
    signers.allow("ci")
    record(repos, signers, None)
    record(repos, signers, "mallory")
    signed_by, ignored = runs(repos, signers)
    assert signed_by == ()
    assert "nobody signed it" in ignored
    assert "a key that is not in" in ignored


def test_what_does_not_count_hides_nothing_older(repos: Repositories, signers: Signers) -> None:
    signers.allow("ci")
    record(repos, signers, "ci", AT)
    record(repos, signers, "mallory", AT + 1)
    signed_by, ignored = runs(repos, signers)
    assert signed_by == ("ci@example.org",)
    assert "a key that is not in" in ignored


def test_a_key_for_another_namespace(repos: Repositories, signers: Signers) -> None:
    signers.allow(ci='ci@example.org namespaces="git,guardrails-signoff"')
    record(repos, signers, "ci")
    assert "does not verify" in runs(repos, signers)[1]


@pytest.mark.parametrize(
    ("options", "counts"),
    [
        ('valid-after="20260921141320"', True),
        ('valid-after="20260921141321"', False),  # it says that it was signed before
        ('valid-before="20260921141500"', True),
        ('valid-before="20260921141400"', False),  # it is not valid any more
    ],
)
def test_a_key_must_hold_when_it_signed_and_now(
    repos: Repositories, signers: Signers, options: str, counts: bool
) -> None:
    signers.allow(ci=f"ci@example.org {options}")
    record(repos, signers, "ci")
    assert (runs(repos, signers)[0] == ("ci@example.org",)) is counts


def test_only_what_ssh_keygen_believes_names_a_principal(repos: Repositories, signers: Signers) -> None:
    key = signers.public("ci")
    signers.allowed.write_text(
        f'boss@example.org valid-before="20200101" {key}\nci@example.org namespaces="guardrails-attest" {key}\n'
    )
    record(repos, signers, "ci")
    assert runs(repos, signers)[0] == ("ci@example.org",)


@pytest.mark.parametrize("name", ["-f", "$(id)", "it's", "a=b", "\u202epeter", "caf\u00e9@example.org"])
def test_principals_with_odd_names(repos: Repositories, signers: Signers, name: str) -> None:
    signers.allow(ci=name)
    record(repos, signers, "ci")
    assert runs(repos, signers) == ((name,), "")


@pytest.mark.parametrize("data", [b"", b"SSHSIG", b"SSHSIG\0\0\0\1\xff\xff\xff\xff", b"PGPSIG" * 10])
def test_a_signature_that_is_garbage_has_no_key(data: bytes) -> None:
    assert key_of(data) == b""


class TestRevoked:
    """Keys that count no more."""

    def trust(self, signers: Signers, path: Path) -> Trust:
        return Trust(str(signers.allowed), revoked=str(path))

    def signed_by(self, repos: Repositories, trust: Trust) -> tuple[str, ...]:
        found = gather(RecordedRuns, repos.world("promote", candidate=RELEASE, trust=trust, at=AT + 60))
        return tuple(name for run in found.runs for name in run.signers)

    def test_a_revoked_key_says_nothing_that_counts(
        self, repos: Repositories, signers: Signers, tmp_path: Path
    ) -> None:
        signers.allow("ci", "other")
        record(repos, signers, "ci")
        revoked = tmp_path / "revoked"
        revoked.write_text("# nobody yet\n")
        assert self.signed_by(repos, self.trust(signers, revoked)) == ("ci@example.org",)
        revoked.write_text(f"{signers.public('other')}\r\n\n{signers.public('ci')}\n")
        assert self.signed_by(repos, self.trust(signers, revoked)) == ()

    def test_what_a_trusted_ref_revokes_counts_alone(
        self, repos: Repositories, signers: Signers, tmp_path: Path
    ) -> None:
        signers.allow("ci")
        record(repos, signers, "ci")
        trust = self.trust(signers, tmp_path / "absent").replaced(content=signers.allowed.read_text())
        assert self.signed_by(repos, trust.replaced(revoked_content="")) == ("ci@example.org",)
        assert self.signed_by(repos, trust.replaced(revoked_content=signers.public("ci"))) == ()

    def test_a_list_that_is_not_there_leaves_everything_open(self, signers: Signers, tmp_path: Path) -> None:
        signers.allow("ci")
        with pytest.raises(CannotKnow, match="missing"):
            gather(AllowedSigners, world(trust=self.trust(signers, tmp_path / "absent")))

    @pytest.mark.parametrize("line", ["garbage", "ci@example.org {key}", "SHA256:abc", "ssh-ed25519", "\x00"])
    def test_a_line_that_is_no_key_leaves_everything_open(self, signers: Signers, tmp_path: Path, line: str) -> None:
        signers.allow("ci")
        path = tmp_path / "revoked"
        path.write_text(f"{signers.public('ci')}\n{line.format(key=signers.public('ci'))}\n")
        with pytest.raises(CannotKnow, match="revoked:2 is not a public key"):
            gather(AllowedSigners, world(trust=self.trust(signers, path)))
