"""`guardrails history`: every move of production and who let it happen; and a person's word that one is settled."""

from __future__ import annotations

import json
import os
import re
import sys
import time

from guardrails import config
from guardrails.cli import outputs, request_options, terminal
from guardrails.config.settings import log_of
from guardrails.errors import GuardrailsError, UsageError
from guardrails.exit_codes import UNDECIDED
from guardrails.request import find_environment, world_of
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.config.settings import Settings
    from guardrails.facts.past.past import Past
    from guardrails.policy import World
    from guardrails.reporters.history_report import History

FORMATS = ("text", "json")
_OUTPUTS = (*FORMATS, outputs.PAGE)
_LONGEST = 2000  # characters of a reason
_EXAMPLES = """examples:
  guardrails history --env prod                        every move since guarding began
  guardrails history --env prod --since 7d             the last week
  guardrails history --env prod --since upstream/main  since production was first there
  guardrails history --env prod --format json | jq -r '.moves[] | select(.by == null and .accepted == null) | .new'
  guardrails history accept 1f3a9c --env prod --reason "the hotfix of Friday, taken back by hand; see #12"

`accept` is for a person. It settles the moves to and from one commit that were made until now, as a record of the audit
log; it removes nothing, and when the commit comes back later, that is a new move.

exit codes: 0 each move has its record, 1 one has none or a record has no move, 2 it cannot be told
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `history`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("what", choices=["accept"], nargs="?", help="accept: settle the moves to and from a commit, up to now")
    add("commit", metavar="COMMIT", nargs="?", help="the commit to accept, by its id or a name")
    add("--env", metavar="NAME", help="the environment whose history it is (accept: must be given)")
    add("--since", metavar="TIME|REV", help="from then on: 7d, 2026-02-01, 2026-02-01T10:00:00Z, or a commit")
    add("--reason", metavar="TEXT", type=_said, help="accept: why it is settled, and by whose word")
    request_options.configure_configuration(parser)
    add("--format", choices=FORMATS, default="text", help="what to print (default: text)")
    output = {"action": "append", "default": [], "type": outputs.document_parser(_OUTPUTS)}
    add("--output", metavar="FORMAT:PATH", help="also write it to a file; html is a page to look at", **output)  # type: ignore[arg-type]
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Show the history, or record what a person accepts."""
    return _accept(given) if given.what == "accept" else _show(given)


def _show(given: argparse.Namespace) -> int:
    from guardrails.reporters.history_report import History, TextHistory, as_json

    if given.reason:
        raise UsageError("--reason is for guardrails history accept COMMIT")
    outputs.refuse_twins(given.output)
    try:
        history = _history(given)
    except GuardrailsError as error:
        if given.format == "text" and not given.output:
            raise
        history = History(_named(given), errors=(str(error),))

    def render(form: str, errors: tuple[str, ...]) -> str:
        shown = history.replaced(errors=(*history.errors, *errors))
        if form == "text":
            return TextHistory().render(shown)
        return as_json(shown) if form == "json" else _page(as_json(shown))

    complaints = outputs.write_documents(given.output, render)
    if given.format == "json":
        outputs.put(render("json", complaints), "json")
    else:
        style = TextHistory(colour=terminal.wants_colour(sys.stdout), width=terminal.width(sys.stdout))
        outputs.put(style.render(history.replaced(errors=(*history.errors, *complaints))), "text")
    return UNDECIDED if complaints else history.exit_code


def _page(document: str) -> str:
    from guardrails.reporters.page.page import render_page
    from guardrails.reporters.page.page_data import data_of_moves

    return render_page(data_of_moves(json.loads(document)))


def _history(given: argparse.Namespace) -> History:
    """What there is to show. Raises GuardrailsError when it cannot be had."""
    from guardrails.engine.gather import gather_fact
    from guardrails.facts.past.past import Past
    from guardrails.reporters.history_report import History

    settings = config.load(given.config)
    world = _world(settings, _named(given))
    at = None if given.since is None else _moment(given.since, world.at)
    past = gather_fact(Past, world, at)
    if given.since is not None and at is None:
        past = _since_commit(past, given.since, world)
    return History(world.environment.name, past, guardrails=world.guardrails)


def _named(given: argparse.Namespace) -> str | None:
    """The environment that is named, by the option or, where nothing is accepted, by its variable."""
    name: str | None = given.env or os.environ.get("GUARDRAILS_ENV")
    return name


def _world(settings: Settings, name: str | None) -> World:
    environment = find_environment(settings, name)
    log = log_of(settings.audit, environment, settings.environments)
    return world_of(settings, environment, at=time.time(), log=log)


def _since_commit(past: Past, text: str, world: World) -> Past:
    """The past from a commit on. Raises UsageError for what is none, or where production never was."""
    from guardrails.operations.accept import find_commit

    try:
        commit = find_commit(world, text)
    except GuardrailsError as error:
        raise UsageError(f"--since {text}: it is no time, and {error}") from None
    found = past.since_commit(commit)
    if found is None:
        raise UsageError(f"--since {text}: no move of {past.environment} led to {commit[:12]} or from there")
    return found


def _moment(text: str, now: float) -> float | None:
    """The time that a text means, in seconds since the epoch: so long ago, a day, or a time of RFC 3339; else None."""
    from guardrails.wording.durations import seconds

    try:
        if re.fullmatch(r"[0-9.]+(ms|[smhdw])", text):
            return now - seconds(text, "--since")
        if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            from guardrails.cli.said_times import read_time
            from guardrails.wording.times import seconds_of

            return read_time(text, now).timestamp() if len(text) == len("2026-02-01") else seconds_of(text)
    except ValueError as error:
        raise UsageError(f"--since {text}: {error}") from None
    return None


def _accept(given: argparse.Namespace) -> int:
    """Record it, and say what is settled. Nothing that says what may pass has a variable that stands for it."""
    from guardrails.operations.accept import accept

    missing = [name for name in ("commit", "env", "reason") if not getattr(given, name)]
    if missing:
        words = ["COMMIT" if name == "commit" else f"--{name}" for name in missing]
        raise UsageError(f"accept needs {' and '.join(words)}; see guardrails history --help")
    if given.since is not None or given.output or given.format != "text":
        raise UsageError("accept takes neither --since nor --format nor --output")
    settings = config.load(given.config)
    world = _world(settings, given.env)
    commit, moves = accept(world, settings, given.commit, given.reason)
    print(f"accepted {commit} in {visible(world.environment.name)}, which settles {len(moves)} of its moves:")
    for move in moves:
        print(f"  {move.old[:12] or 'nothing'} → {move.new[:12] or 'nothing'}")
    return 0


def _said(text: str) -> str:
    if not text.strip():
        raise request_options.refusal("it is empty")
    if len(text) > _LONGEST:
        raise request_options.refusal(f"it has more than {_LONGEST} characters")
    return text
