"""A configuration means what it says, or is refused in one line that names the file, the line and what was meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from guardrails import Fact, Policy, Record, Severity, ask
from guardrails.config.layers import read
from guardrails.config.settings import Settings
from guardrails.config.validate import Validator
from guardrails.errors import ConfigurationError
from guardrails.record import Table


class Files(Fact):
    """What the policy below asks for."""


class Job(Record):
    name: str
    every: int = 1
    inner: tuple[int, ...] = ()


class Sample(Policy):
    id = "sample"
    title = "A policy with one option of each type"
    source = "a test"
    severity = Severity.LOW

    text: str = "t"
    number: int = 1
    ratio: float = 0.5
    exact: bool = False
    names: tuple[str, ...] = ("a",)
    jobs: tuple[Job, ...] = (Job("default"),)
    limit: Job = Job("limit")
    values: dict[str, str | bool | int | float] = Table()
    groups: dict[str, tuple[str, ...]] = Table()

    def __post_init__(self) -> None:
        if self.number > 9:
            raise ValueError("number: at most 9")

    def evaluate(self, files: Files = ask("names")) -> Any:
        yield from ()


class Other(Policy):
    id = "other"
    title = "Another policy"
    source = "a test"

    def evaluate(self) -> Any:
        yield from ()


WORLD = """\
[environments.prod]
repo = "prod"
state_dir = "~/state"
[environments.dev]
repo = "/dev-repo/"
[operations.promote]
environment = "prod"
"""
FIRST = WORLD.count("\n") + 1  # the line after it


def settings(folder: Path, text: str, world: str = WORLD) -> Settings:
    path = folder / "guardrails.toml"
    path.write_text(world + text, encoding="utf-8")
    found = Validator(read(str(path), {}, ""), {"sample": Sample, "other": Other}, "/home/me")
    return found.validate("a test")


def test_paths_are_absolute(tmp_path: Path) -> None:
    environments = settings(tmp_path, "").environments
    assert environments["prod"].repo == f"{tmp_path}/prod"
    assert environments["prod"].state_dir == "/home/me/state"
    assert environments["dev"].repo == "/dev-repo"
    assert environments["dev"].state_dir is None


def test_relative_paths_start_at_the_file_that_says_them(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/base.toml").write_text("[environments.prod]\nrepo = 'base'\nstate_dir = '../state'\n")
    world = "extends = ['sub/base.toml']\n[environments.prod]\nrepo = 'top'\n"
    prod = settings(tmp_path, "", world).environments["prod"]
    assert (prod.repo, prod.state_dir) == (f"{tmp_path}/top", f"{tmp_path}/state")


def test_an_empty_table_makes_a_policy_apply(tmp_path: Path) -> None:
    (found,) = settings(tmp_path, "[policies.sample]\n").policies
    assert found.when == {"prod": ("standing",), "dev": ("standing",)}
    assert found.enforcement == {"prod": "soft-mandatory", "dev": "soft-mandatory"}
    assert (found.name, found.use, found.severity) == ("sample", "sample", "low")
    assert found.location.endswith(":Sample")
    assert found.options["jobs"] == [{"name": "default", "every": 1, "inner": []}]
    assert found.options["limit"] == {"name": "limit", "every": 1, "inner": []}
    assert Sample.from_options(json.loads(json.dumps(found.options))) == Sample()


def test_a_policy_without_a_table_does_not_apply(tmp_path: Path) -> None:
    assert settings(tmp_path, "").policies == ()


def test_every_option_and_where_it_applies(tmp_path: Path) -> None:
    text = """\
