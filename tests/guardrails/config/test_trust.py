"""`[trust]` says whose signatures count, and is refused when it could be misunderstood."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrails.cli import main
from guardrails.config.layers import read
from guardrails.config.settings import Settings
from guardrails.config.snapshot import restore_settings
from guardrails.config.validate import Validator
from guardrails.errors import ConfigurationError
from guardrails.record import plain

PROD = '[environments.prod]\nrepo = "prod"\n'


def settings(path: Path, text: str) -> Settings:
    path.write_text(text, encoding="utf-8")
    return Validator(read(str(path), {}, ""), {}, "/home/me").validate("a test")


@pytest.mark.parametrize(
    ("given", "means"), [("signers", "{folder}/signers"), ("~/signers", "/home/me/signers"), ("/etc/s", "/etc/s")]
)
def test_the_path_is_relative_to_the_configuration(tmp_path: Path, given: str, means: str) -> None:
    found = settings(tmp_path / "guardrails.toml", f'{PROD}[trust]\nallowed_signers = "{given}"\n')
    assert found.trust.allowed_signers == means.format(folder=tmp_path)


def test_an_inherited_path_is_relative_to_the_file_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base/base.toml").write_text(f'{PROD}[trust]\nallowed_signers = "signers"\n')
    found = settings(tmp_path / "guardrails.toml", 'extends = ["base/base.toml"]\n')
    assert found.trust.allowed_signers == str(tmp_path / "base/signers")


def test_without_it_nobody_need_sign(tmp_path: Path) -> None:
    assert settings(tmp_path / "guardrails.toml", PROD).trust.allowed_signers is None


def test_it_is_part_of_the_digest_and_of_the_snapshot(tmp_path: Path) -> None:
    one = settings(tmp_path / "guardrails.toml", PROD)
    other = settings(tmp_path / "guardrails.toml", f'{PROD}[trust]\nallowed_signers = "x"\n')
    assert one.digest != other.digest
    assert restore_settings(json.loads(json.dumps(plain(other)))).trust == other.trust


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ('allowed_signer = "x"', "did you mean allowed_signers?"),
        ("allowed_signers = 5", "must be text in quotes"),
        ('allowed_signers = ""', "is not a path"),
        ('allowed_signers = "a\\u0000b"', "is not a path"),
        ('revoked = "x"', "means nothing without trust.allowed_signers"),
        ('verdict_max_age = "soon"', "is not a duration"),
        ('verdict_max_age = "0m"', "is not a duration"),
        ("verdict_max_age = 15", "must be text in quotes"),
        ('bind_host = "yes"', "must be true or false"),
    ],
)
def test_a_mistake_names_its_line(tmp_path: Path, table: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=r"guardrails\.toml:4: trust\.[a-z_]+") as caught:
        settings(tmp_path / "guardrails.toml", f"{PROD}[trust]\n{table}\n")
    assert says in str(caught.value)


def test_config_show_says_where_it_comes_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "guardrails.toml"
    path.write_text(f'{PROD}[trust]\nallowed_signers = "signers"\n')
    assert main(["config", "show", "--config", str(path)]) == 0
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith("trust.")]
    assert line.split() == ["trust.allowed_signers", "=", '"signers"', "#", f"{path}:4"]


def test_the_schema_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert "allowed_signers" in schema["$defs"]["TrustTable"]["properties"]
