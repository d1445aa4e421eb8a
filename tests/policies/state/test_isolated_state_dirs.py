"""isolated-state-dirs: same, nested, linked, missing, or reaching into each other."""

import json
import time
from pathlib import Path

import pytest

from guardrails import Environment, StateDirectories, StateDirectory, World
from guardrails.model import PolicyResult
from guardrails.testing import gather, judge
from guardrails_policies.openclaw.state.references import StateReference, StateReferences
from guardrails_policies.state.isolated_state_dirs import IsolatedStateDirs

PROD = StateDirectory("prod", "/home/alice/.openclaw", "/home/alice/.openclaw", (1, 10), ((1, 2), (1, 1)))
DEV = StateDirectory("dev", "/home/alice/.openclaw-dev", "/home/alice/.openclaw-dev", (1, 11), ((1, 2), (1, 1)))


def concluded(*directories: StateDirectory, references: tuple[StateReference, ...] = ()) -> PolicyResult:
    state = StateDirectories("prod", directories)
    return judge(IsolatedStateDirs(), state=state, contents=StateReferences(references))


def reference(environment: str, kind: str, value: str, real: str | None = None) -> StateReference:
    where = f"/state/{environment}/openclaw.json"
    return StateReference(environment=environment, kind=kind, where=where, value=value, real=real or value)


def test_two_directories_pass_although_one_name_starts_with_the_other() -> None:
    assert concluded(PROD, DEV).outcome == "pass"


@pytest.mark.parametrize(
    ("other", "how"),
    [
        (DEV.replaced(path=PROD.path, real=PROD.real, identity=PROD.identity), "are the same directory"),
        (DEV.replaced(real=PROD.real, identity=PROD.identity), "are the same directory"),  # a link
        (DEV.replaced(identity=PROD.identity), "are the same directory"),  # a bind mount, or a twin in other letters
        (DEV.replaced(path=f"{PROD.path}/dev", real=f"{PROD.real}/dev"), "the second is inside the first"),
        (DEV.replaced(path="/home", real="/home"), "the first is inside the second"),
        (DEV.replaced(ancestors=((1, 10), (1, 1))), "the second is inside the first"),  # below a bind mount
        (DEV.replaced(identity=(1, 2)), "the first is inside the second"),
    ],
)
def test_shared_and_nested_directories_fail(other: StateDirectory, how: str) -> None:
    result = concluded(PROD, other)

    assert result.outcome == "fail"
    assert how in result.findings[0].message


def test_the_order_of_the_environments_does_not_matter() -> None:
    nested = DEV.replaced(path=f"{PROD.path}/dev", real=f"{PROD.real}/dev")

    assert concluded(nested, PROD).outcome == "fail"


@pytest.mark.parametrize("missing", ["prod", "dev"])
def test_a_missing_directory_fails(missing: str) -> None:
    result = concluded(*(one.replaced(identity=None) if one.environment == missing else one for one in (PROD, DEV)))

    assert [finding.message for finding in result.findings] == [f"the state directory of {missing} is not there"]


def test_missing_directories_still_overlap_by_path() -> None:
    nested = DEV.replaced(path=f"{PROD.path}/dev", real=f"{PROD.real}/dev", identity=None, ancestors=())

    assert len(concluded(PROD, nested).findings) == 2


def test_one_state_directory_alone_is_said() -> None:
    result = concluded(PROD)
    assert (result.outcome, result.reason) == ("pass", "no environment but prod has a state_dir that could be shared")
    assert concluded(PROD, DEV).reason is None


def test_an_environment_without_state_is_skipped() -> None:
    result = concluded(DEV)

    assert (result.outcome, result.reason) == ("skip", "prod has no state_dir")


@pytest.mark.parametrize("kind", ["store_key", "cwd", "workspace", "session.store", "cron.store"])
def test_a_state_that_names_a_path_of_the_other_fails(kind: str) -> None:
    result = concluded(PROD, DEV, references=(reference("dev", kind, f"{PROD.path}/workspace"),))

    assert [finding.message for finding in result.findings] == [f"the state of dev points into that of prod ({kind})"]
    assert DEV.path in result.findings[0].remediation


