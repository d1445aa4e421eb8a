"""Whatever is printed or written leaves without secrets, and as what it was."""

from __future__ import annotations

import io
import json
import sys

import pytest

from guardrails.cli.streams import Guarded, Redacting, clean_leaving_text
from guardrails.safety import secret_hints
from secret_shapes import CANARY, READABLE, SECRETS


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_is_printed(text: str) -> None:
    stream = io.StringIO()
    print(f"before {text} after", file=Redacting(stream))
    Redacting(stream).writelines([text, "\n"])
    assert stream.getvalue().startswith("before ")
    assert CANARY not in stream.getvalue()


@pytest.mark.parametrize("text", SECRETS)
@pytest.mark.parametrize("indent", [None, 2])
def test_a_document_stays_one(text: str, indent: int | None) -> None:
    for data in ({"path": text, "kept": "refs/heads/main"}, [text, "refs/heads/main"]):
        found = clean_leaving_text(json.dumps(data, indent=indent) + "\n")
        assert CANARY not in found
        assert "refs/heads/main" in (found := json.loads(found)) or found["kept"] == "refs/heads/main"


@pytest.mark.parametrize("text", READABLE)
def test_what_is_no_secret_is_printed(text: str) -> None:
    assert clean_leaving_text(text) == text


def test_what_begins_like_a_document_and_is_none_is_a_text() -> None:
    assert clean_leaving_text('[trust]\ntoken = "swordfish"\n') == '[trust]\ntoken = "***"\n'


def test_the_callers_secrets_are_hidden_while_a_command_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(secret_hints, "_hidden", set())
    monkeypatch.setenv("SLACK_BOT_TOKEN", "plainswordfish")
    monkeypatch.setenv("SIGNING_KEY", "/home/ada/.ssh/id_ed25519")
    before = sys.stdout, sys.stderr
    with Guarded():
        print("say plainswordfish of /home/ada/.ssh/id_ed25519")
        print("plainswordfish", file=sys.stderr)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("say *** of /home/ada/.ssh/id_ed25519\n", "***\n")
    assert (sys.stdout, sys.stderr) == before
