"""A push neither deletes, rewinds nor moves a protected ref."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from types import MappingProxyType

from guardrails import Finding, Note, Policy, Push, Pushes, Severity


class ProtectedRefs(Policy):
    """A push that deletes or rewinds a protected branch, moves a tag, or gives old commits a protected name.

    Why it matters
        A branch that others deploy from, or a tag that they have verified, must not change its meaning behind their
        backs. A forced push drops commits; a moved tag makes two machines run different things under one name.
    Example
        $ git push --force upstream main
        $ git push upstream :release/memory-v1
    Instead
        Push new commits on top. Correct a release with a new one, and a tag with a new name.

    The records of guardrails itself, such as sign-offs and rescues, are always protected: each is written once.
    `git push --mirror` and `--prune` do not show their deletions to pre-push: only the server's hook can refuse those.
    """

    id = "protected-refs"
    title = "No push deletes, rewinds or moves a protected ref"
    source = "deployment-rules §4"
    severity = Severity.CRITICAL
    stricter = MappingProxyType({"refs": "more"})

    refs: tuple[str, ...] = ("refs/heads/main", "refs/heads/release/*", "refs/tags/*")

    def evaluate(self, pushes: Pushes) -> Iterator[Finding | Note]:
        """Judge each update of a protected ref."""
        patterns = (*self.refs, *_RECORDS)
        protected = [push for push in pushes.updates if any(fnmatchcase(push.ref, pattern) for pattern in patterns)]
        if not protected:
            yield Note(f"{len(pushes.updates)} refs are pushed, none of them protected")
        for push in protected:
            problem = _RELATIONS.get(push.relation)
            if push.relation == "created" and push.known_at:
                problem = (f"would name a commit that {push.known_at[0]} left behind", "a new commit under a new name")
            if problem:
                says, expected = problem
                yield Finding(
                    message=f"{push.ref} {says}",
                    observed=f"{push.ref} from {push.old} to {push.new} ({_pushed(push)}): {push.relation}",
                    expected=expected,
                    remediation=_REMEDIES.get(push.relation, "git log --oneline --graph --all   # what is new in it?"),
                    ref=push.ref,
                )


def _pushed(push: Push) -> str:
    return push.local or "as pushed"


_RECORDS = ("refs/attestations/*", "refs/guardrails/*", "refs/rescue/*", "refs/signoffs/*")
_RELATIONS = {
    "deleted": ("would be deleted", "a ref that stays"),
    "ancestor": ("would be rewound", "a commit that descends from what is there"),
    "diverged": ("would lose commits", "a commit that descends from what is there"),
    "unrelated": ("would get another history", "a commit that descends from what is there"),
    "moved": ("would move", "a ref that stays where it is"),
}
_REMEDIES = {
    "deleted": "git push REMOTE REF   # without the colon; a protected ref is deleted on the server, by hand",
    "ancestor": "git revert COMMIT   # takes changes back with a new commit",
    "diverged": "git pull --rebase   # then push without --force",
    "unrelated": "git remote -v   # is this the right repository?",
    "moved": "git push REMOTE REF:NEW-NAME   # under a name of its own",
}
