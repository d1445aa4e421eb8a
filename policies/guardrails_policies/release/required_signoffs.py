"""Everybody who must approve a release has approved this very commit."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import (
    Finding,
    Note,
    NothingAsked,
    Policy,
    Severity,
    SignOff,
    SignOffBlocks,
    SignOffs,
    Table,
    a_look,
    ask,
    commented,
    listed,
    seconds,
    utc,
)


class RequiredSignoffs(Policy):
    """A candidate that a required role has not approved, or that somebody approved twice or for themselves.

    Why it matters
        An approval in a document names no commit, so it approves whatever is promoted under its heading. Anybody can
        write it, and nobody notices when the release changes afterwards.
    Example
        ### Architect #1 sign-off
        Status: approved                                # of which commit?
    Instead
        `guardrails signoff --role architect-1 --env prod --commit ID --decision approved`, by each of the people.

    `roles` lists, by role, the principals of `[trust] allowed_signers` that may speak for it; with none, anybody may. A
    person's newest sign-off in a role counts. A rejection by a required role stands, however old, until the same person
    approves. Nobody can approve for two roles, and authors, committers and co-authors of what the candidate brings can
    approve for no role. An amended commit is another commit and needs new sign-offs, and so do other steps or another
    operation than were approved. The policy reads the blocks of `document`, as the candidate has it, and names them,
    but they never suffice.
    """

    id = "required-signoffs"
    title = "Every required role has approved this commit"
    source = "deployment-rules release plan, sign-offs"
    severity = Severity.HIGH
    guards = ("*should review and confirm*", "status: *", "*proceed with release after*approval*", "decision: *")
    stricter = MappingProxyType({"roles": "more", "max_age": "shorter"})
    empty = MappingProxyType(
        {
            "roles": "skipped: no role is required",
            "roles.*": "noted: anybody may speak for the role",
            "document": "judged: signed statements alone are read, which alone suffice",
            "max_age": "refused",
        }
    )

    roles: dict[str, tuple[str, ...]] = Table()
    document: str = "docs/DEPLOYMENT.md"
    max_age: str = "7d"

    def __post_init__(self) -> None:
        """Raise ValueError for a role without a proper name, a principal that is a pattern, or a bad `max_age`."""
        from re import fullmatch

        for role, principals in self.roles.items():
            if not fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", role):
                raise ValueError(f"roles: {role!r} must be small letters, digits and hyphens, such as architect-1")
            for principal in principals:
                if (
                    not principal
                    or principal != principal.strip()
                    or set(principal) & set("*?!,")
                    or not principal.isprintable()
                ):
                    raise ValueError(f"roles: {principal!r} is not the name of one signer")
        seconds(self.max_age, "max_age")

    def evaluate(self, given: SignOffs, written: SignOffBlocks = ask("document")) -> Iterator[Finding | Note]:
        """Look for one approval of each role, all of different people, and for standing rejections."""
        if not self.roles:
            raise NothingAsked("no role is required (option roles)")
        yield from self._notes(given, written)
        if written.document and not written.exists and "document" in self.set_options:
            yield _absent(written.document, given)
        required = [one for one in given.found if one.role in self.roles]
        obstacles = {one: given.obstacle(one, self.roles[one.role], self.max_age) for one in required}
        rejecting = [one for one in obstacles if one.decision == "rejected" and one.is_by(self.roles[one.role])]
        for one in rejecting:
            yield self._finding(one.role, given, "rejects the candidate", _said(one), one)
        good = [one for one, obstacle in obstacles.items() if not obstacle]
        approvers = {role: [one.person for one in good if one.role == role] for role in sorted(self.roles)}
        approved = given.by_different_people(approvers) | {one.role for one in rejecting}
        for role in sorted(self.roles.keys() - approved):
            mine = [(one, obstacle) for one, obstacle in obstacles.items() if one.role == role]
            seen = [f"{_said(one)}, {obstacle or 'who approves for another role too'}" for one, obstacle in mine]
            seen += [f"{one.ref}: {one.why}" for one in given.ignored if one.ref.split("/")[3:4] == [role]]
            observed = "; ".join([*seen[:5], _written(role, written)])
            yield self._finding(role, given, "has not approved the candidate", observed)

    def _notes(self, given: SignOffs, written: SignOffBlocks) -> Iterator[Note]:
        if not given.signed:
            yield Note("unsigned sign-offs count, since [trust] has no allowed_signers")
        if anybody := [role for role, principals in sorted(self.roles.items()) if not principals]:
            yield Note(f"anybody may speak for {', '.join(anybody)}, since roles names nobody")
        if written.document and not written.exists and "document" not in self.set_options:
            yield Note(f"the candidate has no {written.document}")
        if given.ignored:
            yield Note("not counted: " + listed([f"{one.ref}: {one.why}" for one in given.ignored]))

    def _finding(self, role: str, given: SignOffs, what: str, observed: str, one: SignOff | None = None) -> Finding:
        return Finding(
            message=f"{role} {what}",
            observed=observed,
            expected=f"{role} approves {given.commit}, by somebody who speaks for no other role and made none of it",
            remediation=self._remedy(role, given, one.principals if one else ()),
            ref=one.ref if one else None,
        )

    def _remedy(self, role: str, given: SignOffs, people: tuple[str, ...]) -> str:
        """The line by which one of these people approves, or else anybody who can."""
        able = people or self._able(role, given)
        if why := not people and self.roles[role] and self._why_nobody(role, given):
            return a_look(given.guardrails.line("config", "show"), why)
        who, others = (able[0], able[1:]) if able else ("somebody who made none of it", ())
        also = f"; or: {listed(others)}" if others else ""
        about = ("--role", role, "--env", given.environment, "--commit", given.commit, "--decision", "approved")
        signer = ("--signer", who) if able else ()
        line = given.guardrails.line("signoff", *about, "--op", given.operation, *signer)
        if given.signed:
            return commented(line, f"GUARDRAILS_KEY must name the key of {who} in [trust] allowed_signers{also}")
        return commented(line, f"by {who}{also}")

    def _why_nobody(self, role: str, given: SignOffs) -> str:
        """Why nobody who is named for a role can fill it, however the roles are shared; empty when somebody can."""
        able = {name: self._able(name, given) for name, named in sorted(self.roles.items()) if named}
        if not able[role]:
            return f"everybody named for {role} made part of it: roles needs somebody else"
        last = sorted(able, key=lambda name: name == role)  # what all the others leave over is for this role
        if role in given.by_different_people({name: [(one.casefold(),) for one in able[name]] for name in last}):
            return ""
        shared = [name for name in able if not set(able[name]).isdisjoint(able[role])]
        verb = "is alone" if len(able[role]) == 1 else "are too few"
        return (
            f"{listed(able[role])} {verb} for {listed(shared)}, and nobody approves for two roles: "
            "name somebody else in the option roles"
        )

    def _able(self, role: str, given: SignOffs) -> tuple[str, ...]:
        """The people who may speak for a role and made no part of the change, those without another role first."""
        makers = {maker.casefold() for maker in given.makers}
        busy = {name for one in given.found if one.role != role and one.role in self.roles for name in one.person}
        able = [name for name in self.roles[role] if name.casefold() not in makers]
        return tuple(sorted(able, key=lambda name: name in busy))


def _absent(document: str, given: SignOffs) -> Finding:
    from shlex import quote

    return Finding(
        message=f"the candidate has no {document}",
        observed=f"no file {document} in {given.commit}",
        expected="the document with the sign-off blocks that the option document names",
        remediation=a_look(
            f"git -C {quote(given.repo)} log --all --oneline -- {quote(document)}", "restore it in the candidate"
        ),
        path=document,
    )


def _said(one: SignOff) -> str:
    return f"{one.decision} by {', '.join(one.principals)} at {utc(one.at)}"


def _written(role: str, written: SignOffBlocks) -> str:
    """What the document says of a role."""
    blocks = [block for block in written.blocks if block.role == role]
    if not blocks:
        return "no sign-off of this commit" + (f", and no block in {written.document}" if written.document else "")
    block = blocks[-1]
    who = " ".join(filter(None, (block.owner and f"by {block.owner}", block.date and f"on {block.date}")))
    after = f", after {', '.join(block.after)}" if block.after else ""
    of = f"of the commit {block.commit}" if block.commit else "of no commit"
    return f"no sign-off of this commit; {written.document}:{block.line} says {block.status} {who}{after}, {of}"
