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
from collections import Counter
from pathlib import Path

import pytest

from guardrails import Policy
from guardrails.plugins import loader
from guardrails_policies.openclaw.demo.world import build
from plugin_packages import install, provide

ROOT = Path(__file__).parents[1]
OWN = {name: policy for name, policy in loader.load().policies.items() if policy.__module__.startswith("guardrails_p")}
MODULES = sorted([*(ROOT / "guardrails").rglob("*.py"), *(ROOT / "policies").rglob("*.py")])
SECTIONS = ("Why it matters", "Example", "Instead")

UNTESTED = {  # paths of tests without a folder of their own are below tests/guardrails
    "guardrails/cli/pages.py": "each page of a command is in cli/commands/test_report.py and test_plan.py",
    "guardrails/reporters/page/plain_values.py": "reporters/page/test_page_data.py gives values that do not fit",
    "guardrails/reporters/page/page_view.py": "what it shows is in reporters/page/test_page.py",
    "guardrails/calls.py": "records alone",
    "guardrails/facts/tool_call/commands.py": "records and reasons, given by facts/tool_call/test_shell_reading.py",
    "guardrails/facts/tool_call/programs/program.py": "records, read by programs/test_table.py",
    "guardrails/facts/tool_call/programs/plain.py": "the rows of plain data in programs/test_table.py",
    "guardrails/facts/tool_call/programs/git_arguments.py": "programs/test_git.py gives each of them",
    "guardrails/facts/tool_call/programs/building.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/editing.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/files.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/git_special.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/git_verbs.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/later.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/own_program.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/readers.py": "names, of which programs/test_unknown.py calls some",
    "guardrails/facts/tool_call/programs/remote.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/services.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/facts/tool_call/programs/trees.py": "its rows' examples are played by programs/test_table.py",
    "guardrails/__main__.py": "two lines, run by test_start.py",
    "guardrails/plugins/demo_scenes.py": "two records, shown by cli/commands/test_demo.py",
    "guardrails/plugins/drills.py": "one record, played by drills/test_crew.py",
    "guardrails/plugins/stages.py": "one record, built by drills/test_crew.py",
    "guardrails/drills/playing.py": "each way to ask is played by cli/commands/test_drill.py and the corpus of drills",
    "guardrails/drills/scratch_stage.py": "a policy is proven on it in cli/commands/test_drill.py",
    "guardrails/drills/worlds.py": "where worlds stand, and what is left of them, is in cli/commands/test_drill.py",
    "guardrails/plugins/product.py": "two records, shown by doctor/test_plugins.py",
    "guardrails/facts/operation/git_commands.py": "test_call_losses.py and test_push_updates.py beside it",
    "guardrails/facts/operation/ref_losses.py": "facts/operation/test_call_losses.py compares it with git",
    "guardrails/facts/operation/swept_files.py": "facts/operation/test_call_losses.py compares it with git",
    "guardrails/facts/operation/push_settings.py": "facts/operation/test_push_updates.py sees each setting",
    "guardrails/cli/host_calls.py": "each host's answer is in cli/commands/test_hook_host.py",
    "guardrails/doctor/examination.py": "cli/commands/test_doctor.py sees each look of it",
    "guardrails/doctor/in_force.py": "where a configuration comes from is in cli/commands/test_doctor.py",
    "guardrails/facts/approval/tip_statements.py": "each answer of it is in doctor/test_statements.py",
    "guardrails/errors.py": "exceptions alone",
    "guardrails/facts/git/overridden_settings.py": "tests/faults/test_hostile_repository.py tries to get past each",
    "guardrails/facts/worktree/fast_probe.py": "each row of what it must see is in test_worktree.py beside it",
    "guardrails/exit_codes.py": "constants alone",
    "guardrails/request.py": "understood by test_judgement.py and, through the command line, by tests/end_to_end",
    "guardrails/engine/judge.py": "tested from outside in tests/faults/test_policies_that_misbehave.py",
    "guardrails/engine/gather.py": "used by every test of a fact, through guardrails.testing",
    "guardrails/plugins/hookspecs.py": "declarations, exercised by plugins/test_loader.py",
    "guardrails/loosening.py": "two records, shown by test_tightening.py",
    "guardrails/model.py": "records alone",
    "guardrails/cli/watch_schedule.py": "tested by watch/test_installation.py, from outside",
    "guardrails/doctor/watch.py": "each answer of it is in watch/test_installation.py",
    "guardrails/watch/apprise_sender.py": "a program, run by watch/test_channels.py",
    "guardrails/watch/web_sender.py": "a program, run by watch/test_channels.py",
    "guardrails/watch/own_command.py": "run as a timer has it by watch/test_installation.py",
    "guardrails/watch/rounds.py": "tested from outside by cli/commands/test_watch.py",
    "guardrails/watch/written_files.py": "what is written comes off again in watch/test_installation.py",
    "guardrails/policy.py": "declarations, exercised by every test of a policy and test_plugins.py",
    "guardrails/plugins/survey.py": "two records, shown by cli/commands/test_init.py",
    "guardrails/testing/repositories.py": "used by every world of testing/test_plugin.py",
    "guardrails/testing/worlds.py": "what it builds is in testing/test_plugin.py",
    "guardrails/version.py": "one constant",
    "guardrails/facts/past/gaps.py": "each kind of gap is in facts/past/test_past.py",
    "guardrails/facts/past/reflogs.py": "real reflogs, whole and spoilt, are in facts/past/test_past.py",
    "guardrails/facts/past/log_anchor.py": "read and moved by operations/test_audit.py",
    "guardrails/operations/accept.py": "what it takes and refuses is in cli/commands/test_history.py",
    "guardrails/audit/files.py": "opened and locked by audit/test_writer.py and test_reader.py",
    "guardrails/engine/worker.py": "tested from outside in tests/faults/test_policies_that_misbehave.py",
    "guardrails/safety/noise.py": "policies that print are in tests/faults/test_policies_that_misbehave.py",
    "guardrails/safety/supervisor.py": "tested from outside in tests/faults/test_policies_that_misbehave.py",
    "guardrails/engine/subject.py": "tested from outside in tests/faults/test_hostile_repository.py",
    "guardrails/cli/commands/check.py": "tested from outside in tests/faults and tests/end_to_end",
    "guardrails/operations/guarded_run/bring_commits.py": "tested by cli/commands/run/test_run.py",
    "guardrails/operations/guarded_run/judge_twice.py": "each moment of it is in operations/guarded_run/test_run.py",
    "guardrails/operations/guarded_run/unfinished_runs.py": "tested by cli/commands/run/test_run_interrupted.py",
    "guardrails/operations/guarded_run/run_command.py": "tested by cli/commands/run/test_run.py",
    "guardrails/operations/guarded_run/pins.py": "tested by cli/commands/run/test_run.py",
    "guardrails/operations/guarded_run/save_losses.py": "tested by cli/commands/run/test_run_recover.py",
    "guardrails/operations/guarded_run/steps.py": "tested by cli/commands/run/test_run.py",
    "guardrails/cli/parser.py": "cli/test_quick_options.py compares with it",
    "guardrails/cli/request_options.py": "tested from outside in tests/faults and tests/end_to_end",
    "guardrails/cli/signing.py": "cli/commands/test_attest.py and test_signoff.py give each of its arguments",
    "guardrails/operations/rescue/restore.py": "operations/rescue/test_save.py brings back whatever it saves",
    "guardrails/cli/terminal.py": "tested from outside in tests/faults/test_outputs.py",
    "guardrails/reporters/json_report.py": "tested from outside in tests/faults/test_outputs.py",
    "guardrails/reporters/text_report.py": "tested from outside in tests/faults/test_outputs.py",
    "guardrails/config/trusted.py": "tested from outside in tests/end_to_end/test_config_ref.py",
    "guardrails/config/tables.py": "the models of tests/guardrails/config/test_validate.py",
    "guardrails/hooks/places.py": "where git looks is what tests/guardrails/hooks/test_install.py is about",
    "guardrails/guards.py": "records alone",
    "guardrails/hosts/kinds.py": "hosts/test_installation.py and test_settings_text.py are about each of them",
    "guardrails/hosts/watched.py": "hosts/test_installation.py changes what is watched, test_stub.py looks for it",
    "guardrails/canaries/canary.py": "records, and their exit code, given by canaries/test_sending.py",
    "guardrails/canaries/channels.py": "its ways are in canaries/test_git_hooks.py and test_sending.py",
    "guardrails/cli/host_installation.py": "tested by hosts/test_installation.py, from outside",
    "guardrails/facts/hooks/host_settings.py": "each answer of it is in hosts/test_installation.py",
    "guardrails/facts/hooks/codex_trust.py": "hosts/test_installation.py, and end_to_end/test_agents.py in Codex",
    "guardrails/hooks/memory.py": "what is noted and missed is in facts/hooks/test_installed_hooks.py",
    "guardrails/facts/hooks/installed_hook.py": "one record, found by facts/hooks/test_installed_hooks.py",
    "guardrails/facts/pages/page_element.py": "one record, given by facts/pages/test_anchors.py",
    "guardrails/config/effective.py": "what files say together is in config/test_layers.py and test_validate.py",
    "guardrails/facts/hooks/looks.py": "each answer of it is in facts/hooks/test_installed_hooks.py",
    "guardrails/facts/hooks/managers.py": "each manager's real hooks are in hooks/test_managers.py",
    "guardrails/facts/hooks/places.py": "every place is in facts/hooks/test_installed_hooks.py",
    "guardrails/hooks/pre_commit.py": "tested by cli/commands/test_hook_push.py",
    "guardrails/hooks/status.py": "each answer of it is in hooks/test_install.py",
    "guardrails/hooks/transactions.py": "tested by cli/commands/test_hook_transaction.py",
    "guardrails/facts/reading/table_values.py": "facts/reading/test_settings_files.py finds and shows values with it",
    "guardrails/facts/answers/page_fetcher.py": "a program, run by facts/answers/test_page_answers.py",
    "guardrails/facts/pages/mdx.py": "facts/pages/test_markdown.py reads both dialects",
    "guardrails/facts/worktree/change.py": "one record, found by facts/worktree/test_worktree.py",
    "guardrails/facts/service/scheduled_job.py": "one record, found by facts/service/test_timers.py",
    "guardrails/facts/programs/command.py": "three records, used by facts/programs/test_side_by_side.py",
    "guardrails/facts/tool_call/shell/assignments.py": "facts/tool_call/shell/test_word_values.py assigns in each way",
    "guardrails/facts/tool_call/shell/known_outputs.py": "facts/tool_call/test_shell_reading.py feeds shells by each",
    "guardrails/facts/tool_call/shell/program_calls.py": "facts/tool_call/shell/test_wrappers.py calls each of them",
    "guardrails/facts/tool_call/shell/redirections.py": "facts/tool_call/test_shell_reading.py redirects in each way",
    "guardrails/facts/tool_call/shell/shell_builtins.py": "facts/tool_call/shell/test_word_values.py calls each",
    "guardrails/facts/tool_call/shell/shell_calls.py": "facts/tool_call/shell/test_wrappers.py calls shells",
    "guardrails/facts/tool_call/shell/simple_commands.py": "facts/tool_call/test_shell_reading.py runs each of them",
    "guardrails/facts/tool_call/shell/statements.py": "facts/tool_call/test_shell_reading.py has every kind",
    "guardrails/facts/tool_call/shell/states.py": "records; facts/tool_call/test_shell_reading.py leads to many",
    "guardrails/facts/tool_call/shell/word_building.py": "facts/tool_call/shell/test_word_values.py splits words",
    "guardrails/facts/tool_call/shell/wrapper_rows.py": "data, tried by facts/tool_call/shell/test_wrappers.py",
    "guardrails/facts/worktree/every_byte.py": "tested on real work trees in facts/worktree/test_worktree.py",
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


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_data_is_split_where_unicode_breaks_lines(path: Path) -> None:
    called = [node.attr for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Attribute)]
    assert "splitlines" not in called, "use guardrails.wording.shown_text.split_lines, or split at newlines"


