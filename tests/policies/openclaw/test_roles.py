"""Names and services tell which is production; where they do not, the choice stays open."""

from __future__ import annotations

import pytest

from guardrails_policies.openclaw.machine import Gateway, Machine, Repository, StateFolder
from guardrails_policies.openclaw.roles import Choice, Role, roles


def machine(*repositories: str, states: tuple[str, ...] = (), gateways: tuple[Gateway, ...] = ()) -> Machine:
    return Machine(
        "/h",
        tuple(Repository(f"/h/{name}", "main") for name in repositories),
        tuple(StateFolder(f"/h/{name}") for name in states),
        gateways,
    )


def gateway(name: str, repo: str, state: str) -> Gateway:
    return Gateway(name, f"/h/{name}.service", f"/h/{repo}", f"/h/{state}", f"{name} sets it")


def chosen(found: Machine) -> tuple[str | None, str | None]:
    prod, dev = roles(found)
    return prod.repository.path, dev.repository.path


@pytest.mark.parametrize(
    ("repositories", "prod", "dev"),
    [
        (("moltbot", "openclaw-prod"), "openclaw-prod", "moltbot"),
        (("openclaw-dev", "openclaw-prod"), "openclaw-prod", "openclaw-dev"),
        (("openclaw", "openclaw-prod"), "openclaw-prod", "openclaw"),
        (("openclaw", "openclaw-dev"), "openclaw", "openclaw-dev"),
        (("openclaw-docs", "moltbot", "openclaw-prod"), "openclaw-prod", "moltbot"),
        (("openclaw",), "openclaw", None),
        (("openclaw-dev",), None, "openclaw-dev"),
        ((), None, None),
        (("openclaw-prod-dev",), "openclaw-prod-dev", None),
    ],
)
def test_names_tell(repositories: tuple[str, ...], prod: str | None, dev: str | None) -> None:
    assert chosen(machine(*repositories)) == (prod and f"/h/{prod}", dev and f"/h/{dev}")


def test_a_service_tells_what_folders_do_not() -> None:
    found = machine("clawdbot", "openclaw", gateways=(gateway("com.example.gateway.prod", "openclaw", ".openclaw"),))
    prod, dev = roles(found)

    assert prod.repository == Choice("/h/openclaw", "the name com.example.gateway.prod says so")
    assert prod.gateways == found.gateways
    assert dev.repository == Choice("/h/clawdbot", "it is the only other one")


def test_the_one_with_a_service_is_production() -> None:
    prod, dev = roles(
        machine("clawdbot", "openclaw", gateways=(gateway("ai.openclaw.gateway", "openclaw", ".openclaw"),))
    )

    assert prod.repository == Choice("/h/openclaw", "the service ai.openclaw.gateway starts it")
    assert dev.repository.path == "/h/clawdbot"


def test_a_service_of_development_makes_no_production() -> None:
    found = machine("openclaw", "moltbot", gateways=(gateway("ai.openclaw.dev", "openclaw", ".openclaw-dev"),))
    assert chosen(found) == ("/h/moltbot", "/h/openclaw")


def test_what_is_unclear_stays_open() -> None:
    prod, dev = roles(machine("clawdbot", "openclaw"))

    assert prod.repository == Choice(candidates=("/h/clawdbot", "/h/openclaw"))
    assert dev.repository == Choice()
    both = machine("openclaw-prod", "openclaw-prod2", "moltbot")
    assert chosen(both) == (None, "/h/moltbot")
    assert roles(both)[0].repository.candidates == ("/h/openclaw-prod", "/h/openclaw-prod2")


def test_a_name_and_its_service_that_contradict_each_other_tell_nothing() -> None:
    found = machine("openclaw-prod", "openclaw", gateways=(gateway("ai.openclaw.dev", "openclaw-prod", ".openclaw"),))
    assert roles(found)[0].repository == Choice("/h/openclaw-prod", "the service ai.openclaw.dev starts it")


def states(found: Machine) -> list[str | None]:
    return [role.state_dir.path for role in roles(found)]


def test_states_by_their_names() -> None:
    assert states(machine(states=(".openclaw", ".openclaw-dev"))) == ["/h/.openclaw", "/h/.openclaw-dev"]
    assert states(machine(states=(".openclaw", ".openclaw-work"))) == ["/h/.openclaw", "/h/.openclaw-work"]
    assert states(machine(states=(".clawdbot",))) == ["/h/.clawdbot", None]
    assert states(machine(states=(".openclaw-work", ".openclaw-dev"))) == [None, "/h/.openclaw-dev"]


def test_a_service_says_where_its_state_is() -> None:
    of_prod = gateway("com.example.prod", "openclaw-prod", ".openclaw-work")
    found = machine("moltbot", "openclaw-prod", states=(".openclaw", ".openclaw-work"), gateways=(of_prod,))
    prod, dev = roles(found)

    assert prod.state_dir == Choice("/h/.openclaw-work", "com.example.prod sets it")
    assert dev.state_dir == Choice(), "the default directory is nobody's but production's"


def test_a_state_that_development_uses_is_not_productions() -> None:
    of_dev = gateway("com.example.dev", "moltbot", ".openclaw")
    prod, dev = roles(machine("moltbot", "openclaw-prod", states=(".openclaw",), gateways=(of_dev,)))

    assert prod.state_dir == Choice()
    assert dev.state_dir.path == "/h/.openclaw"


def test_two_services_on_two_states_leave_it_open() -> None:
    both = (gateway("a.prod", "openclaw-prod", ".openclaw"), gateway("b.prod", "openclaw-prod", ".openclaw-b"))
    prod: Role = roles(machine("openclaw-prod", states=(".openclaw", ".openclaw-b"), gateways=both))[0]

    assert prod.state_dir.candidates == ("/h/.openclaw", "/h/.openclaw-b")
    assert prod.gateways == both


def test_without_checkouts_the_services_of_packages_count_by_their_state() -> None:
    packaged = (
        gateway("openclaw-gateway", "../usr/lib/node_modules/openclaw", ".openclaw"),
        gateway("openclaw-gateway-dev", "../usr/lib/node_modules/openclaw", ".openclaw-dev"),
    )
    prod, dev = roles(machine(states=(".openclaw", ".openclaw-dev"), gateways=packaged))

    assert (prod.state_dir.path, prod.gateways) == ("/h/.openclaw", packaged[:1])
    assert (dev.state_dir.path, dev.gateways) == ("/h/.openclaw-dev", packaged[1:])


def test_a_packages_service_is_no_checkouts() -> None:
    packaged = gateway("openclaw-gateway", "../usr/lib/node_modules/openclaw", ".openclaw")
    prod = roles(machine("openclaw-prod", states=(".openclaw",), gateways=(packaged,)))[0]
    assert (prod.state_dir.path, prod.gateways) == ("/h/.openclaw", ())
