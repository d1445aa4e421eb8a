"""Real guards in real repositories, spoiled in each way that is known: who fires, who does not, and what is left."""

from __future__ import annotations

import json
import re
import stat
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git, script, snapshot
from guardrails import config
from guardrails.canaries import sending
from guardrails.canaries.canary import CanaryResult, exit_code
from guardrails.canaries.sending import Patience, send_canaries
from guardrails.operations.guarded_run.lock import hold_lock
from worlds.hooked import Hooked

GUARDS = {"dev": "pre-push", "prod": "reference-transaction", "server": "pre-receive"}
POLICIES = {"dev": "protected-refs", "prod": "no-direct-edits", "server": "protected-refs"}
SHORT = Patience(program=30.0, log=1.0)


class Guarded(Hooked):
    """Three repositories, each with the guard that suits it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.configuration = folder / "guardrails.toml"
        for name, kind in GUARDS.items():
            self.install(kind, name)
        self.repos = {"dev": self.dev, "prod": self.prod, "server": self.server}

    def hook(self, name: str) -> Path:  # type: ignore[override]
        """Where the guard of an environment is."""
        return (self.server if name == "server" else self.repos[name] / ".git") / "hooks" / GUARDS[name]

    def install(self, kind: str, environment: str) -> None:
        done = self.guardrails("hook", "install", kind, "--env", environment)
        assert done.returncode == 0, (done.stdout, done.stderr)

    def send(self, *names: str, patience: Patience = SHORT) -> dict[str, CanaryResult]:
        """Send canaries into the environments, by default all three."""
        settings = config.load(str(self.configuration))
        environments = [settings.environments[name] for name in names or GUARDS]
        found = send_canaries(settings, environments, str(self.configuration), patience)
        return {one.environment: one for one in found}

    def files(self) -> dict[str, tuple[object, ...]]:
        """All of the repositories, with the times of files: git takes locks, which changes those of folders."""
        found = snapshot(*self.repos.values())
        return {path: known[:3] if stat.S_ISDIR(int(str(known[1]))) else known for path, known in found.items()}

    def log(self, name: str) -> Path:
        return self.home / ".local/state/guardrails" / name / "audit.jsonl"

    def logged(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log(name).read_text().split("\n") if line]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    return Guarded(tmp_path_factory.mktemp("guarded"))


@pytest.fixture
def world(built: Guarded, monkeypatch: pytest.MonkeyPatch) -> Iterator[Guarded]:
    """The guarded repositories, with sound hooks; and the variables of whoever works in them."""
    for name, value in built.variables().items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(built.folder)
    sound = {name: built.hook(name).read_bytes() for name in GUARDS}
    yield built
    for name, text in sound.items():
        built.hook(name).unlink(missing_ok=True)
        built.hook(name).write_bytes(text)
        built.hook(name).chmod(0o755)


def test_sound_guards_fire_and_leave_their_records_alone(world: Guarded) -> None:
    before = world.files()
    old = {name: world.logged(name) for name in GUARDS}
    around = snapshot(world.home, times=False)
    found = world.send()

    assert exit_code(found.values()) == 0
    assert world.files() == before
    for name, one in found.items():
        assert (one.held, one.logged, one.played, one.exit_code) == (True, True, True, 1), one
        assert (one.id, one.channel, POLICIES[name] in one.policies) == (f"{name}/{GUARDS[name]}", GUARDS[name], True)
        announced, refused = world.logged(name)[len(old[name]) :]
        assert (announced["kind"], announced["canary"], announced["channel"]) == ("canary", one.canary, one.channel)
        assert any(str(one.canary) in move for move in refused["moves"])
    after = snapshot(world.home, times=False)
    changed = {path for path in around.keys() | after.keys() if around.get(path) != after.get(path)}
    assert {path for path in changed if ".cache" not in path} == {str(world.log(name)) for name in GUARDS}


@pytest.mark.parametrize("name", GUARDS)
def test_a_wrapper_that_hands_on_what_looks_like_a_canary_is_no_guard(world: Guarded, name: str) -> None:
    hook, kept = world.hook(name), world.folder / f"kept-{name}"
    kept.write_bytes(hook.read_bytes())
    kept.chmod(0o755)
    hook.write_text(f'#!/bin/sh\nexec "{kept}" "$@"\n')
    one = world.send(name)[name]
    assert (one.held, one.logged) == (False, True)
    assert one.text.startswith("it was refused, but what asks the guard is not sound: ")


SPOILED = {
    "removed": None,
    "exit 0": "#!/bin/sh\nexit 0\n",
    "only said": "#!/bin/sh\necho 'guardrails: blocked' >&2\nexit 0\n",
    "refused by somebody else": "#!/bin/sh\necho 'no, says another' >&2\nexit 1\n",
    "not executable": "",
}
SAYS = {
    "removed": "let through: not installed",
    "exit 0": "let through: not installed",
    "only said": "what was said: .*guardrails: blocked",
    "refused by somebody else": "does not tell of it",
    "not executable": "not executable",
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_guard_that_is_gone_is_named_and_nothing_is_left(world: Guarded, how: str) -> None:
    for name in GUARDS:
        hook, text = world.hook(name), SPOILED[how]
        if text is None:
            hook.unlink()
        elif text:
            hook.write_text(text)
        else:
            hook.chmod(0o644)
    before = world.files()
    found = world.send()
    assert exit_code(found.values()) == 1
    assert world.files() == before
    for name, one in found.items():
        assert (one.held, one.logged, one.played, one.policies) == (False, False, True, ()), one
        assert one.exit_code == (2 if how == "refused by somebody else" else 0)
        assert re.search(SAYS[how], one.text), one.text
        assert f"guardrails hook install {GUARDS[name]} --env {name}" in one.do
        assert world.logged(name)[-1]["kind"] == "canary"


def test_a_hook_that_is_displaced_is_named(world: Guarded, tmp_path: Path) -> None:
    for name in GUARDS:
        git(world.repos[name], "config", "core.hooksPath", str(tmp_path))
    before = world.files()
    found = world.send()
    assert world.files() == before
    for name in GUARDS:
        git(world.repos[name], "config", "--unset", "core.hooksPath")
    assert exit_code(found.values()) == 1
    assert all(one.place == str(tmp_path / GUARDS[name]) for name, one in found.items())
    assert all(str(tmp_path) in one.text for one in found.values())


def test_a_hook_whose_interpreter_is_gone_did_not_fire(world: Guarded) -> None:
    for name in GUARDS:
        world.hook(name).write_text(re.sub("(?m)^python=.*$", "python=/gone/python", world.hook(name).read_text()))
    before = world.files()
    found = world.send()
    assert (exit_code(found.values()), world.files()) == (1, before)
    assert [(one.held, one.exit_code) for one in found.values()] == [(False, 2)] * 3
    assert all("does not tell of it" in one.text for one in found.values())


def test_a_hook_that_hangs_is_given_up_and_git_takes_back_its_locks(world: Guarded, tmp_path: Path) -> None:
    for name in GUARDS:
        script(world.hook(name), f"echo >{tmp_path}/{name}", "sleep 600")
    before = world.files()
    found = world.send(patience=Patience(program=3.0, log=1.0))
    assert {path.name for path in tmp_path.iterdir()} == GUARDS.keys()
    assert (exit_code(found.values()), world.files()) == (1, before)
    assert [(one.held, one.exit_code) for one in found.values()] == [(False, 2)] * 3
    assert all(one.text.startswith("it gave no answer within 3 s") for one in found.values())


def test_a_log_that_cannot_be_written_is_undecided_and_nothing_is_sent(world: Guarded, tmp_path: Path) -> None:
    for name in GUARDS:
        world.log(name).chmod(0o666)
        script(world.hook(name), f"echo >{tmp_path}/{name}", "exit 1")
    before, old = world.files(), {name: world.log(name).read_bytes() for name in GUARDS}
    found = world.send()
    for name in GUARDS:
        world.log(name).chmod(0o600)
    assert (exit_code(found.values()), world.files()) == (2, before)
    assert {name: world.log(name).read_bytes() for name in GUARDS} == old
    assert [(one.held, one.played, one.exit_code) for one in found.values()] == [(False, False, 2)] * 3
    assert all("audit log" in one.text and one.do == "" for one in found.values())
    assert [*tmp_path.iterdir()] == []


def test_a_refusal_that_its_guard_cannot_log_is_waited_for_and_does_not_count(world: Guarded, tmp_path: Path) -> None:
    """Every byte of the hook is right, and the log that it writes is another one."""
    python = script(tmp_path / "python", f"export HOME={tmp_path}", f'exec {sys.executable} "$@"')
    memory = world.log("dev").parent / "guards.json"
    for path in (memory, world.hook("dev")):
        path.write_text(path.read_text().replace(sys.executable, str(python)))
    found = world.send("dev")["dev"]
    memory.write_text(memory.read_text().replace(str(python), sys.executable))
    assert (found.held, found.logged, found.played, found.exit_code) == (False, False, True, 2)
    assert "it was refused, but" in found.text
    assert found.duration_ms >= 1000


def test_what_no_policy_speaks_against_is_said(world: Guarded, tmp_path: Path) -> None:
    """The hook is there, and is asked; nothing that it asks would refuse the canary."""
    kept = world.configuration.read_text()
    world.configuration.write_text(f'{kept}\n[policies.protected-refs]\nwhen = {{ prod = ["push"] }}\n')
    found = world.send("dev")["dev"]
    world.configuration.write_text(kept)
    assert (found.held, found.logged, found.exit_code) == (False, True, 0), found
    assert "no policy of dev speaks against it" in found.text
    assert "guardrails explain push" in found.do


def test_a_guard_that_cannot_decide_is_undecided(world: Guarded) -> None:
    (world.dev / ".git/shallow").write_text(f"{world.first}\n")
    found = world.send("dev")
    (world.dev / ".git/shallow").unlink()
    assert (found["dev"].held, found["dev"].logged, exit_code(found.values())) == (False, True, 2), found
    assert "could not be decided" in found["dev"].text


def test_a_repository_that_is_gone_cannot_be_played(world: Guarded) -> None:
    away = world.dev.rename(world.folder / "away")
    found = world.send("dev", "prod")
    away.rename(world.dev)
    assert (found["dev"].played, found["prod"].held, exit_code(found.values())) == (False, True, 2)
    assert (str(world.dev) in found["dev"].text, found["dev"].operation) == (True, "push")


def test_no_branch_is_locked_while_a_guarded_run_is_under_way(
    world: Guarded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "hold_lock", partial(hold_lock, patience=0.1))
    with hold_lock(str(world.prod / ".git"), "promote in prod", home=str(tmp_path)):
        found = world.send("prod")["prod"]
    assert (found.played, "another guarded run is under way" in found.text) == (False, True)
    assert world.send("prod")["prod"].held


def test_what_was_installed_cannot_be_read(world: Guarded) -> None:
    memory = world.log("dev").parent / "guards.json"
    kept = memory.read_text()
    memory.write_text("{}")
    found = world.send("dev")
    memory.write_text(kept)
    assert (found["dev"].played, exit_code(found.values())) == (False, 2)
    assert str(memory) in found["dev"].text


def test_no_guard_is_no_proof() -> None:
    assert exit_code([]) == 2
