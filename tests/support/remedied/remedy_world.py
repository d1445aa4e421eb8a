"""A deployment in which printed remedies are run as printed, from a folder that has nothing to do with it."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dirty.dirty_repository import git
from guardrails import Action, Finding, Record
from guardrails.cli import request_options
from guardrails.cli.commands import check
from guardrails.engine.gate import clean
from guardrails.engine.gather import Gathering
from guardrails.engine.worker import conclude
from guardrails.facts.programs.side_by_side import SideBySide
from guardrails.request import Question
from progress import run_to_its_end
from remedied.finding_sites import recorded
from worlds.small_world import small_world

_PROGRAMS = {
    "guardrails": f'exec {sys.executable} -m guardrails "$@"',
    "pnpm": 'case "$1" in\n'
    "install) mkdir -p node_modules/.pnpm && cp pnpm-lock.yaml node_modules/.pnpm/lock.yaml;;\n"
    'build) mkdir -p dist && printf \'{"commit": "%s"}\' "$(git rev-parse HEAD)" > dist/build-info.json;;\nesac',
    "crontab": "echo '0 1 * * * another'",
    "launchctl": 'echo launchctl "$@" >> "$CALLS"',
    "systemctl": 'echo systemctl "$@" >> "$CALLS"; case "$*" in *" cat "*) exit 0;; esac',
    "openclaw": f'exec {sys.executable} {Path(__file__).with_name("fake_openclaw.py")} "$@"',
    "node": f'shift; exec {sys.executable} {Path(__file__).with_name("fake_openclaw.py")} "$@"',
    "plutil": 'cat "$2"',
    "PlistBuddy": f'exec {sys.executable} {Path(__file__).with_name("fake_plist_buddy.py")} "$@"',
}
_SHELLS = {
    "sh": ["sh", "-c"],
    "bash": ["bash", "-c"],
    "zsh": ["zsh", "-f", "-c"],
    "fish": ["fish", "--no-config", "-c"],
}
_VOLATILE = re.compile(r"/\.git/(index|FETCH_HEAD)$|^home/\.(cache|local|config/guardrails)(/|$)")
_BY_HAND = re.compile(r"(systemctl|launchctl) .*\b(stop|restart|disable|kill|bootout|unload|kickstart|mask)\b")


Change = Callable[[dict[str, Any]], dict[str, Any]]


class Outcome(Record):
    """What a policy found, each finding with the place in the code where it was made."""

    findings: tuple[Finding, ...]
    sites: tuple[str, ...]
    outcome: str
    reason: str | None


class RemedyWorld:
    """The small world, copied back to what it was before each scene."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.small = folder, small_world(folder / "live")
        self.prod, self.dev, self.upstream = self.small.prod, self.small.dev, self.small.upstream
        self.home, self.state = self.small.home, self.small.prod_state
        self.elsewhere, self.programs = folder / "elsewhere", folder / "programs"
        self.calls = folder / "calls"
        for path in (self.elsewhere, self.programs):
            path.mkdir()
        for name, body in _PROGRAMS.items():
            path = self.programs / name
            path.write_text(f"#!/bin/sh\n{body}\n")
            path.chmod(0o755)
        (self.home / ".config/fish").mkdir(parents=True)  # which a fish makes
        (self.home / ".gitconfig").write_text("[user]\nname = Grace Example\nemail = grace@example.org\n")
        self.variables: dict[str, str | None] = {}
        self.call: tuple[Action, ...] | None = None  # what an agent is about to do
        self.tries_again = False  # once it has typed what it was told
        self.running = ExitStack()  # processes of the scene
        self.small.report("--env", "prod")  # so that the configuration is validated once
        shutil.copytree(folder / "live", folder / "pristine", symlinks=True)

    def fresh(self) -> None:
        """Make everything as it was."""
        self.running.close()
        for name in ("world", "home"):
            shutil.rmtree(self.folder / "live" / name)
            shutil.copytree(self.folder / "pristine" / name, self.folder / "live" / name, symlinks=True)
        self.calls.write_text("")
        self.variables, self.call, self.tries_again = {}, None, False

    def environment(self) -> dict[str, str]:
        """The variables of whoever reads the finding."""
        path = f"{self.programs}:/usr/local/bin:/usr/bin:/bin"
        usual = {"PATH": path, "CALLS": str(self.calls), "GIT_CONFIG_NOSYSTEM": "1"}
        return self.small.environment(**usual, **self.variables)

    def judge(self, policy: str, *asked: str, change: Change | None = None) -> Outcome:
        """Judge one policy here and now, as `guardrails check` with these arguments does.

        `change` changes the facts that were gathered, for what the world itself cannot be brought to.
        """
        parser = argparse.ArgumentParser()
        with patch.dict(os.environ, self.environment(), clear=True):
            check.configure(parser)
            rules = () if "--config-ref" in asked else ("--config", str(self.small.configuration))
            given = parser.parse_args([*rules, *asked])
            about = {"after": given.after, "updates": request_options.updates(given.updates)}
            request = request_options.request(given, given.op, online=given.online, **about)
            question = Question(request, time.time())
            if question.world.operation is not None and self.call is not None:
                question.world.operation = question.world.operation.replaced(actions=self.call)
            setting = next(one for one in (*question.settings.policies, *question.always) if one.name == policy)
            module, _, name = setting.location.partition(":")
            rule = getattr(import_module(module), name).from_options(setting.options)
            children = SideBySide()
            try:
                tasks = Gathering(question.world, children).needed_by(rule)
                children.finish(list(tasks.values()))
            finally:
                children.abandon()
                question.world.scratch.remove()
        for task in tasks.values():
            if task.error is not None:
                return Outcome((), (), "error", str(task.error))
        facts = {name: task.result for name, task in tasks.items()}
        with recorded() as made:
            result = clean(conclude(policy, rule, change(facts) if change else facts))
        return Outcome(result.findings, tuple(site for site, _ in made), result.outcome.value, result.reason)

    def type(self, line: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
        """Type a line in a shell in a folder of its own; what it exports holds from then on.

        What an agent was about to do is not done: the line is typed in its place, and then the agent does something
        free; or, with `tries_again`, the line is typed before it.
        """
        if self.call is not None and not self.tries_again:
            self.call = (Action("pushes", "prod", "repo", str(self.prod), ("git", "push")),)
        exported = self.folder / "exported"
        line = line.replace("/usr/libexec/PlistBuddy", str(self.programs / "PlistBuddy"))
        keep, code = ("set code $status", "$code") if shell == "fish" else ("code=$?", "$code")
        script = f"{line}\n{keep}\nenv -0 > {exported}\nexit {code}\n"
        done = run_to_its_end(
            [*_SHELLS[shell], script],
            cwd=self.elsewhere,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
        )
        after = dict(one.split("=", 1) for one in exported.read_text().split("\0") if "=" in one)
        usual = self.environment()
        self.variables |= {
            name: after.get(name)
            for name in after.keys() | usual.keys()
            if after.get(name) != usual.get(name) and name not in ("PWD", "OLDPWD", "SHLVL", "_")
        }
        return done

    def seen(self) -> dict[str, str]:
        """Everything that there is, but for what git and guardrails keep for themselves."""
        root = self.folder / "live"
        found = {}
        for folder, names, files in os.walk(root):
            for name in (*names, *files):
                path = Path(folder) / name
                where = str(path.relative_to(root))
                if not _VOLATILE.search(where):
                    found[where] = _content(path)
        return found

    def stopped(self) -> list[str]:
        """The calls that stop or restart a service."""
        return [line for line in self.calls.read_text().splitlines() if _BY_HAND.match(line)]

    def dirt(self) -> set[str]:
        """What git shows of production that is not committed."""
        return set(git(self.prod, "status", "--porcelain", "--ignored=no").splitlines())

    def write(self, path: str, text: str) -> Path:
        """Write a file of the world."""
        place = self.small.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        return place

    def commit(self, repo: Path, message: str = "Another commit", name: str = "note.txt") -> str:
        """Commit a file of a repository, and give the commit's id."""
        (repo / name).write_text(f"{message}\n")
        git(repo, "add", "-A")
        git(repo, "commit", "-qm", message)
        return git(repo, "rev-parse", "HEAD")

    def policy(self, name: str, *lines: str) -> None:
        """Say something of a policy in the configuration, in TOML."""
        self.small.configure("\n".join([f"[policies.{name}]", *lines, ""]))


def _content(path: Path) -> str:
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        return f"link {path.readlink()}"
    if not stat.S_ISREG(status.st_mode):
        return f"{stat.S_IFMT(status.st_mode):o}"
    return f"{status.st_mode:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
