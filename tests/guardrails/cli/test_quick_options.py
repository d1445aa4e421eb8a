"""The quick reader and argparse read the same; what the quick one leaves alone, argparse explains."""

from __future__ import annotations

import random
from typing import Any

import pytest

from guardrails.cli import parser
from guardrails.cli.commands import check, hook
from guardrails.cli.quick_options import NotUsualError, QuickOptions, read_given
from guardrails.errors import UsageError

WORDS = {
    "check": """
        --env prod --env=dev --op promote --op= --after --online --candidate HEAD~1 --at 2026-02-01T10:00:00Z --at=now
        --config a.toml --config-ref main --timeout 5 --timeout=0 --jobs 3 --jobs=x --policy clean-worktree --policy=x
        --skip y --format json --format=z --output text:a.log --output=nothing --key k --quiet --verbose -q -h -- -
        --quie --after=yes extra --updates --remote""",
    "hook": """
        install status run pre-push reference-transaction prepared --env prod --env= --config g.toml --remote origin
        --url=u --from-pre-commit extra -x --""",
}


def by_argparse(command: str, words: list[str]) -> dict[str, Any] | None:
    try:
        return vars(parser.read([command, *words]))
    except (UsageError, SystemExit):
        return None


@pytest.mark.parametrize(("command", "configure"), [("check", check.configure), ("hook", hook.configure)])
def test_both_read_the_same(
    command: str, configure: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = random.Random(7)
    read = 0
    for number in range(4000):
        monkeypatch.setenv("GUARDRAILS_TIMEOUT", chosen.choice(["4", "10"]) if number % 7 else "much")
        words = chosen.choices([*WORDS[command].split(), ""], k=chosen.randrange(7))
        options = QuickOptions()
        try:
            configure(options)
            quick = vars(options.read(words))
        except NotUsualError:
            continue
        read += 1
        assert quick == by_argparse(command, words), words
    assert read > 20
    capsys.readouterr()


def test_what_is_wrong_is_explained() -> None:
    with pytest.raises(UsageError, match="--jobs: many is not a whole number"):
        read_given(["check", "--jobs", "many"])
