"""GUARDRAILS_CONFIG names the configuration of every command that takes --config, and empty it names none."""

from __future__ import annotations

import pytest

from guardrails.cli.commands import COMMANDS
from guardrails.cli.parser import parser_of
from worlds.guarded_world import PROMOTE
from worlds.small_world import SmallWorld, small_world

PROD = ("--env", "prod")
ASKED = (
    ("check", *PROD),
    ("verify", "verdict.json", *PROD),
    ("plan", *PROMOTE),
    ("attest", "test", *PROD, "--", "true"),
    ("signoff", *PROD, "--role", "architect-1", "--commit", "HEAD", "--decision", "approved", "--signer", "a"),
    ("rescue", "save", *PROD),
    ("rescue", "list", *PROD),
    ("waive", "clean-worktree", *PROD, "--owner", "a", "--reason", "a", "--expires", "1h"),
    ("run", *PROMOTE),
    ("policies",),
    ("explain", "clean-worktree"),
    ("log", "show", *PROD),
    ("log", "verify", *PROD),
    ("history", *PROD),
    ("report", *PROD, "--output", "page.html"),
    ("doctor",),
    ("drill", "--installed"),
    ("watch", *PROD, "--once"),
    ("watch", "status"),
    ("vet", "--write", "elsewhere"),
    ("config", "show"),
    ("hook", "install", "pre-push", *PROD),
    ("hook", "status", "pre-push", *PROD),
    ("hook", "run", "pre-push", *PROD),
    ("hook", "uninstall", "pre-push", *PROD),
)
REFUSED = "there is no such configuration file"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    return small_world(tmp_path_factory.mktemp("variable"))


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_it_counts_unless_it_is_empty(world: SmallWorld, arguments: tuple[str, ...]) -> None:
    named = world.run(*arguments, env={"GUARDRAILS_CONFIG": "gone.toml"})
    assert f"gone.toml: {REFUSED}" in named.stdout + named.stderr
    empty = world.run(*arguments, env={"GUARDRAILS_CONFIG": ""})
    assert REFUSED not in empty.stdout + empty.stderr


def test_each_command_that_takes_a_configuration_is_asked() -> None:
    taking = {name for name in COMMANDS if any("--config" in one.option_strings for one in parser_of(name)._actions)}
    assert taking == {arguments[0] for arguments in ASKED}