@pytest.mark.parametrize(
    ("kind", "setting", "line"),
    [
        (
            "workspace",
            "agents.list[0].workspace",
            "config set 'agents.list[0].workspace' /home/alice/.openclaw-dev/work",
        ),
        (
            "workspace",
            "agents.entries.ops.workspace",
            "config set agents.entries.ops.workspace /home/alice/.openclaw-d",
        ),
        ("workspace", "", "config get agents   # a look"),
        ("cron.store", "cron.store", "config unset cron.store"),
        ("session.store", "", "config get session.store   # a look"),
    ],
)
def test_what_is_to_be_done_is_about_the_setting_that_says_it(kind: str, setting: str, line: str) -> None:
    named = reference("dev", kind, f"{PROD.path}/workspace").replaced(setting=setting)
    (finding,) = concluded(PROD, DEV, references=(named,)).findings
    assert finding.remediation.startswith(f"OPENCLAW_STATE_DIR={DEV.path} openclaw {line}")


def test_the_rows_of_a_copied_store_are_a_note_once_it_has_rows_of_its_own() -> None:
    copied = reference("dev", "store_key", f"{PROD.path}/cron/jobs.json")
    assert concluded(PROD, DEV, references=(copied,)).outcome == "fail"
    own = reference("dev", "store_key", f"{DEV.path}/cron/jobs.json")
    result = concluded(PROD, DEV, references=(copied, own))
    assert result.outcome == "pass"
    assert f"are filed under {PROD.path}/cron/jobs.json of prod, unseen here" in str(result.reason)


def test_a_path_that_leads_there_by_a_link_fails() -> None:
    linked = reference("prod", "workspace", "/home/alice/work", real=f"{DEV.real}/workspace")

    assert concluded(PROD, DEV, references=(linked,)).outcome == "fail"


@pytest.mark.parametrize("value", ["/home/alice/.openclaw-dev-old/x", "/home/alice/.openclaw/workspace", "/srv/x"])
def test_paths_of_its_own_or_of_nobody_pass(value: str) -> None:
    assert concluded(PROD, DEV, references=(reference("prod", "workspace", value),)).outcome == "pass"


def test_many_sessions_in_one_folder_are_one_finding() -> None:
    sessions = tuple(reference("dev", "cwd", f"{PROD.path}/workspace") for _ in range(5))

    assert [f.observed for f in concluded(PROD, DEV, references=sessions).findings] == [
        f"cwd {PROD.path}/workspace in /state/dev/openclaw.json and 4 more files"
    ]


def test_once_the_workspace_is_set_older_sessions_are_a_note() -> None:
    old = reference("dev", "cwd", f"{PROD.path}/workspace")
    setting = reference("dev", "workspace", f"{DEV.path}/workspace")

    result = concluded(PROD, DEV, references=(old, setting))

    assert result.outcome == "pass"
    assert "1 older sessions of dev" in str(result.reason)


def world(folder: Path) -> World:
    environments = {
        name: Environment(name=name, repo=str(folder), state_dir=str(folder / name)) for name in ("prod", "dev")
    }
    return World(environments["prod"], environments, at=time.time(), home=str(folder))


def test_the_contents_are_read_only_when_asked_for(tmp_path: Path) -> None:
    for name in ("prod", "dev"):
        (tmp_path / name).mkdir()
    settings = {"agents": {"defaults": {"workspace": str(tmp_path / "prod" / "workspace")}}}
    (tmp_path / "dev" / "openclaw.json").write_text(json.dumps(settings))

    def outcome(*, check_contents: bool) -> str:
        facts = {
            "state": gather(StateDirectories, world(tmp_path)),
            "contents": gather(StateReferences, world(tmp_path), check_contents),
        }
        return judge(IsolatedStateDirs(check_contents=check_contents), **facts).outcome

    assert outcome(check_contents=True) == "fail"
    assert outcome(check_contents=False) == "pass"
