"""A file of waivers stops the run, with its file and line, whenever it could be taken for more than was meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from guardrails.config import waivers
from guardrails.config.layers import Merged
from guardrails.config.settings import PolicySetting, Settings
from guardrails.errors import ConfigurationError
from guardrails.model import Environment, Waiver
from guardrails.wording.shown_text import utc
from guardrails.wording.times import seconds_of

SETTINGS = Settings(
    source="/srv/guardrails.toml",
    digest="sha256:" + "0" * 64,
    environments={"prod": Environment(name="prod", repo="/srv/prod")},
    operations={},
    policies=(PolicySetting("clean-worktree", "clean-worktree", "m:C", "t", "s", "low", {}, {}, {}),),
)
GOOD = """\
[[waiver]]
policy = "clean-worktree"
environment = "prod"
owner = "peter@example.org"
reason = "the page moves on Friday"
created = 2026-02-01T10:00:00Z
expires = 2026-02-08T10:00:00Z
"""
CREATED, EXPIRES = seconds_of("2026-02-01T10:00:00Z"), seconds_of("2026-02-08T10:00:00Z")
DAY = 86_400.0


def parsed(text: str) -> tuple[Waiver, ...]:
    return waivers.parse(text.encode(), "w.toml", SETTINGS)


def without(key: str) -> str:
    return "".join(line for line in GOOD.splitlines(keepends=True) if not line.startswith(f"{key} "))


def with_(key: str, value: str) -> str:
    return without(key) + f"{key} = {value}\n"


def test_a_waiver() -> None:
    assert parsed("# why\n\n" + GOOD) == (
        Waiver(
            policy="clean-worktree",
            environment="prod",
            owner="peter@example.org",
            reason="the page moves on Friday",
            created=CREATED,
            expires=EXPIRES,
            place="w.toml:3",
        ),
    )


def test_what_may_be_left_out_and_how_times_may_be_written() -> None:
    (waiver,) = parsed(with_("expires", '"2026-02-08T11:00:00+01:00"').replace("created = 2026-02-01T10:00:00Z\n", ""))
    assert (waiver.created, waiver.expires, waiver.finding) == (None, EXPIRES, None)


@pytest.mark.parametrize("text", ["", "# nothing\n", "waiver = []\n"])
def test_none(text: str) -> None:
    assert parsed(text) == ()


REFUSED = {
    "no TOML": ("[[waiver]\n", "w.toml:1: not valid TOML"),
    "not UTF-8": ("owner = '\udcff'", "w.toml: not UTF-8"),
    "one bracket": (GOOD.replace("[[waiver]]", "[waiver]"), "w.toml:1: waivers are written as [[waiver]]"),
    "no tables": ("waiver = ['clean-worktree']\n", "w.toml:1: waivers are written as [[waiver]]"),
    "another table": ("[[waivers]]\n", "w.toml:1: waivers is an unknown key; did you mean waiver?"),
    "an unknown key": (with_("enviroment", '"x"'), "w.toml:8: waiver[1].enviroment is an unknown key; did you mean en"),
    "no expiry": (without("expires"), "w.toml:1: waiver[1].expires is missing"),
    "no owner": (without("owner"), "w.toml:1: waiver[1].owner is missing"),
    "no reason": (without("reason"), "w.toml:1: waiver[1].reason is missing"),
    "no policy": (without("policy"), "w.toml:1: waiver[1].policy is missing"),
    "no environment": (without("environment"), "w.toml:1: waiver[1].environment is missing"),
    "an empty reason": (with_("reason", '" "'), "w.toml:7: waiver[1].reason is empty"),
    "an empty owner": (with_("owner", '""'), "w.toml:7: waiver[1].owner is empty"),
    "every policy": (with_("policy", '"*"'), "w.toml:7: unknown policy *; known: clean-worktree"),
    "no policy's name": (with_("policy", '""'), "w.toml:7: waiver[1].policy is empty"),
    "a misspelt policy": (
        with_("policy", '"clean-worktre"'),
        "w.toml:7: unknown policy clean-worktre; did you mean cl",
    ),
    "several policies": (with_("policy", '["a", "b"]'), "w.toml:7: waiver[1].policy must be text in quotes"),
    "every environment": (with_("environment", '"*"'), "w.toml:7: unknown environment *; known: prod"),
    "another environment": (with_("environment", '"stage"'), "w.toml:7: unknown environment stage"),
    "no zone": (with_("expires", "2026-02-08T10:00:00"), "w.toml:7: waiver[1].expires must be a time of RFC 3339"),
    "a date": (with_("expires", "2026-02-08"), "w.toml:7: waiver[1].expires must be a time of RFC 3339"),
    "a word": (with_("expires", '"never"'), "w.toml:7: waiver[1].expires must be a time of RFC 3339"),
    "a number": (with_("expires", "4102444800"), "w.toml:7: waiver[1].expires must be a time of RFC 3339"),
    "a strange creation": (with_("created", '"today"'), "w.toml:7: waiver[1].created must be a time of RFC 3339"),
    "every finding": (with_("finding", '"*"'), "w.toml:8: waiver[1].finding must be the fingerprint"),
    "an empty finding": (with_("finding", '""'), "w.toml:8: waiver[1].finding must be the fingerprint"),
    "a second one": (GOOD + "\n" + without("owner"), "w.toml:9: waiver[2].owner is missing"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_meant_names_its_line(what: str) -> None:
    text, problem = REFUSED[what]
    with pytest.raises(ConfigurationError) as error:
        waivers.parse(text.encode("utf-8", "surrogateescape"), "w.toml", SETTINGS)
    assert str(error.value).startswith(problem)
    assert "\n" not in str(error.value)


def test_too_deep() -> None:
    with pytest.raises(ConfigurationError):
        parsed("x = " + "[" * 100_000)


def dated(waiver: Waiver, now: float, at: float | None = None, path: str | None = None) -> Waiver:
    (made,) = waivers.date_waivers([waiver], path, now=now, at=now if at is None else at)
    return made


def test_thirty_days_are_the_most() -> None:
    (waiver,) = parsed(GOOD)
    assert dated(waiver.replaced(expires=CREATED + 30 * DAY), CREATED).created == CREATED
    with pytest.raises(
        ConfigurationError, match=r"w\.toml:1: expires at .* more than 30 days .* the latest is 2026-03-03T"
    ):
        dated(waiver.replaced(expires=CREATED + 30 * DAY + 1), CREATED)


def test_one_from_the_future_is_not_yet_valid() -> None:
    (waiver,) = parsed(GOOD)
    with pytest.raises(ConfigurationError, match=r"w\.toml:1: not yet valid: created at 2026-02-01T10:00:00Z"):
        dated(waiver, CREATED - 1)
    assert dated(waiver, CREATED).created == CREATED


def test_a_moment_before_it_was_written_is_no_mistake_of_the_file() -> None:
    (waiver,) = parsed(GOOD)
    assert dated(waiver, now=CREATED + 1, at=CREATED - 1).created == CREATED
    assert dated(waiver, now=CREATED - 1, at=CREATED + 1).created == CREATED


def test_one_that_ends_before_it_begins() -> None:
    (waiver,) = parsed(GOOD)
    with pytest.raises(ConfigurationError, match=r"w\.toml:1: expires at .* before it was created"):
        dated(waiver.replaced(expires=CREATED), CREATED)


def test_one_that_does_not_say_when_it_was_written_is_as_old_as_its_file(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    path.write_text(without("created"))
    os.utime(path, (CREATED, CREATED))
    (waiver,) = parsed(without("created"))

    assert dated(waiver, CREATED + 5, path=str(path)).created == CREATED
    assert dated(waiver, CREATED - 5, path=str(path)).created == CREATED - 5  # a file's time in the future is no proof
    os.utime(path, (EXPIRES - 31 * DAY,) * 2)
    with pytest.raises(ConfigurationError, match="more than 30 days"):
        dated(waiver, CREATED, path=str(path))
    path.unlink()
    with pytest.raises(ConfigurationError, match="cannot be looked up"):
        dated(waiver, CREATED, path=str(path))


def test_what_is_there_and_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"
    assert waivers.read(str(path)) is None
    path.symlink_to("nowhere")
    with pytest.raises(ConfigurationError, match="leads nowhere"):
        waivers.read(str(path))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ConfigurationError, match="is a FIFO"):
        waivers.read(str(path))
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match="is a directory"):
        waivers.read(str(path))


def test_the_digest_speaks_of_what_is_waived_and_not_of_its_line(tmp_path: Path) -> None:
    path = tmp_path / "w.toml"

    def digest(text: str) -> str:
        path.write_text(text)
        return waivers.add_waivers(SETTINGS, Merged(), str(path)).digest

    assert digest("# none\n") == SETTINGS.digest
    assert digest(GOOD) != SETTINGS.digest
    assert digest("\n" + GOOD) == digest(GOOD)
    assert digest(with_("owner", '"paul"')) != digest(GOOD)
    assert waivers.add_waivers(SETTINGS, Merged(), None) is SETTINGS


def test_times_are_those_of_the_report() -> None:
    assert utc(EXPIRES) == "2026-02-08T10:00:00Z"