def test_every_module_has_its_test() -> None:
    untested = []
    for path in sorted((ROOT / "guardrails").rglob("*.py")):
        relative = path.relative_to(ROOT)
        folder = ROOT / "tests" / relative.parent
        there = [*folder.glob(f"test_{path.stem}*.py"), *(folder / path.stem).glob("test_*.py")]
        if path.name != "__init__.py" and not there and str(relative) not in UNTESTED:
            untested.append(str(relative))
    assert untested == []
    assert [name for name in UNTESTED if not (ROOT / name).is_file()] == []


def test_no_folder_has_more_than_twenty_modules_side_by_side() -> None:
    folders = Counter(path.parent for path in MODULES if path.name != "__init__.py")
    assert [(str(folder), count) for folder, count in folders.items() if count > 20] == []


GUESSING = ("cat-file", "diff-tree", "log", "ls-tree", "merge-base", "rev-list", "rev-parse", "show")  # what a name is
REF_READER = "guardrails/facts/git/refs.py"


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
    assert _guessed_refs(ast.parse('git.run("log", "refs/stash"); git.run("show", RECORDS)'), constants) == [1, 1]


AROUND = re.compile(  # what would print around the streams that take secrets out
    r"sys\.__std|std(?:out|err)\.buffer|os\.write\((?:1|2|sys)|fdopen\((?:1|2)\b|/dev/(?:std|fd|tty)|file=sys\.__"
)


