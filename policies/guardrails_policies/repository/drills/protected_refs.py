"""How protected-refs is proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import commit, configure, git, guardrails, set_option, write
from guardrails_policies.openclaw.demo.world import RELEASE
from guardrails_policies.repository.drills.fast_forward_only import make_branch, push_to
from guardrails_policies.stages import BOTH, OPENCLAW, dev, prod

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "protected-refs"
_ZERO = "0" * 40


def _delete_on_push(folder: str) -> None:
    git(dev(folder), "push", "--quiet", "upstream", RELEASE)
    tip = git(dev(folder), "rev-parse", RELEASE).strip()
    write(os.path.join(folder, "push"), f"(delete) {_ZERO} refs/heads/{RELEASE} {tip}\n")


def _rewind(folder: str) -> None:
    old = make_branch(folder, "more", "HEAD")
    push_to(folder, "refs/heads/main", git(prod(folder), "rev-parse", "HEAD").strip(), old)


def _go_on(folder: str) -> None:
    push_to(folder, "refs/heads/main", make_branch(folder, "more", "HEAD"))


def _delete_stable(folder: str) -> None:
    set_option(folder, _POLICY, 'refs = ["refs/heads/stable"]')
    push_to(folder, "refs/heads/stable", _ZERO)


def serve(folder: str) -> None:
    """A bare repository on a server, which has the release, and from which dev pushes and fetches."""
    git(folder, "clone", "--quiet", "--bare", "--template=", "moltbot", "server.git")
    git(dev(folder), "remote", "add", "server", os.path.join(folder, "server.git"))
    configure(
        folder,
        '[environments.server]\nrepo = "server.git"\n\n[policies.fast-forward-only]\n'
        'when = { prod = ["promote", "push"], dev = ["push"], server = ["push"] }\n',
    )


def rewrite_the_release(folder: str) -> None:
    """Serve the release, and say it in other words in dev."""
    serve(folder)
    git(dev(folder), "commit", "--quiet", "--amend", "--message", "release: memory system, told in other words")


def _guard_pushes(folder: str) -> None:
    guardrails(folder, "hook", "install", "pre-push", "--env", "dev")


def _guard_server(folder: str) -> None:
    guardrails(folder, "hook", "install", "pre-receive", "--env", "server")


def rewrite_behind_the_hook(folder: str) -> None:
    """The same, with a hook where pushes start."""
    rewrite_the_release(folder)
    _guard_pushes(folder)


def serve_behind_the_hook(folder: str) -> None:
    """A server, and a hook where pushes start."""
    serve(folder)
    _guard_pushes(folder)


def rewrite_before_the_server(folder: str) -> None:
    """The release in other words, and a hook on the server."""
    rewrite_the_release(folder)
    _guard_server(folder)


def _work_on(folder: str) -> None:
    write(os.path.join(dev(folder), "src/more.ts"), "export const more = true;\n")
    commit(dev(folder), "one more thing")


def _work_behind_the_hook(folder: str) -> None:
    serve_behind_the_hook(folder)
    _work_on(folder)


def _work_before_the_server(folder: str) -> None:
    serve(folder)
    _guard_server(folder)
    _work_on(folder)


def _make_more(folder: str) -> None:
    make_branch(folder, "more", "HEAD")


def _pushed(operation: str, name: str, title: str, play: Play, *words: str, harmless: bool = False) -> Drill:
    """A real push from dev to the server."""
    return Drill(
        _POLICY,
        (operation,),
        name,
        title,
        play,
        harmless=harmless,
        stages=(OPENCLAW,),
        environment="dev",
        folder="moltbot",
        command=("git", "push", *words),
        channel=operation,
    )


DELETION = Drill(
    _POLICY,
    ("push",),
    "a-deletion",
    "A push deletes the release branch",
    _delete_on_push,
    environment="dev",
    stages=BOTH,
)
REWRITING_PUSH = _pushed(
    "pre-push", "a-rewrite", "A push that rewrites the release", rewrite_behind_the_hook, "--force", "server", RELEASE
)
DELETING_PUSH = _pushed(
    "pre-push", "a-deletion", "A push that deletes the release", serve_behind_the_hook, "--delete", "server", RELEASE
)
UNHOOKED_PUSH = _pushed(
    "pre-receive",
    "a-rewrite",
    "A push that skips its hook, to a server that has one",
    rewrite_before_the_server,
    "--force",
    "--no-verify",
    "server",
    RELEASE,
)
DRILLS = (
    DELETION,
    REWRITING_PUSH,
    DELETING_PUSH,
    UNHOOKED_PUSH,
    Drill(_POLICY, ("push",), "a-rewind", "A push takes a commit from main", _rewind, stages=BOTH),
    Drill(
        _POLICY, ("push",), "a-ref-of-ones-own", "A push deletes a branch that is listed", _delete_stable, stages=BOTH
    ),
    Drill(_POLICY, ("push",), "one-more-commit", "A push adds a commit to main", _go_on, harmless=True, stages=BOTH),
    _pushed(
        "pre-push", "one-more-commit", "A push that adds to it", _work_behind_the_hook, "server", RELEASE, harmless=True
    ),
    _pushed(
        "pre-receive",
        "one-more-commit",
        "A push that skips its hook and adds to it",
        _work_before_the_server,
        "--no-verify",
        "server",
        RELEASE,
        harmless=True,
    ),
    Drill(
        _POLICY,
        ("tool-call",),
        "a-deletion",
        "An agent deletes a branch of upstream",
        stages=BOTH,
        call="git push upstream --delete main",
        folder="moltbot",
    ),
    Drill(
        _POLICY,
        ("tool-call",),
        "one-more-commit",
        "An agent adds a commit to main",
        _make_more,
        harmless=True,
        stages=BOTH,
        call="git push upstream more:main",
        folder="openclaw-prod",
    ),
)
