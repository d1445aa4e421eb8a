"""`guardrails config` shows each value with its origin, and a schema that the real files satisfy."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from guardrails.cli import main
from guardrails.config.written import toml
from guardrails.plugins import loader


@pytest.fixture
def configuration(tmp_path: Path) -> Path:
    path = tmp_path / "guardrails.toml"
    tables = '[environments.prod]\nrepo = "prod"\n\n[policies.clean-worktree]\ndepth = "full"\n'
    path.write_text(f'extends = ["openclaw"]\n\n{tables}')
    return path


def test_show_gives_file_and_line(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--config", str(configuration)]) == 0

    lines = {line.partition(" = ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["environments.prod.repo"].endswith(f"# {configuration}:4")
    assert lines["policies.clean-worktree.depth"].endswith(f"# {configuration}:7")
    assert "# profile:openclaw:" in lines["environments.prod.state_dir"]
    assert lines["policies.isolated-state-dirs.check_contents"].endswith("# default")


def test_show_prints_values_that_toml_reads_back(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["config", "show", "--config", str(configuration)])

    table = tomllib.loads(capsys.readouterr().out)
    assert table["environments"]["prod"]["repo"] == "prod"
    assert table["policies"]["clean-worktree"]["expected_dirt"] == ["dist/control-ui/"]


def test_show_as_json(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["config", "show", "--config", str(configuration), "--format", "json"])

    rows = {row["key"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["policies.clean-worktree.depth"] == {
        "key": "policies.clean-worktree.depth",
        "value": "full",
        "origin": f"{configuration}:7",
    }


def test_show_takes_secrets_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "guardrails.toml"
    path.write_text('[environments.prod]\nrepo = "."\nupstream = "https://alice:canary-1234@example.org/x"\n')

    assert main(["config", "show", "--config", str(path)]) == 0
    assert "canary" not in capsys.readouterr().out


def schema(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    assert main(["config", "schema"]) == 0
    loaded: dict[str, object] = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(loaded)
    return loaded


def test_the_built_in_profile_satisfies_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    profile = tomllib.loads(Path(loader.load().profiles["openclaw"]).read_text())

    jsonschema.validate(profile, schema(capsys), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "text",
    [
        "[enviroments.prod]",
        "[environments.prod]\nrepo = 1",
        "[policies.clean-worktree]\nexpected_dirtt = []",
        "[policies.clean-worktree]\nenforcement = 'maybe'",
        "[policies.clean-worktree]\nuse = 'fast-forward-only'",
        "[policies.mine]\ndepth = 'full'",
        "[policies.mine]\nuse = 'no-such-policy'",
        "[policies.expected-cron-jobs]\njobs = [{ nam = 'x' }]",
    ],
)
def test_the_schema_refuses_what_the_tool_refuses(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), schema(capsys), cls=jsonschema.Draft202012Validator)


def test_an_instance_takes_the_options_of_what_it_uses(capsys: pytest.CaptureFixture[str]) -> None:
    table = tomllib.loads("[policies.mine]\nuse = 'clean-worktree'\ndepth = 'full'")

    jsonschema.validate(table, schema(capsys), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize("value", ['a"b\\c\n', 1, True, ["x", 2.5], {"a b": {"c": []}}, {}])
def test_toml_values_are_read_back(value: object) -> None:
    assert tomllib.loads(f"x = {toml(value)}") == {"x": value}


@pytest.mark.parametrize("form", ["text", "json"])
def test_show_keeps_secrets_to_itself(configuration: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    with configuration.open("a") as file:
        file.write('[environments.prod.variables]\nAPI_TOKEN = "hunter2hunter2"\nURL = "https://me:hunter2@host/"\n')
    assert main(["config", "show", "--format", form, "--config", str(configuration)]) == 0

    out = capsys.readouterr().out
    assert "hunter2" not in out
    assert "API_TOKEN" in out
    assert "https://***@host/" in out


def test_show_makes_control_characters_visible(configuration: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with configuration.open("a") as file:
        file.write('[environments.prod.variables]\n"A\\u001b[2J" = "\\u202e"\n')
    assert main(["config", "show", "--config", str(configuration)]) == 0

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
