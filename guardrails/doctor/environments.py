"""Whether the repository and the state directory of each environment are there, and what is checked out."""

from __future__ import annotations

import os

from guardrails.doctor.lines import Line, State
from guardrails.engine.gather import gather_fact
from guardrails.errors import CannotKnow
from guardrails.facts.git.checkout import Checkout
from guardrails.facts.git.reader import Repository
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.remedies import a_look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.doctor.in_force import InForce
    from guardrails.model import Environment

_ABOUT = "environment"


def examine_environments(found: InForce) -> Iterator[Line]:
    """One line for each repository, and one for each state directory."""
    for environment in found.environments:
        yield _repository(found, environment)
        if environment.state_dir:
            yield _state_dir(found, environment, environment.state_dir)


def is_bare(repo: str) -> bool:
    """Whether a folder is a repository without a work tree. Raises CannotKnow for what is no repository."""
    return run_to_end(Repository(repo).run("rev-parse", "--is-bare-repository", bare=True)) == b"true\n"


def _repository(found: InForce, environment: Environment) -> Line:
    name, repo = environment.name, environment.repo
    if not os.path.isdir(repo):
        do = found.look_at_setting(environment, "repo")
        return Line(_ABOUT, name, State.WRONG, f"its repository {repo} is not there", do)
    try:
        if is_bare(repo):
            return Line(_ABOUT, name, State.OK, f"its repository {repo} has no work tree, as that of a server")
        checkout = gather_fact(Checkout, found.world(environment))
    except CannotKnow as error:
        return Line(_ABOUT, name, State.UNKNOWN, str(error), _look(repo, "status", "see what git says of it"))
    on = checkout.branch or "no branch (a detached HEAD)"
    if environment.branch and checkout.branch != environment.branch:
        text = f"its repository {repo} is on {on}, and {environment.branch} is configured"
        check = found.guardrails(environment).line("check", "--env", name)
        return Line(_ABOUT, name, State.WRONG, text, a_look(f"{check} || true", "expected-branch says how to go back"))
    return Line(_ABOUT, name, State.OK, f"its repository {repo} is on {on}, at {checkout.commit[:12]}")


def _state_dir(found: InForce, environment: Environment, folder: str) -> Line:
    text = f"its state directory {folder}"
    do = found.look_at_setting(environment, "state_dir")
    if not os.path.isdir(folder):
        return Line(_ABOUT, environment.name, State.WRONG, f"{text} is not there", do)
    if not os.access(folder, os.R_OK | os.X_OK):
        return Line(_ABOUT, environment.name, State.WRONG, f"{text} cannot be read by this user", do)
    return Line(_ABOUT, environment.name, State.OK, f"{text} is there")


def _look(repo: str, command: str, then: str) -> str:
    from shlex import quote

    return a_look(f"git -C {quote(repo)} {command} || true", then)
