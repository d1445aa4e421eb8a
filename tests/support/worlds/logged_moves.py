"""Production with an audit log beside it, as guarded runs and people leave both; no command of guardrails is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dirty.dirty_repository import git
from guardrails.facts.past.past import Past
from guardrails.model import Environment
from guardrails.operations.audit import log
from guardrails.record import Record
from guardrails.testing import gather
from worlds.two_repositories import Repositories, head

ALLOWED = {"verdict": "allow", "exit_code": 0}


class _Audit(Record):
    path: str

    def log_of(self, environment: Environment) -> str:
        return self.path


class _Settings(Record):
    audit: _Audit
    environments: dict[str, Environment]


class LoggedMoves:
    """Production with a log in which guarding has begun."""

    def __init__(self, folder: Path) -> None:
        self.repositories = Repositories(folder)
        self.prod, self.first_commit = self.repositories.prod, self.repositories.first
        self.second, self.release = self.repositories.second, self.repositories.release
        self.log = folder / "log" / "audit.jsonl"

    def say(self, kind: str, **said: Any) -> None:
        """One record, as guardrails writes it."""
        environment = Environment(name="prod", repo=str(self.prod))
        settings: Any = _Settings(_Audit(str(self.log)), {})
        log(settings, environment, kind, said)

    def check(self) -> None:
        self.say("check", commit=head(self.prod), **ALLOWED)

    def promote(self, ended: int | None = 0, **claims: Any) -> str:
        """A promotion by a guarded run, as the log and the record of deployments have it; gives the record's id."""
        before = head(self.prod)
        self.say("run", moment="promote", commit=before, **ALLOWED)
        self.repositories.promote()
        return self.arrive("promote", before, ended, **claims)

    def arrive(self, operation: str, before: str, ended: int | None = 0, **claims: Any) -> str:
        made = self.repositories.record(operation, previous=before, **claims)
        self.say("deployment", operation=operation, repo=str(self.prod), record=made)
        if ended is not None:
            self.end(operation, before, ended)
        return made

    def end(self, operation: str, before: str, code: int) -> None:
        self.say("run", operation=operation, ended=code, pins={"head": before, "target": head(self.prod)})

    def back(self) -> None:
        """A rollback by a guarded run."""
        before = head(self.prod)
        self.say("run", moment="rollback", commit=before, **ALLOWED)
        self.reset(self.second)
        self.arrive("rollback", before, commit=self.second)

    def commit(self, name: str = "hotfix") -> str:
        return self.repositories.commit(self.prod, name)

    def reset(self, to: str) -> None:
        git(self.prod, "reset", "-q", "--hard", to)

    def accept(self, commit: str) -> None:
        past = self.past()
        moves = [move for move in (*past.earlier, *past.moves) if commit in (move.old, move.new) and not move.settled]
        settles = [{"at": move.at, "old": move.old, "new": move.new} for move in moves]
        self.say("acceptance", commit=commit, reason="it is known", settles=settles)

    def past(self, since: float | None = None, **rest: Any) -> Past:
        return gather(Past, self.repositories.world(log=str(self.log), **rest), since)

    def told(self, **rest: Any) -> list[tuple[str, str, bool]]:
        """Of each move from where to where it led, and whether it is settled."""
        return [(move.old, move.new, move.settled) for move in self.past(**rest).moves]

    def kinds(self) -> list[str]:
        return [gap.kind for gap in self.past().gaps]
