"""`[guards]` says which hooks must be installed: kinds that there are, where they can be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dirty.dirty_repository import git
from guardrails import config
from guardrails.config.policy_set import portable_digest
from guardrails.config.settings import Settings
from guardrails.config.snapshot import restore_settings
from guardrails.errors import ConfigurationError
from guardrails.facts.approval.signatures import AllowedSigners
from guardrails.record import plain
from worlds.hooked import Hooked

WORLD = """
[environments.prod]
repo = "prod"
branch = "main"
[environments.dev]
repo = "dev"
[operations.push]
[policies.protected-refs]
when = { dev = ["push"] }
"""


def settings(folder: Path, text: str) -> Settings:
    path = folder / "guardrails.toml"
    path.write_text(text + WORLD, encoding="utf-8")
    return config.read(str(path))[0]


def test_it_is_part_of_every_digest_and_of_the_snapshot(tmp_path: Path) -> None:
    none = settings(tmp_path, "")
    some = settings(tmp_path, 'guards = { prod = ["reference-transaction"], dev = ["pre-push", "pre-push"] }')
    assert some.guards == {"prod": ("reference-transaction",), "dev": ("pre-push",)}
    assert restore_settings(json.loads(json.dumps(plain(some)))).guards == some.guards
    assert none.digest != some.digest
    signers = AllowedSigners(None)
    assert portable_digest(none, "prod", signers) != portable_digest(some, "prod", signers)


@pytest.mark.parametrize(
    ("guards", "says"),
    [
        ('prd = ["pre-push"]', "did you mean prod?"),
        ('dev = ["pre-pusch"]', "must be pre-push, pre-receive, reference-transaction, claude-code"),
        ('dev = ["claude"]', "must be pre-push"),
        ('dev = "pre-push"', "must be a list"),
        ("dev = [1]", "must be pre-push"),
        ('dev = ["reference-transaction"]', "set branch in dev"),
        ('prod = ["pre-push"]', "no policy applies to a push in prod"),
    ],
)
def test_what_cannot_be_installed_is_refused_with_its_line(tmp_path: Path, guards: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        settings(tmp_path, f"[guards]\n{guards}\n")
    assert says in str(error.value)
    assert "guardrails.toml:2: " in str(error.value)


def test_a_change_that_drops_a_guard_is_looser(tmp_path: Path) -> None:
    world = Hooked(tmp_path)
    guards = 'guards.dev = ["pre-push"]\n'
    text = (tmp_path / "guardrails.toml").read_text().replace('"dev"', f'"{world.dev}"')
    (world.dev / "guardrails.toml").write_text(guards + text)
    git(world.dev, "add", "-A")
    git(world.dev, "commit", "-qm", "guarded")
    git(world.dev, "branch", "trusted")

    def loosened() -> list[str]:
        done = world.guardrails("check", "--env", "dev", "--config-ref", "trusted", "--format", "json", cwd=world.dev)
        [found] = [one for one in json.loads(done.stdout)["results"] if one["policy"] == "tightening-only"]
        return [finding["observed"] for finding in found["findings"]]

    assert loosened() == []
    (world.dev / "guardrails.toml").write_text(text)
    assert loosened() == ["pre-push need not guard dev any more"]