BEFORE_STREAMS = ROOT / "guardrails/start.py"  # says constant texts, before anything could be imported


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_printed_around_the_streams_that_hide_secrets(path: Path) -> None:
    assert path == BEFORE_STREAMS or AROUND.findall(path.read_text(encoding="utf-8")) == []


WRITERS = {  # the modules of commands that write a file, and what
    "guardrails/cli/commands/setup/init.py": "a configuration, of which `survey` leaves out what could be a secret",
    "guardrails/cli/outputs.py": "reports, by `leaving`; and attestations, which are signed",
}


def test_commands_write_files_in_known_places_alone() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "guardrails/cli").rglob("*.py")
        if re.search(r"""open\(.*["'][wax]b?["']|write_(?:text|bytes)""", path.read_text(encoding="utf-8"))
    }
    assert found == set(WRITERS)


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


def test_the_wheel_holds_the_two_packages_and_the_command_alone(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    rest = [name for name in names if ".dist-info/" not in name]
    commands = [name for name in rest if ".data/" in name]
    assert {name.partition("/")[0] for name in rest if name not in commands} == {"guardrails", "guardrails_policies"}
    assert [name.partition(".data/")[2] for name in commands] == ["scripts/guardrails"]
    assert zipfile.ZipFile(wheel).getinfo(commands[0]).external_attr >> 16 & 0o111 == 0o111
    expected = {str(path.relative_to(ROOT)).removeprefix("policies/") for path in MODULES}
    assert {name for name in names if name.endswith(".py")} == expected
    assert {"guardrails_policies/openclaw.toml", "guardrails_policies/checkout.toml"} <= set(names)
    assert {f"guardrails/reporters/page/page.{kind}" for kind in ("css", "html.jinja", "js")} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


HEAVY = (
    "asyncio", "cronsim", "dataclasses", "dateparser", "git", "gitdb", "importlib.metadata", "jinja2", "markdown_it",
    "pluggy", "psutil", "pydantic", "pyromark", "rich", "subprocess", "typing",
)  # fmt: skip

SERVICE = "guardrails.facts.service"
SCHEDULES = (
    *(f"{SERVICE}.{name}" for name in ("crontabs", "launchd_calendars", "rooted_paths", "scheduled_job")),
    *(f"{SERVICE}.{name}" for name in ("scheduled_jobs", "systemd_times", "timers")),
    "guardrails_policies.checkout.scheduled_jobs",
)  # what is read where a job has another source than OpenClaw
LOOKED_FOR = (*HEAVY, *SCHEDULES, "guardrails.engine.worker", "guardrails.safety.redaction")
WITNESS = f"""
class Witness(Policy):
    id = "witness"
    title = "Says what its process has loaded"
    source = "a test"

    def evaluate(self):
        import sys
        yield Note(" ".join(name for name in {LOOKED_FOR!r} if name in sys.modules))
"""

# Gateways that run on this machine need a closer look, for which more is loaded: the worker sees no processes.
ALONE = """
from guardrails.facts.programs import open_files, process_table
open_files.PROC = process_table.PROC = {proc!r}
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
    (folder / "proc/self").mkdir(parents=True)
    unseen = ALONE.format(proc=str(folder / "proc"))
    (plugin / "witness/policy.py").write_text("from guardrails import Note, Policy\n" + unseen + WITNESS)
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
    assert "guardrails.engine.worker" in loaded[process]
    assert loaded[process].isdisjoint(HEAVY)


@pytest.mark.parametrize("process", ["command", "worker", "hook"])
def test_a_passing_run_of_openclaw_reads_no_other_schedule(loaded: dict[str, set[str]], process: str) -> None:
    assert loaded[process].isdisjoint(SCHEDULES)


@pytest.mark.parametrize("process", ["command", "worker", "hook"])
def test_a_passing_run_looks_for_no_secret(loaded: dict[str, set[str]], process: str) -> None:
    assert "guardrails.engine.worker" in loaded[process]
    assert "guardrails.safety.redaction" not in loaded[process]


def test_a_check_loads_nothing_of_a_verdict_that_is_carried(loaded: dict[str, set[str]]) -> None:
    unneeded = (
        "cli.signing",
        "cli.issuing",
        "config.policy_set",
        "facts.approval.verdicts",
        "operations.evidence.issue_verdict",
    )
    assert "guardrails.cli.outputs" in loaded["command"]
    assert loaded["command"].isdisjoint(f"guardrails.{name}" for name in unneeded)
