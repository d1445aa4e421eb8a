"""Write the record of an operation that moved HEAD; `guardrails.facts.approval.deployments` reads it.

The record is made, then logged, then named by its ref. Since equal records are equal objects, a run that was killed in
between makes the same one again when it goes on, sees how far it came, and does the rest.
"""

from __future__ import annotations

import json
from datetime import datetime

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.approval.deployments import LOGGED, RECORDS, Chain, Deployments, logged_last
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations import audit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.config.settings import Settings
    from guardrails.policy import World

_WHO = "guardrails <guardrails@localhost>"


def record_move(
    world: World, settings: Settings, operation: str, *, moves: str, commit: str, previous: str, at: str
) -> str:
    """Record that the environment's HEAD went from `previous` to `commit`, and give the record's id.

    `moves` is where the operation leads: candidate, upstream or previous, empty where an old journal does not say; `at`
    is an RFC 3339 time. No move is recorded twice. Raises CannotKnow when the earlier records cannot be believed, or
    somebody else recorded something meanwhile, and AuditError when it cannot be logged.
    """
    chain = gather_fact(Chain, world)
    newest = chain.records[0] if chain.records else None
    if newest and (newest.operation, newest.commit, newest.previous, newest.at) == (operation, commit, previous, at):
        return newest.record
    said = {
        "number": newest.number + 1 if newest else 1,
        "operation": operation,
        **({"moves": moves} if moves else {}),
        "environment": world.environment.name,
        "commit": commit,
        "previous": previous,
        "at": at,
    }
    parents = [*([newest.record] if newest else []), *dict.fromkeys((commit, previous))]
    git = Repository(world.environment.repo, timeout=world.timeout)
    made = run_to_end(_make_record(git, said, parents))
    if logged_last(world, chain.repo) != made:
        gather_fact(Deployments, world)
        about = {name: said[name] for name in ("number", "operation", "commit", "previous")}
        audit.log(settings, world.environment, LOGGED, {**about, "repo": chain.repo, "record": made})
    run_to_end(_name_record(git, made, newest.record if newest else "0" * len(made)))
    return made


async def _make_record(git: Repository, said: dict[str, Any], parents: list[str]) -> str:
    """The commit of a record: the same for the same record, whenever it is made."""
    tree = (await git.run("rev-parse", "--verify", "--end-of-options", f"{said['commit']}^{{tree}}")).decode().strip()
    if (await git.attempt("cat-file", "-e", f"{said['previous']}^{{commit}}")).status != 0:
        raise CannotKnow(f"{said['previous']} is no commit of {git.path}")
    when = f"{_WHO} {int(datetime.fromisoformat(said['at']).timestamp())} +0000"
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents), f"author {when}", f"committer {when}"]
    text = "\n".join([*lines, "", json.dumps(said), ""]).encode()
    return (await git.run("hash-object", "-w", "-t", "commit", "--stdin", stdin=text)).decode().strip()


async def _name_record(git: Repository, made: str, before: str) -> None:
    await git.run("update-ref", "--no-deref", RECORDS, made, before)
