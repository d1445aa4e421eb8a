"""`guardrails rescue`: save the work in a repository before anything resets it, look at it, and bring it back."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager

from guardrails import config
from guardrails.cli import signing, terminal
from guardrails.config.settings import environment_named
from guardrails.errors import GuardrailsError, UsageError
from guardrails.wording.durations import relative
from guardrails.wording.shown_text import paint, visible
from guardrails.wording.times import seconds_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from guardrails.facts.git.reader import Repository
    from guardrails.operations.rescue.save import Saved

_EXAMPLES = """examples:
  guardrails rescue --env prod save                       everything that a reset would destroy
  guardrails rescue --env prod save --ignored             what git ignores as well
  guardrails rescue --env prod save --bundle /mnt/x.bundle    in a file outside of the repository, too
  guardrails rescue --env prod list
  guardrails rescue --env prod show ID                    what it holds, and what differs
  guardrails rescue --env prod restore ID --to ~/saved    the work tree as it was
  guardrails rescue --env prod restore ID --branch saved  commits, on top of the local ones
  guardrails rescue --env prod restore ID --branch saved --into dev    in the repository of dev
  guardrails rescue restore ID --bundle /mnt/x.bundle --to ~/saved     from the file, wherever it is

exit codes: 0 saved and proven, 1 saved but something named could not be, 2 nothing saved
"""
_DOES = {
    "save": "keep all work that a reset would destroy, and prove that it can be read back (the default)",
    "list": "name the rescues, newest first",
    "show": "say what one holds, and how it differs from its commit",
    "restore": "write one into a folder or onto a branch",
}
_LABEL = 15  # columns
_COLOURS = {"+": "32", "-": "31", "@": "36"}  # of a line of a difference, by how it begins


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `rescue`."""
    parser.epilog = _EXAMPLES
    signing.configure_environment(parser, required=False)
    add = parser.add_argument
    does = "; ".join(f"{word}: {what}" for word, what in _DOES.items())
    add("what", choices=list(_DOES), nargs="?", default="save", help=does)
    add("id", metavar="ID", nargs="?", help="which rescue to show or restore, as list names it")
    add("--ignored", action="store_true", help="save what git ignores as well")
    add(
        "--bundle", metavar="FILE", help="save: write this new file, too; otherwise: read it in place of the repository"
    )
    add("--to", metavar="FOLDER", help="restore the work tree into this empty or new folder")
    add("--branch", metavar="NAME", help="restore as commits on this new branch")
    add("--into", metavar="NAME", help="the environment whose repository gets the branch (default: that of --env)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Save, list, show or restore."""
    _require_what_fits(given)
    if given.what == "save":
        return _save(given)
    with _source(given) as git:
        if given.what == "list":
            return _list(git)
        return _show(git, given.id) if given.what == "show" else _restore(given, git)


def _require_what_fits(given: argparse.Namespace) -> None:
    """Raise UsageError for arguments that do not fit together."""
    what, bundle = given.what, given.bundle
    if not given.env and (what == "save" or not bundle):
        raise UsageError("which environment? add --env" + ("" if what == "save" else ", or --bundle FILE"))
    if bool(given.id) != (what in ("show", "restore")):
        raise UsageError(f"{what} takes no ID" if given.id else f"{what} takes an ID, as guardrails rescue list has it")
    if given.ignored and what != "save":
        raise UsageError(f"--ignored is for save; {what} gives what was saved")
    if what != "restore" and (given.to or given.branch or given.into):
        raise UsageError(f"{what} takes neither --to nor --branch nor --into")
    if what == "restore" and bool(given.to) == bool(given.branch):
        raise UsageError("restore takes either --to FOLDER or --branch NAME")
    if given.into and not given.branch:
        raise UsageError("--into is for --branch NAME")
    if given.branch and not (given.into or given.env):
        raise UsageError("which repository gets the branch? add --into, or --env")


@contextmanager
def _source(given: argparse.Namespace) -> Iterator[Repository]:
    """Where the rescues are read: a bundle, or the repository of the environment."""
    from guardrails.operations.rescue import bundles, restore

    if given.bundle:
        with bundles.open_bundle(os.path.abspath(given.bundle)) as git:
            yield git
    else:
        yield restore.open_repository(environment_named(config.load(given.config), given.env).repo)


def _save(given: argparse.Namespace) -> int:
    from guardrails.operations.guarded_run import save_losses
    from guardrails.operations.rescue import bundles, save

    settings = config.load(given.config)
    world = signing.world_in(settings, given.env, time.time())
    bundle = os.path.abspath(given.bundle) if given.bundle else None
    if bundle:
        bundles.require_place(bundle, world.environment.repo)
    failed: list[str] = []
    with terminal.Progress(save.STAGES + (bundle is not None), "saving") as progress:
        saved = save.save(world, ignored=given.ignored, told=progress.step)
        if bundle:
            progress.step("writing the bundle")
            try:
                bundles.write(world.environment.repo, saved, bundle)
            except GuardrailsError as error:
                failed.append(f"NOT BUNDLED: {error}")
                bundle = None
        try:
            save_losses.log_rescue(world, settings, "save", **saved.counted(), bundle=bundle)
        except GuardrailsError as error:
            failed.append(f"NOT LOGGED: {error}")
    return _tell(saved, bundle, failed)


def _tell(saved: Saved, bundle: str | None, failed: list[str]) -> int:
    print(visible(f"saved {saved.files} files and {saved.stashes} stashes as {saved.ref}, and read them back"))
    if bundle:
        print(visible(f"the same is in {bundle}, which needs nothing else to be read"))
    for text in saved.named:
        print(visible(f"  not saved, since it holds nothing: {text}"))
    for text in (*(f"NOT SAVED: {text}" for text in saved.unsaved), *failed):
        print(visible(f"  {text}"))
    return 1 if saved.unsaved or failed else 0


def _list(git: Repository) -> int:
    from guardrails.operations.rescue.restore import list_rescues

    now = time.time()
    for one in list_rescues(git):
        age = relative(seconds_of(one.at), now)
        print(visible(f"{one.name}  HEAD {str(one.manifest.get('head'))[:12]}  {one.commit}  {age}"))
    return 0


def _show(git: Repository, name: str) -> int:
    from guardrails.operations.rescue.describe import compare_rescue, summary
    from guardrails.operations.rescue.restore import find_rescue

    save = find_rescue(git, name)
    seen = compare_rescue(git, save)
    for label, text in summary(save, seen, time.time()):
        print(f"{label:<{_LABEL}}{visible(text)}")
    for title, one in (("staged: HEAD to the index", seen.staged), ("the index to the work tree", seen.on_disk)):
        if one.paths:
            print(f"\n{title}")
        for line in one.lines:
            is_coloured = line[:1] in _COLOURS and terminal.wants_colour(sys.stdout)
            print(paint(line, _COLOURS.get(line[:1], ""), colour=is_coloured))
    return 0


def _restore(given: argparse.Namespace, git: Repository) -> int:
    from guardrails.operations.guarded_run import save_losses
    from guardrails.operations.rescue import restore

    save = restore.find_rescue(git, given.id)
    if given.to:
        files = restore.restore_into_folder(git, save, os.path.abspath(given.to))
        print(visible(f"wrote {files} files into {given.to}"))
        return 0
    settings = config.load(given.config)
    world = signing.world_in(settings, given.env or given.into, time.time())  # whose log it is
    target = environment_named(settings, given.into or given.env)
    tip = restore.restore_as_branch(git, save, given.branch, target.repo)
    said = {"ref": save.ref, "branch": given.branch, "to": target.name, "commit": tip}
    save_losses.log_rescue(world, settings, "restore", **said)
    print(visible(f"the branch {given.branch} of {target.name} is at {tip}"))
    return 0
