"""For policy authors: literal facts in, what the policy concluded out.

    result = judge(ExpectedFile(), files=Files(present=()))
    assert result.outcome == "fail"

`gather` looks at a real folder or repository instead, as a check would.
"""

from __future__ import annotations

import os
import time

from guardrails.engine.gather import gathered
from guardrails.engine.worker import conclude
from guardrails.model import Environment, Operation, PolicyResult
from guardrails.policy import World

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from guardrails.policy import Fact, Policy

    Kind = TypeVar("Kind", bound=Fact)

__all__ = ["Environment", "Operation", "World", "gather", "judge", "world"]


def judge(policy: Policy, **facts: Fact) -> PolicyResult:
    """Evaluate a policy on literal facts, one keyword for each parameter of its `evaluate`."""
    return conclude(policy.id, policy, facts)


def world(repo: str | os.PathLike[str] = ".", **rest: Any) -> World:
    """A world of one environment, `prod`, with the given repository.

    `operation` is the name of one; `rest` goes to Environment, Operation or World, whichever has the field.
    """
    known = {name: rest.pop(name) for name in list(rest) if name in Environment.__fields__}
    prod = Environment(**{"name": "prod", "repo": os.path.abspath(repo), **known})
    if "operation" in rest:
        about = {name: rest.pop(name) for name in list(rest) if name in Operation.__fields__}
        rest["operation"] = Operation(name=rest.pop("operation"), **about)
    return World(prod, {"prod": prod}, **{"at": time.time(), "home": os.path.expanduser("~"), **rest})


def gather(fact: type[Kind], world: World, *options: Any) -> Kind:
    """Gather one fact from the real world. Raises CannotKnow as a check would."""
    return gathered(fact, world, *options)
