import os
from pathlib import Path
from typing import Any

import pytest

from guardrails import Policy, Record
from guardrails.config import layers
from guardrails.config.settings import Settings
from guardrails.config.validate import Validator
from guardrails.errors import ConfigurationError

BASE = """\
[environments.prod]
repo = "prod"
[environments.dev]
repo = "~/dev"
[operations.promote]
environment = "prod"
"""


class Item(Record):
    name: str
    times: int = 1


class Sample(Policy):
    """Takes one option of each kind."""

    id = "sample"
    title = "A sample"
    source = "a test"

    words: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    ratio: float = 0.5
    on: bool = False
    json: str = ""

    def __post_init__(self) -> None:
        if self.json == "bad":
            raise ValueError("json is bad")
        if self.json == "exit":
            raise SystemExit(0)


class Other(Policy):
    id = "other"
    title = "Another"
    source = "a test"


def settings(folder: Path, text: str) -> Settings:
    path = folder / "guardrails.toml"
    path.write_text(text, encoding="utf-8")
    merged = layers.read(str(path), {}, "none")
    return Validator(merged, {"sample": Sample, "other": Other}, "/home/me").settings("here")


def only(folder: Path, text: str) -> Any:
    (found,) = settings(folder, BASE + text).policies
    return found


def test_paths(tmp_path: Path) -> None:
    found = settings(tmp_path, BASE).environments
    assert (found["prod"].repo, found["dev"].repo) == (os.path.join(tmp_path, "prod"), "/home/me/dev")


def test_an_empty_table_makes_a_policy_apply_everywhere_at_all_times(tmp_path: Path) -> None:
    found = only(tmp_path, "[policies.sample]\n")
    assert found.when == {"prod": ("standing",), "dev": ("standing",)}
    assert found.enforcement == {"prod": "soft-mandatory", "dev": "soft-mandatory"}


def test_when_and_enforcement_by_environment(tmp_path: Path) -> None:
    found = only(
        tmp_path,
        '[policies.sample]\nwhen = { prod = ["promote", "after promote"] }\nenforcement = { dev = "advisory" }\n',
    )
    assert found.when == {"prod": ("promote", "after promote")}
    assert found.enforcement == {"prod": "soft-mandatory", "dev": "advisory"}


def test_several_instances_of_one_policy(tmp_path: Path) -> None:
    text = '[policies.sample]\n[policies.second]\nuse = "sample"\nwords = ["x"]\n'
    found = settings(tmp_path, BASE + text).policies
    assert [(one.name, one.use, one.options["words"]) for one in found] == [
        ("sample", "sample", []),
        ("second", "sample", ["x"]),
    ]


def test_an_option_may_be_called_like_a_method_of_models(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    assert only(tmp_path, '[policies.sample]\njson = "x"\n').options["json"] == "x"
    assert not recwarn.list


ERRORS = [
    ("[environment.x]", 7, "environment is an unknown key; did you mean environments?"),
    ('[environments.new]\nrpeo = "x"', 8, "environments.new.rpeo is an unknown key; did you mean repo?"),
    ("[environments.new]", 7, "environments.new.repo is missing"),
    ("[environments.new]\nrepo = 3", 8, "environments.new.repo must be text in quotes"),
    ('[environments.new]\nrepo = ""', 8, "environments.new.repo is not a path"),
    ('[environments.new]\nrepo = "x"\nstate_dir = ""', 9, "state_dir is empty"),
    ("[operations]\nx = 3", 8, "operations.x must be a table"),
    ("[operations.standing]", 7, "an operation cannot be called standing"),
    ('[operations."after x"]', 7, "an operation cannot be called after x"),
    ('[operations.x]\nenvironment = "prd"', 8, "unknown environment prd; did you mean prod?"),
    ('[operations.x]\ncandidate_from = "dve"', 8, "unknown environment dve; did you mean dev?"),
    ('[operations.x]\nmoves_head_to = "x"', 8, "must be candidate, upstream or previous"),
    ("[policies.sampel]", 7, "unknown policy sampel; did you mean sample?"),
    ('[policies.mine]\nuse = "sampel"', 8, "unknown policy sampel; did you mean sample?"),
    ("[policies.mine]\nuse = 1", 8, "use must be the id of a policy"),
    ('[policies.sample]\nuse = "other"', 8, "sample is a policy itself"),
    ("[policies.sample]\nwrods = []", 8, "policies.sample.wrods is an unknown key; did you mean words?"),
    ('[policies.sample]\nwords = "x"', 8, "policies.sample.words must be a list"),
    ("[policies.sample]\nwords = [\n'x',\n3]", 8, "policies.sample.words[2] must be text in quotes"),
    ("[policies.sample]\nratio = nan", 8, "policies.sample.ratio must be a finite number"),
    ("[policies.sample]\non = 1", 8, "policies.sample.on must be true or false"),
    ("[policies.sample]\nitems = [\n{ name = 'x' },\n{ nmae = 'y' }]", 10, "items[2].nmae is an unknown key; did you"),
    ("[policies.sample]\nitems = [\n{ name = 'x' },\n{ times = 3 }]", 10, "items[2].name is missing"),
    ("[policies.sample]\njson = 'bad'", 7, "json is bad"),
    ("[policies.sample]\njson = 'exit'", 7, "policies.sample: 0"),
    ("[policies.sample]\nenvironments = ['prd']", 8, "unknown environment prd; did you mean prod?"),
    ("[policies.sample]\nwhen = 'standing'", 8, "policies.sample.when must be a list of moments, or a table"),
    ("[policies.sample]\nwhen = ['standing', 3]", 8, "when[2] must be a list of moments, or a table"),
    ("[policies.sample]\nwhen = ['promot']", 8, "unknown moment promot; did you mean promote?"),
    ("[policies.sample]\nwhen = ['before promote']", 8, "unknown moment before promote; did you mean after promote?"),
    ("[policies.sample.when]\nprod = ['standing']\nprd = []", 9, "unknown environment prd; did you mean prod?"),
    ("[policies.sample.when]\nprod = 'x'", 8, "policies.sample.when.prod must be a list of moments"),
    ("[policies.sample]\nenforcement = 'hard'", 8, "policies.sample.enforcement must be advisory, soft-mandatory or"),
    ("[policies.sample.enforcement]\ndev = 'hard'", 8, "policies.sample.enforcement.dev must be advisory"),
    ("[policies.sample.enforcement]\nprd = 'advisory'", 8, "unknown environment prd; did you mean prod?"),
]


@pytest.mark.parametrize(("text", "line", "expected"), ERRORS, ids=[expected for _, _, expected in ERRORS])
def test_an_error_names_file_line_and_what_was_meant(tmp_path: Path, text: str, line: int, expected: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path, BASE + text + "\n")
    place, _, problem = str(caught.value).partition(": ")
    assert place == f"{tmp_path / 'guardrails.toml'}:{line}"
    assert expected in problem
    assert "\n" not in problem


@pytest.mark.parametrize("text", ["", "[environments]"])
def test_there_must_be_an_environment(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match="environments"):
        settings(tmp_path, text)
