"""There is a way back: a commit to return to, whole, and a written procedure."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import DoesNotApply, Finding, Note, Policy, Severity, WayBack, a_look, ask


class RollbackReady(Policy):
    """A promotion without a way back, or a rollback that leads nowhere.

    Why it matters
        A rollback by a reset to upstream does not return to what ran before: it goes to wherever upstream is by then.
        The way back needs the commit that runs now, with all its objects, and a procedure to follow at night.
    Example
        $ git reset --hard upstream/main      # three weeks newer than what ran before the promotion
    Instead
        Promote through a guarded run, which records the commit that ran before; a rollback goes back to that.

    `document` must have a heading that names the rollback; with an empty `document` the policy asks for none.
    """

    id = "rollback-ready"
    title = "There is a recorded, complete commit to go back to"
    source = "deployment-rules release plan 7"
    severity = Severity.HIGH
    guards = ("*rollback procedure*",)
    empty = MappingProxyType({"document": "noted: no written procedure is asked for"})

    document: str = "docs/DEPLOYMENT.md"

    def evaluate(self, way: WayBack = ask("document")) -> Iterator[Finding | Note]:
        """Judge the target, then the document."""
        from shlex import quote

        repo = quote(way.repo)
        if way.operation is None:
            raise DoesNotApply("no promotion and no rollback is about to begin")
        if way.target is None:
            yield Finding(
                message=way.problem,
                observed="no commit to go back to",
                expected="the record of a guarded run, with the approved commit that ran before it",
                remediation=way.remedy,
            )
        elif way.target == way.leaves:
            yield Finding(
                message="going back would lead to where it starts",
                observed=f"{way.target} is both",
                expected="two commits: what is left, and what is returned to",
                remediation=a_look(f"git -C {repo} log --oneline -5", "is it promoted already?"),
                ref=way.target,
            )
        elif way.missing:
            yield Finding(
                message="objects of the commit to go back to are missing",
                observed=way.missing,
                expected=f"every object of {way.target}",
                remediation=a_look(
                    f"git -C {repo} fsck --connectivity-only || true", "fetch what is missing from where it is whole"
                ),
                ref=way.target,
            )
        if not self.document:
            yield Note("no written procedure is asked for (option document)")
        elif not way.documented:
            yield Finding(
                message=f"{self.document} has no rollback section",
                observed="no heading that names a rollback" if way.document_exists else f"no file {self.document}",
                expected="a section that says how to roll back",
                remediation=a_look(
                    f"git -C {repo} log --oneline -- {quote(self.document)}", "add the section in dev, and release that"
                ),
                path=self.document,
            )
