"""Whatever state a work tree is in, a rescue brings every byte of it back after everything else is gone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dirty.dirty_repository import git, try_git
from guardrails.operations.rescue import bundles
from guardrails.operations.rescue.restore import find_rescue, open_repository, restore_into_folder
from guardrails.operations.rescue.save import save
from guardrails.testing import world
from worlds.rescue_state import contents
from worlds.two_repositories import Repositories

NAMES = (
    "first.txt",
    "second.txt",
    "first.txt/below",
    "deep/er/file",
    "deep",
    "real/er/file",
    "new\nline",
    "ü",
    " a b ",
    "-x",
    "x.log",
)
DATA = st.sampled_from((b"", b"text\n", b"\r\n$Id$\r\n", bytes(range(256))))
STEPS = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), DATA),
    st.tuples(
        st.just("link"), st.sampled_from(NAMES), st.sampled_from(("nowhere", "first.txt", "../..", "deep", "real"))
    ),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("mode"), st.sampled_from(NAMES), st.sampled_from((0o600, 0o755, 0o444, 0o4755))),
    st.tuples(st.just("rename"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
    st.tuples(st.just("stage"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("intend"), st.sampled_from(NAMES), st.none()),
    st.tuples(st.just("flag"), st.sampled_from(NAMES), st.sampled_from(("--assume-unchanged", "--skip-worktree"))),
    st.tuples(st.just("commit"), st.just(""), st.none()),
    st.tuples(st.just("stash"), st.just(""), st.none()),
)


def spoil(repo: Path, what: str, name: str, how: object) -> None:
    """One thing that somebody does; what cannot be done is left undone."""
    path = repo / name
    try:
        if what == "write":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(how)  # type: ignore[arg-type]
        elif what == "link":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(str(how))
        elif what == "remove":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        elif what == "mode" and path.is_file() and not path.is_symlink():
            path.chmod(how)  # type: ignore[arg-type]
        elif what == "rename":
            (repo / str(how)).parent.mkdir(parents=True, exist_ok=True)
            path.rename(repo / str(how))
    except (OSError, shutil.Error):
        return
    words = {
        "stage": ("add", "-A", "--", name),
        "intend": ("add", "-N", "--", name),
        "flag": ("update-index", str(how), "--", name),
        "commit": ("commit", "-qam", "local"),
        "stash": ("stash", "-q"),
    }
    if what in words:
        try_git(repo, *words[what])


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Repositories(tmp_path_factory.mktemp("original")).prod


@pytest.mark.corpus
@settings(max_examples=int(os.environ.get("RESCUE_STATES", "25")), suppress_health_check=list(HealthCheck))
@example(steps=[("link", "deep/er/file", "../..")], bundled=False)  # a link to where a .git is
@example(
    steps=[
        *(("write", name, b"") for name in ("deep/er/file", "real/er/file")),
        ("stage", "deep/er/file", None),
        ("remove", "deep", None),
        ("link", "deep", "real"),
    ],
    bundled=False,
)  # a folder that became a link to another one, in which the same files are
@given(steps=st.lists(STEPS, min_size=1, max_size=12), bundled=st.integers(0, 2).map(lambda one: one == 0))
def test_any_state_comes_back(
    original: Path, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, object]], bundled: bool
) -> None:
    folder = tmp_path_factory.mktemp("state")
    repo = folder / "prod"
    shutil.copytree(original, repo, symlinks=True)
    for step in steps:
        spoil(repo, *step)
    before = contents(repo)
    stashes = git(repo, "stash", "list")
    saved = save(world(repo), ignored=True)
    if bundled:
        bundles.write(str(repo), saved, str(folder / "saved.bundle"))

    for words in (
        ("update-index", "--really-refresh", "-q"), ("reset", "-q", "--hard"), ("clean", "-qdffx"), ("stash", "clear"),
        ("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"), ("gc", "-q", "--prune=now"),
    ):  # fmt: skip
        try_git(repo, *words)
    restore_into_folder(
        open_repository(str(repo)),
        find_rescue(open_repository(str(repo)), saved.ref.removeprefix("refs/rescue/")),
        str(folder / "back"),
    )
    assert contents(folder / "back") == before
    if bundled:
        shutil.rmtree(repo)
        with bundles.open_bundle(str(folder / "saved.bundle")) as inside:
            restore_into_folder(inside, find_rescue(inside, saved.name), str(folder / "elsewhere"))
        assert contents(folder / "elsewhere") == before
    assert saved.stashes == len(stashes.splitlines())
    assert saved.unsaved == ()
    shutil.rmtree(folder)
