"""`[audit]` says where verdicts are logged: never inside of what is inspected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrails.cli import main
from guardrails.config.layers import read
from guardrails.config.settings import Settings, log_of
from guardrails.config.snapshot import restore_settings
from guardrails.config.validate import Validator
from guardrails.errors import ConfigurationError
from guardrails.record import plain

PROD = '[environments.prod]\nrepo = "prod"\nstate_dir = "state"\n'


def settings(folder: Path, text: str) -> Settings:
    path = folder / "guardrails.toml"
    path.write_text(text, encoding="utf-8")
    return Validator(read(str(path), {}, ""), {}, "/home/me").validate("a test")


def log(found: Settings, environment: str = "prod") -> str:
    return log_of(found.audit, found.environments[environment], found.environments)


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("log/{environment}.jsonl", "{folder}/log/prod.jsonl"),
        ("~/log/audit.jsonl", "/home/me/log/audit.jsonl"),
        ("/var/log/{environment}/{environment}.jsonl", "/var/log/prod/prod.jsonl"),
    ],
)
def test_a_path_is_relative_to_the_configuration(tmp_path: Path, given: str, means: str) -> None:
    assert log(settings(tmp_path, f'{PROD}[audit]\npath = "{given}"\n')) == means.format(folder=tmp_path)


def test_without_it_each_environment_has_a_log_at_home(tmp_path: Path) -> None:
    found = settings(tmp_path, f'{PROD}[environments.dev]\nrepo = "dev"\n')
    assert log(found) == "/home/me/.local/state/guardrails/prod/audit.jsonl"
    assert log(found, "dev") == "/home/me/.local/state/guardrails/dev/audit.jsonl"


def test_it_is_part_of_the_digest_and_of_the_snapshot(tmp_path: Path) -> None:
    one = settings(tmp_path, PROD)
    other = settings(tmp_path, f'{PROD}[audit]\npath = "x.jsonl"\n')
    assert one.digest != other.digest
    assert restore_settings(json.loads(json.dumps(plain(other)))).audit == other.audit


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('paths = "x"', "did you mean path?"),
        ("path = 5", "must be text in quotes"),
        ('path = ""', "is not a path"),
        ('path = "a\\u0000b"', "is not a path"),
        ('path = "log/"', "is a folder"),
        ('path = "log/{env}.jsonl"', "{env} stands for nothing; known: {environment}"),
        ('path = "prod/audit.jsonl"', "is inside of the repo of prod"),
        ('path = "prod"', "is inside of the repo of prod"),
        ('path = "state/logs/audit.jsonl"', "is inside of the state_dir of prod"),
        ('path = "{environment}/audit.jsonl"', "is inside of the repo of prod"),
        ('path = "link/audit.jsonl"', "is inside of the repo of prod"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, table: str, says: str) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "link").symlink_to("prod")
    with pytest.raises(ConfigurationError, match=r"guardrails\.toml:5: audit\.path") as caught:
        settings(tmp_path, f"{PROD}[audit]\n{table}\n")
    assert says in str(caught.value)


def test_a_folder_that_only_begins_alike_is_another(tmp_path: Path) -> None:
    assert log(settings(tmp_path, f'{PROD}[audit]\npath = "production.log/x"\n')) == f"{tmp_path}/production.log/x"


@pytest.mark.parametrize("name", ["../prod", "..", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be part of a path"):
        settings(tmp_path, f'[environments."{name}"]\nrepo = "prod"\n')


def test_config_show_says_where_it_comes_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for written, origin in (("", "default"), ('[audit]\npath = "/x/y"\n', f"{tmp_path}/guardrails.toml:5")):
        (tmp_path / "guardrails.toml").write_text(PROD + written)
        assert main(["config", "show", "--config", str(tmp_path / "guardrails.toml")]) == 0
        (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith("audit.path")]
        assert line.endswith(f"# {origin}")


def test_the_schema_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    assert "path" in json.loads(capsys.readouterr().out)["$defs"]["AuditTable"]["properties"]
