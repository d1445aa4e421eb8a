"""Two machines with one commit and the same rules at other paths: one issues verdicts, the other verifies them."""

from __future__ import annotations

import json
import shutil
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dirty.dirty_repository import git
from guardrails import config
from guardrails.config import places
from guardrails.facts.approval.signatures import CARRY
from guardrails.facts.approval.verdicts import parse_verdict
from guardrails.model import Operation
from guardrails.operations.evidence.record_statements import seal
from guardrails.operations.evidence.verify_verdict import Verification, verify
from guardrails.policy import World
from signers import Signers
from worlds.small_world import SmallWorld, bare_world, write

CONFIGURATION = """\
[environments.prod]
repo = "{repo}"

[environments.other]
repo = "{repo}"

[operations.promote]
environment = "prod"
moves_head_to = "candidate"

[operations.start]

[policies.clean-worktree]
when = ["standing", "promote", "start", "after promote"]

[policies.fast-forward-only]
when = ["promote"]

[trust]
allowed_signers = "allowed_signers"
"""
NEXT = "next"  # the branch of the candidate

Change = Callable[[dict[str, Any]], object]


class Carried:
    """`ci` issues and `host` verifies; `key` is the name of the key of `signers` that CI signs with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signers = Signers(folder / "keys")
        self.ci = bare_world(folder / "ci")
        git(self.ci.prod, "checkout", "-q", "-b", NEXT)
        git(self.ci.prod, "commit", "-q", "--allow-empty", "-m", "one more")
        git(self.ci.prod, "checkout", "-q", "main")
        self.host = SmallWorld(folder / "host")
        self.host.prod = self.host.folder / "live"
        shutil.copytree(self.ci.prod, self.host.prod)
        self.signers.allow("ci")
        for world, repo in ((self.ci, "prod"), (self.host, "live")):
            write(world.configuration, CONFIGURATION.format(repo=repo))
        self.trust(self.signers.allowed.read_text())

    def trust(self, allowed: str) -> None:
        """Give both machines a file of allowed signers."""
        for world in (self.ci, self.host):
            write(world.folder / "allowed_signers", allowed)

    def configure(self, text: str) -> None:
        """Add to both configurations."""
        for world in (self.ci, self.host):
            world.configure(text)

    def check(self, *arguments: str, key: str | None = "ci", **rest: Any) -> subprocess.CompletedProcess[str]:
        """A check that issues `verdict`."""
        signed = ("--key", self.signers.key(key).path) if key else ()
        output = ("--output", f"attestation:{self.verdict}")
        return self.ci.check("--env", "prod", "--quiet", *output, *signed, *arguments, **rest)

    def issued(self, *arguments: str, key: str | None = "ci") -> Path:
        """The file of a verdict that allows it."""
        done = self.check(*arguments, key=key)
        assert (done.returncode, done.stderr) == (0, ""), done
        return self.verdict

    @property
    def verdict(self) -> Path:
        """Where verdicts are written."""
        return self.folder / "verdict.json"

    def verify(self, *arguments: str, file: Path | None = None, **rest: Any) -> subprocess.CompletedProcess[str]:
        """Verify on the host, from outside."""
        return self.host.run("verify", str(file or self.verdict), "--env", "prod", *arguments, **rest)

    def held(self, data: bytes, *, at: float | None = None, environment: str = "prod") -> Verification:
        """Verify on the host, in this process, as the moment that the verdict names."""
        settings, _, _ = config.read(str(self.host.configuration))
        verdict = parse_verdict(data, "given")
        operation, after = verdict.moment.removeprefix("after "), verdict.moment.startswith("after ")
        moves = settings.operations[operation].moves_head_to if operation in settings.operations else None
        about = Operation(name=operation, after=after, candidate=verdict.named, moves_head_to=moves)
        world = World(
            settings.environments[environment],
            settings.environments,
            at=verdict.at + 60 if at is None else at,
            home=places.home(),
            operation=None if operation == "standing" else about,
            trust=settings.trust,
        )
        return verify(verdict, settings, world, moment=verdict.moment)


def payload_in(data: bytes) -> dict[str, Any]:
    """The statement in an envelope."""
    found: dict[str, Any] = json.loads(b64decode(json.loads(data)["payload"]))
    return found


def altered(data: bytes, change: Change) -> bytes:
    """The envelope with a changed statement under the old signature."""
    said = payload_in(data)
    change(said)
    payload = b64encode(json.dumps(said, sort_keys=True).encode()).decode()
    return json.dumps({**json.loads(data), "payload": payload}).encode()


def resigned(data: bytes, change: Change, signers: Signers, key: str = "ci", namespace: str = CARRY) -> bytes:
    """The envelope with a changed statement that somebody signed anew."""
    said = payload_in(data)
    change(said)
    return seal(json.dumps(said, sort_keys=True).encode(), namespace, signers.key(key))


def wrong(found: Verification) -> list[str]:
    """The fields that do not hold."""
    return [field.name for field in found.fields if not field.holds]


def leaves(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value in a JSON document that is no table or list."""
    if isinstance(value, dict | list):
        inside = value.items() if isinstance(value, dict) else enumerate(value)
        return [path for key, one in inside for path in leaves(one, (*at, key))] or [at]
    return [at]


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Change what stands at a path."""
    for key in path[:-1]:
        document = document[key]
    document[path[-1]] = value


def another(value: Any) -> Any:
    """Something of the same kind that is not the same."""
    if isinstance(value, str) and value[:2] == "20" and value.endswith("Z"):
        return f"2016{value[4:]}"
    if isinstance(value, str) and len(value) in (40, 64):
        return ("1" if value[0] == "0" else "0") + value[1:]
    return f"{value}x" if isinstance(value, str) else [{"policy": "x", "expires": "2100-01-01T00:00:00Z"}]
