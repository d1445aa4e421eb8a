"""A deployment in which promotions, updates and rollbacks can be run for real, with a `pnpm` that only says so."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from dirty.dirty_repository import git
from worlds.small_world import RELEASE, SmallWorld, small_world

PROMOTE = ("promote", "--env", "prod", "--candidate", RELEASE)
REFUSED, UNVERIFIED = 125, 124

_PNPM = """#!/bin/sh
echo "pnpm $*"
case "$1 $(cat "$PNPM_FAILS" 2>/dev/null)" in "build yes") echo "no space left"; exit 3;; esac
"""


class GuardedWorld:
    """The small world, and programs on its path; `fails` is a file that makes `pnpm build` fail while it says yes."""

    def __init__(self, folder: Path) -> None:
        self.world: SmallWorld = small_world(folder)
        self.prod, self.dev, self.upstream = self.world.prod, self.world.dev, self.world.upstream
        self.folder = folder
        self.fails = folder / "fails"
        self.programs = folder / "programs"
        self.programs.mkdir()
        (self.programs / "pnpm").write_text(_PNPM)
        (self.programs / "pnpm").chmod(0o755)
        self.before = git(self.prod, "rev-parse", "HEAD")
        self.release = git(self.dev, "rev-parse", RELEASE)

    def environment(self, **more: str | None) -> dict[str, str | None]:
        path = f"{self.programs}:/usr/local/bin:/usr/bin:/bin"
        return {"PATH": path, "PNPM_FAILS": str(self.fails), **more}

    def run(self, *arguments: str, env: dict[str, str | None] | None = None, **rest: Any) -> Any:
        """`guardrails run` to its end."""
        return self.world.run("run", *arguments, env=self.environment(**(env or {})), **rest)

    def start(self, *arguments: str, **rest: Any) -> subprocess.Popen[str]:
        """Start `guardrails run`, in a session of its own."""
        return self.world.start("run", *arguments, env=self.world.environment(**self.environment()), **rest)

    def head(self) -> str:
        return git(self.prod, "rev-parse", "HEAD")

    def journal(self) -> dict[str, Any]:
        """What the newest journal says."""
        newest = max((self.prod / ".git/guardrails/runs").iterdir(), key=lambda path: path.name)
        said: dict[str, Any] = json.loads((newest / "journal.json").read_text())
        return said

    def output(self, number: int) -> str:
        newest = max((self.prod / ".git/guardrails/runs").iterdir(), key=lambda path: path.name)
        return (newest / f"step-{number}.log").read_text()

    def steps(self, operation: str, *steps: str) -> None:
        """Replace the steps of an operation; what is promoted is approved anew."""
        self.world.configure(f"[operations.{operation}]\nsteps = {json.dumps(list(steps))}\n")
        if operation == "promote":
            self.world.sign_off()

    def only(self, *policies: str) -> None:
        """Write a configuration with these policies of promote alone, so that a run is quick."""
        folder = self.world.folder
        tables = [
            f'[policies.{name}]\nwhen = ["promote"]\nenforcement = "hard-mandatory"\n{more}\n'
            for name, _, more in (policy.partition("\n") for policy in policies)
        ]
        text = (
            f'[environments.prod]\nrepo = "{folder}/prod"\nstate_dir = "{folder}/state/prod"\nbranch = "main"\n'
            f'upstream = "upstream/main"\n[environments.dev]\nrepo = "{folder}/dev"\n[operations.promote]\n'
            'environment = "prod"\ncandidate_from = "dev"\nmoves_head_to = "candidate"\n'
            'steps = ["git merge -q --ff-only {candidate}"]\n'
        )
        self.world.configuration.write_text(text + "".join(tables), encoding="utf-8")


def no_permit(repo: Path) -> bool:
    """Whether no permission is left behind."""
    return not os.path.lexists(repo / ".git/guardrails/permit")
