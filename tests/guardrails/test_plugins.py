from __future__ import annotations

import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from guardrails import plugins
from guardrails.errors import PluginError
from plugin_packages import PREAMBLE, install, policy_class, provide

GOOD = PREAMBLE + policy_class("one", "pass") + provide("One")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path, whose modules are forgotten afterwards."""
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def collect(folder: Path) -> plugins.Plugins:
    entries = [entry for one in distributions(path=[str(folder)]) for entry in one.entry_points]
    return plugins.collect(sorted(entries, key=lambda entry: entry.name))


def complaint(folder: Path) -> str:
    with pytest.raises(PluginError) as caught:
        collect(folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_installed_here() -> None:
    found = plugins.load()
    assert "clean-worktree" in found.policies
    assert Path(found.profiles["openclaw"]).is_file()
    assert "guardrails_policies.plugin" in found.modules
    assert found.demos()


def test_the_policies_of_several_plugins(folder: Path) -> None:
    install(folder, "plugin-a", GOOD)
    install(folder, "plugin-b", PREAMBLE + policy_class("two", "pass") + provide("Two"))
    found = collect(folder)
    assert sorted(found.policies) == ["one", "two"]
    assert found.modules == ["plugin_a", "plugin_b"]


def test_without_any_policy_nothing_can_be_decided(folder: Path) -> None:
    assert "no installed plugin provides a policy" in complaint(folder)


@pytest.mark.parametrize(
    "source",
    ["import no_such_module", "1 / 0", "import sys; sys.exit(0)", "this is no Python", "raise BaseException('x')"],
)
def test_a_plugin_that_cannot_be_loaded_is_named(folder: Path, source: str) -> None:
    install(folder, "plugin-a", source)
    assert complaint(folder).startswith("plugin plugin-a (plugin_a) cannot be loaded: ")


def test_a_module_that_is_gone_is_named(folder: Path) -> None:
    install(folder, "plugin-a", entry="plugin-a = no_such_module")
    assert complaint(folder).startswith("plugin plugin-a (no_such_module) cannot be loaded: ")


HOOK = "\n@hookimpl\ndef guardrails_policies():\n    "
PROFILES = "\n@hookimpl\ndef guardrails_profiles():\n    "
CLASS = "\nclass Two(Policy):\n    id, title, source = 'two', 'Two', 'a test'\n    "


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1", "implements no hook"),
        ("@hookimpl\ndef guardrails_policy():\n    return []", "guardrails_policy"),
        (HOOK + "return 3", "does not keep the contract"),
        (HOOK + "raise KeyError('x')", "does not keep the contract"),
        (HOOK + "import sys; sys.exit(0)", "does not keep the contract"),
        (HOOK + "return ['one']", "which is not a Policy"),
        (HOOK + "return [Policy]", "needs an id, a title and a source"),
        (policy_class("one", "pass").replace("The policy one", "") + provide("One"), "needs an id, a title"),
        (PROFILES + "return {'mine': 'relative.toml'}", "not an absolute path"),
        (PROFILES + "return {'mine': 3}", "not an absolute path"),
        (PROFILES + "return ['mine']", "does not keep the contract"),
        (CLASS + "when: str = ''\n    def evaluate(self):\n        yield" + provide("Two"), "has an option when"),
        (CLASS + "size: 'int' = 0\n    def evaluate(self):\n        yield" + provide("Two"), "a type as text"),
        (CLASS + "def evaluate(self, fact):\n        yield" + provide("Two"), "has no annotated facts"),
        (CLASS + "def evaluate(self, fact: int):\n        yield" + provide("Two"), "annotation is not a Fact"),
        (CLASS + "def evaluate(self, fact: Fact = 3):\n        yield" + provide("Two"), "has no annotated facts"),
        (CLASS + "def evaluate(self, fact: Fact = ask('x')):\n        yield" + provide("Two"), "asks with x"),
    ],
)
def test_a_plugin_that_breaks_the_contract_is_named(folder: Path, source: str, expected: str) -> None:
    install(folder, "plugin-a", PREAMBLE + source)
    text = complaint(folder)
    assert "plugin-a" in text
    assert expected in text


@pytest.mark.parametrize("what", ["policy", "profile"])
def test_two_plugins_that_provide_the_same(folder: Path, what: str) -> None:
    source = GOOD if what == "policy" else PREAMBLE + PROFILES + "return {'one': '/one.toml'}"
    install(folder, "plugin-a", source)
    install(folder, "plugin-b", source)
    expected = f"plugin plugin-b provides the {what} one, which another plugin provides already"
    assert complaint(folder) == expected
