"""For policy authors: literal facts in, what the policy concluded out; and scratch worlds to look at.

    result = judge(ExpectedFile(), files=Files(present=()))
    assert result.outcome == "fail"

`gather` looks at a real folder or repository instead, as a check would. `ScratchWorld` builds repositories to look at;
in tests for pytest the fixtures of `guardrails.testing.plugin` do. That is loaded wherever pytest runs, so this imports
what it needs when it is called.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from guardrails.model import Environment, Operation, PolicyResult
    from guardrails.policy import Fact, Policy, World
    from guardrails.testing.worlds import ScratchWorld

    Kind = TypeVar("Kind", bound=Fact)

__all__ = ["Environment", "Operation", "ScratchWorld", "World", "gather", "judge", "world"]

_WHEN_ASKED = {
    "Environment": "guardrails.model",
    "Operation": "guardrails.model",
    "ScratchWorld": "guardrails.testing.worlds",
    "World": "guardrails.policy",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _WHEN_ASKED:
        return getattr(import_module(_WHEN_ASKED[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def judge(policy: Policy, **facts: Fact) -> PolicyResult:
    """Evaluate a policy on literal facts, one keyword for each parameter of its `evaluate`."""
    from guardrails.engine.worker import conclude

    return conclude(policy.id, policy, facts)


def world(repo: str | os.PathLike[str] = ".", **rest: Any) -> World:
    """A world of one environment, `prod`, with the given repository.

    `operation` is the name of one; `rest` goes to Environment, Operation or World, whichever has the field.
    """
    from guardrails.model import Environment, Operation
    from guardrails.policy import World

    known = {name: rest.pop(name) for name in list(rest) if name in Environment.__fields__}
    prod = Environment(**{"name": "prod", "repo": os.path.abspath(repo), **known})
    if "operation" in rest:
        about = {name: rest.pop(name) for name in list(rest) if name in Operation.__fields__}
        rest["operation"] = Operation(name=rest.pop("operation"), **about)
    return World(prod, {"prod": prod}, **{"at": time.time(), "home": os.path.expanduser("~"), **rest})


def gather(fact: type[Kind], world: World, *options: Any) -> Kind:
    """Gather one fact from the real world. Raises CannotKnow as a check would."""
    from guardrails.engine.gather import gather_fact

    return gather_fact(fact, world, *options)
