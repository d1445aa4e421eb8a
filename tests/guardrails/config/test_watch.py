"""`[watch]` says who is told: what can be used, and never an address in an error, a snapshot or what is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from guardrails import config
from guardrails.cli import main
from guardrails.config.layers import read
from guardrails.config.settings import Settings, Watch
from guardrails.config.snapshot import restore_settings
from guardrails.config.validate import Validator
from guardrails.errors import ConfigurationError
from guardrails.record import plain
from worlds.small_world import bare_world

PROD = '[environments.prod]\nrepo = "prod"\nstate_dir = "state"\n'
PATH = "/services/T024BE7LD/qX7vNotSeen"
ALL = f"""
[watch]
every = "5m"
webhook = "https://hooks.example.org{PATH}?to=me"
notify = ["ntfys://ntfy.example.org/quiet-topic"]
ping = "https://ping.example.org/5f0e7a3a-heart"
textfile = "metrics/guardrails.prom"
remind = "24h"
"""
SECRETS = (PATH, "hooks.example.org", "quiet-topic", "ntfy.example.org", "5f0e7a3a-heart", "ping.example.org")


def settings(folder: Path, text: str) -> Settings:
    path = folder / "guardrails.toml"
    path.write_text(text, encoding="utf-8")
    return Validator(read(str(path), {}, ""), {}, "/home/me").validate("a test")


def test_what_is_written_and_what_holds_without(tmp_path: Path) -> None:
    assert settings(tmp_path, PROD).watch == Watch()
    found = settings(tmp_path, PROD + ALL).watch
    assert found
    assert (found.every, found.remind, found.textfile) == ("5m", "24h", f"{tmp_path}/metrics/guardrails.prom")
    assert found.addresses == (
        f"https://hooks.example.org{PATH}?to=me",
        "ntfys://ntfy.example.org/quiet-topic",
        "https://ping.example.org/5f0e7a3a-heart",
    )


def test_who_is_told_is_no_rule(tmp_path: Path) -> None:
    one, other = settings(tmp_path, PROD), settings(tmp_path, PROD + ALL)
    assert one.digest == other.digest
    assert restore_settings(json.loads(json.dumps(plain(other)))).watch == other.watch


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('webhok = "x"', "did you mean webhook?"),
        ("webhook = 5", "must be text in quotes"),
        (f'webhook = "ftp://hooks.example.org{PATH}"', "must be an address such as https://"),
        (f'webhook = "https:{PATH}"', "must be an address"),
        (f'webhook = "https://hooks.example.org:70000{PATH}"', "must be an address"),
        (f'webhook = "https://hooks.example.org{PATH} "', "must be an address"),
        (f'ping = "{PATH}"', "must be an address"),
        ('notify = ["quiet-topic"]', "notify[1] must be an address as Apprise knows it"),
        ('every = "often"', "'often' is not a duration"),
        ('every = "20ms"', "less than a second"),
        ('remind = "0s"', "is not a duration"),
        ('textfile = "guardrails.txt"', "must end in .prom"),
        ('textfile = "prod/guardrails.prom"', "is inside of the repo of prod"),
        ('textfile = "link/guardrails.prom"', "is inside of the state_dir of prod"),
    ],
)
def test_a_mistake_names_its_line_and_no_address(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "link").symlink_to("state")
    with pytest.raises(ConfigurationError, match=r"guardrails\.toml:5: watch\.") as caught:
        settings(tmp_path, f"{PROD}[watch]\n{line}\n")
    assert says in str(caught.value)
    assert [secret for secret in SECRETS if secret in str(caught.value)] == []


def test_no_snapshot_keeps_an_address(tmp_path: Path) -> None:
    world = bare_world(tmp_path)
    world.configure(ALL)
    world.check("--env", "prod")
    (snapshot,) = (world.home / ".cache/guardrails/settings").iterdir()
    assert [secret for secret in SECRETS if secret in snapshot.read_text()] == []


def test_only_who_asks_gets_the_addresses(tmp_path: Path) -> None:
    path = tmp_path / "guardrails.toml"
    path.write_text(PROD + ALL)
    found = config.load_with_watch(str(path)).watch
    assert found
    assert found.ping == "https://ping.example.org/5f0e7a3a-heart"
    assert config.load(str(path)).watch is None


@pytest.mark.parametrize("form", ["text", "json"])
def test_config_show_hides_whole_addresses(tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "guardrails.toml"
    path.write_text(PROD + ALL.replace("quiet-topic", "quiet-topic\\u00e9"))
    assert main(["config", "show", "--config", str(path), "--format", form]) == 0
    out = capsys.readouterr().out
    assert [secret for secret in SECRETS if secret in out] == []
    assert out.count("***") == 3
    assert "metrics/guardrails.prom" in out


def test_without_it_config_show_says_how_often(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "guardrails.toml"
    path.write_text(PROD)
    assert main(["config", "show", "--config", str(path)]) == 0
    assert [line.split()[2:] for line in capsys.readouterr().out.splitlines() if line.startswith("watch.every")] == [
        ['"15m"', "#", "default"]
    ]


def test_the_schema_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema"]) == 0
    keys = json.loads(capsys.readouterr().out)["$defs"]["WatchTable"]["properties"]
    assert list(keys) == ["every", "webhook", "notify", "ping", "textfile", "remind"]
