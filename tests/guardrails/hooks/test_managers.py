"""Beside the real managers of hooks: both guard, displacement is noticed, and all comes off again byte for byte."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dirty.dirty_repository import git, wait_for_the_next_second
from needs import hook_managers
from progress import run_to_its_end
from worlds.hooked import Hooked, hook_file

HEARD = 'printf "%s\\n" "$0" >> heard; cat >> heard; exit ${CODE:-0}'  # a hook that keeps its name and its input


class Managed:
    """The world of `Hooked`, whose development checkout uses a manager of hooks for its own pre-push."""

    def __init__(self, folder: Path, manager: str) -> None:
        self.tools, self.manager = hook_managers(), manager
        self.hooked = Hooked(folder)
        self.repo = self.hooked.dev
        _SETUPS[manager](self)
        (self.repo / ".gitignore").write_text("/heard\n")
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-qm", "hooks")
        self.manage()

    def run(self, *command: str | Path) -> None:
        """Run a program of the manager in the checkout."""
        done = run_to_its_end(
            command,
            cwd=self.repo,
            env=self.variables(),
            text=True,
        )
        assert done.returncode == 0, (done.stdout, done.stderr)

    def variables(self) -> dict[str, str]:
        path = f"{self.tools}/node_modules/.bin:{self.tools}/venv/bin:{os.environ['PATH']}"
        return self.hooked.variables(PATH=path)

    def manage(self) -> None:
        """Have the manager put its hooks in place, as installing the packages of a checkout does."""
        self.run(*_RUNS[self.manager])

    def pushes(self, ref: str, what: str = "HEAD", *options: str, **changes: str) -> bool:
        """Whether git pushes something to a ref; what is at HEAD is new, since pre-commit looks at nothing else."""
        if what == "HEAD":
            git(self.repo, "commit", "-q", "--allow-empty", "-m", ref)
        done = run_to_its_end(
            ["git", "push", "-q", *options, "origin", f"{what}:{ref}"],
            cwd=self.repo,
            env={**self.variables(), **changes},
        )
        return done.returncode == 0

    def heard(self) -> str:
        """What the hook of the checkout was given since last asked."""
        path = self.repo / "heard"
        text = path.read_text() if path.exists() else ""
        path.unlink(missing_ok=True)
        return text

    def guards(self) -> bool:
        """Whether a push that the policies deny is refused, and one that they allow is not."""
        if self.pushes("refs/heads/main", self.hooked.first, "--force"):
            self.pushes("refs/heads/main", self.hooked.second, "--force", "--no-verify")
            return False
        self.heard()
        return self.pushes(f"refs/heads/free-{os.urandom(4).hex()}")


def _husky(managed: Managed) -> None:
    (managed.repo / ".husky").mkdir()
    (managed.repo / ".husky/pre-push").write_text(f"{HEARD}\n")


def _lefthook(managed: Managed) -> None:
    jobs = {"pre-push": {"jobs": [{"name": "own", "run": HEARD, "use_stdin": True}]}}
    (managed.repo / "lefthook.json").write_text(json.dumps(jobs))


def _pre_commit(managed: Managed) -> None:
    hook = {"id": "own", "name": "own", "language": "system", "always_run": True, "stages": ["pre-push"]}
    hook["entry"] = "sh -c 'echo $PRE_COMMIT_REMOTE_BRANCH >> heard; exit ${CODE:-0}'"
    (managed.repo / ".pre-commit-config.yaml").write_text(json.dumps({"repos": [{"repo": "local", "hooks": [hook]}]}))


def _simple_git_hooks(managed: Managed) -> None:
    (managed.repo / "package.json").write_text(json.dumps({"simple-git-hooks": {"pre-push": HEARD}}))


_SETUPS: dict[str, Callable[[Managed], None]] = {
    "husky": _husky,
    "lefthook": _lefthook,
    "pre-commit": _pre_commit,
    "simple-git-hooks": _simple_git_hooks,
}
_RUNS = {
    "husky": ("husky",),
    "lefthook": ("lefthook", "install", "--force"),
    "pre-commit": ("pre-commit", "install", "--hook-type", "pre-push"),
    "simple-git-hooks": ("simple-git-hooks",),
}
MANAGERS = list(_SETUPS)


@pytest.fixture(params=MANAGERS)
def managed(request: pytest.FixtureRequest, tmp_path: Path) -> Managed:
    return Managed(tmp_path, request.param)


def hooks(repo: Path) -> dict[str, tuple[int, bytes]]:
    """Every file where the hooks of a checkout are, and its configuration."""
    folder = Path(git(repo, "rev-parse", "--path-format=absolute", "--git-path", "hooks"))
    files = [*folder.iterdir(), repo / ".git/config"]
    return {path.name: (path.stat().st_mode, path.read_bytes()) for path in files if path.is_file()}


@pytest.mark.sample(2)
def test_both_guard_and_each_gets_the_whole_input(managed: Managed) -> None:
    before, world = hooks(managed.repo), managed.hooked
    world.install("pre-push", "dev")
    assert git(managed.repo, "status", "--porcelain") == ""

    assert managed.guards()
    heard = managed.heard()
    assert "refs/heads/free-" in heard
    if managed.manager in ("husky", "simple-git-hooks"):
        assert heard.splitlines()[0].endswith("/pre-push"), "it goes by its own name"
    assert not managed.pushes("refs/heads/theirs", CODE="3"), "what they refuse stays refused"

    world.install("pre-push", "dev")
    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert hooks(managed.repo) == before


@pytest.mark.sample(2)
def test_displacement_is_noticed_and_the_printed_line_ends_it(managed: Managed, tmp_path: Path) -> None:
    world, before = managed.hooked, hooks(managed.repo)
    said = world.hook("install", "pre-push", "--env", "dev").stdout
    assert f"{managed.manager} " in said

    managed.manage()
    status = world.hook("status", "pre-push", "--env", "dev")
    if managed.manager == "pre-commit":
        assert status.returncode == 0, "pre-commit keeps it, and runs it first"
        assert managed.guards()
        managed.run("pre-commit", "install", "--overwrite", "--hook-type", "pre-push")
        status = world.hook("status", "pre-push", "--env", "dev")
    assert status.returncode == 1
    assert f"from {managed.manager}" in status.stdout
    assert not managed.guards()
    checked = world.guardrails("check", "--env", "dev", "--policy", "guards-installed")
    assert (checked.returncode, managed.manager in checked.stdout) == (1, True)

    [line] = [line.removeprefix("do: ") for line in status.stdout.splitlines() if line.startswith("do: ")]
    assert line.removeprefix("guardrails ") in checked.stdout.replace("\n", " ") or line in checked.stdout
    for _ in range(2):
        anywhere(world, line)
        assert world.hook("status", "pre-push", "--env", "dev").returncode == 0
        assert world.guardrails("check", "--env", "dev", "--policy", "guards-installed").returncode == 0
    assert managed.guards()
    managed.manage()
    anywhere(world, line)

    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert hooks(managed.repo) == before


def test_what_a_manager_has_put_over_ours_can_be_left_to_it(managed: Managed) -> None:
    world, before = managed.hooked, hooks(managed.repo)
    world.install("pre-push", "dev")
    managed.manage()
    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert hooks(managed.repo) == before
    checked = world.guardrails("check", "--env", "dev", "--policy", "guards-installed")
    assert (checked.returncode, "none was installed" in checked.stdout) == (0, True), "nothing is asked for any more"


def test_a_hook_of_ones_own_survives_pre_commit_and_us(tmp_path: Path) -> None:
    managed = Managed(tmp_path, "pre-commit")
    world = managed.hooked
    managed.run("pre-commit", "uninstall", "--hook-type", "pre-push")
    hook_file(managed.repo, "pre-push", f"#!/bin/sh\n{HEARD}\n")
    world.install("pre-push", "dev")
    managed.manage()

    status = world.hook("status", "pre-push", "--env", "dev")
    assert (status.returncode, "before its own hooks" in status.stdout) == (0, True)
    assert managed.guards()
    assert managed.heard().count("refs/heads/free-") == 2, "theirs and pre-commit's"
    world.install("pre-push", "dev")
    assert managed.guards()
    assert world.hook("uninstall", "pre-push", "--env", "dev").returncode == 0
    assert managed.pushes("refs/heads/late")
    assert managed.heard().count("refs/heads/late") == 2


def test_what_pre_commit_runs_is_believed_only_as_pre_commit_wrote_it(tmp_path: Path) -> None:
    managed = Managed(tmp_path, "pre-commit")
    world, hook = managed.hooked, managed.repo / ".git/hooks/pre-push"
    world.install("pre-push", "dev")
    managed.manage()
    text = hook.read_text()
    for edit in (
        text.replace("# end templated", "exit 0"),
        text.replace("ARGS=(hook-impl", "ARGS=(sample-config; exit 0 #"),
        text + "\nexit 0\n",
    ):
        assert edit != text
        hook.write_text(edit)
        assert world.hook("status", "pre-push", "--env", "dev").returncode == 1
    hook.write_text(text)
    (hook.parent / "pre-push.legacy").chmod(0o644)
    assert world.hook("status", "pre-push", "--env", "dev").returncode == 1


def test_simple_git_hooks_takes_away_what_it_does_not_know_and_that_is_said(tmp_path: Path) -> None:
    managed = Managed(tmp_path, "simple-git-hooks")
    world = managed.hooked
    git(world.prod, "pull", "-q", managed.repo, "main")
    done = world.hook("install", "reference-transaction", "--env", "prod")
    assert (done.returncode, "simple-git-hooks writes" in done.stdout) == (0, True)
    managed.repo = world.prod
    managed.manage()
    assert world.hook("status", "reference-transaction", "--env", "prod").returncode == 1
    checked = world.guardrails("check", "--env", "prod", "--policy", "guards-installed")
    assert (checked.returncode, "there is nothing" in checked.stdout) == (1, True)


def test_husky_8_keeps_its_hooks_among_the_files_and_they_are_not_replaced(tmp_path: Path) -> None:
    world, tools = Hooked(tmp_path), hook_managers()
    subprocess.run(
        ["node", tools / "node_modules/husky8/lib/bin.js", "install"],
        cwd=world.dev,
        env=world.variables(),
        check=True,
        capture_output=True,
    )
    hook = world.dev / ".husky/pre-push"
    hook.write_text(f'#!/usr/bin/env sh\n. "$(dirname -- "$0")/_/husky.sh"\n\n{HEARD}\n')
    hook.chmod(0o755)
    git(world.dev, "add", "-A")
    git(world.dev, "commit", "-qm", "husky")

    refused = world.hook("install", "pre-push", "--env", "dev")
    assert (refused.returncode, "git tracks" in refused.stderr) == (2, True)
    assert git(world.dev, "status", "--porcelain") == ""
    way_out = refused.stderr.partition("its own first: ")[2].strip()
    subprocess.run(["sh", "-c", way_out], cwd="/", env=world.variables(), check=True)
    world.install("pre-push", "dev")
    git(world.dev, "config", "core.hooksPath", ".husky")  # as husky does when it runs again
    assert world.hook("status", "pre-push", "--env", "dev").returncode == 0


def anywhere(world: Hooked, line: str) -> None:
    """Run a printed line as it was printed, from another folder."""
    program = world.folder / "bin/guardrails"
    if not program.exists():
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m guardrails "$@"\n')
        program.chmod(0o755)
    variables = world.variables(PATH=f"{program.parent}:{os.environ['PATH']}")
    done = subprocess.run(["sh", "-c", line], cwd="/", env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout, done.stderr)


@pytest.mark.parametrize("stays", [False, True])
def test_lefthook_takes_our_place_in_a_push_unless_it_is_told_not_to(stays: bool, tmp_path: Path) -> None:
    managed = Managed(tmp_path, "lefthook")
    world, own = managed.hooked, managed.repo / "lefthook.json"
    own.write_text(json.dumps({"no_auto_install": stays, **json.loads(own.read_text())}))
    managed.manage()
    world.install("pre-push", "dev")
    wait_for_the_next_second()  # lefthook looks at a configuration again when its time in seconds is another one
    own.write_text(own.read_text().replace('"own"', '"changed"'))
    assert managed.pushes("refs/heads/one")

    assert (world.hook("status", "pre-push", "--env", "dev").returncode == 0) == stays
    assert managed.guards() == stays
