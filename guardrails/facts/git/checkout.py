"""Where a repository is and what it has checked out."""

from __future__ import annotations

import os

from guardrails.errors import CannotKnow
from guardrails.facts.files import read_bytes
from guardrails.facts.git.reader import Repository
from guardrails.facts.witness import look
from guardrails.policy import Fact
from guardrails.remedies import Guardrails

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from guardrails.facts.git.looking import Look
    from guardrails.policy import World

_HEAD = ("HEAD^{commit}", "HEAD^{tree}", "--symbolic-full-name", "HEAD")
_FOLDERS = ("--git-dir", "--git-common-dir", "--git-path", "objects", "--show-toplevel")
_WORDS = (b"filter", b"hook", b"include", b"partialclone", b"promisor", b"sparse", b"worktreeconfig")
_APPLYING = {"rebase-merge": "rebase", "rebase-apply/applying": "am", "rebase-apply": "rebase"}
_REPLACEMENTS = "--glob=refs/replace"  # last, since there is any number of them


class Checkout(Fact):
    """A repository's folders and HEAD.

    Folders are absolute; `top` is what git takes for the work tree. `branch` is None on a detached HEAD. `commit` and
    `tree` are full object ids. `replaced_by` are the refs under refs/replace. `git` reads on,
    with everything that could run code switched off; `open` gives the same as GitPython's `Repo`.
    """

    git: Repository
    top: str
    git_dir: str
    common_dir: str
    objects: str
    object_format: str
    shallow: bool
    partial: bool
    sparse: bool
    branch: str | None
    commit: str
    tree: str
    replaced_by: tuple[str, ...]

    @classmethod
    async def gather(cls, world: World, path: str | None = None) -> Self:
        """Open the repository at `path`, by default that of the environment in question.

        Raises CannotKnow for what is no repository, belongs to somebody else, is bare or has no commit yet.
        """
        git = Repository(path or world.environment.repo, timeout=world.timeout)
        settings = world.start(_settings(git))
        output = await git.run(
            "rev-parse",
            "--is-shallow-repository",
            "--show-object-format",
            *_HEAD,
            "--path-format=absolute",
            *_FOLDERS,
            _REPLACEMENTS,
        )
        git.disarm(await settings)
        shallow, object_format, commit, tree, head, git_dir, common_dir, objects, top, *replaced = os.fsdecode(
            output
        ).split("\n")[:-1]
        if not all(ref.startswith("refs/replace/") for ref in replaced):
            raise CannotKnow(f"the paths of the repository at {git.path} cannot be told apart")
        if head.endswith("/HEAD"):  # HEAD's own branch has no commit yet, and git took a ref of that name for it
            raise CannotKnow(f"HEAD of {git.path} names no commit that can be read (an unborn branch)")
        checkout = cls(
            git=git,
            top=top,
            git_dir=git_dir,
            common_dir=common_dir,
            objects=objects,
            object_format=object_format,
            shallow=shallow != "false",
            partial=any(_names_a_promisor(name) for name in await settings),
            sparse="core.sparsecheckout" in await settings and await _is_true(git, "core.sparseCheckout"),
            branch=head.removeprefix("refs/heads/") if head != "HEAD" else None,
            commit=commit,
            tree=tree,
            replaced_by=tuple(replaced),
        )
        look(*checkout.head_files())
        return checkout

    def open(self) -> Look:
        """The repository as GitPython's `Repo`, to look at: commits, trees, diffs, blame, refs, the index.

        Each of its processes of git has our executable, our environment and our settings, so that nothing of the
        repository runs; it ends within the time of a fact. What would write raises `object_model.Refused`. Raises
        CannotKnow for what GitPython cannot read. It is imported here, since that takes longer than a check.
        """
        from guardrails.facts.git.looking import open_look

        return open_look(
            self.git,
            top=self.top,
            git_dir=self.git_dir,
            common_dir=self.common_dir,
            objects=self.objects,
            object_format=self.object_format,
        )

    def head_files(self) -> list[str]:
        """The files of which git replaces at least one when HEAD moves: gitrepository-layout(5), and git's reftable."""
        shared = ["packed-refs", "reftable/tables.list", *([f"refs/heads/{self.branch}"] if self.branch else [])]
        own = ["HEAD", "reftable/tables.list"]
        return [os.path.join(self.git_dir, name) for name in own] + [
            os.path.join(self.common_dir, name) for name in shared
        ]


async def _settings(git: Repository) -> frozenset[str]:
    """The names of the repository's settings; none where no name can be among them that this module or git asks for."""
    return frozenset() if _is_plain(git.path) else await git.settings()


def _is_plain(repo: str) -> bool:
    """Whether a configuration says nothing of what `settings` are asked about, and leads to no other that might.

    Names of sections and keys stand in it letter by letter, in capitals or not (git-config(1), Syntax), so a file
    without the words has none of them. It spares a process of git, 3 ms of a check, that the slow one waits for.
    """
    git_dir = os.path.join(repo, ".git")
    try:
        text = read_bytes(os.path.join(git_dir, "config")).lower()
    except (OSError, CannotKnow):
        return False
    return not any(word in text for word in _WORDS) and not os.path.lexists(os.path.join(git_dir, "commondir"))


async def _is_true(git: Repository, setting: str) -> bool:
    done = await git.attempt("config", "--type=bool", "--get", setting)
    return done.stdout.strip() != b"false"


def _names_a_promisor(setting: str) -> bool:
    return setting == "extensions.partialclone" or setting.endswith((".promisor", ".partialclonefilter"))


class BranchInUse(Fact):
    """The branch that the environment should have checked out (None: not configured), and the one that it has.

    `applying` is `rebase` or `am` while one of them is under way, which keeps git from switching. `guardrails` is how
    it is asked again about the environment.
    """

    repo: str
    expected: str | None
    branch: str | None
    commit: str
    bisecting: bool
    applying: str = ""
    guardrails: Guardrails = Guardrails()

    @classmethod
    async def gather(cls, world: World) -> Self:
        """Look at HEAD, and for what git-bisect(1), git-rebase(1) and git-am(1) keep while they are under way."""
        checkout: Checkout = await world.fact(Checkout, None)
        bisecting = os.path.lexists(os.path.join(checkout.git_dir, "BISECT_LOG"))
        under_way = [name for name in _APPLYING if os.path.lexists(os.path.join(checkout.git_dir, name))]
        return cls(
            repo=checkout.git.path,
            expected=world.environment.branch,
            branch=checkout.branch,
            commit=checkout.commit,
            bisecting=bisecting,
            applying=_APPLYING[under_way[0]] if under_way else "",
            guardrails=world.guardrails,
        )

    @property
    def recovery(self) -> str:
        """The line to type to get there with all work saved, empty where nothing does that."""
        return self.guardrails.run("clean")
