from __future__ import annotations

import inspect
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from guardrails import Policy, plugins
from small_world import ROOT, SmallWorld

POLICIES = [
    policy for policy in plugins.load().policies.values() if policy.__module__.startswith("guardrails_policies.")
]
MODULES = sorted([*(ROOT / "guardrails").rglob("*.py"), *(ROOT / "policies").rglob("*.py")])
each_policy = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.id)


def source_of(policy: type[Policy]) -> Path:
    return ROOT / "policies" / f"{policy.__module__.replace('.', '/')}.py"


@each_policy
def test_the_id_is_the_name_of_everything(policy: type[Policy]) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", policy.id)
    name, family = source_of(policy).stem, source_of(policy).parent.name
    assert name == policy.id.replace("-", "_")
    assert policy.__name__ == "".join(word.capitalize() for word in policy.id.split("-"))
    assert (ROOT / "tests/policies" / family / f"test_{name}.py").is_file()
    assert (ROOT / f"docs/policies/{policy.id}.md").read_text(encoding="utf-8").startswith(f"# {policy.id}\n")


@each_policy
def test_the_docstring_says_why_shows_an_example_and_what_to_do_instead(policy: type[Policy]) -> None:
    lines = (inspect.getdoc(policy) or "").splitlines()
    assert lines[0].endswith(".")
    for title in ("Why it matters", "Example", "Instead"):
        assert lines.count(title) == 1
        assert re.match(r" {4}\S", lines[lines.index(title) + 1])


@each_policy
def test_the_class_says_what_holds_and_who_says_so(policy: type[Policy]) -> None:
    assert policy.title[0].isupper()
    assert not policy.title.endswith(".")
    assert re.match(r"deployment-rules §\d", policy.source)


@each_policy
def test_every_option_has_a_default(policy: type[Policy]) -> None:
    policy()
    assert all(hasattr(policy, name) for name in policy.__fields__)


@each_policy
def test_a_policy_file_holds_one_policy(policy: type[Policy]) -> None:
    assert [other.id for other in POLICIES if source_of(other) == source_of(policy)] == [policy.id]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_fits_in_a_sitting(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) < 300


def test_the_generated_documents_are_current() -> None:
    command = [sys.executable, str(ROOT / "tools/generate_docs.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_the_wheel_holds_the_two_packages_and_nothing_else(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"guardrails", "guardrails_policies"}
    assert "guardrails_policies/openclaw.toml" in names


HEAVY = {
    "asyncio",
    "dataclasses",
    "git",
    "importlib.metadata",
    "json5",
    "markdown_it",
    "pluggy",
    "pydantic",
    "rich",
    "subprocess",
    "typing",
}


def test_a_passing_run_loads_nothing_heavy(tmp_path: Path) -> None:
    world = SmallWorld(tmp_path)
    world.build()
    arguments = ("check", "--env", "prod", "--format", "json")
    assert world.run(*arguments).returncode == 0  # and makes the snapshot
    command = [sys.executable, "-X", "importtime", "-m", "guardrails", *arguments]
    done = subprocess.run(
        command, cwd=world.folder, env=world.environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "guardrails.engine" in loaded
    assert loaded & HEAVY == set()
