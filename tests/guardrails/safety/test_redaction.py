"""Secrets are taken out of text and data, everything else is left."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.safety import redaction
from guardrails.safety.redaction import clean, clean_json, marked_values
from guardrails.safety.redaction import without_secrets as redacted
from guardrails.safety.secret_hints import TOKENS, hints_at_a_secret
from progress import elapsed
from secret_shapes import CANARY, READABLE, SECRETS


@pytest.mark.parametrize("text", SECRETS)
def test_a_secret_is_taken_out(text: str) -> None:
    assert CANARY not in redacted(f"before {text} after")


@pytest.mark.parametrize("text", SECRETS)
def test_what_stands_around_it_stays(text: str) -> None:
    found = redacted(f"before, {text}")
    assert found.startswith("before, ")
    assert "***" in found


@pytest.mark.parametrize("text", SECRETS)
def test_every_secret_is_hinted_at(text: str) -> None:
    assert hints_at_a_secret(text)


@pytest.mark.parametrize("text", SECRETS)
def test_what_was_taken_out_stays_as_it_is(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


def changed_by(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each rule that changes the text, the case of letters aside where the rule leaves it aside."""
    for words, pattern, _ in redaction._RULES:
        if re.search(pattern, text):
            yield tuple(word for word in words if word in (text.lower() if pattern.startswith("(?i)") else text))


@pytest.mark.parametrize("text", SECRETS)
def test_one_of_its_words_is_in_each_text_that_a_rule_changes(text: str) -> None:
    for variant in filter(str.isascii, (text, text.upper(), text.lower(), text.title())):
        assert all(changed_by(variant)), variant


@given(st.from_regex(redaction._TOKENS, fullmatch=True))
def test_one_of_the_words_is_in_each_token(token: str) -> None:
    assert any(word in token for word in TOKENS)


@given(st.from_regex(rf"(?i){redaction._NAME}", fullmatch=True).filter(str.isascii))
def test_one_of_the_words_is_in_each_name(name: str) -> None:
    assert any(word in name.lower() for word in redaction._NAMES)


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redacted(text) == text
    assert redacted(f"before {text} after") == f"before {text} after"


@pytest.mark.parametrize("text", READABLE[1:])
def test_what_stands_behind_a_secret_stays(text: str) -> None:
    assert redacted(f"https://me:secret@example.org/x.git {text}") == f"https://***@example.org/x.git {text}"


@pytest.mark.parametrize(
    "text",
    [
        "a-",
        "x_",
        "eyJ",
        "-----BEGIN ",
        "://",
        "://a:b",
        "token",
        "sk-",
        "bearer ",
        "a:b@",
        "mysql ",
        "cookie: a=b;",
        "-u a:",
        "--key ",
    ],
)
def test_looking_for_secrets_is_quick_on_hostile_text(text: str) -> None:
    started = time.monotonic()
    redacted(text * 3000)
    assert elapsed(started) < 2


# Found by the length or the mix of characters, by any address of a machine, or by a name that is nobody's here.
_OTHER_KINDS = {
    "Base64 High Entropy String", "Hex High Entropy String", "Public IP (ipv4)", "Secret Keyword",
    "Artifactory Credentials", "Basic Auth Credentials", "Cloudant Credentials", "IBM Cloud IAM Key",
    "IBM COS HMAC Credentials", "SoftLayer Credentials", "AWS Access Key", "JSON Web Token", "Private Key",
    "Square OAuth Secret",
}  # fmt: skip
_DETECTORS: dict[str, Any] = get_mapping_from_secret_type_to_class()
_PATTERNS = [
    pytest.param(pattern.pattern, id=f"{kind} {number}")
    for kind, detector in sorted(_DETECTORS.items())
    if kind not in _OTHER_KINDS
    for number, pattern in enumerate(detector.denylist)
]


@pytest.mark.parametrize("pattern", _PATTERNS)
@settings(max_examples=25)
@given(data=st.data())
def test_what_detect_secrets_finds_is_taken_out(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.from_regex(f"(?a:{pattern})", fullmatch=True))
    found = redacted(f"before {text} after")
    assert "***" in found
    assert hints_at_a_secret(text)
    assert len(found) < len(text) + len("before  after")


_PLACES: list[Any] = [
    lambda text: {"a": text},
    lambda text: {text: 1},
    lambda text: [[text]],
    lambda text: {"gateway": {"auth": {"token": text}}},
    lambda text: {"passwords": [text, text]},
    lambda text: {"name": "OPENCLAW_GATEWAY_TOKEN", "value": text},
]


@pytest.mark.parametrize("place", _PLACES)
@pytest.mark.parametrize("text", SECRETS)
def test_data_and_documents_lose_their_secrets_alone(place: Any, text: str) -> None:
    data = {"kept": "as it is", "number": 1, "deep": place(text)}
    found = clean(data)
    assert CANARY not in json.dumps(found)
    assert (found["kept"], found["number"]) == ("as it is", 1)
    assert json.loads(clean_json(json.dumps(data)) or "") == found


def test_a_document_without_a_secret_stays_byte_by_byte() -> None:
    text = '{"a":  [1, "x"], "key": "policies.a.b"}'
    assert clean_json(text) == text
    assert clean_json("no document") is None


def test_values_are_marked_by_their_names_and_by_what_stands_beside_them() -> None:
    data = {
        "variables": {"API_TOKEN": "one", "HOME": "/home/ada"},
        "token-is-set": {"name": "THE_TOKEN", "value": "two", "when": ["start"]},
        "values": {"aws.secretAccessKey": "three", "port": 4, "passwords": ["five"]},
        "home-is-set": {"name": "HOME", "value": "/home/ada"},
    }
    assert list(marked_values(data)) == ["one", "two", "three", "five"]
