"""A plugin either keeps the contract or stops the run, named."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from guardrails.errors import PluginError
from guardrails.plugins import loader
from plugin_packages import PREAMBLE, install, policy_class, provide

GOOD = PREAMBLE + policy_class("good-one", "pass") + provide("GoodOne")


def entries(folder: Path, sources: Iterable[tuple[str, str]], monkeypatch: pytest.MonkeyPatch) -> list[EntryPoint]:
    """Install modules, each importable under a name that no other test uses."""
    monkeypatch.syspath_prepend(str(folder))
    found = []
    for name, source in sources:
        module = f"{folder.name}_{name}".replace("-", "_").replace("[", "_").replace("]", "_")
        install(folder, module, source)
        found.append(EntryPoint(name, module, loader.GROUP))
    return found


def test_what_is_installed_here() -> None:
    found = loader.load()
    assert {"clean-worktree", "fast-forward-only"} <= found.policies.keys()
    assert all(identity == policy.id for identity, policy in found.policies.items())
    assert Path(found.profiles["openclaw"]).is_file()
    assert "guardrails_policies.plugin" in found.modules
    assert found.demos()


def test_a_good_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = loader.collect(entries(tmp_path, [("good", GOOD)], monkeypatch))
    assert list(found.policies) == ["good-one"]
    assert found.profiles == {}
    assert found.demos() == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("return [5]", "provides the drill 5, which is not a Drill"),
        ("return 5", "its drills cannot be told: 'int' object is not iterable"),
        ("return [1 / 0]", "its drills cannot be told: division by zero"),
    ],
)
def test_drills_that_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str, says: str) -> None:
    source = f"{GOOD}\n\n@hookimpl\ndef guardrails_drills():\n    {body}\n"
    found = loader.collect(entries(tmp_path, [("good", source)], monkeypatch))
    with pytest.raises(PluginError) as caught:
        found.drills()
    assert str(caught.value).startswith("plugin good")
    assert says in str(caught.value)


def test_no_plugin_need_have_drills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert loader.collect(entries(tmp_path, [("good", GOOD)], monkeypatch)).drills() == []
    assert loader.load().drills()


def _changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def _option(line: str) -> str:
    return _changed('source = "a test"\n', f'source = "a test"\n    {line}\n')


def _asks(parameter: str) -> str:
    return _changed("def evaluate(self)", f"def evaluate(self, {parameter})")


def _programs(value: str) -> str:
    return f"{GOOD}\n@hookimpl\ndef guardrails_programs():\n    return {value}\n"


def test_rows_of_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = "from guardrails.facts.tool_call.programs.program import Program\nROW = Program(('frob',))\n"
    source = _programs("{'frob': f'{__name__}:ROW'}") + row
    found = loader.collect(entries(tmp_path, [("rows", source)], monkeypatch))
    assert [(name, place.partition(":")[2]) for name, place in found.programs.items()] == [("frob", "ROW")]


def _profiles(value: str) -> str:
    return f"{GOOD}\n@hookimpl\ndef guardrails_profiles():\n    return {value}\n"


BROKEN: dict[str, tuple[str, str]] = {
    "syntax": ("def (", "cannot be loaded"),
    "raises": ("raise RuntimeError('no luck')", "cannot be loaded: no luck"),
    "exits": ("raise SystemExit(0)", "cannot be loaded"),
    "imports what is missing": ("import no_such_module_anywhere", "No module named"),
    "no hook": ("x = 1", "implements no hook"),
    "no mark": (GOOD.replace("@hookimpl", ""), "implements no hook"),
    "unknown hook": (GOOD.replace("def guardrails_policies", "def guardrails_polices"), "unknown hook"),
    "hook raises": (GOOD.replace("return [GoodOne]", "return 1 / 0"), "division by zero"),
    "hook exits": (GOOD.replace("return [GoodOne]", "raise SystemExit(0)"), "does not keep the contract"),
    "hook gives no list": (GOOD.replace("[GoodOne]", "5"), "does not keep the contract"),
    "no policy": (GOOD.replace("[GoodOne]", "[]"), "no installed plugin provides a policy"),
    "not a class": (GOOD.replace("[GoodOne]", "[5]"), "provides 5, which is not a Policy"),
    "not a policy": (GOOD.replace("[GoodOne]", "[Fact]"), "which is not a Policy"),
    "an instance": (GOOD.replace("[GoodOne]", "[GoodOne()]"), "which is not a Policy"),
    "no id": (_changed('id = "good-one"', 'id = ""'), "needs an id, a title and a source"),
    "id that is no text": (_changed('id = "good-one"', "id = 5"), "needs an id, a title and a source"),
    "no title": (_changed('title = "The policy good-one"', ""), "needs an id, a title and a source"),
    "no source": (_changed('source = "a test"', ""), "needs an id, a title and a source"),
    "severity": (_option('severity = "worst"'), "severity of good-one is 'worst', not a Severity"),
    "reserved option": (_option("when: str = ''"), "an option when, which every policy's table has"),
    "option without default": (_option("depth: int"), "the option depth of good-one has no default"),
    "option as text": (_option("depth: 'int' = 1"), "the option depth of good-one has a type as text"),
    "list of text": (_option("depth: tuple['int', ...] = ()"), "the option depth of good-one has a type as text"),
    "no annotation": (_asks("fact"), "has no annotated facts"),
    "no fact": (_asks("fact: int"), "whose annotation is not a Fact"),
    "fact as text": (_asks("fact: 'Fact'"), "whose annotation is not a Fact"),
    "fact that is not there": (_asks("fact: NoSuchFact"), "name 'NoSuchFact' is not defined"),  # 3.14 finds it late
    "asks with what is no option": (_asks("fact: Fact = ask('depht')"), "asks with depht, not an option of it"),
    "default that is no ask": (_asks("fact: Fact = 5"), "has no annotated facts"),
    "deleted from its module": (
        GOOD.replace("[GoodOne]", "[globals().pop('GoodOne')]"),
        "good-one is no attribute GoodOne of the module",
    ),
    "made in a function": (
        GOOD.replace("return [GoodOne]", "class Inner(GoodOne):\n        id = 'inner'\n    return [Inner]"),
        "the policy inner is no attribute guardrails_policies.<locals>.Inner",
    ),
    "another of that name": (
        GOOD.replace("return [GoodOne]", "return [type('GoodOne', (GoodOne,), {'__module__': __name__})]"),
        "good-one is no attribute GoodOne",
    ),
    "profile that is no path": (_profiles("{'mine': 5}"), "the profile mine is 5, which is not an absolute path"),
    "profile that is relative": (_profiles("{'mine': 'mine.toml'}"), "which is not an absolute path"),
    "row that is not there": (
        _programs("{'frob': 'os:NONE'}"),
        "the row of the program frob, os:NONE, cannot be loaded",
    ),
    "row of nothing": (_programs("{'frob': 5}"), "the row of the program frob, 5, cannot be loaded"),
    "row that is none": (_programs("{'frob': 'os:sep'}"), "os:sep is no row of the program frob"),
    "profiles that are no table": (_profiles("['mine']"), "does not keep the contract"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    source, reason = BROKEN[name]
    with pytest.raises(PluginError) as caught:
        loader.collect(entries(tmp_path, [("broken", source)], monkeypatch))
    assert reason in str(caught.value)
    assert "broken" in str(caught.value) or name == "no policy"


def test_one_broken_plugin_stops_the_good_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PluginError, match="plugin second"):
        loader.collect(entries(tmp_path, [("first", GOOD), ("second", "raise ValueError")], monkeypatch))


@pytest.mark.parametrize("what", ["policy good-one", "profile mine"])
def test_two_plugins_cannot_provide_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    first = _profiles("{'mine': '/x.toml'}")
    second = first if what.startswith("policy") else first.replace("good-one", "other-one")
    with pytest.raises(PluginError, match=f"plugins first and second both provide the {what}"):
        loader.collect(entries(tmp_path, [("first", first), ("second", second)], monkeypatch))


def test_metadata_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "damaged", "")
    (tmp_path / "damaged-1.0.dist-info/entry_points.txt").write_bytes(b"[guardrails]\nx = \xff\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(PluginError, match="the installed plugins cannot be listed"):
        loader.load()
