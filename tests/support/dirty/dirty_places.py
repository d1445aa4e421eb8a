"""Work trees that are elsewhere, one of several, or clones of an unusual kind."""

from __future__ import annotations

from pathlib import Path

from dirty.dirty_repository import case, cases_in, commit, configure, git, make_old, settle

# The work tree is somewhere else


@case("elsewhere", also=("modified", "untracked"), fools=True)
def work_tree_elsewhere(repo: Path) -> None:
    other = repo.parent / "elsewhere"
    other.mkdir()
    git(repo, "--work-tree", other, "checkout", "-q", "HEAD", "--", ".")
    configure(repo, core__worktree=str(other))
    (repo / "README.md").write_text("edited\n")


@case("elsewhere", also=("modified", "untracked"), fools=True)
def work_tree_elsewhere_by_the_configuration_of_the_worktree(repo: Path) -> None:
    work_tree_elsewhere.build(repo)
    git(repo, "config", "--unset", "core.worktree")
    configure(repo, extensions__worktreeConfig="true")
    git(repo, "config", "--worktree", "core.worktree", repo.parent / "elsewhere")


@case()
def work_tree_setting_that_points_here(repo: Path) -> None:
    configure(repo, core__worktree="..")


@case()
def separate_git_directory(repo: Path) -> None:
    (repo / ".git").rename(repo.parent / "elsewhere.git")
    (repo / ".git").write_text("gitdir: ../elsewhere.git\n")


@case()
def path_through_a_symbolic_link(repo: Path) -> Path:
    (repo.parent / "current").symlink_to("prod")
    return repo.parent / "current"


# Several work trees, and other states that are no dirt


def _bisect(repo: Path) -> None:
    git(repo, "bisect", "start", "HEAD", "HEAD~1")


def _linked(repo: Path, name: str = "linked") -> Path:
    path = repo.parent / name
    git(repo, "worktree", "add", "-q", "--detach", path)
    settle(path)
    return path


@case()
def another_work_tree_is_dirty(repo: Path) -> None:
    linked = _linked(repo)
    (linked / "README.md").write_text("edited\n")
    (linked / "new.txt").write_text("new\n")
    _bisect(linked)
    (repo / ".git/worktrees/linked/index.lock").write_bytes(b"")


@case()
def linked_work_tree(repo: Path) -> Path:
    linked = _linked(repo)
    (repo / "README.md").write_text("edited\n")
    _bisect(repo)
    return linked


@case("modified", "untracked", path="README.md")
def linked_work_tree_with_an_edit(repo: Path) -> Path:
    linked = _linked(repo)
    (linked / "README.md").write_text("edited\n")
    (linked / "new.txt").write_text("new\n")
    return linked


@case("operation", fools=True)
def linked_work_tree_with_an_operation(repo: Path) -> Path:
    linked = _linked(repo)
    _bisect(linked)
    return linked


@case("lock", fools=True)
def linked_work_tree_with_a_lock(repo: Path) -> Path:
    linked = _linked(repo)
    (repo / ".git/worktrees/linked/index.lock").write_bytes(b"")
    return linked


@case("hidden|untracked", path="secret.txt", fools=True)
def linked_work_tree_with_a_hidden_file(repo: Path) -> Path:
    linked = _linked(repo)
    (repo / ".git/info").mkdir(exist_ok=True)
    (repo / ".git/info/exclude").write_text("secret.*\n")
    (linked / "secret.txt").write_text("new\n")
    return linked


@case("untracked", path="inside")
def linked_work_tree_inside_of_this_one(repo: Path) -> None:
    _linked(repo, "prod/inside")


@case()
def detached_head(repo: Path) -> None:
    git(repo, "checkout", "-q", "--detach", "HEAD~1")
    make_old(repo / "README.md")


@case()
def commit_that_is_not_pushed(repo: Path) -> None:
    (repo / "README.md").write_text("local\n")
    commit(repo)
    git(repo, "branch", "--unset-upstream")


@case()
def shallow_clone(repo: Path) -> Path:
    git(repo.parent, "clone", "-q", "--depth=1", "--template=", f"file://{repo.parent}/upstream", "shallow")
    return repo.parent / "shallow"


@case()
def borrowed_objects(repo: Path) -> Path:
    git(repo.parent, "clone", "-q", "--shared", "--template=", "upstream", "borrower")
    return repo.parent / "borrower"


@case()
def packed_and_collected(repo: Path) -> None:
    git(repo, "gc", "-q")


PLACES = cases_in(globals())
