"""Secrets are taken out of text, everything else is left, and nothing in it can move a cursor."""

from __future__ import annotations

import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.text import listed, redacted, storable, visible

CANARY = "Zq9canary8Xw7Vu6Ts5Rq4"
SECRETS = [
    f"https://user:{CANARY}@example.org/repo.git",
    f"https://{CANARY}@example.org/repo.git",
    f"https://user:p@{CANARY}@example.org/repo.git",
    f"https://user@example.com:{CANARY}@example.org/repo.git",
    f"ssh://git:{CANARY}@example.org:22/x",
    f"fatal: unable to access 'https://x-access-token:{CANARY}@github.com/a/b/'",
    f"ghp_{CANARY}",
    f"gho_{CANARY}",
    f"ghs_{CANARY}",
    f"github_pat_{CANARY}_{CANARY}",
    f"glpat-{CANARY}",
    f"sk-{CANARY}",
    f"sk-ant-api03-{CANARY}",
    f"xoxb-123456789-{CANARY}",
    f"xapp-1-{CANARY}",
    f"ya29.{CANARY}",
    f"AKIA{CANARY}",
    f"eyJhbGciOiJIUzI1NiJ9.eyJ{CANARY}.{CANARY}",
    f"-----BEGIN OPENSSH PRIVATE KEY-----\n{CANARY}\n-----END OPENSSH PRIVATE KEY-----",
    f"-----BEGIN PRIVATE KEY-----\n{CANARY}",
    f"-----BEGIN RSA PRIVATE KEY-----\\n{CANARY}\\n-----END RSA PRIVATE KEY-----",
    f"OPENCLAW_GATEWAY_TOKEN={CANARY}",
    f"export API_KEY={CANARY}",
    f"api-key: {CANARY}",
    f'"botToken": "{CANARY}"',
    f'"token": "{CANARY}"',
    f"'password': '{CANARY}'",
    f"password = {CANARY}",
    f"DB_PASSWD={CANARY}",
    f"client_secret: {CANARY}",
    f'{{"auth": {{"token": "{CANARY} {CANARY}"}}}}',
    f"Authorization: Bearer {CANARY}",
    f"--token {CANARY}",
    f"--password={CANARY}",
    f"clientSecret={CANARY}",
    f"PASSWORD: \u201c{CANARY}\u201d",
    f"https://example.org/hook?token={CANARY}&x=1",
    f"https://example.org/hook?access_token={CANARY}",
]


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_taken_out(text: str) -> None:
    assert CANARY not in redacted(f"before {text} after")


@pytest.mark.parametrize("text", SECRETS)
def test_what_stands_around_it_stays(text: str) -> None:
    found = redacted(f"before, {text}")
    assert found.startswith("before, ")
    assert "***" in found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/home/ada/openclaw-prod",
        "https://example.org/repo.git",
        "git@github.com:openclaw/openclaw.git",
        "5d41402abc4b2a76b9719d911017c592aaaaaaaa",
        "refs/heads/release/memory-v1",
        "src/tokens/tokenizer.ts",
        "docs/secret-santa.md",
        "skip-this",
        "task-0123456789",
        "the token is missing",
        "expected password: yes",
        "user@example.org",
        "mail ada@example.org or see https://example.org/",
        "git -C '/srv/open claw' checkout -- src/x.ts",
        "OPENCLAW_STATE_DIR=/home/ada/.openclaw openclaw cron list",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize("text", ["a-", "x_", "eyJ", "-----BEGIN ", "://", "token", "sk-", "bearer "])
def test_looking_for_secrets_is_quick_on_hostile_text(text: str) -> None:
    started = time.monotonic()
    redacted(text * 3000)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b31m", "\\x9b31m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("a\r\nb\tc\x00", "a\\r\\nb\\tc\\x00"),
        ("\u202eevil\u2066\u200f", "\\u202eevil\\u2066\\u200f"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028para\u2029", "line\\u2028para\\u2029"),
        ("no\u00a0break", "no\\xa0break"),
        ("\x85\x7f", "\\x85\\x7f"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("plain text, Grüße, 漢字, 😀", "plain text, Grüße, 漢字, 😀"),
        ("", ""),
    ],
)
def test_what_cannot_be_seen_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_visible_text_is_one_line_that_any_terminal_takes(text: str) -> None:
    shown = visible(text)
    assert shown.isprintable()
    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    shown.encode("utf-8")
    assert visible(shown) == shown


@given(st.text(st.characters()))
def test_storable_text_is_utf8_and_says_the_same(text: str) -> None:
    kept = storable(text)
    assert json.loads(json.dumps(kept)) == kept
    kept.encode("utf-8")
    if not any(0xD800 <= ord(one) <= 0xDFFF for one in text):
        assert kept == text


@pytest.mark.parametrize(
    ("things", "line"),
    [
        ((), ""),
        (("a",), "a"),
        (("a", "b", "c"), "a, b, c"),
        (tuple("abcd"), "a, b, c and 1 more"),
        ((1, None), "1, None"),
    ],
)
def test_many_things_in_one_line(things: tuple[object, ...], line: str) -> None:
    assert listed(things, most=3) == line
