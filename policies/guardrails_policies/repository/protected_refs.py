"""A push neither deletes, rewinds nor moves a protected ref."""

from collections.abc import Iterator
from types import MappingProxyType

from guardrails import CannotKnow, Finding, Note, Policy, Push, Pushes, Severity, a_look, listed


class ProtectedRefs(Policy):
    """A push that deletes or rewinds a protected branch, moves a tag, or gives old or foreign commits a protected name.

    Why it matters
        A branch that others deploy from, or a tag that they have verified, must not change its meaning behind their
        backs. A forced push drops commits; a moved tag makes two machines run different things under one name.
    Example
        $ git push --force upstream main
        $ git push upstream :release/memory-v1
    Instead
        Push new commits on top. Correct a release with a new one, and a tag with a new name.

    The policy judges the ref that git really moves: a push to a symbolic ref moves the ref that it leads to, and with
    it every other name of that ref. It knows all names on a server, and those of a remote in a folder of this machine.

    A new protected name must be for a new commit that builds on what is there, however many local branches build on
    that commit in turn. A new tag may name an old commit. The first push into an empty repository may bring any
    history.

    The records of guardrails itself, such as sign-offs and rescues, are always protected: each is written once.
    `git push --mirror` and `--prune` do not show their deletions to pre-push: only the server's hook can refuse those,
    so install `pre-receive` there.
    """

    id = "protected-refs"
    title = "No push deletes, rewinds or moves a protected ref"
    source = "deployment-rules §4"
    severity = Severity.CRITICAL
    stricter = MappingProxyType({"refs": "more"})
    empty = MappingProxyType({"refs": "noted: the records of guardrails alone are protected"})

    refs: tuple[str, ...] = ("refs/heads/main", "refs/heads/release/*", "refs/tags/*")

    def evaluate(self, pushes: Pushes) -> Iterator[Finding | Note]:
        """Judge each update of a protected ref."""
        from shlex import quote

        patterns = (*self.refs, *_RECORDS)
        protected = [(push, name) for push in pushes.updates if (name := push.matching(patterns))]
        if not protected:
            yield Note(f"{len(pushes.updates)} refs are pushed, none of them protected")
        broken = False
        for push, name in protected:
            kind = push.relation
            if kind == "created" and push.matching(self.refs):  # a record is new, whatever it is about
                kind = "old" if push.known_at else "created" if push.connected else "foreign"
            if kind in _PROBLEMS:
                broken = True
                says, expected, then = _PROBLEMS[kind]
                yield Finding(
                    message=f"{name} {says.format(*push.known_at)}",
                    observed=f"{push.ref} from {push.old} to {push.new} ({_pushed(push, name)}): {push.relation}",
                    expected=expected,
                    remediation=a_look(f"git -C {quote(pushes.repo)} log --oneline --graph --all --max-count=20", then),
                    ref=name,
                )
        unknown = [name for push, name in protected if push.relation == "unknown"]
        if unknown and not broken:
            raise CannotKnow(f"what the remote has of {listed(unknown)} cannot be told; fetch it first")


def _pushed(push: Push, name: str) -> str:
    """The name that the pusher gives, and whether it is another name of the protected ref."""
    return (push.local or "as pushed") + (f", which moves {name}" if name != push.ref else "")


_RECORDS = ("refs/attestations/*", "refs/guardrails/*", "refs/rescue/*", "refs/signoffs/*")
_ON_TOP = "a commit that descends from what is there"
_PROBLEMS = {
    "deleted": (
        "would be deleted",
        "a ref that stays",
        "push it without the colon; who runs the server deletes a protected ref there",
    ),
    "ancestor": ("would be rewound", _ON_TOP, "git revert takes changes back with a new commit, which can be pushed"),
    "diverged": ("would lose commits", _ON_TOP, "git pull --rebase, then push without --force"),
    "unrelated": ("would get another history", _ON_TOP, "is this the repository that the push is meant for?"),
    "moved": (
        "would move",
        "a ref that stays where it is",
        "push it under a name of its own",
    ),
    "old": (
        "would name a commit that {0} left behind",
        "a new commit under a new name",
        "what is new in it? Push that on top of what is there",
    ),
    "foreign": (
        "would be new, and shares no history with what is there",
        "a commit that has something in common with another branch or tag",
        "is this the repository that the push is meant for?",
    ),
}
