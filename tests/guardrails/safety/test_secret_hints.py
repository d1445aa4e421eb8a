"""A hint is cheap, and follows every secret; what a passing run says has none."""

from __future__ import annotations

import pytest

from guardrails.safety import secret_hints
from guardrails.safety.redaction import without_secrets
from guardrails.safety.secret_hints import hide, hints_at_a_secret, names_a_secret


@pytest.mark.parametrize(
    "name",
    [
        "API_TOKEN",
        "clientSecret",
        "DB_PASSWORD",
        "db.pwd",
        "api-key",
        "apiKey",
        "SSH_PASSPHRASE",
        "Cookie",
        "ssl.key.file",
    ],
)
def test_a_name_says_that_its_value_is_a_secret(name: str) -> None:
    assert names_a_secret(name)


@pytest.mark.parametrize("name", ["HOME", "branch", "keyboard", "passing", "openclaw-prod", "PATH", ""])
def test_other_names_do_not(name: str) -> None:
    assert not names_a_secret(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ALLOW  31 pass\n",
        '{\n  "verdict": "allow",\n  "summary": {\n    "pass": 31\n  }\n}\n',
        'the option depth = "full" sees them',
        "a" * 40,
        "sha256:" + "0123456789abcdef" * 4,
        "/srv/a/long/path/to/the/checkout/of/production/openclaw",
    ],
)
def test_what_a_passing_run_says_hints_at_nothing(text: str) -> None:
    assert not hints_at_a_secret(text)


def test_a_hidden_value_goes_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_hints, "_hidden", set())
    hide(["swordfish", "swordfish-long", "short"])
    assert hints_at_a_secret("xswordfishx")
    assert without_secrets("swordfish-long, swordfish, short") == "***, ***, short"