[policies.sample]
environments = ["prod"]
when = ["promote", "after promote"]
enforcement = "advisory"
text = "x"
number = 2
ratio = 1
exact = true
names = []
jobs = [{ name = "b", inner = [1, 2] }]
limit.name = "n"
values = { "a.b" = 1, c = true, d = "e", f = 0.5 }
groups = { g = ["h"], i = [] }
"""
    (found,) = settings(tmp_path, text).policies
    assert found.when == {"prod": ("promote", "after promote")}
    assert found.enforcement == {"prod": "advisory", "dev": "advisory"}
    expected = Sample(
        text="x",
        number=2,
        ratio=1,
        exact=True,
        names=(),
        jobs=(Job("b", 1, (1, 2)),),
        limit=Job("n"),
        values=Table({"a.b": 1, "c": True, "d": "e", "f": 0.5}),
        groups=Table(g=("h",), i=()),
    )
    made = Sample.from_options(json.loads(json.dumps(found.options)))
    assert made == expected
    assert hash(made) == hash(expected)
    assert [type(value) for value in made.values.values()] == [int, bool, str, float]


def test_when_and_enforcement_by_environment(tmp_path: Path) -> None:
    text = "[policies.sample]\nwhen = { prod = ['promote'], dev = [] }\nenforcement = { dev = 'advisory' }\n"
    (found,) = settings(tmp_path, text).policies
    assert found.when == {"prod": ("promote",), "dev": ()}
    assert found.enforcement == {"prod": "soft-mandatory", "dev": "advisory"}


def test_several_instances_of_one_policy(tmp_path: Path) -> None:
    text = "[policies.sample]\n[policies.b]\nuse = 'sample'\nnumber = 3\n[policies.a]\nuse = 'sample'\n"
    found = settings(tmp_path, text).policies
    assert [(one.name, one.use, one.options["number"]) for one in found] == [
        ("a", "sample", 1),
        ("b", "sample", 3),
        ("sample", "sample", 1),
    ]


def test_the_digest_is_that_of_what_is_effective(tmp_path: Path) -> None:
    plain = settings(tmp_path, "[policies.sample]\n")
    said = settings(tmp_path, "# a remark\n[policies.sample]\nwhen = ['standing']\nnumber = 1\n")
    other = settings(tmp_path, "[policies.sample]\nnumber = 2\n")
    assert plain.digest == said.digest != other.digest
    assert plain.digest.startswith("sha256:")


P = "[policies.sample]\n"
T = "[operations.x]\nmoves_head_to='upstream'\n"
SHAPE_OF_WHEN = "policies.sample.when{} must be a list of moments, or a table of such lists by environment"
VALUE = "must be text, number, or true or false"
LEVELS = "must be advisory, soft-mandatory or hard-mandatory, or a table of these by environment"
REFUSED: dict[str, tuple[str, int, str]] = {
    # name: what is written below the world, its line, the reason
    "key at the top": ("[polices.x]\n", 1, "polices is an unknown key; did you mean policies?"),
    "key of an environment": ("[environments.x]\nrepo='r'\nrepos='r'\n", 3, "environments.x.repos is an unknown key"),
    "key of an operation": ("[operations.x]\nstep=[]\n", 2, "operations.x.step is an unknown key; did you mean steps?"),
    "key of a policy": (f"{P}nubmer=1\n", 2, "policies.sample.nubmer is an unknown key; did you mean number?"),
    "key in a list": (
        f"{P}jobs=[\n{{name='a'}},\n{{name='b',evry=1}}]\n",
        4,
        "policies.sample.jobs[2].evry is an unknown key; did you mean every?",
    ),
    "key in a table": (f"{P}[policies.sample.limit]\nnmae='x'\n", 3, "policies.sample.limit.nmae is an unknown key"),
    "misspelt instead of missing": ("[environments.x]\nrpeo='r'\n", 2, "environments.x.rpeo is an unknown key"),
    "missing key": ("[environments.x]\nbranch='main'\n", 1, "environments.x.repo is missing"),
    "missing in a list": (f"{P}jobs=[{{}}]\n", 2, "policies.sample.jobs[1].name is missing"),
    "environment that is no table": ("[environments]\nx=1\n", 2, "environments.x must be a table"),
    "policy that is no table": ("[policies]\nsample=true\n", 2, "policies.sample must be a table"),
    "text": (f"{P}text=1\n", 2, "policies.sample.text must be text in quotes"),
    "date as text": (f"{P}text=2026-01-01\n", 2, "policies.sample.text must be text in quotes"),
    "number as text": (f"{P}number='1'\n", 2, "policies.sample.number must be a whole number"),
    "true as number": (f"{P}number=true\n", 2, "policies.sample.number must be a whole number"),
    "fraction": (f"{P}number=1.5\n", 2, "policies.sample.number must be a whole number"),
    "NaN": (f"{P}ratio=nan\n", 2, "policies.sample.ratio must be a finite number"),
    "infinity": (f"{P}ratio=-inf\n", 2, "policies.sample.ratio must be a finite number"),
    "one as truth": (f"{P}exact=1\n", 2, "policies.sample.exact must be true or false"),
    "text as list": (f"{P}names='a'\n", 2, "policies.sample.names must be a list"),
    "number in a list": (f"{P}names=[\n'a',\n1]\n", 2, "policies.sample.names[2] must be text in quotes"),
    "list as value": (f"{P}[policies.sample.values]\na=[1]\n", 3, f"policies.sample.values.a {VALUE}"),
    "date as value": (f"{P}values={{a=2026-01-01}}\n", 2, f"policies.sample.values.a {VALUE}"),
    "NaN as value": (f"{P}values={{a=nan}}\n", 2, f"policies.sample.values.a {VALUE}"),
    "value that is no table": (f"{P}values='a'\n", 2, "policies.sample.values must be a table"),
    "text in groups": (f"{P}groups={{a='b'}}\n", 2, "policies.sample.groups.a must be a list"),
    "number in groups": (f"{P}groups={{a=['b',1]}}\n", 2, "policies.sample.groups.a[2] must be text in quotes"),
    "unknown placeholder": (
        "[environments.x]\nrepo='r'\nvariables={A='{statedir}'}\n",
        3,
        "variables.A: {statedir} stands for nothing; known: {repo}, {state_dir}",
    ),
    "placeholder without value": (
        "[environments.x]\nrepo='r'\nvariables={A='{state_dir}'}\n",
        3,
        "variables.A: x has no state_dir",
    ),
    "variable": ("[environments.x]\nrepo='r'\nvariables={A=1}\n", 3, "environments.x.variables.A must be text"),
    "when as text": (f"{P}when='standing'\n", 2, SHAPE_OF_WHEN.format("")),
    "when as numbers": (f"{P}when=[1]\n", 2, "policies.sample.when"),
    "when by environment": (f"{P}when={{prod='x'}}\n", 2, SHAPE_OF_WHEN.format(".prod")),
    "enforcement": (f"{P}enforcement='hard'\n", 2, f"policies.sample.enforcement {LEVELS}"),
    "enforcement as list": (f"{P}enforcement=['advisory']\n", 2, f"policies.sample.enforcement {LEVELS}"),
    "enforcement there": (f"{P}enforcement={{prod='x'}}\n", 2, f"policies.sample.enforcement.prod {LEVELS}"),
    "moves_head_to": (
        "[operations.x]\nmoves_head_to='there'\n",
        2,
        "operations.x.moves_head_to must be candidate, upstream or previous",
    ),
    "policy": ("[policies.smaple]\n", 1, "unknown policy smaple; did you mean sample?"),
    "policy in use": ("[policies.x]\nuse='smaple'\n", 2, "unknown policy smaple; did you mean sample?"),
    "use that is no text": ("[policies.x]\nuse=1\n", 2, "use must be the id of a policy"),
    "use under another's name": ("[policies.other]\nuse='sample'\n", 2, "other is a policy itself"),
    "environment of a policy": (f"{P}environments=['prd']\n", 2, "unknown environment prd; did you mean prod?"),
    "environment in when": (f"{P}when={{prd=['standing']}}\n", 2, "unknown environment prd; did you mean prod?"),
    "environment in enforcement": (f"{P}enforcement={{prd='advisory'}}\n", 2, "unknown environment prd"),
    "environment of an operation": ("[operations.x]\nenvironment='prd'\n", 2, "unknown environment prd"),
    "origin of candidates": ("[operations.x]\ncandidate_from='prd'\n", 2, "unknown environment prd"),
    "where work is carried": (f"{T}rescue=true\ncarry_to='prd'\n", 4, "unknown environment prd; did you mean prod?"),
    "carrying what is not saved": (f"{T}carry_to='prod'\n", 3, "operations.x.carry_to needs rescue = true"),
    "saving for what resets nothing": (
        "[operations.x]\nmoves_head_to='candidate'\nrescue=true\n",
        3,
        'operations.x.rescue needs moves_head_to = "upstream" or "previous"',
    ),
    "rescue as text": (f"{T}rescue='yes'\n", 3, "operations.x.rescue must be true or false"),
    "moment": (f"{P}when=['pomote']\n", 2, "unknown moment pomote; did you mean promote?"),
    "moment after": (f"{P}when=['after pomote']\n", 2, "unknown moment after pomote; did you mean after promote?"),
    "moment there": (f"{P}when={{prod=['no']}}\n", 2, "unknown moment no"),
    "operation called standing": ("[operations.standing]\n", 1, "an operation cannot be called standing"),
    "operation called after": ("[operations.'after x']\n", 1, "an operation cannot be called after x"),
    "empty path": ("[environments.x]\nrepo=''\n", 2, "environments.x.repo is not a path"),
    "NUL in a path": ('[environments.x]\nrepo="a\\u0000"\n', 2, "environments.x.repo is not a path"),
    "empty state_dir": ("[environments.x]\nrepo='r'\nstate_dir=''\n", 3, "state_dir is empty"),
    "what the policy refuses": (f"{P}exact=true\nnumber=10\n", 1, "policies.sample: number: at most 9"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tmp_path: Path, name: str) -> None:
    text, line, reason = REFUSED[name]
    with pytest.raises(ConfigurationError) as caught:
        settings(tmp_path, text)
    found = str(caught.value)
    assert found.startswith(f"{tmp_path}/guardrails.toml:{line + FIRST - 1}: {reason}"), found
    assert "\n" not in found


@pytest.mark.parametrize("world", ["", "environments = {}\n", "[environments]\n"])
def test_there_must_be_an_environment(tmp_path: Path, world: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"guardrails\.toml(:1)?: environments (is missing|needs at least one)"
    ):
        settings(tmp_path, "", world)


def test_the_error_names_the_layer_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(WORLD + "[policies.sample]\nnumber = 'x'\n")
    with pytest.raises(ConfigurationError, match=rf"base\.toml:{FIRST + 1}: policies\.sample\.number"):
        settings(tmp_path, "[policies.sample]\ntext = 'y'\n", "extends = ['base.toml']\n")
