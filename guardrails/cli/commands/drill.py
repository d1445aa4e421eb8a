"""`guardrails drill`: break small worlds, or ask the installed guards with canaries, and see each refuse."""

from __future__ import annotations

import json
import os
import sys

from guardrails.cli import outputs, request_options, terminal
from guardrails.errors import UsageError
from guardrails.exit_codes import UNDECIDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from guardrails.drills.outcomes import Drilled, Outcome
    from guardrails.drills.selection import Turn

_EXAMPLES = """examples:
  guardrails drill                               every policy, in worlds of its own that are gone afterwards
  guardrails drill --policy clean-worktree       one of them
  guardrails drill --list                        what would be played
  guardrails drill --output junit:drills.xml     also for a CI server
  guardrails drill --output html:drills.html     also as a page to look at
  guardrails drill --policy quiet-cron --keep    and leave the worlds to look at
  guardrails drill --installed                   a canary through every guard of every environment
  guardrails drill --installed --env prod --format json

exit codes: 0 all fired, and all that is harmless was let through; 1 some did not; 2 it could not be told
"""
_FORMATS = ("text", "json", "junit")
_OUTPUTS = (*_FORMATS, outputs.PAGE)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `drill`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("--policy", metavar="ID", action="append", default=[], help="prove only this policy (may be repeated)")
    add("--installed", action="store_true", help="send a canary through each guard that is configured or was installed")
    add("--env", metavar="NAME", help="with --installed: one environment (default: all)")
    request_options.configure_configuration(parser)
    add("--list", action="store_true", help="list the drills, and play none")
    add("--keep", action="store_true", help="leave the worlds as the drills left them, and say where")
    add("--format", choices=_FORMATS, default="text", help="what to print (default: text)")
    parse = outputs.document_parser(_OUTPUTS)
    add("--output", metavar="FORMAT:PATH", action="append", type=parse, default=[], help="also write it (repeatable)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Play what is asked for, and give 0 when every drill held."""
    if given.installed:
        return _send_canaries(given)
    if given.env or given.config:
        raise UsageError("--env and --config are about what is installed; add --installed")
    from guardrails.drills import selection, shown
    from guardrails.drills.outcomes import Drilled
    from guardrails.plugins import loader

    outputs.refuse_twins(given.output)
    plugins = loader.load()
    known = selection.to_be_proven(plugins)
    turns, unproven = selection.narrowed(selection.every_turn(plugins.drills()), given.policy, known)
    if given.list:
        if given.format == "junit" or given.output:
            raise UsageError("--list is text or JSON on standard output: what was not played has no result")
        outputs.put(shown.listing(turns, given.format), given.format)
        return 0
    drilled = Drilled(tuple(_played(turns, keep=given.keep)), tuple(unproven))
    return _tell(drilled, given)


def _send_canaries(given: argparse.Namespace) -> int:
    """Send the canaries, and print what became of them."""
    if given.policy or given.list or given.keep or given.output or given.format == "junit":
        raise UsageError("--installed takes no --output and no policies, and prints text or json")
    from guardrails import config
    from guardrails.canaries import shown
    from guardrails.canaries.canary import exit_code
    from guardrails.canaries.sending import send_canaries
    from guardrails.config import places
    from guardrails.config.settings import environment_named

    settings = config.load(given.config)
    env = given.env or os.environ.get("GUARDRAILS_ENV")
    chosen = [environment_named(settings, env)] if env else [*settings.environments.values()]
    results = send_canaries(settings, chosen, places.find_configuration(given.config))
    if given.format == "json":
        text = shown.as_json(results)
    else:
        text = shown.as_text(results, colour=terminal.wants_colour(sys.stdout), width=terminal.width(sys.stdout))
    outputs.put(text, given.format)
    return exit_code(results)


def _played(turns: Sequence[Turn], *, keep: bool) -> list[Outcome]:
    """Play the turns in a folder that is gone afterwards, whatever happens, unless it is to be kept."""
    from guardrails.drills import crew, worlds

    scratch = worlds.scratch()
    try:
        with terminal.Progress(len(turns), "drilling") as progress:
            return crew.play_all(turns, scratch, lambda outcome: progress.step(outcome.turn.id), keep=keep)
    finally:
        worlds.end_strays(scratch)
        if keep:
            outputs.tell(f"the worlds are in {scratch}")
        else:
            worlds.remove(scratch)


def _tell(drilled: Drilled, given: argparse.Namespace) -> int:
    """Print and write what came of it; a place that cannot be written leaves it undecided."""
    from guardrails.drills import shown

    def render(form: str, _: tuple[str, ...]) -> str:
        return _page(drilled) if form == outputs.PAGE else shown.FORMATS[form](drilled)

    complaints = outputs.write_documents(given.output, render)
    if given.format == "text":
        outputs.put(shown.as_text(drilled, colour=terminal.wants_colour(sys.stdout)), "text")
    else:
        outputs.put(shown.FORMATS[given.format](drilled), given.format)
    sys.stdout.flush()
    return UNDECIDED if complaints else drilled.exit_code


def _page(drilled: Drilled) -> str:
    from guardrails.drills import shown
    from guardrails.reporters.page.page import render_page
    from guardrails.reporters.page.page_data import data_of_drills

    return render_page(data_of_drills(json.loads(shown.as_json(drilled))))
