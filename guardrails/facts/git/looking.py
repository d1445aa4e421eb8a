"""A repository that is not trusted as GitPython's `Repo`, to look at and nothing else (`Checkout.open`).

Only commands in `_LOOKS` run, without the options that could run a program or write. These options are from git's
manual pages and were tried with git 2.39; tests/faults/test_hostile_object_model.py has each of them.
"""

from __future__ import annotations

import os
from string import ascii_letters, digits
from typing import TYPE_CHECKING

from guardrails.errors import CannotKnow
from guardrails.facts.git.object_model import IterableList, OpenedRepo, OwnGit, Refused, git
from guardrails.facts.programs.side_by_side import run_to_end

if TYPE_CHECKING:
    from typing import Any, NoReturn

    from guardrails.facts.git.reader import Repository
    from guardrails.facts.programs.side_by_side import Command

_SETTINGS = (
    "core.safecrlf=false",  # what warns has failed here, and this warns of files that are as they should be
    "color.ui=false",
    "diff.autoRefreshIndex=false",  # it writes the index, whatever GIT_OPTIONAL_LOCKS says
    "diff.mnemonicPrefix=false",
    "diff.noprefix=false",
    "diff.submodule=short",  # `diff` would start git in each submodule, with that one's diff programs
    "format.pretty=medium",
    "log.diffMerges=separate",  # `remerge` would run merge drivers
    "gpg.openpgp.program=false",
    "gpg.ssh.program=false",
    "gpg.ssh.defaultKeyCommand=false",
    "gpg.x509.program=false",
    "status.submoduleSummary=false",
)

_NO_PROGRAMS = ("--no-ext-diff", "--no-textconv", "--submodule=short", "--ignore-submodules=dirty")
_DIFF = (
    _NO_PROGRAMS,
    ("--ext-diff", "--textconv", "--submodule", "--remerge-diff", "--diff-merges", "--no-index", "--output"),
)
_LOOKS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # what each is given first, and may not be given
    "blame": (("--no-textconv",), ("--textconv", "--output")),
    "cat-file": ((), ("--textconv", "--filters")),
    "check-attr": ((), ()),
    "check-ignore": ((), ()),
    "count-objects": ((), ()),
    "describe": ((), ("--dirty", "--broken")),  # they start git in each submodule, with that one's filters
    "diff": _DIFF,
    "diff-files": _DIFF,
    "diff-index": _DIFF,
    "diff-tree": _DIFF,
    "for-each-ref": ((), ()),
    "grep": (
        ("--no-textconv", "--no-recurse-submodules"),
        ("--textconv", "--open-files-in-pager", "-O", "--recurse-submodules", "--no-index"),
    ),
    "log": _DIFF,
    "ls-files": ((), ()),
    "ls-tree": ((), ()),
    "merge-base": ((), ()),
    "name-rev": ((), ()),
    "rev-list": ((), ()),
    "rev-parse": ((), ()),
    "shortlog": ((), ("--output",)),
    "show": _DIFF,
    "show-ref": ((), ("--exclude-existing",)),
    "status": (("--ignore-submodules=dirty",), ("--verbose", "-v")),  # which shows a diff, by programs
    "version": ((), ()),
}
_BY_GITPYTHON = ["-c", "diff.mnemonicPrefix=false"]  # for patches; ours says so already
_OF_SUBMODULES = "--ignore-su"  # the shortest that git takes for --ignore-submodules
_ALLOWED = ("", "all", "dirty")


class LookingGit(OwnGit):
    """Commands of git that look at a repository, with everything switched off that it could run."""

    def __init__(self, reader: Repository) -> None:
        super().__init__(reader.path)
        self._reader = reader.with_settings(*_SETTINGS)

    def _prepare(self, words: list[str]) -> Command:
        """Raises Refused for a command that is no look, UnsafeOptionError for an option that could run something."""
        if words[:2] == _BY_GITPYTHON:
            words = words[2:]
        name, *rest = words
        if name not in _LOOKS:
            raise Refused(f"git {name} is refused: of a repository that is looked at, only {', '.join(_LOOKS)}")
        first, refused = _LOOKS[name]
        options = ["--", *(word for word in rest if word.startswith("-"))]  # cut short, or together like -bv, as well
        self.check_unsafe_options(options, list(refused), clusterable_short_options=ascii_letters + digits)
        for word in rest:
            if word.startswith(_OF_SUBMODULES) and word.partition("=")[2] not in _ALLOWED:
                raise Refused(f"{word} is refused: it starts git in each submodule")
        return self._reader.attempt(name, *first, *rest)


class Look(OpenedRepo):
    """A repository to look at: what would write, by git or by GitPython's methods of a `Repo`, raises Refused."""

    @property
    def index(self) -> IndexLook:
        """The index, to read."""
        return IndexLook(self)

    @property
    def submodules(self) -> IterableList[git.Submodule]:
        """None. A diff asks for them, and GitPython would open each as it opens any, with what that one names."""
        return IterableList("name")

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("alternates", "daemon_export", "description"):
            self._refuse()
        super().__setattr__(name, value)

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise Refused("a repository that is looked at is not changed, and leads to no other")

    config_writer = create_head = create_remote = create_submodule = create_tag = _refuse
    delete_head = delete_remote = delete_tag = submodule_update = _refuse
    archive = clone = _refuse
    clone_from = init = _refuse  # of the class in GitPython; a repository that is opened has no use for them
    iter_submodules = submodule = _refuse


class IndexLook(git.IndexFile):
    """The index of a repository that is looked at: its entries, and diffs."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise Refused("the index of a repository that is looked at is not changed")

    add = checkout = commit = merge_tree = move = remove = reset = resolve_blobs = write = write_tree = _refuse


def open_look(git: Repository, *, top: str, git_dir: str, common_dir: str, objects: str, object_format: str) -> Look:
    """The repository of a checkout, to look at; `objects` is its folder of objects.

    Raises CannotKnow when git now refuses it, as the repository of another user, and when GitPython cannot read it:
    objects named by SHA-256, and refs in reftables.
    """
    if object_format != "sha1":
        raise CannotKnow(f"GitPython cannot read {git.path}: its objects are named by {object_format}")
    if os.path.lexists(os.path.join(common_dir, "reftable")):
        raise CannotKnow(f"GitPython cannot read {git.path}: its refs are in reftables")
    run_to_end(git.run("rev-parse", "--git-dir"))  # git looks whose it is, before GitPython reads files
    return Look(LookingGit(git), top=top, git_dir=git_dir, common_dir=common_dir, objects=objects)
