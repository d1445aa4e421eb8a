"""Looking at a repository runs nothing that the repository chose.

Each test first proves that plain git would have run it, on a copy; so a vector that was planted wrongly fails.
"""

from __future__ import annotations

import ast
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from dirty.dirty import configure, git, make_repository, try_git
from guardrails.errors import CannotKnow
from guardrails.facts.approval import (
    approved,
    deployments,
    evidence,
    local_commits,
    releases,
    signoff_blocks,
    signoffs,
    tip_statements,
    upstream,
)
from guardrails.facts.git import checkout, private_git_dir
from guardrails.facts.operation import candidate, expected_commit, losses, previous, pushes, simulation, way_back
from guardrails.facts.past import past
from guardrails.facts.worktree import at_risk, worktree
from guardrails.model import RefUpdate
from guardrails.testing import Environment, gather, world
from worlds.hostile import VECTORS, Vector, trap

Look = Callable[[Path, Path], object]


def _as_prod(fact: type, *options: object, **rest: object) -> Look:
    return lambda hostile, harmless: gather(fact, world(hostile, operation="promote", **rest), *options)


def _as_source(fact: type, candidate: str) -> Look:
    def look(hostile: Path, harmless: Path) -> object:
        source = Environment(name="dev", repo=str(hostile))
        return gather(fact, world(harmless, operation="promote", candidate=candidate, candidate_from=source))

    return look


def _as_push(fact: type) -> Look:
    def look(hostile: Path, harmless: Path) -> object:
        old, new = (git(harmless, "rev-parse", name) for name in ("HEAD~1", "HEAD"))  # a clone of the same upstream
        updates = (RefUpdate("refs/heads/main", old, new), RefUpdate("refs/heads/new", "0" * 40, old))
        return gather(fact, world(hostile, operation="push", updates=updates))

    return look


def _approved_of_dev(hostile: Path, harmless: Path) -> object:
    sources = (Environment(name="dev", repo=str(hostile)),)
    options = {"release-branch": {"branches": ["candidate"]}}
    return gather(approved.Approved, world(harmless, operation="promote", sources=sources, options=options))


def _tips(hostile: Path, harmless: Path) -> object:
    return gather(tip_statements.TipStatements, world(harmless), str(hostile))


