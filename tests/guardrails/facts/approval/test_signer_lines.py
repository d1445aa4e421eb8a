"""Lines of allowed signers mean to us what they mean to ssh-keygen, or the file is refused."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import AllowedSigners
from guardrails.facts.approval.signer_lines import parse_signer
from guardrails.model import Trust
from guardrails.testing import gather, world
from signers import ENVIRONMENT, Signers

NAMES = ("peter", "Peter", "ann", " ann", "peter smith", "pe\\ter", "peterx", "'peter'", "peter#", "x")
PRINCIPALS = [
    "peter", '"peter"', '"peter smith"', 'pe"ter"', '"peter","ann"', '"peter,ann"', "peter,ann", 'ann,"peter smith"',
    '"peter', "peter,", ",peter", '"peter"x', "peter#", "#peter", "'peter'", "pe\\ter", '"pe\\"ter"', '"*"', "*",
    "!ann,peter", "p?ter", "Peter", '"peter, ann"', '""', '"!ann"', "ann,!peter,x",
]  # fmt: skip
OPTIONS = {
    "": True,
    'namespaces="guardrails-attest" ': True,
    'NAMESPACES="guardrails-attest" ': True,
    'namespaces="x,*-attest",valid-before="20991231" ': True,
    'namespaces="other" ': False,
    'namespaces="a cert-authority b" ': False,
    'valid-after="20990101" ': False,
    "cert-authority ": False,
    "no-such-option ": False,
    'namespaces="guardrails-attest ': False,
    'namespaces="a\\" ssh-ed25519 b" ': False,
}
"""Whether a key with these may sign what is signed below."""
TAILS = ["", " comment", ' "comment', " # x", "\r", " cert-authority", " *", "\t"]


class Signed:
    """A message that peter's key has signed, and ssh-keygen's word about files of allowed signers."""

    def __init__(self, folder: Path) -> None:
        signers = Signers(folder)
        self.folder, self.key, self.other = folder, signers.public("peter"), signers.public("other")
        self.message = folder / "message"
        self.message.write_text("hello\n")
        sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", signers.key("peter").path, "-n", "guardrails-attest"]
        subprocess.run([*sign, str(self.message)], env=ENVIRONMENT, check=True, capture_output=True)

    def verifies(self, allowed: Path, name: str) -> bool:
        command = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", name, "-n", "guardrails-attest"]
        with self.message.open("rb") as message:
            done = subprocess.run(
                [*command, "-s", f"{self.message}.sig"],
                stdin=message,
                env=ENVIRONMENT,
                capture_output=True,
                check=False,
            )
        return done.returncode == 0


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    return Signed(tmp_path_factory.mktemp("signed"))


def names(allowed: Path, signed: Signed) -> tuple[str, ...]:
    key, _ = parse_signer(f"x {signed.key}".encode(), "it")
    return gather(AllowedSigners, world(trust=Trust(str(allowed)))).names_of(key)


def compare(allowed: Path, signed: Signed, *, may_sign: bool, alone: bool) -> None:
    """Compare whom a file names with whom ssh-keygen believes; a file that is refused names nobody."""
    said = allowed.read_bytes()
    verified = {name for name in NAMES if signed.verifies(allowed, name)}
    refused = ""
    found: set[str] = set()
    try:
        found = set(names(allowed, signed)) & set(NAMES)
    except CannotKnow as error:
        refused = str(error)
    if not refused:
        assert verified <= found, said
    if alone and may_sign and not refused.endswith(("name each signer", "list each signer's key")):
        assert verified == found, said


def test_every_form_of_principals(signed: Signed, tmp_path: Path) -> None:
    for principals in PRINCIPALS:
        allowed = tmp_path / "allowed"
        allowed.write_text(f"{principals} {signed.key}\n")
        compare(allowed, signed, may_sign=True, alone=True)


def test_lines_of_all_parts(signed: Signed, tmp_path: Path) -> None:
    dice = random.Random(12)
    for _ in range(60):
        options = dice.choice([*OPTIONS])
        start, space = dice.choice(["", " ", "\t"]), dice.choice([" ", "\t", "  ", ""])
        line = f"{start}{dice.choice(PRINCIPALS)}{space}{options}{signed.key}{dice.choice(TAILS)}"
        allowed = tmp_path / "allowed"
        allowed.write_bytes(f"{line}{dice.choice(['', chr(10), chr(13) + chr(10)])}".encode())
        compare(allowed, signed, may_sign=OPTIONS[options], alone=True)


def test_files_of_several_lines(signed: Signed, tmp_path: Path) -> None:
    dice = random.Random(13)
    for _ in range(25):
        lines = [
            f"{dice.choice(PRINCIPALS)} {dice.choice([*OPTIONS])}{dice.choice([signed.key, signed.other])}"
            for _ in range(dice.randrange(2, 4))
        ]
        lines.insert(dice.randrange(3), dice.choice(["", "# a comment", "  \t", "peter \\"]))
        allowed = tmp_path / "allowed"
        allowed.write_text("\n".join(lines) + "\n")
        compare(allowed, signed, may_sign=False, alone=False)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('"Peter Example,ann" KEY', ["Peter Example", "ann"]),
        ('  peter"@example.org" namespaces="a b" KEY of Peter', ["peter@example.org"]),
        ("peter@example.org KEY cert-authority", ["peter@example.org"]),
        ("DOMAIN\\peter KEY", ["DOMAIN\\peter"]),
    ],
)
def test_who_is_named(signed: Signed, line: str, expected: list[str]) -> None:
    assert parse_signer(line.replace("KEY", signed.key).encode(), "it")[1] == expected


def test_a_nul_hides_nothing(signed: Signed, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.write_bytes(f"peter {signed.key}\n".encode().replace(b"peter", b"peter\0,ann"))
    with pytest.raises(CannotKnow, match="NUL"):
        names(allowed, signed)
