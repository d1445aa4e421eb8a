"""Each plugin is told with what it provides, or with what is wrong; none keeps the others from being told."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin_packages import PREAMBLE, install, policy_class, provide
from worlds.examined import examined, not_well, of
from worlds.small_world import SmallWorld, small_world, write

PRODUCTS = """
from guardrails.plugins.product import Installed, Product

def look(repo):
    if repo.endswith("/prod"):
        return Installed("7.1", "nobody has tried it")
    raise CannotKnow("its version cannot be read")

@hookimpl
def guardrails_products():
    return [Product("Shop", look)]
"""


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return small_world(tmp_path)


def add(world: SmallWorld, name: str, identity: str = "good-one", more: str = "") -> None:
    class_name = "".join(part.capitalize() for part in identity.split("-"))
    source = PREAMBLE + policy_class(identity, "pass") + provide(class_name) + more
    world.python_path.append(str(install(world.folder.parent / f"plugin-{name}", name, source)))


def test_a_plugin_is_told_with_its_version_and_policies(world: SmallWorld) -> None:
    add(world, "acme")
    things = examined(world)
    assert of(things, "plugin", "acme")[0]["text"] == "acme 1.0: 1 policies (good-one)"
    assert "the profile openclaw" in of(things, "plugin", "openclaw")[0]["text"]


def test_two_that_provide_the_same_are_told_together(world: SmallWorld) -> None:
    add(world, "one")
    add(world, "other")
    things = examined(world)
    assert [one["state"] for one in of(things, "plugin", "one") + of(things, "plugin", "other")] == ["ok", "ok"]
    [both] = of(things, "plugin", "")
    assert (both["state"], both["text"]) == ("wrong", "plugins one and other both provide the policy good-one")


def test_a_plugin_that_breaks_the_contract_is_wrong(world: SmallWorld) -> None:
    add(world, "bad", more="\nGoodOne.title = ''\n")
    assert ("plugin", "bad", "wrong") in not_well(examined(world))


def test_the_products_in_checkouts_are_told(world: SmallWorld) -> None:
    add(world, "shop", more=PRODUCTS)
    found = {one["state"]: one["text"] for one in of(examined(world), "version", "Shop")}
    assert found == {
        "note": f"7.1 in {world.prod}; nobody has tried it",
        "unknown": f"in {world.dev}: its version cannot be read",
    }


def test_openclaw_is_found_by_its_package(world: SmallWorld) -> None:
    write(world.dev / "package.json", '{"name": "openclaw", "version": "2026.7.1"}')
    [found] = of(examined(world), "version", "OpenClaw")
    assert (found["state"], found["text"]) == ("ok", f"2026.7.1 in {world.dev}")
