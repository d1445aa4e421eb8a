"""`guardrails run recover`: one command from a dirty prod to a clean one, and the work is safe on a branch of dev."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from dirty.dirty import snapshot
from dirty.dirty_repository import git, try_git
from guardrails.operations.rescue.restore import find_rescue, open_repository, restore_into_folder
from worlds.guarded_world import PROMOTE, REFUSED, UNVERIFIED, GuardedWorld
from worlds.rescue_state import contents
from worlds.small_world import write

RECOVER = ("recover", "--env", "prod")
BUILT = ("dist/", "node_modules/")


@pytest.fixture
def world(tmp_path: Path) -> GuardedWorld:
    return GuardedWorld(tmp_path)


@pytest.fixture
def dirty(world: GuardedWorld) -> GuardedWorld:
    """Work of every kind that git status shows, or does not."""
    prod = world.prod
    for name in ("flagged", "skipped", "replaced", "gone", "folder/inside", "hotfix", "both"):
        write(prod / name, f"{name}\n")
    git(prod, "add", "-A")
    git(prod, "commit", "-qm", "direct")
    write(prod / "src/gateway.ts", "stashed\n")
    git(prod, "stash", "-q")
    for name, flag in {"flagged": "--assume-unchanged", "skipped": "--skip-worktree"}.items():
        git(prod, "update-index", flag, name)
        write(prod / name, "hidden by a flag\n")
    write(prod / "both", "staged\n")
    write(prod / "new", "new\n")
    git(prod, "add", "both", "new")
    write(prod / "both", "and again\n")
    write(prod / "intended", "to be added\n")
    git(prod, "add", "-N", "intended")
    (prod / "replaced").unlink()
    write(prod / "replaced/inner", "in place of a file\n")
    (prod / "gone").unlink()
    shutil.rmtree(prod / "folder")
    write(prod / "folder", "in place of a folder\n")
    write(prod / "notes/untracked", "untracked\n").chmod(0o640)
    (prod / "link").symlink_to("nowhere")
    write(prod / "src/gateway.ts", "changed\n").chmod(0o755)
    return world


def work(repo: Path) -> dict[str, tuple[str, int, bytes]]:
    return {name: one for name, one in contents(repo).items() if not name.startswith(BUILT)}


def rescues(repo: Path) -> list[str]:
    return git(repo, "for-each-ref", "--format=%(refname:lstrip=2)", "refs/rescue").split()


def clean(world: GuardedWorld) -> bool:
    """Whether prod is at upstream, with nothing that any look could find, and no flags."""
    report = world.world.report("--env", "prod", "--policy", "clean-worktree", "--policy", "expected-branch")
    flags = [line for line in git(world.prod, "ls-files", "-v").splitlines() if not line.startswith("H ")]
    return (report["exit_code"], flags, world.head()) == (0, [], world.before)


def test_one_command(dirty: GuardedWorld, tmp_path: Path) -> None:
    prod, dev = dirty.prod, dirty.dev
    before, local = work(prod), dirty.head()
    dev_before, dev_refs = snapshot(dev / "src", dev / ".git/index", dev / ".git/HEAD"), git(dev, "for-each-ref")
    done = dirty.run(*RECOVER)

    assert done.returncode == 0, done.stderr
    assert clean(dirty)
    [name] = rescues(prod)
    told = [line.removeprefix("guardrails: ") for line in done.stderr.splitlines()]
    assert told[:3] == [
        f"saved {len(before)} files and 1 stashes as refs/rescue/{name}, and read them back",
        f"what it holds: `guardrails rescue --env prod show {name} --config {dirty.world.configuration}`; "
        "with restore and --to in place of show, it is written to a folder",
        f"the work is on the branch rescue/{name} of dev, in {dev}",
    ]
    assert snapshot(dev / "src", dev / ".git/index", dev / ".git/HEAD") == dev_before
    branch = f"rescue/{name}"
    assert git(dev, "show", f"{branch}:both") == "and again"
    assert git(dev, "show", f"{branch}~1:both") == "staged"
    assert git(dev, "rev-parse", f"{branch}~2") == local
    git(dev, "branch", "-q", "-D", branch)
    assert git(dev, "for-each-ref") == dev_refs
    restore_into_folder(
        open_repository(str(prod)), find_rescue(open_repository(str(prod)), name), str(tmp_path / "back")
    )
    assert contents(tmp_path / "back") == before
    assert git(prod, "stash", "list").count("\n") == 0
    assert git(prod, "log", "-1", "--format=%H", "refs/guardrails/deployments^{commit}")
    log = json.loads(dirty.world.run("log", "show", "--env", "prod", "--format", "json").stdout)
    assert [one["did"] for one in log if one["kind"] == "rescue"] == ["save", "carry"]
    assert dirty.world.run("log", "verify", "--env", "prod").returncode == 0
    assert dirty.run("rollback", "--env", "prod").returncode == REFUSED
    assert dirty.head() == dirty.before, "what was taken out comes back by no rollback"


def test_looking_changes_nothing(dirty: GuardedWorld) -> None:
    before = snapshot(dirty.prod, dirty.dev)
    for arguments in (("check", "--env", "prod", "--op", "recover"), ("plan", "recover", "--env", "prod")):
        done = dirty.world.run(*arguments)
        assert done.returncode == 1
        assert f"guardrails run recover --env prod --config {dirty.world.configuration} saves by itself" in done.stdout
    assert snapshot(dirty.prod, dirty.dev) == before
    plan = json.loads(dirty.world.run("plan", "recover", "--env", "prod", "--format", "json").stdout)
    assert {"notes/untracked", "replaced/inner", "flagged", "both"} <= set(plan["loses"]) | set(plan["overwrites"])
    assert [step["outcome"] for step in plan["steps"]] == [
        "stays",
        "stays",
        "stays",
        "moves",
        "stays",
        "stays",
        "stays",
    ]


def test_a_clean_prod_is_not_saved(world: GuardedWorld) -> None:
    done = world.run(*RECOVER)

    assert (done.returncode, rescues(world.prod)) == (0, [])
    assert git(world.dev, "branch", "--list", "rescue/*") == ""


def test_a_merge_in_progress(world: GuardedWorld) -> None:
    prod = world.prod
    git(prod, "checkout", "-q", "-b", "other")
    write(prod / "src/gateway.ts", "theirs\n")
    git(prod, "commit", "-qam", "theirs")
    git(prod, "checkout", "-q", "main")
    write(prod / "src/gateway.ts", "ours\n")
    git(prod, "commit", "-qam", "ours")
    assert try_git(prod, "merge", "-q", "other").returncode == 1
    theirs = git(prod, "rev-parse", "other")
    git(prod, "branch", "-q", "-D", "other")
    done = world.run(*RECOVER)

    assert done.returncode == 0, done.stderr
    assert clean(world)
    git(prod, "reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all")
    git(prod, "gc", "-q", "--prune=now")
    [name] = rescues(prod)
    assert git(prod, "cat-file", "-t", theirs) == "commit"
    assert git(prod, "show", f"refs/rescue/{name}:conflicts/2/src/gateway.ts") == "ours"
    assert git(prod, "show", f"refs/rescue/{name}:conflicts/3/src/gateway.ts") == "theirs"


@pytest.mark.parametrize("where", [("-b", "other"), ("--detach",)])
def test_from_another_branch_it_leads_back(dirty: GuardedWorld, where: tuple[str, ...]) -> None:
    local = dirty.head()
    git(dirty.prod, "checkout", "-q", *where)
    beside = git(dirty.prod, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-m", "on main alone")
    git(dirty.prod, "update-ref", "refs/heads/main", beside)
    before = work(dirty.prod)
    done = dirty.run(*RECOVER)

    assert done.returncode == 0, done.stderr
    assert clean(dirty)
    [name] = rescues(dirty.prod)
    held = git(dirty.prod, "rev-list", f"refs/rescue/{name}").split()
    assert {local, beside} <= set(held), "what HEAD and what main held"
    assert f"saved {len(before)} files" in done.stderr
    assert git(dirty.prod, "symbolic-ref", "HEAD") == "refs/heads/main"


REFUSED_COMMANDS = {
    "pull": ["pull", "-q", "upstream", "main"],
    "pull --rebase": ["pull", "-q", "--rebase", "upstream", "main"],
    "merge": ["merge", "-q", "--ff-only", "upstream/main"],
    "true merge": ["merge", "-q", "--no-ff", "-m", "x", "upstream/main"],
    "rebase": ["rebase", "-q", "upstream/main"],
    "rebase with local work": ["rebase", "-q", "--autostash", "upstream/main"],
    "reset": ["reset", "-q", "--hard", "upstream/main"],
    "cherry-pick": ["cherry-pick", "upstream/main"],
    "am": ["am", "-q", "patch"],
    "checkout": ["checkout", "-q", "-B", "main", "upstream/main"],
}


@pytest.mark.parametrize("name", REFUSED_COMMANDS)
@pytest.mark.sample(3)
def test_what_the_hook_refused_is_made_clean_by_the_command_that_it_names(world: GuardedWorld, name: str) -> None:
    prod = world.prod
    write(world.upstream / "src/more.ts", "more\n")
    git(world.upstream, "add", "-A")
    git(world.upstream, "commit", "-qm", "more")
    git(prod, "fetch", "-q", "upstream")
    if "with local work" in name:
        write(prod / "src/gateway.ts", "mine\n")
    (prod / ".git/patch").write_text(git(prod, "format-patch", "-1", "--stdout", "upstream/main") + "\n")
    installed = world.world.run("hook", "install", "reference-transaction", "--env", "prod", env=world.environment())
    assert installed.returncode == 0, installed.stderr
    arguments = [str(prod / ".git/patch") if word == "patch" else word for word in REFUSED_COMMANDS[name]]
    done = try_git(prod, *arguments, env={"HOME": str(world.world.home)})
    assert done.returncode != 0, "the hook refuses it"
    [line] = [line for line in done.stderr.decode().splitlines() if "make it clean again:" in line][:1]
    command = shlex.split(line.partition("again:  ")[2])
    assert command[:5] == ["guardrails", "run", "recover", "--env", "prod"]
    checked = world.world.report("--env", "prod", "--policy", "clean-worktree", "--policy", "expected-branch")
    said = {finding["remediation"] for result in checked["results"] for finding in result["findings"]}
    assert {shlex.join(command) in one for one in said} <= {True}

    recovered = world.run(*command[2:], cwd=world.folder)

    assert recovered.returncode == 0, recovered.stderr
    assert git(prod, "rev-parse", "main") == git(prod, "rev-parse", "upstream/main")
    world.before = git(prod, "rev-parse", "upstream/main")
    assert clean(world)
    if "with local work" in name:
        saved = [
            git(prod, "show", f"{one}:src/gateway.ts") for one in git(prod, "stash", "list", "--format=%H").split()
        ]
        held = git(prod, "for-each-ref", "--format=%(refname)", "refs/rescue").split()
        saved += [git(prod, "show", f"{one}:worktree/src/gateway.ts") for one in held]
        assert "mine" in saved


def test_it_goes_on_from_where_it_has_led(dirty: GuardedWorld) -> None:
    git(dirty.prod, "checkout", "-q", "--detach")
    dirty.fails.write_text("yes")
    assert dirty.run(*RECOVER).returncode == 3
    assert git(dirty.prod, "symbolic-ref", "HEAD") == "refs/heads/main"
    dirty.fails.write_text("no")
    done = dirty.run(*RECOVER, "--resume")

    assert done.returncode == 0, done.stderr
    assert clean(dirty)


def test_a_bisect_is_ended(world: GuardedWorld) -> None:
    git(world.prod, "commit", "-q", "--allow-empty", "-m", "direct")
    git(world.prod, "bisect", "start", "HEAD", "HEAD~1")
    git(world.prod, "checkout", "-q", "--detach", "HEAD~1")
    done = world.run(*RECOVER)

    assert done.returncode == 0, done.stderr
    assert clean(world)
    assert not list((world.prod / ".git").glob("BISECT*"))


def test_one_rescue_of_one_state_is_enough(dirty: GuardedWorld) -> None:
    dirty.steps("recover", "false")
    assert dirty.run(*RECOVER).returncode == 1
    [name] = rescues(dirty.prod)
    again = dirty.run(*RECOVER)

    assert again.returncode == 1
    assert rescues(dirty.prod) == [name]
    assert f"the work is on the branch rescue/{name} of dev already" in again.stderr


def test_a_release_is_not_undeployed(world: GuardedWorld) -> None:
    assert world.run(*PROMOTE).returncode == 0
    write(world.prod / "src/gateway.ts", "changed\n")
    done = world.run(*RECOVER)

    assert (done.returncode, world.head()) == (REFUSED, world.release)
    assert "a promoted release would be un-deployed" in done.stderr
    assert "guardrails run rollback --env prod" in done.stderr
    assert (world.prod / "src/gateway.ts").read_text() == "changed\n"
    back = world.run("rollback", "--env", "prod")
    assert back.returncode == 0, back.stderr
    assert clean(world)
    assert len(rescues(world.prod)) == 1


def test_a_rollback_saves_first(world: GuardedWorld) -> None:
    assert world.run(*PROMOTE).returncode == 0
    write(world.prod / "src/gateway.ts", "changed\n")
    done = world.run("rollback", "--env", "prod")

    assert done.returncode == 0, done.stderr
    [name] = rescues(world.prod)
    assert git(world.prod, "show", f"refs/rescue/{name}:worktree/src/gateway.ts") == "changed"
    assert git(world.dev, "branch", "--list", "rescue/*") == "", "only recover carries"


def put_an_ignored_file_in_the_way(world: GuardedWorld) -> None:
    write(world.prod / "dist/config.json", "mine\n")
    write(world.upstream / "dist/config.json", "theirs\n")
    git(world.upstream, "add", "-f", "dist/config.json")
    git(world.upstream, "commit", "-qm", "theirs")
    git(world.prod, "fetch", "-q", "upstream")


def test_an_update_saves_first(world: GuardedWorld) -> None:
    put_an_ignored_file_in_the_way(world)
    done = world.run("update", "--env", "prod")

    assert done.returncode == 0, done.stderr
    assert (world.prod / "dist/config.json").read_text() == "theirs\n"
    [name] = rescues(world.prod)
    assert git(world.prod, "show", f"refs/rescue/{name}:worktree/dist/config.json") == "mine"


def test_an_update_that_is_refused_saves_nothing(dirty: GuardedWorld) -> None:
    before = snapshot(dirty.world.folder)
    refused = dirty.run("update", "--env", "prod")

    assert (refused.returncode, "clean-worktree" in refused.stderr) == (REFUSED, True)
    assert snapshot(dirty.world.folder) == before


def test_what_an_ignored_file_holds_is_saved_when_it_is_in_the_way(world: GuardedWorld) -> None:
    put_an_ignored_file_in_the_way(world)
    done = world.run(*RECOVER)

    assert done.returncode == 0, done.stderr
    assert (world.prod / "dist/config.json").read_text() == "theirs\n"
    [name] = rescues(world.prod)
    tree = git(world.prod, "ls-tree", "-r", "--name-only", f"refs/rescue/{name}:worktree", "dist")
    assert tree.split() == ["dist/config.json"]


def test_what_no_rescue_holds_is_refused_by_name(world: GuardedWorld) -> None:
    write(world.prod / ".git/info/exclude", "hidden\n")
    write(world.prod / "hidden", "mine\n")
    (world.prod / "inner").mkdir()
    git(world.prod / "inner", "init", "-q")
    write(world.prod / "inner/file", "mine\n")
    write(world.prod / "src/gateway.ts", "changed\n")
    before = work(world.prod)
    done = world.run(*RECOVER)

    assert (done.returncode, "step 1" in done.stderr) == (REFUSED, False)
    assert "inner is a repository of its own: no rescue would hold that" in done.stderr
    assert (work(world.prod), rescues(world.prod)) == (before, []), "what is refused changes nothing"
    assert world.world.run("rescue", "--env", "prod", "save").returncode == 1
    assert world.run(*RECOVER).returncode == REFUSED, "a rescue of the rest makes no difference"
    (world.prod / "inner").rename(world.folder / "inner")
    done = world.run(*RECOVER)
    assert (done.returncode, "hidden" in done.stderr) == (UNVERIFIED, True), "it is saved, and left where it is"
    assert (world.prod / "hidden").read_text() == "mine\n"
    (world.prod / "hidden").unlink()
    again = world.run(*RECOVER, "--resume")
    assert again.returncode == 0, again.stderr
    assert clean(world)


def test_stopped_in_the_middle(dirty: GuardedWorld) -> None:
    before = work(dirty.prod)
    steps = ("git reset --hard", "git reset --hard {upstream}", "git clean --force -d")
    text = dirty.world.configuration.read_text()
    dirty.steps("recover", "git read-tree --empty", "false", *steps)
    assert dirty.run(*RECOVER).returncode == 1
    assert work(dirty.prod) == before
    dirty.world.configuration.write_text(text)
    dirty.steps("recover", "git read-tree --empty", *steps)
    again = dirty.run(*RECOVER, "--resume")

    assert again.returncode == 0, again.stderr
    assert clean(dirty)
    first, second = rescues(dirty.prod)
    for name in (first, second):
        assert git(dirty.prod, "show", f"refs/rescue/{name}:worktree/both") == "and again"


def test_where_the_work_cannot_go_nothing_is_reset(dirty: GuardedWorld) -> None:
    before, head = work(dirty.prod), dirty.head()
    git(dirty.dev, "branch", "rescue")  # a branch that leaves no room for others below it
    done = dirty.run(*RECOVER)

    assert (done.returncode, done.stderr.count("Traceback")) == (REFUSED, 0)
    assert "step 1" not in done.stderr
    assert (work(dirty.prod), dirty.head(), len(rescues(dirty.prod))) == (before, head, 1)
    git(dirty.dev, "branch", "-q", "-D", "rescue")
    dirty.dev.rename(dirty.folder / "away")
    done = dirty.run(*RECOVER)
    assert (done.returncode, "is not there" in done.stderr) == (REFUSED, True)
    assert (work(dirty.prod), dirty.head()) == (before, head)


def test_what_cannot_be_told_is_not_reset(dirty: GuardedWorld) -> None:
    before, head = work(dirty.prod), dirty.head()
    write(dirty.world.home / ".local/state", "in the way\n")
    refused = [dirty.run(*RECOVER)]
    (dirty.world.home / ".local/state").unlink()
    oid = git(dirty.prod, "rev-parse", ":both")
    (dirty.prod / f".git/objects/{oid[:2]}/{oid[2:]}").unlink()
    refused.append(dirty.run(*RECOVER))
    git(dirty.prod, "update-ref", "-d", "refs/remotes/upstream/main")
    refused.append(dirty.run(*RECOVER))

    assert [done.returncode for done in refused] == [REFUSED] * 3
    told = ["cannot be written", "is missing, not a blob", "the upstream ref is not there"]
    assert [text for text, done in zip(told, refused, strict=True) if text not in done.stderr] == []
    assert not any("step 1" in done.stderr for done in refused)
    assert (work(dirty.prod), dirty.head()) == (before, head)
