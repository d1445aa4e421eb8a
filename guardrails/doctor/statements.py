"""Which recorded statements would not count, and why: those about what branches and HEAD lead to now.

Statements about other commits are history for which no policy asks any more. The newest of each run and each signer
that counts hides the older ones, as it does for a policy, so a new statement ends the matter.
"""

from __future__ import annotations

import os

from guardrails.config.settings import operation_of
from guardrails.doctor.environments import is_bare
from guardrails.doctor.lines import Line, State
from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.approval.evidence import run_name
from guardrails.facts.approval.proposal import plan_digest
from guardrails.facts.approval.signoffs import speaker
from guardrails.facts.approval.statements import SIGNOFF
from guardrails.facts.approval.tip_statements import TipStatement, TipStatements
from guardrails.remedies import a_look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from guardrails.config.settings import Settings
    from guardrails.doctor.in_force import InForce
    from guardrails.model import Environment

_ABOUT = "statement"
SHOWN = 20  # of one repository; the others are counted


def examine_statements(found: InForce) -> Iterator[Line]:
    """For each repository that statements are looked for in: those that would not count, or that all would."""
    asking: dict[str, Environment] = {}
    for environment in found.environments:
        for one in (environment, *found.world(environment).sources):
            asking.setdefault(one.repo, environment)
    for repo, environment in asking.items():
        try:
            if os.path.isdir(repo) and not is_bare(repo):  # nobody looks for statements in a server's
                yield from _of_repository(found, environment, repo)
        except CannotKnow as error:
            yield Line(_ABOUT, "", State.UNKNOWN, str(error))


def _of_repository(found: InForce, environment: Environment, repo: str) -> Iterator[Line]:
    told = gather_fact(TipStatements, found.world(environment), repo)
    judged = [_judge(one, found.settings) for one in told.found]
    uncounted = _uncounted(judged)
    for one in uncounted[:SHOWN]:
        yield Line(_ABOUT, "", State.WRONG, f"{one.ref} of {repo} does not count: {one.why}", _look(repo, one.ref))
    if len(uncounted) > SHOWN:
        yield Line(_ABOUT, "", State.WRONG, f"{len(uncounted) - SHOWN} more of {repo} do not count")
    if not uncounted:
        others = f"; {told.others} about other commits were not looked at" if told.others else ""
        text = f"{len(judged)} about the tips of branches in {repo}, and none that would not count{others}"
        yield Line(_ABOUT, "", State.OK, text)


def _judge(one: TipStatement, settings: Settings) -> TipStatement:
    """The statement, with what the configuration says against it."""
    if one.why or one.told is None or one.told.statement.kind != SIGNOFF:
        return one
    said = one.told.statement.predicate
    if said["environment"] not in settings.environments:
        return one.replaced(why=f"it is for {said['environment']}, which is no environment here")
    commit = one.told.statement.subject["gitCommit"]
    if said["decision"] == "approved" and said.get("plan") not in _plans(settings, said["environment"], commit):
        return one.replaced(why="it approves another plan (steps or operation have changed)")
    return one


def _plans(settings: Settings, environment: str, commit: str) -> set[str]:
    """The digests of all that may be done with a commit in an environment."""
    return {
        plan_digest(operation_of(settings, name, environment, commit), environment, commit)
        for name, operation in settings.operations.items()
        if operation.environment in (None, environment)
    }


def _uncounted(judged: list[TipStatement]) -> list[TipStatement]:
    """Those that do not count, without those that are older than one that counts, of the same run or signer."""
    readable = [(one, one.told) for one in judged if one.told is not None]
    settled: set[Hashable] = set()
    found = [one for one in judged if one.told is None]
    for one, told in sorted(readable, key=lambda pair: (pair[1].at, pair[1].adverse), reverse=True):
        statement = told.statement
        group = (one.subject, speaker(told) if statement.kind == SIGNOFF else run_name(statement))
        if one.why and group not in settled:
            found.append(one)
        elif not one.why:
            settled.add(group)
    return sorted(found, key=lambda one: one.ref)


def _look(repo: str, ref: str) -> str:
    from shlex import join

    remove = join(["git", "-C", repo, "update-ref", "-d", ref])
    then = f"record it anew with guardrails attest or signoff; to remove one that nobody needs: {remove}"
    return a_look(join(["git", "-C", repo, "for-each-ref", ref]), then)
