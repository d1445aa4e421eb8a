"""`guardrails rescue`: save the work in a repository before anything resets it, and bring it back."""

from __future__ import annotations

import os
import time

from guardrails.cli import acting
from guardrails.errors import UsageError
from guardrails.text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.policy import World

_EXAMPLES = """examples:
  guardrails rescue --env prod save                       everything that a reset would destroy
  guardrails rescue --env prod save --ignored             what git ignores as well
  guardrails rescue --env prod list
  guardrails rescue --env prod restore ID --to ~/saved    the work tree as it was
  guardrails rescue --env prod restore ID --branch saved  commits, on top of the local ones

exit codes: 0 saved and proven, 1 saved but something named could not be, 2 nothing saved
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `rescue`."""
    parser.epilog = _EXAMPLES
    acting.configure_environment(parser)
    parser.add_argument("what", choices=["save", "list", "restore"], nargs="?", default="save", help="(default: save)")
    parser.add_argument("id", metavar="ID", nargs="?", help="a rescue, as list names it")
    parser.add_argument("--ignored", action="store_true", help="save what git ignores as well")
    parser.add_argument("--to", metavar="FOLDER", help="restore the work tree into this empty or new folder")
    parser.add_argument("--branch", metavar="NAME", help="restore as commits on this new branch")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Save, list or restore."""
    world = acting.world(given, time.time())
    if given.what == "restore":
        return _restore(given, world)
    if given.id:
        raise UsageError(f"{given.what} takes no ID")
    return _save(world, ignored=given.ignored) if given.what == "save" else _list(world)


def _save(world: World, *, ignored: bool) -> int:
    from guardrails.operations.rescue import save

    saved = save(world, ignored=ignored)
    print(visible(f"saved {saved.files} files and {saved.stashes} stashes as {saved.ref}, and read them back"))
    for text in saved.named:
        print(visible(f"  not saved, since it holds nothing: {text}"))
    for text in saved.unsaved:
        print(visible(f"  NOT SAVED: {text}"))
    return 1 if saved.unsaved else 0


def _list(world: World) -> int:
    from guardrails.operations.restore import rescues

    for one in rescues(world):
        print(visible(f"{one.name}  HEAD {str(one.manifest.get('head'))[:12]}  {one.commit}"))
    return 0


def _restore(given: argparse.Namespace, world: World) -> int:
    from guardrails.operations.restore import as_branch, into_folder, named

    if not given.id or bool(given.to) == bool(given.branch):
        raise UsageError("restore takes an ID, and either --to FOLDER or --branch NAME")
    rescue = named(world, given.id)
    if given.to:
        files = into_folder(world, rescue, os.path.abspath(given.to))
        print(visible(f"wrote {files} files into {given.to}"))
    else:
        print(visible(f"the branch {given.branch} is at {as_branch(world, rescue, given.branch)}"))
    return 0
