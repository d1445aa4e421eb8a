"""The survey of `guardrails init` where no product is found: the git checkout around the working directory."""

from __future__ import annotations

import os
import time

from guardrails import CannotKnow, Checkout, Environment, Fact, World
from guardrails.config.written import toml
from guardrails.engine.gather import gather_fact
from guardrails.facts.approval.upstream import upstream_of
from guardrails.plugins.survey import Found, Survey
from guardrails.wording.shown_text import redact, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

_PROFILE = "checkout"


class Here(Fact):
    """A checkout: its top folder, the branch (None: detached), and the ref that updates come from, if any."""

    path: str
    branch: str | None = None
    upstream: str | None = None

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Look at the environment's repository. Raises CannotKnow when it cannot be read."""
        checkout: Checkout = await world.fact(Checkout, None)
        return cls(checkout.git.path, checkout.branch, await upstream_of(checkout))


def survey() -> Survey:
    """The look for it, when nothing else was found."""
    return Survey("a git checkout around the working directory", look, last=True)


def look(home: str) -> Found | None:
    """Look from the working directory upwards. Raises CannotKnow when a checkout is there and cannot be read."""
    top = _top(os.getcwd())
    if top is None:
        return None
    if redact(top) != top or top.encode("utf-8", "replace").decode() != top:
        raise CannotKnow("the path of the checkout is no plain text, or looks like a secret")
    environment = Environment(name="prod", repo=top)
    here = gather_fact(Here, World(environment, {"prod": environment}, at=time.time(), home=home))
    return Found(tuple(_lines(here)), (_PROFILE,), "".join(f"{line}\n" for line in _tables(here)))


def _top(folder: str) -> str | None:
    while not os.path.lexists(os.path.join(folder, ".git")):
        if os.path.dirname(folder) == folder:
            return None
        folder = os.path.dirname(folder)
    return folder


def _lines(here: Here) -> Iterator[str]:
    yield f"no OpenClaw was found, so this is the profile {_PROFILE}"
    yield "checkouts:"
    known = f"on {here.branch or 'no branch'}, updates from {here.upstream or 'nowhere'}"
    yield f"  {visible(here.path)}: {visible(redact(known))} → prod"


def _tables(here: Here) -> Iterator[str]:
    yield "[environments.prod]"
    yield f"repo = {toml(here.path)}"
    for key, value, why in (
        ("branch", here.branch, "none is checked out"),
        ("upstream", here.upstream, "no remote tells where updates come from"),
    ):
        if value and redact(value) == value and value.encode("utf-8", "replace").decode() == value:
            yield f"{key} = {toml(value)}"
        else:
            yield f"# no {key}: {why if not value else 'its name is no plain text'}; the profile's holds"
    yield ""
    yield "# What this product needs beside git, such as"
    yield "# [operations.update]"
    yield '# steps = ["...", "make build"]'
    yield "#"
    yield "# [policies.healthy]"
    yield '# use = "healthy-command"'
    yield '# when = ["verify"]'
    yield '# command = "curl --fail --silent http://127.0.0.1:8000/health"'
