"""What was validated is not validated again, until anything that it was made from is another."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin_packages import PREAMBLE, install, provide
from worlds.small_world import SmallWorld, bare_world, write

ANSWER = """
class Answer(Policy):
    id = "answer"
    title = "The answer is as expected"
    source = "a test"

    wanted: bool = True

    def evaluate(self):
        if not self.wanted:
            yield Finding(observed="no", expected="yes", remediation="say yes")
"""
HELPER = "DEFAULT = True\n"


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    """One repository, and a policy of a package with two modules that passes by default."""
    world = bare_world(tmp_path)
    plugin = install(tmp_path / "plugin", "answers", entry="answers = answers.plugin")
    write(plugin / "answers/__init__.py", "")
    write(plugin / "answers/defaults.py", HELPER)
    write(
        plugin / "answers/plugin.py",
        PREAMBLE
        + "from answers.defaults import DEFAULT\n"
        + ANSWER.replace("bool = True", "bool = DEFAULT")
        + provide("Answer"),
    )
    world.python_path.append(str(plugin))
    write(world.folder / "base.toml", "[policies.answer]\n")
    write(world.configuration, "extends = ['base.toml']\n[environments.prod]\nrepo = 'prod'\n")
    return world


def kept(world: SmallWorld) -> Path:
    """The one snapshot."""
    (path,) = (world.home / ".cache/guardrails/settings").iterdir()
    return path


def verdict(world: SmallWorld, **rest: Any) -> tuple[int, list[str]]:
    """The exit code, and the policies that failed."""
    report = world.report(**rest)
    return report["exit_code"], [one["policy"] for one in report["results"] if one["outcome"] == "fail"]


def warm(world: SmallWorld) -> None:
    assert verdict(world) == (0, [])
    assert kept(world).is_file()


def loads_validation(world: SmallWorld) -> bool:
    """Whether a check validates the configuration: whoever does files its result anew."""

    def filed() -> set[tuple[str, int]]:
        folder = world.home / ".cache/guardrails/settings"
        return {(path.name, path.stat().st_mtime_ns) for path in folder.glob("*.json")}

    before = filed()
    world.run("check")
    return filed() != before


def test_the_second_run_does_not_validate(world: SmallWorld) -> None:
    assert loads_validation(world)
    assert not loads_validation(world)
    assert verdict(world) == (0, [])


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def _plugin(world: SmallWorld, name: str) -> Path:
    return Path(world.python_path[-1]) / name


CHANGES: dict[str, Callable[[SmallWorld], object]] = {
    "configuration": lambda world: world.configure("[policies.answer]\nwanted = false\n"),
    "what it extends": lambda world: write(world.folder / "base.toml", "[policies.answer]\nwanted = false\n"),
    "module of the policy": lambda world: _replace(
        _plugin(world, "answers/plugin.py"), "bool = DEFAULT", "bool = False"
    ),
    "module that it uses": lambda world: write(_plugin(world, "answers/defaults.py"), "DEFAULT = False\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_changed_counts_at_once(world: SmallWorld, change: str) -> None:
    warm(world)
    CHANGES[change](world)
    assert verdict(world) == (1, ["answer"])


def test_a_module_with_its_old_size_and_time_is_looked_at_again(world: SmallWorld) -> None:
    warm(world)
    path = _plugin(world, "answers/plugin.py")
    before = path.stat()
    _replace(path, "bool = DEFAULT", "bool = 0 and 0")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert loads_validation(world)


def test_what_is_extended_and_gone(world: SmallWorld) -> None:
    warm(world)
    (world.folder / "base.toml").unlink()
    assert world.check().returncode == 2


def test_another_home_is_another_configuration(world: SmallWorld, tmp_path: Path) -> None:
    write(world.configuration, "extends = ['base.toml']\n[environments.prod]\nrepo = '~/prod'\n")
    (world.home / "prod").symlink_to(world.prod)
    cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert verdict(world, env=cache) == (0, [])
    (tmp_path / "other").mkdir()
    report = world.report(env={**cache, "HOME": str(tmp_path / "other")})
    assert report["subject"]["repo"] == str(tmp_path / "other/prod")


def test_a_new_plugin_is_looked_at(world: SmallWorld, tmp_path: Path) -> None:
    warm(world)
    install(Path(world.python_path[-1]), "broken", "raise RuntimeError('broken')")
    assert world.check().returncode == 2


def test_a_removed_plugin_is_missed(world: SmallWorld) -> None:
    warm(world)
    _plugin(world, "answers-1.0.dist-info/entry_points.txt").unlink()
    assert world.check().returncode == 2


def test_a_plugin_that_is_no_longer_on_the_path_is_missed(world: SmallWorld) -> None:
    warm(world)
    world.python_path.pop()
    assert world.check().returncode == 2


def _settings(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["settings"].update(changes)


def _policy(**changes: Any) -> Callable[[dict[str, Any]], object]:
    return lambda value: value["settings"]["policies"][0].update(changes)


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "no policies": _settings(policies=[]),
    "no environments": _settings(environments={}),
    "policies of a wrong type": _settings(policies=5),
    "environment of a wrong type": _settings(environments={"prod": {"name": "prod", "repo": 5}}),
    "when of a wrong type": _policy(when=5),
    "when without moments": _policy(when={"prod": None}),
    "when for nobody": _policy(when={}),
    "enforcement of a wrong type": _policy(enforcement=["advisory"]),
    "unknown enforcement": _policy(enforcement={"prod": "nonsense"}),
    "advisory": _policy(enforcement={"prod": "advisory"}),
    "options of a wrong type": _policy(options="x"),
    "other options": _policy(options={"wanted": True}),
    "another class": _policy(location="os:getcwd"),
    "no class": _policy(location=7),
    "no layers": lambda value: value.update(layers=[]),
    "layers of a wrong type": lambda value: value.update(layers=5),
    "no modules": lambda value: value.update(modules=[]),
    "nothing": lambda value: value.clear(),
}


@pytest.mark.parametrize("spoil", SPOILT)
@pytest.mark.sample(3)
def test_a_snapshot_that_is_off_is_ignored(world: SmallWorld, spoil: str) -> None:
    _replace(world.folder / "base.toml", "[policies.answer]", "[policies.answer]\nwanted = false\n")
    assert verdict(world) == (1, ["answer"])
    data = json.loads(kept(world).read_bytes())
    SPOILT[spoil](data["value"])
    kept(world).write_text(json.dumps(data))
    assert verdict(world) == (1, ["answer"])


@pytest.mark.parametrize("garbage", [b"", b"\0" * 100, b"[]", b'{"value": 1}', b"[" * 100_000])
def test_garbage_is_ignored(world: SmallWorld, garbage: bytes) -> None:
    warm(world)
    path = kept(world)
    path.write_bytes(garbage)
    assert verdict(world) == (0, [])
    assert kept(world).read_bytes() != garbage


def test_a_configuration_that_is_refused_is_not_kept(world: SmallWorld) -> None:
    world.configure("[policies.unknown]\n")
    assert world.check().returncode == 2
    assert not list((world.home / ".cache/guardrails").rglob("*.json"))
