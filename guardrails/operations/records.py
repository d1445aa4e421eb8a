"""Write the record of an operation that moved HEAD; `guardrails.facts.deployments` says what one is, and reads it."""

from __future__ import annotations

import json

from guardrails.facts.deployments import RECORDS, Deployments
from guardrails.facts.git import Repository
from guardrails.facts.processes import finished
from guardrails.gather import gathered
from guardrails.operations.trees import IDENTITY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.policy import World


def record(world: World, operation: str, *, commit: str, previous: str, at: str) -> str:
    """Record that the environment's HEAD went from `previous` to `commit`, and give the record's id.

    `at` is an RFC 3339 time. Raises CannotKnow when the earlier records cannot be read, or somebody else recorded
    something meanwhile.
    """
    records = gathered(Deployments, world).records
    said = {
        "number": records[0].number + 1 if records else 1,
        "operation": operation,
        "environment": world.environment.name,
        "commit": commit,
        "previous": previous,
        "at": at,
    }
    parents = [record.record for record in records[:1]] + list(dict.fromkeys((commit, previous)))
    git = Repository(world.environment.repo, timeout=world.timeout)
    return finished(_written(git, said, parents, len(records)))


async def _written(git: Repository, said: dict[str, object], parents: list[str], earlier: int) -> str:
    words = [word for parent in parents for word in ("-p", parent)]
    tree = f"{said['commit']}^{{tree}}"
    made = (await git.run(*IDENTITY, "commit-tree", *words, "-m", json.dumps(said), tree)).decode().strip()
    await git.run("update-ref", RECORDS, made, parents[0] if earlier else "0" * len(made))
    return made
