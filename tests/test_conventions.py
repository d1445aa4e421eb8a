"""What every part of this repository keeps to, so that a reader who knows one knows all."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from guardrails import Policy, plugins
from guardrails_policies.openclaw.demo.world import build
from plugin_packages import install, provide

ROOT = Path(__file__).parents[1]
OWN = {name: policy for name, policy in plugins.load().policies.items() if policy.__module__.startswith("guardrails_p")}
MODULES = sorted([*(ROOT / "guardrails").rglob("*.py"), *(ROOT / "policies").rglob("*.py")])
SECTIONS = ("Why it matters", "Example", "Instead")

UNTESTED = {
    "guardrails/__main__.py": "one line, run by every test that starts a check from outside",
    "guardrails/demo.py": "two records, shown by tests/guardrails/cli/test_demo.py",
    "guardrails/errors.py": "exceptions alone",
    "guardrails/gather.py": "used by every test of a fact, through guardrails.testing",
    "guardrails/hookspecs.py": "declarations, exercised by tests/guardrails/test_plugins.py",
    "guardrails/loosening.py": "two records, shown by tests/guardrails/test_tightening.py",
    "guardrails/model.py": "records alone",
    "guardrails/policy.py": "declarations, exercised by every test of a policy and test_plugins.py",
    "guardrails/survey.py": "two records, shown by tests/guardrails/cli/test_init.py",
    "guardrails/testing.py": "used by every test of a policy",
    "guardrails/version.py": "one constant",
    "guardrails/audit/files.py": "opened and locked by tests/guardrails/audit/test_writer.py and test_reader.py",
    "guardrails/engine.py": "tested from outside in tests/faults/test_policies_that_misbehave.py",
    "guardrails/supervisor.py": "tested from outside in tests/faults/test_policies_that_misbehave.py",
    "guardrails/subject.py": "tested from outside in tests/faults/test_hostile_repository.py",
    "guardrails/cli/check.py": "tested from outside in tests/faults and tests/end_to_end",
    "guardrails/operations/bring.py": "tested from outside in tests/guardrails/cli/test_run.py",
    "guardrails/operations/earlier.py": "tested from outside in tests/guardrails/cli/test_run_interrupted.py",
    "guardrails/operations/execute.py": "tested from outside in tests/guardrails/cli/test_run.py",
    "guardrails/operations/pins.py": "tested from outside in tests/guardrails/cli/test_run.py",
    "guardrails/operations/safeguard.py": "tested from outside in tests/guardrails/cli/test_run_recover.py",
    "guardrails/operations/stages.py": "tested from outside in tests/guardrails/cli/test_run.py",
    "guardrails/cli/question.py": "tested from outside in tests/faults and tests/end_to_end",
    "guardrails/cli/acting.py": "tests/guardrails/cli/test_attest.py and test_signoff.py give each of its arguments",
    "guardrails/operations/restore.py": "tests/guardrails/operations/test_rescue.py brings back whatever it saves",
    "guardrails/cli/terminal.py": "tested from outside in tests/faults/test_outputs.py",
    "guardrails/reporters/json_report.py": "tested from outside in tests/faults/test_outputs.py",
    "guardrails/reporters/text_report.py": "tested from outside in tests/faults/test_outputs.py",
    "guardrails/config/trusted.py": "tested from outside in tests/end_to_end/test_config_ref.py",
    "guardrails/config/tables.py": "the models of tests/guardrails/config/test_validate.py",
    "guardrails/hooks/places.py": "where git looks is what tests/guardrails/hooks/test_install.py is about",
    "guardrails/guards.py": "records alone",
    "guardrails/hooks/memory.py": "what is noted and missed is in tests/guardrails/facts/test_installed_hooks.py",
    "guardrails/facts/hook_looks.py": "each answer of it is in tests/guardrails/facts/test_installed_hooks.py",
    "guardrails/facts/hook_managers.py": "each manager's real hooks are in tests/guardrails/hooks/test_managers.py",
    "guardrails/facts/hook_places.py": "every place is in tests/guardrails/facts/test_installed_hooks.py",
    "guardrails/hooks/pre_commit.py": "tested from outside in tests/guardrails/cli/test_hook_push.py",
    "guardrails/hooks/status.py": "each answer of it is in tests/guardrails/hooks/test_install.py",
    "guardrails/hooks/transactions.py": "tested from outside in tests/guardrails/cli/test_hook_transaction.py",
    "guardrails/facts/dotted.py": "tests/guardrails/facts/test_settings_files.py finds and shows values with it",
    "guardrails/facts/fetch.py": "a program of its own, run by tests/guardrails/facts/test_web.py against real servers",
    "guardrails/facts/mdx.py": "tests/guardrails/facts/test_markdown.py reads both dialects",
    "guardrails/facts/rehash.py": "tested on real work trees in tests/guardrails/facts/test_worktree.py",
}


@pytest.mark.parametrize("name", OWN)
def test_a_policy_is_called_the_same_everywhere(name: str) -> None:
    path = Path(inspect.getfile(OWN[name]))
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name)
    assert path.stem == name.replace("-", "_")
    assert OWN[name].__name__ == "".join(part.capitalize() for part in name.split("-"))
    assert (ROOT / "tests/policies" / path.parent.name / f"test_{path.name}").is_file()


@pytest.mark.parametrize("name", OWN)
def test_a_policy_explains_itself(name: str) -> None:
    lines = (inspect.getdoc(OWN[name]) or "").splitlines()
    assert lines[0].endswith(".")
    for title in SECTIONS:
        assert lines.count(title) == 1
        assert lines[lines.index(title) + 1].startswith("    "), f"nothing under {title}"
    assert [line for line in lines if line in SECTIONS] == list(SECTIONS)
    assert OWN[name].title
    assert not OWN[name].title.endswith(".")
    assert OWN[name].source


@pytest.mark.parametrize("name", OWN)
def test_every_option_has_a_default(name: str) -> None:
    policy: type[Policy] = OWN[name]
    assert policy() == policy.from_options({})


def test_every_policy_module_holds_one_that_is_provided() -> None:
    families = {Path(inspect.getfile(policy)).parent for policy in OWN.values()}
    files = {path for family in families for path in family.glob("*.py") if path.name != "__init__.py"}
    assert files == {Path(inspect.getfile(policy)) for policy in OWN.values()}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < 300


def test_every_module_has_its_test() -> None:
    untested = []
    for path in sorted((ROOT / "guardrails").rglob("*.py")):
        relative = path.relative_to(ROOT)
        there = list((ROOT / "tests" / relative.parent).glob(f"test_{path.stem}*.py"))
        if path.name != "__init__.py" and not there and str(relative) not in UNTESTED:
            untested.append(str(relative))
    assert untested == []
    assert [name for name in UNTESTED if not (ROOT / name).is_file()] == []


GUESSING = ("cat-file", "diff-tree", "log", "ls-tree", "merge-base", "rev-list", "rev-parse", "show")  # what a name is
REF_READER = "guardrails/facts/refs.py"


def _names_a_ref(argument: ast.expr, constants: set[str]) -> bool:
    """Whether an argument of a command of git is, or may be, the name of a ref and not an id."""
    text = ast.unparse(argument)
    return (
        "refs/" in text.replace("--glob=refs/", "")
        or bool(re.search(r"\b(ref|refname|tag|upstream)\b", text))
        or (any(isinstance(node, ast.Name) and node.id in constants for node in ast.walk(argument)))
    )


def _ref_constants(trees: list[ast.Module]) -> set[str]:
    """The names of all constants that hold the name of a ref."""
    return {
        target.id
        for tree in trees
        for node in tree.body
        if isinstance(node, ast.Assign) and "'refs/" in ast.unparse(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _guessed_refs(tree: ast.Module, constants: set[str]) -> list[int]:
    """The lines where a command of git that guesses is called with the name of a ref."""
    return [
        call.lineno
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant)
        if call.args[0].value in GUESSING
        if any(_names_a_ref(argument, constants) for argument in call.args[1:])
    ]


def test_no_other_module_has_git_guess_what_a_ref_is() -> None:
    trees = {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
    constants = _ref_constants(list(trees.values()))
    assert {"RECORDS", "ANCHOR", "FETCHED", "RESCUES"} <= constants
    found = {name: lines for name, tree in trees.items() if (lines := _guessed_refs(tree, constants))}
    assert set(found) - {REF_READER} == set(), found
    assert found, "the search finds what the reader itself does"


def _texts() -> list[Path]:
    """The files of the repository that hold text, those not committed yet too."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(command, capture_output=True, check=True).stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not in a repository")
    return [ROOT / name for name in names if name and (ROOT / name).is_file() and name != "requirements.txt"]


