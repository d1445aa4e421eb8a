"""Which commands are recorded to have run on the tree that an operation would bring, and how they ended.

A recorded run is a test result of in-toto (spec/predicates/test-result.md, v0.1) about one tree:

    {"result": "PASSED", "configuration": [{"name": "test", "annotations":
        {"command": "pnpm test", "finishedOn": "2026-02-01T10:00:00Z", "tests": 212}}]}

`command` is split into words as a shell would, and runs of the same words are runs of the same command. `tests` is how
many the report of the run counts, and is left out where there was no report; the lists `passedTests`, `warnedTests` and
`failedTests` count instead when they are there.
"""

from __future__ import annotations

from guardrails.errors import CannotKnow
from guardrails.facts.approval.signatures import ATTEST, DatedStatement, Ignored, find_newest
from guardrails.facts.approval.statements import ATTESTATIONS, TEST_RESULT, Statement, read_statements
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.objects import read_verified
from guardrails.facts.operation.candidate import Candidate
from guardrails.policy import Fact
from guardrails.record import Record
from guardrails.remedies import Guardrails
from guardrails.wording.command_lines import split_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from guardrails.model import Environment
    from guardrails.policy import World

_LISTS = ("passedTests", "warnedTests", "failedTests")


class RecordedRun(Record):
    """One run of a command: how it ended, how many tests it ran (None: not counted), when it ended, and who says so.

    `command` are the words of the command line, the program first. `result` is PASSED, WARNED or FAILED; `at` is in
    seconds since the epoch; `signers` are the principals whose signature was verified, none where nothing need be
    signed.
    """

    name: str
    command: tuple[str, ...]
    result: str
    tests: int | None
    at: float
    ref: str
    signers: tuple[str, ...] = ()


class RecordedRuns(Fact):
    """The newest run of each name that counts for the tree of the candidate, and the newer ones that do not count.

    `environment` and `repo` are where the candidate comes from, `at` is the time of the check. `signed` tells whether
    only signed statements count, and `elsewhere` whether the candidate's environment has another commit checked out.
    """

    environment: str
    repo: str
    commit: str
    tree: str
    at: float
    signed: bool
    runs: tuple[RecordedRun, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    elsewhere: bool = False
    guardrails: Guardrails = Guardrails()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Read and verify them. Raises CannotKnow when there is no candidate, or a statement cannot be read."""
        candidate, tree, source = await candidate_tree(world)
        found = [
            summarise_test_result(one, tree, world.at) for one in await read_statements(world, f"{ATTESTATIONS}/{tree}")
        ]
        there: Checkout = await world.fact(Checkout, source.repo)
        counted, ignored = await find_newest(world, found, lambda one: run_name(one.statement), ATTEST)
        return cls(
            environment=source.name,
            repo=source.repo,
            commit=candidate.commit,
            tree=tree,
            at=world.at,
            signed=world.trust.allowed_signers is not None,
            runs=tuple(sorted((_run(one) for one in counted), key=lambda run: run.name)),
            ignored=tuple(ignored),
            elsewhere=there.commit != candidate.commit,
            guardrails=world.guardrails,
        )


async def candidate_tree(world: World) -> tuple[Candidate, str, Environment]:
    """The candidate, the id of its tree, and the environment that it comes from.

    An operation that takes no candidate, such as the making of a release, is about what is checked out.
    """
    operation = world.operation
    source = (operation.candidate_from if operation else None) or world.environment
    here: Checkout = await world.fact(Checkout, None)
    if operation and not operation.candidate and not operation.candidate_from and operation.moves_head_to is None:
        return Candidate("HEAD", here.commit), here.tree, source
    candidate: Candidate = await world.fact(Candidate)
    there: Checkout = await world.fact(Checkout, source.repo)
    (commit,) = await read_verified(here.git, "commit", [candidate.commit], also_objects_of=there.objects)
    return candidate, commit[len(b"tree ") : commit.index(b"\n")].decode(), source


def summarise_test_result(statement: Statement, tree: str, now: float) -> DatedStatement:
    """What a statement says in short. Raises CannotKnow when it is no test result."""
    if statement.kind != TEST_RESULT:
        raise CannotKnow(f"{statement.where} is no test result v0.1")
    if statement.predicate.get("result") not in ("PASSED", "WARNED", "FAILED"):
        raise CannotKnow(f"{statement.where} has no result")
    at = statement.time("finishedOn", _configuration(statement)[1])
    obstacle = ""
    if statement.subject.get("gitTree") != tree:
        obstacle = f"it is about the tree {statement.subject.get('gitTree')}"
    elif at > now:
        obstacle = "it is from after the time of the check"
    return DatedStatement(statement, at, _run(DatedStatement(statement, at, False)).result != "PASSED", obstacle)  # noqa: FBT003


def run_name(statement: Statement) -> str:
    """The name of what ran. Raises CannotKnow when the statement does not say."""
    return _configuration(statement)[0]


def _configuration(statement: Statement) -> tuple[str, dict[str, Any]]:
    """The name of what ran, and what is noted about it."""
    configurations = statement.predicate.get("configuration")
    one = configurations[0] if isinstance(configurations, list) and len(configurations) == 1 else None
    annotations = one.get("annotations") if isinstance(one, dict) else None
    if not isinstance(one, dict) or not isinstance(annotations, dict):
        raise CannotKnow(f"{statement.where} does not say what ran")
    return statement.text("name", one), annotations


def _run(told: DatedStatement) -> RecordedRun:
    statement = told.statement
    name, annotations = _configuration(statement)
    result = str(statement.predicate["result"])
    return RecordedRun(
        name=name,
        command=_command(statement, annotations),
        result="FAILED" if statement.predicate.get("failedTests") else result,
        tests=_tests(statement, annotations),
        at=told.at,
        ref=statement.ref,
        signers=told.signature.principals,
    )


def _command(statement: Statement, annotations: dict[str, Any]) -> tuple[str, ...]:
    try:
        return split_line(statement.text("command", annotations))
    except ValueError as error:
        raise CannotKnow(f"{statement.where} says that something ran which is no command: {error}") from None


def _tests(statement: Statement, annotations: dict[str, Any]) -> int | None:
    lists = [statement.predicate[name] for name in _LISTS if name in statement.predicate]
    count = annotations.get("tests", sum(map(len, lists)) if lists and all(map(_is_list, lists)) else None)
    if (count is None and not lists) or (type(count) is int and count >= 0):
        return count
    raise CannotKnow(f"{statement.where} does not say how many tests ran")


def _is_list(value: object) -> bool:
    return isinstance(value, list)
