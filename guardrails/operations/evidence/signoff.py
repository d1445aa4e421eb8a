"""Record that somebody approves or rejects a commit: what `required-signoffs` asks for."""

from __future__ import annotations

import time

from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow, UsageError
from guardrails.facts.approval.proposal import plan_digest
from guardrails.facts.approval.signoffs import SignOffs
from guardrails.facts.git.reader import Repository
from guardrails.facts.operation.candidate import Candidate
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.operations.evidence.record_statements import record_sign_off
from guardrails.record import Record
from guardrails.wording.shown_text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from guardrails.facts.approval.signoffs import SignOff
    from guardrails.operations.evidence.record_statements import Key
    from guardrails.policy import World


_SIGN = "sign it with a key that {path} lists for guardrails-signoff (--key)"


class Demand(Record):
    """What one `required-signoffs` asks for: the principals that may speak for each role, and how old one may be."""

    roles: Mapping[str, tuple[str, ...]]
    max_age: str


class SignedOff(Record):
    """What was signed off: the commit, the first line of its message, the digest of the plan, and the record's ref.

    `uncounted` says why it does not count, and what would; it is empty when it does.
    """

    commit: str
    subject: str
    plan: str
    ref: str
    uncounted: str = ""


def sign_off(
    world: World,
    role: str,
    decision: str,
    *,
    signer: str = "",
    after: tuple[str, ...] = (),
    notes: str = "",
    key: Key | None = None,
    demands: Sequence[Demand] = (),
) -> SignedOff:
    """Record a decision about the candidate of the operation in question, where that candidate comes from.

    `demands` then tell whether it counts. `signer` is the name of the signer, by default the e-mail address that git
    has for this user. Raises CannotKnow when there is no such commit, or the sign-off cannot be signed or kept;
    UsageError without a signer or an operation.
    """
    if world.operation is None:
        raise UsageError("for which operation? add --op")
    source = world.operation.candidate_from or world.environment
    commit = gather_fact(Candidate, world).commit
    plan = plan_digest(world.operation, world.environment.name, commit)
    git = Repository(source.repo, timeout=world.timeout)
    said = run_to_end(git.run("log", "-1", "--encoding=UTF-8", "--format=%T%n%s", commit, "--"))
    tree, _, subject = said.decode(errors="replace").removesuffix("\n").partition("\n")
    who = signer or run_to_end(_own_address(git, world.home))
    if not who:
        raise UsageError("who signs off? add --signer, or tell git: git config --global user.email ADDRESS")
    world.at = time.time()
    ref = record_sign_off(
        source.repo, commit, tree, role, decision,
        environment=world.environment.name, plan=plan, signer=who, issued=world.at,
        after=after, notes=notes, key=key,
    )  # fmt: skip
    return SignedOff(commit, subject, plan, ref, _uncounted(world, role, ref, demands))


def _uncounted(world: World, role: str, ref: str, demands: Sequence[Demand]) -> str:
    """Why a sign-off that was just recorded does not count, and what would; empty when it does."""
    if not demands:
        where = world.guardrails.line("config", "show")
        return f"nothing asks for it: no required-signoffs applies here; {where} tells where one does"
    asked = [demand for demand in demands if role in demand.roles]
    if not asked:
        roles = dict.fromkeys(name for demand in demands for name in demand.roles)
        return f"nobody requires the role {role}; the roles are: {listed(list(roles)) or 'none'}"
    try:
        given = gather_fact(SignOffs, world)
    except CannotKnow as error:
        return f"whether it does cannot be told: {error}"
    why = next((one.why for one in given.ignored if one.ref == ref), "")
    if why:
        return f"{why}; " + _SIGN.format(path=world.trust.allowed_signers) if given.signed else why
    one = next((one for one in given.found if one.ref == ref), None)
    if one is None:
        return "another one of the same second, by the same person in that role, counts instead; say it again"
    return next(filter(None, (_problem(given, one, demand) for demand in asked)), "")


def _problem(given: SignOffs, one: SignOff, demand: Demand) -> str:
    """Why a sign-off does not count for a demand, and who could give one that does."""
    names = demand.roles[one.role]
    speakers = f" ({listed(list(names))})" if names else ""
    if one.decision == "rejected":
        return "" if one.is_by(names) else f"{listed(list(one.principals))} does not speak for {one.role}{speakers}"
    obstacle = given.obstacle(one, names, demand.max_age)
    if not obstacle:
        required = [other for other in given.found if other.role in demand.roles]
        good = [other for other in required if not given.obstacle(other, demand.roles[other.role], demand.max_age)]
        people = {role: [other.person for other in good if other.role == role] for role in demand.roles}
        obstacle = "" if one.role in given.by_different_people(people) else "who approves for another role too"
    if not obstacle:
        return ""
    needed = f"{one.role} needs somebody who speaks for it{speakers}, made none of it, and fills no other role"
    return f"it is by {listed(list(one.principals))}, {obstacle}; {needed}"


async def _own_address(git: Repository, home: str) -> str:
    done = await git.attempt("config", "--get", "user.email", home=home)
    return done.stdout.decode(errors="replace").strip()
