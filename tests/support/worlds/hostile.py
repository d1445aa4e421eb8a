"""Ways for a repository to make git run a program of its own choice (`VECTORS`).

Each plants a program, by its path, in settings, attributes or hooks of a clone that has an edit. `fires` is a plain
git command that runs it with git 2.39; where there is none, `silent` says why. The proof that our reader
does not run it is in `tests/faults/test_hostile_repository.py`.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dirty.dirty_repository import commit, configure, git, make_old, script

Plant = Callable[[Path, str], None]

EVERY_HOOK = (
    "fsmonitor-watchman",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-rewrite",
    "pre-auto-gc",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "reference-transaction",
)


@dataclass(frozen=True)
class Vector:
    """One way to plant a program; `plant` gets the repository and the program's path, quoted for a shell."""

    name: str
    plant: Plant
    fires: tuple[str, ...] = ()
    silent: str = ""


def _settings(**settings: str) -> Plant:
    """Plant the program in settings; `{}` stands for it."""
    return lambda repo, program: configure(repo, **{k: v.replace("{}", program) for k, v in settings.items()})


def _both(*plants: Plant) -> Plant:
    def plant(repo: Path, program: str) -> None:
        for one in plants:
            one(repo, program)

    return plant


def _tracked_attributes(line: str) -> Plant:
    def plant(repo: Path, program: str) -> None:
        (repo / ".gitattributes").write_bytes(os.fsencode(line) + b"\n")
        git(repo, "add", ".gitattributes")
        git(repo, "commit", "-qm", "Attributes")

    return plant


def _info_attributes(line: str) -> Plant:
    def plant(repo: Path, program: str) -> None:
        (repo / ".git/info").mkdir(exist_ok=True)
        (repo / ".git/info/attributes").write_bytes(os.fsencode(line) + b"\n")

    return plant


def _attributes_elsewhere(repo: Path, program: str) -> None:
    (repo / "dist/attributes").write_text("*.txt filter=evil\n")
    configure(repo, core__attributesFile=str(repo / "dist/attributes"), filter__evil__clean=program)


def _section(text: str, file: str = "config") -> Plant:
    """Append to a configuration file of the repository, for names that `git config` would take apart."""

    def plant(repo: Path, program: str) -> None:
        quoted = program.replace("\\", "\\\\").replace('"', '\\"')
        with (repo / ".git" / file).open("ab") as config:
            config.write(os.fsencode(text.replace("{}", quoted)) + b"\n")

    return plant


def _in_tree(text: str) -> Plant:
    def plant(repo: Path, program: str) -> None:
        (repo / "dist/config").write_text(text.replace("{}", program) + "\n")

    return plant


def _hooks(folder: str, *names: str) -> Plant:
    def plant(repo: Path, program: str) -> None:
        for name in names:
            script(repo / folder / name, f"exec {program}")

    return plant