def test_no_file_speaks_of_a_machine_or_a_registry() -> None:
    words = [str(ROOT), "/tmp" + "/v2", "pypi" + ".org", "pythonhosted" + ".org", "index" + "-url ="]
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in _texts()
        for word in words
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_the_pinned_requirements_name_no_registry() -> None:
    assert "://" not in (ROOT / "requirements.txt").read_text(encoding="utf-8")


def test_the_wheel_holds_the_two_packages_alone(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {
        "guardrails",
        "guardrails_policies",
    }
    expected = {str(path.relative_to(ROOT)).removeprefix("policies/") for path in MODULES}
    assert {name for name in names if name.endswith(".py")} == expected
    assert "guardrails_policies/openclaw.toml" in names
    assert not [name for name in names if "__pycache__" in name]


HEAVY = (
    "asyncio", "dataclasses", "git", "importlib.metadata", "markdown_it", "pluggy", "psutil", "pydantic", "pyromark",
    "rich", "subprocess", "typing",
)  # fmt: skip

WITNESS = f"""
class Witness(Policy):
    id = "witness"
    title = "Says what its process has loaded"
    source = "a test"

    def evaluate(self):
        import sys
        yield Note(" ".join(name for name in {(*HEAVY, "guardrails.engine")!r} if name in sys.modules))
"""

COMMAND = """
import sys
from guardrails.cli import main
code = main(sys.argv[1:])
print(*sys.modules, file=sys.stderr)
sys.exit(code)
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """What each of the two processes of a passing check loads when its configuration has been validated before.

    `hook` is the first of the two when a push is judged.
    """
    folder = tmp_path_factory.mktemp("demo")
    world = folder / "world"
    world.mkdir()
    build(str(world))
    with (world / "guardrails.toml").open("a") as file:
        file.write('\n[policies.witness]\nenvironments = ["prod"]\n')
    plugin = install(folder / "plugin", "witness", entry="witness = witness.plugin")
    (plugin / "witness").mkdir()
    (plugin / "witness/policy.py").write_text("from guardrails import Note, Policy\n" + WITNESS)
    hook = "from guardrails import hookimpl\nfrom witness.policy import Witness\n"  # apart, since it loads pluggy
    (plugin / "witness/plugin.py").write_text(hook + provide("Witness"))
    own = install(folder / "own", "deploy-guardrails", entry="openclaw = guardrails_policies.plugin")
    path = os.pathsep.join(map(str, (plugin, own, ROOT, ROOT / "policies")))
    environment = {"PATH": os.environ["PATH"], "HOME": str(world / "home"), "PYTHONPATH": path}

    def run(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", COMMAND, *arguments]
        done = subprocess.run(command, cwd=folder, env=environment, input=stdin, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    for _ in range(2):
        check = run(world, "check", "--env", "prod", "--format", "json")
    notes = {result["policy"]: result["reason"] for result in json.loads(check.stdout)["results"]}
    prod = world / "openclaw-prod"
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=prod, capture_output=True, text=True, check=True).stdout
    pushed = run(prod, "hook", "run", "pre-push", stdin=f"HEAD {head.strip()} refs/heads/free {'0' * 40}\n")
    loads = {"command": check.stderr, "worker": notes["witness"], "hook": pushed.stderr}
    return {process: set(names.split()) for process, names in loads.items()}


@pytest.mark.parametrize("process", ["command", "worker", "hook"])
def test_a_passing_run_loads_nothing_heavy(loaded: dict[str, set[str]], process: str) -> None:
    assert "guardrails.engine" in loaded[process]
    assert loaded[process].isdisjoint(HEAVY)


def test_a_check_loads_nothing_of_a_verdict_that_is_carried(loaded: dict[str, set[str]]) -> None:
    unneeded = ("cli.acting", "cli.issuing", "config.policy_set", "facts.verdicts", "operations.verdicts")
    assert "guardrails.cli.outputs" in loaded["command"]
    assert loaded["command"].isdisjoint(f"guardrails.{name}" for name in unneeded)
