"""The probe of the work tree sees all dirt that is known, calls nothing else dirt, and leaves no trace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dirty.dirty import CASES, Case, configure, git, make_repository, script, snapshot, try_git
from guardrails.facts.worktree.worktree import Worktree
from guardrails.testing import gather, world

DEPTHS = ("fast", "full")
DIRTY = [case for case in CASES if case.kinds]
FRESHENED = {"split_index", "sparse_index"}  # git itself renews the times of files that it reads for these


def look(repo: Path, depth: str, **rest: object) -> Worktree:
    """Probe a repository as a check would."""
    return gather(Worktree, world(repo, home=str(repo.parent / "home"), **rest), depth)


@pytest.fixture(autouse=True)
def home_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user's own ignore rules are those of the case, wherever they are looked for."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.sample(3)
def test_every_kind_of_dirt(case: Case, depth: str, tmp_path: Path) -> None:
    repo = case.make(tmp_path)
    times = case.name not in FRESHENED
    before = snapshot(tmp_path, times=times)

    seen = look(repo, depth)

    objection = case.objection(depth, [(change.kind, change.path) for change in seen.changes])
    assert objection is None, f"{objection}\n{seen.changes}"
    assert seen.depth == depth
    assert snapshot(tmp_path, times=times) == before


@pytest.mark.parametrize("case", DIRTY, ids=lambda case: case.name)
def test_the_cases_fool_plain_git_as_they_say(case: Case, tmp_path: Path) -> None:
    printed = try_git(case.make(tmp_path), "status", "--porcelain")
    assert (printed.stdout == b"") == case.fools, printed


@pytest.mark.parametrize("depth", DEPTHS)
def test_a_clean_clone_is_clean(depth: str, tmp_path: Path) -> None:
    assert look(make_repository(tmp_path), depth).changes == ()


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_change_is_said_and_not_only_the_first(depth: str, tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    (repo / "README.md").write_text("edited\n")
    (repo / "other.txt").write_text("staged\n")
    git(repo, "add", "other.txt")
    (repo / "run.sh").unlink()
    for number in range(300):
        (repo / f"new {number}.txt").write_text("new\n")

    changes = {(change.kind, change.path) for change in look(repo, depth).changes}

    untracked = {("untracked", f"new {number}.txt") for number in range(300)}
    assert changes == {("modified", "README.md"), ("staged", "other.txt"), ("modified", "run.sh")} | untracked


def test_a_change_says_what_it_is(tmp_path: Path) -> None:
    repo = make_repository(tmp_path)
    (repo / "README.md").unlink()
    git(repo, "bisect", "start")
    for change in look(repo, "full").changes:
        assert change.detail.strip()
        assert "\n" not in change.detail


def test_a_fact_is_frozen(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        look(make_repository(tmp_path), "fast").depth = "full"  # type: ignore[misc]


def _hostile_environments(folder: Path) -> dict[str, dict[str, str]]:
    """What a caller, or a git that runs us as its hook, may have in its environment."""
    other, trap, trace = folder / "other/prod", folder / "trap", str(folder / "trace")
    return {
        "git_dir": {"GIT_DIR": f"{other}/.git"},
        "git_dir_and_work_tree": {"GIT_DIR": f"{other}/.git", "GIT_WORK_TREE": str(other)},
        "git_work_tree": {"GIT_WORK_TREE": str(other)},
        "common_dir": {"GIT_DIR": f"{other}/.git", "GIT_COMMON_DIR": f"{other}/.git"},
        "index_file": {"GIT_INDEX_FILE": f"{other}/.git/index"},
        "index_file_that_is_absent": {"GIT_INDEX_FILE": f"{folder}/absent"},
        "object_directory": {"GIT_OBJECT_DIRECTORY": f"{folder}/absent", "GIT_QUARANTINE_PATH": f"{folder}/absent"},
        "prefix": {"GIT_PREFIX": "docs/", "GIT_INTERNAL_SUPER_PREFIX": "sub/"},
        "config_count": {
            "GIT_CONFIG_COUNT": "3",
            "GIT_CONFIG_KEY_0": "core.excludesFile",
            "GIT_CONFIG_VALUE_0": f"{folder}/rules",
            "GIT_CONFIG_KEY_1": "core.fsmonitor",
            "GIT_CONFIG_VALUE_1": str(trap / "git"),
            "GIT_CONFIG_KEY_2": "status.showUntrackedFiles",
            "GIT_CONFIG_VALUE_2": "no",
        },
        "broken_config_count": {"GIT_CONFIG_COUNT": "many"},
        "config_parameters": {"GIT_CONFIG_PARAMETERS": f"'core.worktree'='{other}' 'core.fsmonitor'='{trap}/git'"},
        "broken_config_parameters": {"GIT_CONFIG_PARAMETERS": "'"},
        "configuration_of_the_user": {"GIT_CONFIG_GLOBAL": f"{folder}/config", "GIT_CONFIG_SYSTEM": f"{folder}/config"},
        "xdg": {"XDG_CONFIG_HOME": f"{folder}/xdg"},
        "trace": dict.fromkeys(("GIT_TRACE", "GIT_TRACE2", "GIT_TRACE2_EVENT", "GIT_TRACE2_PERF"), trace),
        "more_traces": dict.fromkeys(("GIT_TRACE_SETUP", "GIT_TRACE_PACKET", "GIT_TRACE_PERFORMANCE"), trace),
        "exec_path": {"GIT_EXEC_PATH": str(trap)},
        "template": {"GIT_TEMPLATE_DIR": str(trap)},
        "programs": {
            name: str(trap / "git")
            for name in ("GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_EDITOR", "GIT_SSH", "GIT_ASKPASS", "GIT_PROXY_COMMAND")
        },
        "test_fsmonitor": {"GIT_FSMONITOR_TEST": str(trap / "git")},
        "ceiling": {"GIT_CEILING_DIRECTORIES": f"{folder}:/", "GIT_DISCOVERY_ACROSS_FILESYSTEM": "0"},
        "namespace": {"GIT_NAMESPACE": "other"},
        "attribute_source": {"GIT_ATTR_SOURCE": "HEAD", "GIT_ATTR_NOSYSTEM": "0"},
        "replacements": {"GIT_REPLACE_REF_BASE": "refs/nothing/"},
        "grafts": {"GIT_GRAFT_FILE": f"{folder}/grafts", "GIT_SHALLOW_FILE": f"{folder}/grafts"},
        "pathspecs": {"GIT_LITERAL_PATHSPECS": "1", "GIT_ICASE_PATHSPECS": "1"},
        "default_hash": {"GIT_DEFAULT_HASH": "sha256", "GIT_TEST_SPLIT_INDEX": "1", "GIT_OPTIONAL_LOCKS": "1"},
        "language": {"LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de", "LANG": "de_DE.UTF-8", "TERM": "xterm"},
    }


@pytest.mark.parametrize("name", _hostile_environments(Path()))
def test_the_environment_of_the_caller_changes_nothing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean = make_repository(tmp_path)
    dirty = make_repository(tmp_path / "dirty")
    make_repository(tmp_path / "other")
    (dirty / "README.md").write_text("edited\n")
    (dirty / "secret.txt").write_text("new\n")
    git(dirty, "replace", "--graft", "HEAD")
    for command in ("git", "git-status", "git-config", "git-ls-files", "git-rev-parse"):
        script(tmp_path / "trap" / command, f"echo fired >> {tmp_path}/fired")
    (tmp_path / "rules").write_text("secret.*\n")
    (tmp_path / "xdg/git").mkdir(parents=True)
    (tmp_path / "xdg/git/ignore").write_text("secret.*\n")
    (tmp_path / "config").write_text(f"[core]\n\texcludesFile = {tmp_path}/rules\n\tfsmonitor = {tmp_path}/trap/git\n")
    for variable, value in _hostile_environments(tmp_path)[name].items():
        monkeypatch.setenv(variable, value)
    before = snapshot(tmp_path)

    for depth in DEPTHS:
        assert look(clean, depth).changes == ()
        kinds = {(change.kind, change.path.rpartition("/")[2]) for change in look(dirty, depth).changes}
        assert {("modified", "README.md")} <= kinds
        assert {kind for kind, _ in kinds} == {"modified", "untracked", "replaced"}

    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_folder_in_which_the_check_runs_does_not_matter(
    depth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo = make_repository(tmp_path)
    (make_repository(tmp_path / "other") / "new.txt").write_text("new\n")
    for folder in (tmp_path / "other/prod", repo / "docs", repo / ".git", Path("/")):
        monkeypatch.chdir(folder)
        assert look(repo, depth).changes == ()


@pytest.mark.parametrize("depth", DEPTHS)
def test_the_path_of_the_repository_may_be_hard_to_say(depth: str, tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 :'\"$(x)"))
    repo = make_repository(folder)
    configure(repo, core__quotePath="true")
    assert look(repo, depth).changes == ()
    (repo / "README.md").write_text("edited\n")
    assert [change.path for change in look(repo, depth).changes] == ["README.md"]