MAIN = "upstream/main"
LOOKS: dict[str, Look] = {
    "Checkout": _as_prod(checkout.Checkout, None),
    "Contents": _as_prod(private_git_dir.Contents, None),
    "Worktree fast": _as_prod(worktree.Worktree, "fast"),
    "Worktree full": _as_prod(worktree.Worktree, "full"),
    "Candidate": _as_prod(candidate.Candidate, candidate="HEAD~1"),
    "Candidate of dev": _as_source(candidate.Candidate, "refs/remotes/upstream/main"),
    "Ancestry": _as_prod(candidate.Ancestry, candidate="HEAD~1"),
    "Ancestry of dev": _as_source(candidate.Ancestry, "candidate"),
    "Approved": _as_prod(approved.Approved, upstream=MAIN),
    "Approved of dev": _approved_of_dev,
    "BranchInUse": _as_prod(checkout.BranchInUse),
    "Chain": _as_prod(deployments.Chain),
    "Deployments": _as_prod(deployments.Deployments),
    "ExpectedCommit": _as_prod(expected_commit.ExpectedCommit, after=True, moves_head_to="upstream", upstream=MAIN),
    "LocalCommits": _as_prod(local_commits.LocalCommits, upstream=MAIN),
    "Losses": _as_prod(losses.Losses, moves_head_to="upstream", upstream=MAIN),
    "Past": _as_prod(past.Past, None),
    "Previous": _as_prod(previous.Previous, moves_head_to="previous", upstream=MAIN),
    "Pushes": _as_push(pushes.Pushes),
    "RecordedRuns": _as_prod(evidence.RecordedRuns, candidate="HEAD~1"),
    "RecordedRuns of dev": _as_source(evidence.RecordedRuns, "refs/heads/candidate"),
    "ReleaseSource": _as_prod(releases.ReleaseSource, candidate="refs/heads/candidate"),
    "ReleaseSource of dev": _as_source(releases.ReleaseSource, "refs/heads/candidate"),
    "SignOffBlocks": _as_prod(signoff_blocks.SignOffBlocks, "README.md", candidate="HEAD~1"),
    "SignOffs": _as_prod(signoffs.SignOffs, candidate="HEAD~1"),
    "SignOffs of dev": _as_source(signoffs.SignOffs, "refs/heads/candidate"),
    "Simulation": _as_prod(simulation.Simulation, steps=(f"git reset --hard {MAIN}",), upstream=MAIN),
    "TipStatements": _tips,
    "Upstream": _as_prod(upstream.Upstream, upstream=MAIN),
    "Upstream online": _as_prod(upstream.Upstream, upstream=MAIN, online=True),
    "Standing": _as_prod(at_risk.Standing),
    "WayBack": _as_prod(way_back.WayBack, "README.md", moves_head_to="candidate", candidate="HEAD~1"),
}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A clone with an edit, a touched file and a commit that upstream does not have."""
    repo = make_repository(tmp_path)
    (repo / "docs/new.md").write_text("new\n")
    git(repo, "add", "docs/new.md")
    git(repo, "commit", "-qm", "Candidate")
    git(repo, "branch", "candidate")
    return repo


def _spoil(repo: Path) -> None:
    """Give each comparison something to compare: an edit of the same size, and file times that say nothing."""
    (repo / "other.txt").write_text("ONE\ntwo\nthree\n")
    (repo / "README.md").touch()
    if (repo / "vendor").is_dir():
        (repo / "vendor/other.txt").write_text("ONE\ntwo\nthree\n")


def _copy(repo: Path) -> Path:
    folder = repo.parent / "copy"
    folder.mkdir()
    for name in ("upstream", repo.name):
        shutil.copytree(repo.parent / name, folder / name, symlinks=True)
    return folder / repo.name


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
@pytest.mark.sample(3)
def test_nothing_runs(vector: Vector, hostile: Path, tmp_path: Path) -> None:
    harmless = make_repository(tmp_path / "harmless")
    program, marker = trap(tmp_path)
    vector.plant(hostile, program)
    _spoil(hostile)
    marker.unlink(missing_ok=True)

    assert bool(vector.fires) != bool(vector.silent)
    if vector.fires:
        done = try_git(_copy(hostile), *vector.fires)
        assert marker.exists(), f"plain git does not run it: {done}"
        marker.unlink()

    for name, look in LOOKS.items():
        with suppress(CannotKnow):
            look(hostile, harmless)
        assert not marker.exists(), f"{name} ran it"


@pytest.mark.parametrize("name", LOOKS)
def test_the_looks_do_look(name: str, hostile: Path, tmp_path: Path) -> None:
    """Without a vector each of them gives an answer, so `nothing runs` is not because nothing was asked."""
    _spoil(hostile)
    LOOKS[name](hostile, make_repository(tmp_path / "harmless"))


def _facts_that_read_git() -> Iterator[str]:
    """The names of the facts in all modules that import the git reader, or a fact that does."""
    root = Path(checkout.__file__).parents[3]
    for path in [*root.glob("guardrails/facts/**/*.py"), *root.glob("policies/guardrails_policies/**/*.py")]:
        tree = ast.parse(path.read_text())
        imports = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        if imports & {"guardrails.facts.git.reader", "guardrails.facts.git.checkout"}:
            bases = [
                (node.name, ast.unparse(base))
                for node in tree.body
                if isinstance(node, ast.ClassDef)
                for base in node.bases
            ]
            yield from (name for name, base in bases if base == "Fact")


def test_every_fact_that_reads_git_is_tried() -> None:
    assert set(_facts_that_read_git()) == {name.split()[0] for name in LOOKS}


@pytest.fixture
def server() -> Iterator[str]:
    """A web server that asks everybody for a password."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/x.git"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("setting", ["credential.helper", "credential.{}.helper", "core.askPass"])
def test_nobody_is_asked_for_a_password(setting: str, server: str, hostile: Path, tmp_path: Path) -> None:
    program, marker = trap(tmp_path)
    base = server.rpartition("/")[0]
    git(hostile, "config", setting.format(base), program if "helper" not in setting else f"!{program}")
    configure(hostile, remote__upstream__url=server, remote__upstream__promisor="true")
    configure(hostile, core__repositoryformatversion="1", extensions__partialClone="upstream")
    done = try_git(_copy(hostile), "ls-remote", "upstream")
    assert marker.exists(), f"plain git does not run it: {done}"
    marker.unlink()

    oid = git(hostile, "rev-parse", "HEAD:docs")
    (hostile / ".git/objects" / oid[:2] / oid[2:]).unlink()  # something to fetch, for whoever fetches lazily
    for name, look in LOOKS.items():
        with suppress(CannotKnow):
            look(hostile, make_repository(tmp_path / name))
        assert not marker.exists(), f"{name} ran it"
