"""Whatever hides a file: what the steps of `recover` take away is foretold, and it is in the rescue.

Rules are generated for the commit that is checked out, for the one that is the target, and for the disk, where they are
edited, staged or known to nobody. Then git itself does the steps.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dirty.dirty_repository import git, try_git
from guardrails.facts.operation.losses import Losses
from guardrails.operations.rescue.restore import find_rescue, open_repository, restore_into_folder
from guardrails.operations.rescue.save import save
from guardrails.testing import gather, world
from worlds.rescue_state import contents

STEPS = ("git read-tree --empty", "git reset --hard", "git reset --hard {upstream}", "git clean --force -d")
PLACES = (".gitignore", "sub/.gitignore", "work/.gitignore", "sub/work/.gitignore")
PATTERNS = ("work/", "work", "*.log", "/dist", "!keep.log", "!*.log", "sub/*", "!sub/work", "*", "!.gitignore", "/sub/")
FILES = ("work/thesis", "work/keep.log", "sub/a.log", "sub/work/deep/y.log", "dist/z", "keep.log", ":odd", "sub/q\r")
RULES = st.dictionaries(st.sampled_from(PLACES), st.lists(st.sampled_from(PATTERNS), max_size=3), max_size=3)
EDITED = {".gitignore": ["work/"]}


def write(repo: Path, files: dict[str, list[str]]) -> None:
    for name, lines in files.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text("".join(f"{line}\n" for line in lines))


def commit(repo: Path, rules: dict[str, list[str]]) -> str:
    for name in git(repo, "ls-files").split():
        (repo / name).unlink()
    write(repo, {**rules, "src": [str(rules)]})
    git(repo, "add", "--all", "--force")
    git(repo, "commit", "--allow-empty", "-qm", "rules")
    return git(repo, "rev-parse", "HEAD")


@pytest.mark.corpus
@settings(max_examples=int(os.environ.get("RESCUE_RULES", "25")), suppress_health_check=list(HealthCheck))
@example(head={}, target={}, disk=EDITED, staged=False, excluded=False)  # a local .gitignore
@example(head={}, target={}, disk=EDITED, staged=True, excluded=False)
@example(head=EDITED, target={}, disk={}, staged=False, excluded=False)  # a rule that the target drops
@example(head={}, target=EDITED, disk={"work/.gitignore": ["*"]}, staged=False, excluded=True)
@given(head=RULES, target=RULES, disk=RULES, staged=st.booleans(), excluded=st.booleans())
def test_what_the_steps_take_away_is_foretold_and_saved(
    tmp_path_factory: pytest.TempPathFactory,
    head: dict[str, list[str]],
    target: dict[str, list[str]],
    disk: dict[str, list[str]],
    staged: bool,
    excluded: bool,
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    repo = folder / "repo"
    repo.mkdir()
    git(repo, "init", "-q", "-b", "main", "--template=")
    git(repo, "update-ref", "refs/remotes/upstream/main", commit(repo, target))
    commit(repo, head)
    write(repo, {name: ["mine"] for name in FILES})
    write(repo, disk)
    if staged:
        git(repo, "add", "--force", "--", *disk) if disk else None
    if excluded:
        (repo / ".git/info").mkdir()
        (repo / ".git/info/exclude").write_text("dist\n*.log\n")
    before = contents(repo)
    seen = gather(
        Losses, world(repo, operation="recover", moves_head_to="upstream", steps=STEPS, upstream="upstream/main")
    )
    foretold = {*seen.loses, *seen.overwrites, *seen.sweeps}
    saved = save(world(repo, upstream="upstream/main"), also=(*seen.overwrites, *seen.sweeps))
    known = {
        (name, git(repo, "rev-parse", f"HEAD:{name}"))
        for name in git(repo, "ls-tree", "-r", "--name-only", "HEAD").split()
    }

    for step in STEPS:
        git(repo, *step.format(upstream="refs/remotes/upstream/main").split()[1:])
    after = contents(repo)
    taken = {name for name, one in before.items() if after.get(name) != one}
    git(repo, "reset", "-q", "--hard")
    restore_into_folder(
        open_repository(str(repo)), find_rescue(open_repository(str(repo)), saved.name), str(folder / "back")
    )
    back = contents(folder / "back")
    for name in taken:
        assert back.get(name) == before[name], f"{name!r} is gone, and the rescue does not have it"
        oid = try_git(repo, "hash-object", "--no-filters", "--stdin", stdin=before[name][2]).stdout.decode().strip()
        assert name in foretold or (name, oid) in known, f"{name!r} is gone, and nobody foretold it"
    shutil.rmtree(folder)
