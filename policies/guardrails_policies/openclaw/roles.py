"""Which of the checkouts, state directories and services found are production's, and which development's.

Names and services tell. Where they do not, the choice is left open: nothing is guessed in silence.
"""

from __future__ import annotations

import os

from guardrails import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from guardrails_policies.openclaw.machine import Gateway, Machine

_WORDS = ("prod", "dev")
_DEVELOPED_IN = "moltbot"  # what the deployment rules call the folder of development
_DEFAULT_STATES = (".openclaw", ".clawdbot", ".moltbot", ".moldbot")


class Choice(Record):
    """A path and why it is the one; or, without a path, those that it may be."""

    path: str | None = None
    because: str = ""
    candidates: tuple[str, ...] = ()


class Role(Record):
    """What an environment is made of. `gateways` are the services that start its gateway."""

    name: str
    repository: Choice = Choice()
    state_dir: Choice = Choice()
    gateways: tuple[Gateway, ...] = ()


def roles(machine: Machine) -> tuple[Role, Role]:
    """Production and development."""
    checkouts = [repository.path for repository in machine.repositories]
    prod = _production(machine, checkouts)
    dev = _development(machine, [path for path in checkouts if path not in (prod.path, *prod.candidates)])
    of_prod, of_dev = (tuple(one for one in machine.gateways if one.repo == choice.path) for choice in (prod, dev))
    return (
        _role("prod", prod, _state("prod", machine, of_prod, of_dev), of_prod, machine),
        _role("dev", dev, _state("dev", machine, of_dev, of_prod), of_dev, machine),
    )


def _role(name: str, checkout: Choice, state: Choice, gateways: tuple[Gateway, ...], machine: Machine) -> Role:
    """The role; without a checkout, its gateways are those of installed packages that use its state."""
    if checkout == Choice():
        checkouts = {repository.path for repository in machine.repositories}
        packaged = [one for one in machine.gateways if one.repo not in checkouts]
        gateways = tuple(one for one in packaged if one.state_dir == state.path)
    return Role(name, checkout, state, gateways)


def _production(machine: Machine, checkouts: Sequence[str]) -> Choice:
    said = _said("prod", machine, checkouts)
    others = [path for path in checkouts if path not in _said("dev", machine, checkouts)]
    started = {one.repo: f"the service {one.name} starts it" for one in machine.gateways if one.repo in others}
    return _first(said, started, dict.fromkeys(others, "nothing says so, but it is the only one"))


def _development(machine: Machine, checkouts: Sequence[str]) -> Choice:
    said = _said("dev", machine, checkouts)
    usual = [path for path in checkouts if os.path.basename(path) == _DEVELOPED_IN]
    usual_reason = f"the deployment rules call it {_DEVELOPED_IN}"
    return _first(said, dict.fromkeys(usual, usual_reason), dict.fromkeys(checkouts, "it is the only other one"))


def _said(word: str, machine: Machine, checkouts: Iterable[str]) -> dict[str, str]:
    """The checkouts that a name calls `prod` or `dev`, and no other name the other; with that name."""
    found = {}
    for path in checkouts:
        names = [os.path.basename(path)]
        for gateway in machine.gateways:
            if gateway.repo == path:
                names += [gateway.name, os.path.basename(gateway.state_dir)]
        calls = {one: name for name in reversed(names) for one in _WORDS if one in name.lower()}
        if list(calls) == [word]:
            found[path] = f"the name {calls[word]} says so"
    return found


def _state(role: str, machine: Machine, own: Sequence[Gateway], others: Sequence[Gateway]) -> Choice:
    """The state directory that a service of the role uses, or one that no service of the other role does."""
    taken = {gateway.state_dir for gateway in others}
    free = [state.path for state in machine.states if state.path not in taken]
    default = [path for path in free if os.path.basename(path) in _DEFAULT_STATES]
    by_service = {gateway.state_dir: gateway.because for gateway in own}
    if role == "prod":
        return _first(by_service, dict.fromkeys(default[:1], "OpenClaw uses it by default"))
    rest = [path for path in free if path not in default]
    named = [path for path in rest if role in os.path.basename(path)]
    return _first(by_service, dict.fromkeys(named, "its name says so"), dict.fromkeys(rest, "it is the only other one"))


def _first(*groups: dict[str, str]) -> Choice:
    """What the first group that holds any says: the one in it with its reason, or all of them."""
    for group in groups:
        if len(group) == 1:
            return Choice(*next(iter(group.items())))
        if group:
            return Choice(candidates=tuple(group))
    return Choice()
