"""Every way in which git would not run a hook that must be there, in real repositories, by the check itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dirty.dirty_repository import git
from worlds.hooked import Hooked, hook_file

GUARDS = 'guards.prod = ["reference-transaction"]\nguards.dev = ["pre-push"]\n'


@pytest.fixture
def world(tmp_path: Path) -> Hooked:
    made = Hooked(tmp_path)
    configuration = tmp_path / "guardrails.toml"
    configuration.write_text(GUARDS + configuration.read_text())
    return made


def result(world: Hooked, environment: str = "dev", **changes: Any) -> dict[str, Any]:
    """What guards-installed says; `changes` are of the environment of whoever asks."""
    done = world.guardrails(
        "check", "--env", environment, "--policy", "guards-installed", "--format", "json", **changes
    )
    [found] = json.loads(done.stdout)["results"]
    assert done.returncode == {"pass": 0, "skip": 0, "fail": 1, "error": 2}[found["outcome"]]
    return dict(found)


def ended(world: Hooked, found: dict[str, Any], environment: str = "dev", **changes: str) -> None:
    """Run each printed remedy as printed, from the root; the policy then passes."""
    program = world.folder / "bin/guardrails"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m guardrails "$@"\n')
    program.chmod(0o755)
    variables = world.variables(PATH=f"{program.parent}:{os.environ['PATH']}", **changes)
    for remedy in dict.fromkeys(finding["remediation"] for finding in found["findings"]):
        done = subprocess.run(["sh", "-c", remedy], cwd="/", env=variables, capture_output=True, check=False)
        assert done.returncode == 0, (remedy, done.stdout, done.stderr)
    assert result(world, environment, **changes)["outcome"] == "pass"


def hook_of(repo: Path, kind: str = "pre-push") -> Path:
    return repo / ".git/hooks" / kind


def elsewhere(world: Hooked) -> None:
    git(world.dev, "config", "core.hooksPath", str(world.folder / "else where's"))


def older(world: Hooked) -> None:
    hook = hook_of(world.dev)
    hook.write_text(hook.read_text().replace("--env=dev", "--env=other"))


def gone(world: Hooked) -> None:
    hook, memory = hook_of(world.dev), world.home / ".local/state/guardrails/dev/guards.json"
    hook.write_text(hook.read_text().replace(sys.executable, "/gone/python"))
    memory.write_text(memory.read_text().replace(sys.executable, "/gone/python"))


def in_a_linked_tree(world: Hooked) -> None:
    git(world.dev, "worktree", "add", "-q", world.folder / "linked")
    git(world.dev, "config", "extensions.worktreeConfig", "true")
    git(world.folder / "linked", "config", "--worktree", "core.hooksPath", str(world.folder / "apart"))


FAULTS: dict[str, tuple[Callable[[Hooked], object], str]] = {
    "removed": (lambda world: hook_of(world.dev).unlink(), "there is nothing"),
    "no folder": (lambda world: shutil.rmtree(hook_of(world.dev).parent), "there is nothing"),
    "not executable": (lambda world: hook_of(world.dev).chmod(0o644), "not executable"),
    "core.hooksPath": (elsewhere, "else where's"),
    "older": (older, "not what would be installed now"),
    "interpreter": (gone, "which is gone"),
    "emptied": (lambda world: hook_of(world.dev).write_text(""), "not from guardrails"),
    "CRLF": (
        lambda world: hook_of(world.dev).write_bytes(hook_of(world.dev).read_bytes().replace(b"\n", b"\r\n")),
        "not from guardrails",
    ),
    "of somebody else": (lambda world: hook_file(world.dev, "pre-push", "#!/bin/sh\n"), "not from guardrails"),
    "linked work tree": (in_a_linked_tree, "apart"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_guard_that_git_would_not_run_is_found_and_the_remedy_ends_it(world: Hooked, fault: str) -> None:
    assert result(world)["outcome"] == "fail", "it was never installed"
    world.install("pre-push", "dev")
    assert result(world)["outcome"] == "pass"

    spoil, observed = FAULTS[fault]
    spoil(world)
    found = result(world)
    assert found["outcome"] == "fail"
    assert observed in found["findings"][0]["observed"]
    assert world.hook("status", "pre-push", "--env", "dev").returncode == 1
    ended(world, found)


def test_what_was_installed_is_missed_although_nothing_names_it(world: Hooked) -> None:
    configuration = world.folder / "guardrails.toml"
    configuration.write_text(configuration.read_text().replace(GUARDS, ""))
    assert result(world, "prod")["outcome"] == "skip"
    world.install("reference-transaction", "prod")
    assert result(world, "prod")["outcome"] == "pass"
    hook_of(world.prod, "reference-transaction").unlink()
    assert result(world, "prod")["outcome"] == "fail"
    assert world.hook("uninstall", "reference-transaction", "--env", "prod").returncode == 0
    assert result(world, "prod")["outcome"] == "skip"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"hooks": 1}', '{"hooks": [{"kind": "pre-push"}]}', "\xff"])
def test_a_memory_that_cannot_be_read_leaves_it_undecided(world: Hooked, text: str) -> None:
    world.install("pre-push", "dev")
    memory = world.home / ".local/state/guardrails/dev/guards.json"
    memory.write_text(text, encoding="latin-1")
    assert result(world)["outcome"] == "error"
    memory.unlink()
    memory.mkdir()
    assert result(world)["outcome"] == "error"
    memory.rmdir()
    assert result(world)["outcome"] == "pass"


def test_the_configuration_of_the_user_counts(world: Hooked) -> None:
    world.install("pre-push", "dev")
    (world.home / "config").write_text("[core]\n\thooksPath = /nowhere\n")
    found = result(world, GIT_CONFIG_GLOBAL=str(world.home / "config"))
    assert found["outcome"] == "fail"
    ended(world, found, GIT_CONFIG_GLOBAL=str(world.home / "config"))


def test_hooks_among_the_files_of_production_would_be_dirt(world: Hooked) -> None:
    """What package managers configure does not count any more, and no file of the checkout has changed."""
    (world.prod / "git-hooks").mkdir()
    (world.prod / "git-hooks/pre-commit").write_text("#!/bin/sh\n")
    git(world.prod, "add", "-A")
    git(world.prod, "commit", "-qm", "hooks")
    git(world.prod, "config", "core.hooksPath", "git-hooks")
    refused = world.hook("install", "reference-transaction", "--env", "prod")
    assert (refused.returncode, "would show a hook as dirt" in refused.stderr) == (2, True)

    ended(world, result(world, "prod"), "prod")
    assert git(world.prod, "status", "--porcelain", "--ignored") == ""
    git(world.prod, "config", "core.hooksPath", "git-hooks")
    assert result(world, "prod")["outcome"] == "pass"


@pytest.mark.parametrize("own", [True, False])
def test_a_folder_of_hooks_that_is_a_link_out_is_left_alone(world: Hooked, own: bool) -> None:
    shared = world.folder / "shared"
    shared.mkdir()
    link = world.dev / (".git/hooks" if own else ".git/others")
    link.symlink_to(shared)
    if not own:
        git(world.dev, "config", "core.hooksPath", str(link))
    refused = world.hook("install", "pre-push", "--env", "dev")
    assert (refused.returncode, "is a link to" in refused.stderr) == (2, True)
    assert list(shared.iterdir()) == []
    ended(world, result(world))
    assert list(shared.iterdir()) == []


@pytest.mark.parametrize("name", ["it's $(touch owned)", '-"\udcff', "line\nbreak"])
def test_any_name_of_a_repository_is_data(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    world = Hooked(folder)
    (folder / "guardrails.toml").write_text(GUARDS + (folder / "guardrails.toml").read_text())
    found = result(world)
    assert found["outcome"] == "fail"
    world.install("pre-push", "dev")
    assert result(world)["outcome"] == "pass"
    assert world.push("--force", "origin", f"{world.first}:main").returncode != 0
    if name.isprintable():
        hook_of(world.dev).unlink()
        ended(world, found)


def test_a_submodule_and_a_bare_server_have_hooks_of_their_own(world: Hooked) -> None:
    text = (world.folder / "guardrails.toml").read_text().replace('repo = "dev"', 'repo = "prod/sub"')
    git(world.prod, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", world.server, "sub")
    (world.folder / "guardrails.toml").write_text(f'guards.server = ["pre-receive"]\n{text}')
    for kind, environment in (("pre-push", "dev"), ("pre-receive", "server")):
        assert result(world, environment)["outcome"] == "fail"
        world.install(kind, environment)
        assert result(world, environment)["outcome"] == "pass"
    assert (world.prod / ".git/modules/sub/hooks/pre-push").is_file()


@pytest.mark.parametrize(
    ("rules", "file", "fine"),
    [
        ("/.hooks/\n", ".gitignore", True),
        ("/.hooks/*\n!/.hooks/reference-transaction\n", ".gitignore", False),
        ("/.hooks/\n", ".git/info/exclude", False),
    ],
)
def test_only_what_the_checkout_itself_ignores_is_no_dirt(world: Hooked, rules: str, file: str, *, fine: bool) -> None:
    git(world.prod, "config", "core.hooksPath", ".hooks")
    (world.prod / file).parent.mkdir(exist_ok=True)
    (world.prod / file).write_text(rules)
    done = world.hook("install", "reference-transaction", "--env", "prod")
    assert done.returncode == (0 if fine else 2), done.stderr
