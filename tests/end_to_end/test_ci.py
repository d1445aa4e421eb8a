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

from dirty.dirty_repository import git
from progress import run_to_its_end
from worlds.small_world import RELEASE, ROOT, SmallWorld, bare_world, small_world, write

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load((ROOT / "ci/guardrails.gitlab-ci.yml").read_text(encoding="utf-8"))
BASH = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"]
ENEMIES = ["$(touch pwned)", "`touch pwned`", "; touch pwned", '" touch pwned "', "a b", "*", "--help", "x\n::error::y"]


def built(folder: Path) -> SmallWorld:
    return with_command(small_world(folder), f'exec "{sys.executable}" -m guardrails "$@"')


def with_command(world: SmallWorld, script: str, name: str = "guardrails") -> SmallWorld:
    """Put a command on the path of every step."""
    write(world.folder.parent / "bin" / name, f"#!/bin/sh\n{script}\n").chmod(0o755)
    return world


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world in which everything is well; tests leave it as it was."""
    return built(tmp_path_factory.mktemp("well"))


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return built(tmp_path)


def step(world: SmallWorld, folder: Path | None = None, **inputs: str) -> subprocess.CompletedProcess[str]:
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
    return run(world, [*BASH, check["run"]], folder, **variables, **github)


def run(
    world: SmallWorld, command: list[str], folder: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    path = f"{world.folder.parent}/bin:/usr/local/bin:/usr/bin:/bin"
    environment = world.environment(PATH=path, **variables)
    return run_to_its_end(
        command,
        cwd=folder or world.folder,
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

    @pytest.mark.parametrize("name", ["env", "operation", "candidate", "config", "config-ref", "working-directory"])
    @pytest.mark.parametrize("enemy", ENEMIES)
    def test_an_input_is_never_a_command(self, well: SmallWorld, name: str, enemy: str) -> None:
        given = {"env": "prod", "operation": "promote", "candidate": RELEASE, name: enemy}
        done = step(well, None, **given)
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


class Pages(yaml.SafeLoader):
    """YAML as GitLab reads it: `!reference` stands for a part of another job."""


Pages.add_constructor("!reference", lambda loader, node: TEMPLATE[node.value[0].value][node.value[1].value])
PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
HOSTED, OWN, PIPELINE = (yaml.load(text, Pages) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
(CONFIGURATION,) = re.findall(r"```toml ci/guardrails.toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_of_the_page_name_what_is_there() -> None:
    for job in (HOSTED["jobs"]["gate"], OWN["jobs"]["promote"]):
        uses = [one["with"] for one in job["steps"] if one.get("uses", "").startswith("<owner>/")]
        assert uses
        assert set().union(*uses) <= set(ACTION["inputs"])
        assert ("self-hosted" in job["runs-on"]) == all(use["env"] == "prod" for use in uses), "only there is a prod"
    assert set(PIPELINE["guardrails"]["variables"]) <= set(TEMPLATE[".guardrails"]["variables"])


class Hosted:
    """A runner with one clone of a change: the merge of it, detached, as both services check it out."""

    def __init__(self, folder: Path, change: dict[str, str], *options: str) -> None:
        self.world = with_command(bare_world(folder), f'exec "{sys.executable}" -m guardrails "$@"')
        with_command(
            self.world, "case $1 in ci) mkdir -p node_modules; touch node_modules/x;; *) test ! -e broken; esac", "npm"
        )
        origin, self.clone = folder / "origin", folder / "runner/checkout"
        origin.mkdir()
        git(origin, "init", "-q", "-b", "main", "--template=")
        self.base = self.world.commit(origin, "First", FILES)
        git(origin, "switch", "-q", "-c", "change")
        self.world.commit(origin, "Change", {"docs/index.md": "The [rules](DEPLOYMENT.md), and more.\n", **change})
        git(origin, "switch", "-q", "main")
        git(origin, "merge", "-q", "--no-ff", "-m", "Merge", "change")
        git(folder, "clone", "-q", *options, origin.as_uri(), self.clone)
        git(self.clone, "checkout", "-q", "--detach")

    def github(self, without: str = "nothing") -> list[int]:
        """Do the steps of the workflow but for those that have a word, and give the exit code of each."""
        codes = []
        for one in HOSTED["jobs"]["gate"]["steps"]:
            if "run" in one and without not in one["run"]:
                codes.append(run(self.world, [*BASH, one["run"]], self.clone).returncode)
            elif one.get("uses", "").startswith("<owner>/guardrails@"):
                given = {name: value.replace(BASE, self.base) for name, value in one["with"].items() if name != without}
                codes.append(step(self.world, self.clone, **given).returncode)
        return codes

    def blocking(self) -> list[str]:
        report = json.loads((self.world.folder.parent / REPORT).read_text())
        return [one["policy"] for one in report["results"] if one["blocks"]]


FILES = {
    ".gitignore": "node_modules/\n",
    "package.json": "{}\n",
    "docs/DEPLOYMENT.md": "# Deployment\n",
    "docs/index.md": "The [rules](DEPLOYMENT.md).\n",
    "ci/guardrails.toml": CONFIGURATION,
}
BASE = "${{ github.event.pull_request.base.sha }}"
REPORT = "temporary/guardrails-reports/__self/guardrails.json"


class TestHosted:
    """The hosted examples of the page, in a clone that has nothing beside it."""

    def test_what_is_in_order_may_be_merged(self, tmp_path: Path) -> None:
        runner = Hosted(tmp_path, {})
        assert runner.github() == [0, 0, 0, 0]
        assert git(runner.clone, "status", "--porcelain") == ""

    def test_a_clone_of_depth_1_does_without_a_trusted_ref(self, tmp_path: Path) -> None:
        assert Hosted(tmp_path, {}, "--depth=1").github(without="config-ref") == [0, 0, 0, 0]

    @pytest.mark.parametrize(
        ("change", "without", "codes", "blocking"),
        [
            ({}, "attest", [0, 0, 1], ["tested-commit"]),
            ({"broken": "so tests fail\n"}, "nothing", [0, 0, 1, 1], ["tested-commit"]),
            ({"docs/index.md": "No rules.\n"}, "nothing", [1, 0, 0, 1], ["required-doc-links"]),
            (
                {"ci/guardrails.toml": CONFIGURATION.replace('files = ["package.json", ', "files = [")},
                "nothing",
                [0, 0, 0, 1],
                ["tightening-only"],
            ),
        ],
        ids=["untested", "failing", "unlinked", "looser"],
    )
    def test_what_is_not_may_not(
        self, change: dict[str, str], without: str, codes: list[int], blocking: list[str], tmp_path: Path
    ) -> None:
        runner = Hosted(tmp_path, change)
        assert runner.github(without) == codes
        assert runner.blocking() == blocking

    def test_the_pipeline_judges_a_clean_checkout(self, tmp_path: Path) -> None:
        """Its reports come into the checkout when everything has been looked at."""
        runner, template = Hosted(tmp_path, {}), TEMPLATE[".guardrails"]
        job = {**template, **PIPELINE["guardrails"]}
        variables = {**template["variables"], **job["variables"], "CONFIG_REF": runner.base}
        reference, *own = job["before_script"]
        assert reference == template["before_script"], "which installs"
        outputs = re.findall(r"--output=(\S+)", " ".join(template["script"]))
        assert [one for one in outputs if ":$reports/" not in one] == [], "they are written outside the checkout"
        done = run(runner.world, ["sh", "-ec", "\n".join([*own, *job["script"]])], runner.clone, **variables)
        assert done.returncode == 0, done
        kept = sorted([*template["artifacts"]["reports"].values(), *template["artifacts"]["paths"]])
        assert git(runner.clone, "status", "--porcelain").splitlines() == [f"?? {one}" for one in kept]
