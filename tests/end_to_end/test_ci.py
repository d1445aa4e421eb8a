"""The composite action and the GitLab template: their own scripts are run, as the two would run them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from progress import run_to_its_end
from worlds.small_world import RELEASE, ROOT, SmallWorld, small_world, write

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load((ROOT / "ci/guardrails.gitlab-ci.yml").read_text(encoding="utf-8"))
ENEMIES = ["$(touch pwned)", "`touch pwned`", "; touch pwned", '" touch pwned "', "a b", "*", "--help", "x\n::error::y"]


def built(folder: Path) -> SmallWorld:
    made = small_world(folder)
    command = write(folder / "bin/guardrails", f'#!/bin/sh\nexec "{sys.executable}" -m guardrails "$@"\n')
    command.chmod(0o755)
    return made


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world in which everything is well; tests leave it as it was."""
    return built(tmp_path_factory.mktemp("well"))


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return built(tmp_path)


def step(world: SmallWorld, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's check as the runner does: inputs filled into variables, the script by bash."""
    temporary = world.folder.parent / "temporary"
    temporary.mkdir(exist_ok=True)
    (check,) = (one for one in ACTION["runs"]["steps"] if one.get("id") == "check")
    given = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()} | inputs
    context = {"runner.temp": str(temporary), **{f"inputs.{name}": value for name, value in given.items()}}
    variables = {
        name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: context[found[1]], value)
        for name, value in check["env"].items()
    }
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION": "__self",
        "GITHUB_OUTPUT": str(temporary / "output"),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
    }
    return run(world, ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", check["run"]], **variables, **github)


def run(world: SmallWorld, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{world.folder.parent}/bin:/usr/local/bin:/usr/bin:/bin"
    environment = world.environment(PATH=path, **variables)
    return run_to_its_end(
        command,
        cwd=world.folder,
        env=environment,
        text=True,
    )


def outputs(world: SmallWorld) -> dict[str, str]:
    lines = (world.folder.parent / "temporary/output").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


class TestAction:
    """`action.yml`."""

    def test_what_is_in_order_passes(self, well: SmallWorld) -> None:
        done = step(well, env="prod", operation="promote", candidate=RELEASE)
        assert (done.returncode, done.stderr) == (0, "")
        told = outputs(well)
        assert (told["verdict"], told["exit-code"]) == ("allow", "0")
        report = json.loads(Path(told["reports"], "guardrails.json").read_text())
        assert (report["operation"], report["verdict"]) == ("promote", "allow")
        assert json.loads(Path(told["reports"], "guardrails.sarif").read_text())["runs"][0]["results"] == []
        assert (well.folder.parent / "temporary/summary").read_text().startswith("## ALLOW: `prod promote`")

    def test_what_is_not_fails_the_step(self, world: SmallWorld) -> None:
        write(world.prod / "src/gateway.ts", "export const port = 1;\n")
        done = step(world, env="prod", reports=str(world.folder.parent / "mine"))
        assert done.returncode == 1
        assert re.findall(r"^::error file=(\S+?),title=clean-worktree%3A", done.stderr, re.MULTILINE) == [
            "src/gateway.ts"
        ]
        told = outputs(world)
        assert (told["verdict"], told["exit-code"]) == ("deny", "1")
        assert ElementTree.parse(Path(told["reports"], "guardrails.junit.xml")).find(".//failure") is not None

    @pytest.mark.parametrize("name", ["env", "operation", "candidate", "config", "config-ref"])
    @pytest.mark.parametrize("enemy", ENEMIES)
    def test_an_input_is_never_a_command(self, well: SmallWorld, name: str, enemy: str) -> None:
        given = {"env": "prod", "operation": "promote", "candidate": RELEASE, name: enemy}
        done = step(well, **given)
        assert done.returncode in {1, 2}
        assert outputs(well)["verdict"] == "deny"
        assert not list(well.folder.rglob("pwned"))

    def test_no_script_has_an_expression_in_it(self) -> None:
        assert [one["name"] for one in ACTION["runs"]["steps"] if "${{" in one["run"]] == []

    def test_its_inputs_are_documented(self) -> None:
        page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
        assert [name for name in (*ACTION["inputs"], *ACTION["outputs"]) if f"`{name}`" not in page] == []


class TestTemplate:
    """`ci/guardrails.gitlab-ci.yml`."""

    def job(self, world: SmallWorld, shell: str, **variables: str) -> subprocess.CompletedProcess[str]:
        job: dict[str, Any] = TEMPLATE[".guardrails"]
        return run(world, [shell, "-e", "-c", "\n".join(job["script"])], **{**job["variables"], **variables})

    @pytest.mark.parametrize("shell", ["sh", "bash"])
    def test_its_reports_are_those_that_it_keeps(self, world: SmallWorld, shell: str) -> None:
        job = TEMPLATE[".guardrails"]
        assert self.job(world, shell, GUARDRAILS_ENV="prod").returncode == 0
        assert json.loads((world.folder / job["artifacts"]["reports"]["codequality"]).read_text()) == []
        write(world.prod / "src/gateway.ts", "export const port = 1;\n")

        denied = self.job(world, shell, GUARDRAILS_ENV="prod", OPERATION="promote", CANDIDATE=RELEASE)

        assert denied.returncode == 1
        entries = json.loads((world.folder / job["artifacts"]["reports"]["codequality"]).read_text())
        assert ("clean-worktree", "src/gateway.ts") in {(one["check_name"], one["location"]["path"]) for one in entries}
        assert ElementTree.parse(world.folder / job["artifacts"]["reports"]["junit"]).find(".//failure") is not None
        (kept,) = job["artifacts"]["paths"]
        assert json.loads((world.folder / kept).read_text())["operation"] == "promote"
        assert job["artifacts"]["when"] == "always"

    @pytest.mark.parametrize("enemy", ENEMIES)
    def test_a_variable_is_never_a_command(self, well: SmallWorld, enemy: str) -> None:
        assert self.job(well, "sh", GUARDRAILS_ENV="prod", OPERATION="promote", CANDIDATE=enemy).returncode in {1, 2}
        assert not list(well.folder.rglob("pwned"))

    def test_without_a_package_nothing_is_installed(self, well: SmallWorld) -> None:
        (line,) = (line for line in TEMPLATE[".guardrails"]["before_script"] if "pip install" in line)
        done = run(well, ["sh", "-e", "-c", f"place=/nowhere\n{line}"], GUARDRAILS_PACKAGE="")
        assert done.returncode != 0
        assert "say what pip is to install" in done.stderr


def test_the_examples_of_the_page_are_yaml() -> None:
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    examples = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    workflow, pipeline = examples
    (use,) = (one for one in workflow["jobs"]["gate"]["steps"] if one.get("id") == "guardrails")
    assert set(use["with"]) <= set(ACTION["inputs"])
    assert set(pipeline["guardrails"]["variables"]) <= set(TEMPLATE[".guardrails"]["variables"])
