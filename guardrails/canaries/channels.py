"""The channels of an environment: each place where a guard must stand, and the canary that goes through it."""

from __future__ import annotations

import os
from functools import partial

from guardrails.canaries.git_hooks import pre_push, pre_receive, reference_transaction
from guardrails.canaries.host_calls import host_call
from guardrails.errors import CannotKnow
from guardrails.facts.hooks.host_settings import look_at_host
from guardrails.facts.hooks.looks import look
from guardrails.facts.programs.side_by_side import run_to_end
from guardrails.hooks.places import find_hook_paths
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from guardrails.canaries.canary import Canary
    from guardrails.guards import Guard
    from guardrails.model import Environment

# What makes the canary of each kind of hook, and the operation that it stands for. Another kind of guard that a program
# of this machine runs gets a row here too, such as the timer of `guardrails watch`: its canary is the command that the
# timer's manager would start, and its operation `standing`.
_HOOKS = {
    "pre-push": (pre_push, "push"),
    "pre-receive": (pre_receive, "push"),
    "reference-transaction": (reference_transaction, "standing"),
}


class Channel(Record):
    """One way to a guard. `make` makes its canary, given an empty folder and a name; None where nothing would run.

    `place` is where git looks for the hook, or the host's settings. `problem` is what a look at it says, None for
    nothing, and `do` the line for a shell that installs it, or ends that.
    """

    id: str
    environment: Environment
    kind: str
    operation: str
    place: str
    make: Callable[[str, str], Canary] | None
    problem: str | None
    do: str


def operation_of(guard: Guard) -> str:
    """The operation that the canary of a guard stands for, as drills name it."""
    return "tool-call" if guard.settings else _HOOKS[guard.kind][1]


def channels_of(guard: Guard, environment: Environment, *, apart: bool) -> Iterator[Channel]:
    """The ways to a guard: for git one for each place where it looks for the hook, since work trees may differ.

    Raises CannotKnow when git cannot say where it looks.
    """
    name = f"{environment.name}/{guard.kind}"
    if guard.settings:
        yield _host(guard, environment, name)
        return
    if not os.path.isdir(environment.repo):
        raise CannotKnow(f"{environment.repo}, the repository of {environment.name}, is not there")
    make, _ = _HOOKS[guard.kind]
    for number, (path, folder) in enumerate(find_hook_paths(environment.repo, guard.kind).items(), 1):
        try:
            seen = run_to_end(look(guard, folder, os.environ, apart=apart))
            problem, remedy = seen.problem, seen.remedy
        except CannotKnow as error:  # what git does with it counts, and is tried
            problem, remedy = str(error), ""
        yield Channel(
            id=name if number == 1 else f"{name}/{number}",
            environment=environment,
            kind=guard.kind,
            operation=operation_of(guard),
            place=path,
            make=partial(make, environment, folder),
            problem=problem,
            do=remedy or guard.remedy,
        )


def _host(guard: Guard, environment: Environment, name: str) -> Channel:
    """The way to a host's script. Settings that do not hold it as they should have the host run nothing, or another."""
    seen = look_at_host(guard, environment.repo)
    script = next(one.script for one in guard.settings if one.path == seen.path)
    make = None if seen.problem else partial(host_call, guard.kind, script, environment)
    return Channel(
        id=name,
        environment=environment,
        kind=guard.kind,
        operation=operation_of(guard),
        place=seen.path,
        make=make,
        problem=seen.problem,
        do=seen.remedy or guard.remedy,
    )
