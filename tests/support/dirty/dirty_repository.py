"""A small real repository to spoil, and the tools to spoil it with plain git.

Nothing of the person who runs the tests gets in: no configuration, no identity and no `GIT_*` of theirs. Every
file is old, so that the index vouches for each by its stat data alone, as it does in a checkout some hours old.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from built_once import copy_built
from guardrails.testing.worlds import Person
from progress import run_to_its_end

FAST = frozenset({"fast"})
FULL = frozenset({"full"})
BOTH = FAST | FULL
OLD = 1_700_000_000  # seconds since the epoch; long before any index written by a test

ENVIRONMENT = Person(date=f"{OLD} +0000").variables()
_GIT = shutil.which("git", path=ENVIRONMENT["PATH"]) or "git"


def try_git(
    repo: Path, *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a repository, whatever comes of it; `env` is added to the environment of all tests."""
    return run_to_its_end(
        [_GIT, "-c", "protocol.file.allow=always", *args],
        cwd=repo,
        env={"HOME": str(repo.parent / "nobody"), **ENVIRONMENT, **(env or {})},
        given=stdin,
    )


def git(repo: Path, *args: str | Path, stdin: bytes = b"", env: dict[str, str] | None = None) -> str:
    """Run git in a repository and give its output without the last newline. Raises AssertionError when it fails."""
    done = try_git(repo, *args, stdin=stdin, env=env)
    assert done.returncode == 0, f"git {' '.join(map(str, args))}: {done.stderr.decode(errors='replace')}"
    return os.fsdecode(done.stdout).removesuffix("\n")


def make_repository(folder: Path) -> Path:
    """Build `folder/prod`, a clean clone of `folder/upstream`; `folder/home` is the home of its user."""
    copy_built(_build, folder)
    prod = folder / "prod"
    git(prod, "update-index", "-q", "--refresh")
    return prod


def _build(folder: Path) -> None:
    upstream, prod = folder / "upstream", folder / "prod"
    (folder / "home").mkdir()
    upstream.mkdir()
    git(upstream, "init", "-q", "-b", "main", "--template=")
    _fill(upstream)
    git(upstream, "add", "-A")
    git(upstream, "commit", "-qm", "First")
    (upstream / "README.md").write_text("Hello, world\n")
    git(upstream, "commit", "-qam", "Second")
    git(folder, "clone", "-q", "-o", "upstream", "--no-hardlinks", "--template=", upstream, prod)
    (prod / "dist").mkdir()
    (prod / "dist/bundle.js").write_text("built();\n")
    (prod / "server.log").write_text("started\n")
    settle(prod)


def _fill(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / ".gitignore").write_text("dist/\n*.log\n")
    (folder / "README.md").write_text("Hello\n")
    (folder / "other.txt").write_text("one\ntwo\nthree\n")
    (folder / "docs/guide.md").write_text("# Guide\n")
    (folder / "logo.bin").write_bytes(bytes(range(256)))
    (folder / "run.sh").write_text("#!/bin/sh\ntrue\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("README.md")


def settle(repo: Path) -> None:
    """Make every file old and let the index take note, so that stat data alone says `unchanged`."""
    for path in files_of(repo):
        make_old(path)
    git(repo, "update-index", "-q", "--refresh")


def make_old(path: Path) -> None:
    """Give a file the modification time that all files of a settled repository have."""
    os.utime(path, (OLD, OLD), follow_symlinks=False)


def wait_for_the_next_second() -> None:
    """Let the clock tick, since git compares change times in whole seconds (unless built with USE_NSEC)."""
    time.sleep(1.01 - time.time() % 1)


def files_of(repo: Path) -> list[Path]:
    """Every file and symbolic link of a work tree, without those of `.git`."""
    found = []
    for folder, folders, names in os.walk(repo):
        found += [Path(folder, name) for name in names + [f for f in folders if os.path.islink(f"{folder}/{f}")]]
        folders[:] = [name for name in folders if name != ".git"]
    return [path for path in found if path.name != ".git"]


def commit(repo: Path, message: str = "Change", *flags: str) -> str:
    """Commit everything in the work tree and give the new commit's id."""
    git(repo, "add", "-A")
    git(repo, "commit", "-qm", message, *flags)
    return git(repo, "rev-parse", "HEAD")


def configure(repo: Path, **settings: str) -> None:
    """Set local settings; `core__fileMode="false"` is `core.fileMode`."""
    for name, value in settings.items():
        git(repo, "config", name.replace("__", "."), value)


def script(path: Path, *lines: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]))
    path.chmod(0o755)
    return path


def snapshot(*roots: Path, times: bool = True) -> dict[str, tuple[object, ...]]:
    """Everything there is to know of the files under some folders, so that any write shows; `times` too, or not."""
    known: dict[str, tuple[object, ...]] = {}
    for root in roots:
        for path in [root, *(Path(folder, name) for folder, fs, ns in os.walk(root) for name in fs + ns)]:
            status = path.lstat()
            content: object = None
            if stat.S_ISREG(status.st_mode):
                content = path.read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                content = os.readlink(path)
            written = (status.st_mtime_ns, status.st_ctime_ns) if times else ()
            known[os.fsdecode(path)] = (content, status.st_mode, status.st_ino, *written)
    return known


@dataclass(frozen=True)
class Case:
    """One way for a repository to be dirty, or to look dirty and be clean.

    `kinds` are the kinds of change to be seen, each perhaps with alternatives (`"hidden|untracked"`); none means
    clean. `also` may be seen besides. A probe whose depth is not in `seen_by` may see nothing. One of the
    changes is at `path` or below it. `fools` says that plain `git status` calls it clean.
    """

    name: str
    build: Callable[[Path], Path | None]
    kinds: tuple[str, ...]
    also: tuple[str, ...]
    seen_by: frozenset[str]
    path: str | None
    fools: bool

    def make(self, folder: Path) -> Path:
        """Build the repository in an empty folder and give the path to be checked."""
        repo = make_repository(folder)
        return self.build(repo) or repo

    def objection(self, depth: str, changes: Iterable[tuple[str, str]]) -> str | None:
        """What is wrong with an answer, given as (kind, path) of each change; None when it is right."""
        found = {kind for kind, _ in changes}
        wanted = [set(kind.split("|")) for kind in self.kinds]
        if depth not in self.seen_by and not found:
            return None
        if stray := found.difference(self.also, *wanted):
            return f"says {', '.join(sorted(stray))}, which it is not"
        if missed := [kind for kind in wanted if not kind & found]:
            return f"misses {missed}, says {sorted(found) or 'clean'}"
        if self.path and not any(f"{path}/".startswith(f"{self.path}/") for _, path in changes):
            return f"names nothing at {self.path!r}, only {[path for _, path in changes]}"
        return None


def case(
    *kinds: str,
    also: tuple[str, ...] = (),
    seen_by: frozenset[str] = BOTH,
    path: str | None = None,
    fools: bool = False,
) -> Callable[[Callable[[Path], Path | None]], Case]:
    """Turn a function that spoils a repository into the case of its name; see `Case`."""
    return lambda build: Case(build.__name__, build, kinds, also, seen_by, path, fools)


def cases_in(namespace: dict[str, object]) -> tuple[Case, ...]:
    """The cases that a module defines, in its order."""
    return tuple(value for value in namespace.values() if isinstance(value, Case))