def _signed_commit(repo: Path, program: str) -> None:
    text = git(repo, "cat-file", "commit", "HEAD")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n none\n -----END PGP SIGNATURE-----\n"
    head, _, message = text.partition("\n\n")
    oid = git(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{head}\n{signature}\n{message}\n".encode())
    git(repo, "update-ref", "HEAD", oid)


def _lazy_fetch(repo: Path, program: str) -> None:
    tree = git(repo, "rev-parse", "HEAD:docs")
    configure(repo, core__repositoryformatversion="1", extensions__partialClone="upstream")
    configure(repo, remote__upstream__promisor="true", remote__upstream__uploadpack=program)
    (repo / ".git/objects" / tree[:2] / tree[2:]).unlink()
    git(repo, "update-index", "--assume-unchanged", "README.md")


def _submodule(repo: Path, program: str) -> None:
    git(repo, "submodule", "--quiet", "add", "--name", "vendor", repo.parent / "upstream", "vendor")
    commit(repo)
    make_old(repo / "vendor/other.txt")


def _in_submodule(plant: Plant) -> Plant:
    return _both(_submodule, lambda repo, program: plant(repo / "vendor", program))


def _alternates(repo: Path, program: str) -> None:
    (repo / ".git/objects/info").mkdir(exist_ok=True)
    (repo / ".git/objects/info/alternates").write_text(f"{repo.parent}/upstream/.git/objects\n")
    configure(repo, core__alternateRefsCommand=program)


def _remote(url: str, **settings: str) -> Plant:
    return _both(_settings(remote__upstream__url=url), _settings(**settings))


CLEAN = _settings(filter__evil__clean="{}", filter__evil__required="true")
ATTRIBUTE = "*.txt filter=evil"
HOOK_SECTION = '[hook "evil"]\n\tcommand = {}\n' + "".join(f"\tevent = {name}\n" for name in EVERY_HOOK)
NEEDS_WRITING = "only commands that write ask for it"

VECTORS = (
    Vector("fsmonitor", _settings(core__fsmonitor="{}"), ("status",)),
    Vector(
        "fsmonitor_by_an_include",
        _both(_settings(include__path="../dist/config"), _in_tree("[core]\n\tfsmonitor = {}")),
        ("status",),
    ),
    Vector(
        "fsmonitor_by_a_conditional_include",
        _both(_section('[includeIf "gitdir:**"]\n\tpath = ../dist/config'), _in_tree("[core]\n\tfsmonitor = {}")),
        ("status",),
    ),
    Vector(
        "fsmonitor_of_the_work_tree",
        _both(_settings(extensions__worktreeConfig="true"), _section("[core]\n\tfsmonitor = {}", "config.worktree")),
        ("status",),
    ),
    Vector("clean_filter", _both(_tracked_attributes(ATTRIBUTE), CLEAN), ("diff",)),
    Vector("clean_filter_by_info_attributes", _both(_info_attributes(ATTRIBUTE), CLEAN), ("diff",)),
    Vector("clean_filter_by_attributes_elsewhere", _attributes_elsewhere, ("diff",)),
    Vector("process_filter", _both(_tracked_attributes(ATTRIBUTE), _settings(filter__evil__process="{}")), ("diff",)),
    Vector(
        "smudge_filter",
        _both(_tracked_attributes(ATTRIBUTE), _settings(filter__evil__smudge="{}")),
        ("cat-file", "--filters", "HEAD:other.txt"),
    ),
    Vector(
        "filter_by_an_include",
        _both(
            _tracked_attributes(ATTRIBUTE),
            _in_tree('[filter "evil"]\n\tclean = {}\n\tsmudge = {}'),
            _settings(include__path="../dist/config"),
        ),
        ("diff",),
    ),
    Vector(
        "filter_of_the_work_tree",
        _both(
            _tracked_attributes(ATTRIBUTE),
            _settings(extensions__worktreeConfig="true"),
            _section('[filter "evil"]\n\tclean = {}\n\tsmudge = {}', "config.worktree"),
        ),
        ("diff",),
    ),
    *(
        Vector(
            f"filter_with_{what}_in_its_name",
            _both(
                _tracked_attributes(f"*.txt filter={name}"),
                _section(f'[filter "{name}"]\n\tclean = {{}}\n\tsmudge = {{}}\n\tprocess = {{}}'),
            ),
            ("diff",),
        )
        for what, name in (
            ("an_equals_sign", "a=b"),
            ("two_equals_signs", "a=b=c"),
            ("a_dot", "evil.twin"),
            ("capitals", "EVIL"),
            ("the_name_of_a_key", "x.clean"),
            ("a_byte_that_is_not_utf8", "caf\udce9"),
            ("quotes", "it's"),
        )
    ),
    Vector("external_diff", _settings(diff__external="{}"), ("diff",)),
    Vector("diff_command", _both(_info_attributes("*.txt diff=evil"), _settings(diff__evil__command="{}")), ("diff",)),
    Vector("textconv", _both(_info_attributes("*.txt diff=evil"), _settings(diff__evil__textconv="{}")), ("diff",)),
    Vector("gpg", _both(_signed_commit, _settings(gpg__program="{}", log__showSignature="true")), ("log", "-1")),
    Vector("hook_post_index_change", _hooks(".git/hooks", "post-index-change"), ("status",)),
    Vector(
        "hook_reference_transaction", _hooks(".git/hooks", "reference-transaction"), ("update-ref", "refs/x", "HEAD")
    ),
    Vector("hooks_of_all_names", _hooks(".git/hooks", *EVERY_HOOK), ("commit", "--allow-empty", "-m", "Empty")),
    Vector(
        "hooks_path_in_the_tree",
        _both(_hooks("dist/hooks", *EVERY_HOOK), _settings(core__hooksPath="dist/hooks")),
        ("status",),
    ),
    Vector("hooks_by_settings", _section(HOOK_SECTION), silent="hook.NAME.command came with git 2.55"),
    Vector("ssh_command", _remote("ssh://nowhere/x", core__sshCommand="{}"), ("ls-remote", "upstream")),
    Vector("git_proxy", _remote("git://127.0.0.1:1/x", core__gitProxy="{}"), ("ls-remote", "upstream")),
    Vector("upload_pack", _settings(remote__upstream__uploadpack="{}"), ("ls-remote", "upstream")),
    Vector(
        "external_transport",
        _both(_settings(protocol__ext__allow="always"), _section('[url "ext::{} "]\n\tinsteadOf = /')),
        ("ls-remote", "/x"),
    ),
    Vector("lazy_fetch", _lazy_fetch, ("cat-file", "-p", "HEAD:docs/guide.md")),
    Vector("alternate_refs", _alternates, ("rev-list", "--alternate-refs")),
    Vector("fsmonitor_of_a_submodule", _in_submodule(_settings(core__fsmonitor="{}")), ("status",)),
    Vector("filter_of_a_submodule", _in_submodule(_both(_tracked_attributes(ATTRIBUTE), CLEAN)), ("status",)),
    Vector("hooks_of_a_submodule", _both(_submodule, _hooks(".git/modules/vendor/hooks", *EVERY_HOOK)), ("status",)),
    Vector(
        "alias",
        _settings(**{f"alias__{name}": "!{}" for name in ("status", "config", "rev-parse", "ls-files", "merge-base")}),
        silent="the name of a builtin cannot be an alias",
    ),
    Vector("pager", _settings(core__pager="{}", pager__status="{}", pager__config="{}"), silent="there is no terminal"),
    Vector("editor", _settings(core__editor="{}", sequence__editor="{}"), silent=NEEDS_WRITING),
    Vector(
        "merge_driver",
        _both(_info_attributes("* merge=evil"), _settings(merge__evil__driver="{}", merge__default="evil")),
        silent=NEEDS_WRITING,
    ),
    Vector("recent_objects_hook", _settings(gc__recentObjectsHook="{}", gc__auto="1"), silent=NEEDS_WRITING),
)


def trap(folder: Path) -> tuple[str, Path]:
    """Write a program that leaves a marker; gives its path quoted for a shell, and the marker."""
    marker = folder / "fired"
    return shlex.quote(str(script(folder / "trap", f"echo fired >> {shlex.quote(str(marker))}"))), marker
