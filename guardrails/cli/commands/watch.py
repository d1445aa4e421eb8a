"""`guardrails watch`: check by a clock, and tell what changed and since when."""

from __future__ import annotations

import os
import sys
import time

from guardrails import config
from guardrails.cli import outputs, request_options, terminal
from guardrails.config import places
from guardrails.errors import UsageError
from guardrails.wording.durations import seconds
from guardrails.wording.shown_text import paint, utc, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

    from guardrails.watch.rounds import Look

_EXAMPLES = """examples:
  guardrails watch --env prod --once           a check, and what is new, gone or changed since the last one
  guardrails watch --env prod --every 5m       the same again and again, until it is interrupted
  guardrails watch install --env prod          have systemd or launchd do it, by a timer of yours
  guardrails watch status                      0 only if it will run again
  guardrails watch uninstall                   take the timer away again

The codes of --once are those of check: the worst of the environments. Who is told stands in [watch]: see docs/watch.md.
"""
_ACTIONS = {
    "install": "write a user timer of systemd, or an agent of launchd, and have it started",
    "uninstall": "stop it, and take away what was written",
    "status": "say whether it will run again; exit code 0 only if it will",
}
_WORDS = {"allow": ("ALLOW", "1;32"), "deny": ("DENY", "1;31"), "undecided": ("UNDECIDED", "1;33")}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `watch`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    does = "; ".join(f"{action}: {what}" for action, what in _ACTIONS.items())
    add("action", nargs="?", choices=list(_ACTIONS), help=does)
    whose = "an environment (may be repeated; default: all of them)"
    add("--env", metavar="NAME", action="append", default=[], help=whose)
    add("--once", action="store_true", help="check once, and end with the code of the verdict")
    often = "check again and again, such as 15m; of install: how often (default: [watch] every)"
    add("--every", metavar="DURATION", type=_duration, help=often)
    request_options.configure_configuration(parser)
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Do as asked, and give the exit code."""
    _require_fitting(given)
    given.env = given.env or list(filter(None, [os.environ.get("GUARDRAILS_ENV")]))
    if given.action:
        from guardrails.cli import watch_schedule

        return watch_schedule.run(given)
    if given.once == (given.every is not None):
        raise UsageError("how often? add --once or --every DURATION; see guardrails watch --help")
    return _go_round(given) if given.once else _go_on(given)


def _require_fitting(given: argparse.Namespace) -> None:
    """Raise UsageError for an option that an action does not take."""
    named = {"--once": given.once, "--every": given.every, "--env": given.env}
    taken = {None: named, "install": ("--every", "--env")}.get(given.action, ())
    for name, value in named.items():
        if value and name not in taken:
            raise UsageError(f"{given.action} takes no {name}")


def _go_round(given: argparse.Namespace) -> int:
    """Check once."""
    from guardrails.watch.rounds import Round

    settings = config.load_with_watch(given.config)
    return Round(settings, places.find_configuration(given.config), _tell).go(given.env, _show)


def _go_on(given: argparse.Namespace) -> int:
    """Have checks made until somebody interrupts, each in a process of its own, as a timer would."""
    from subprocess import Popen

    from guardrails.watch.own_command import own_command

    command = own_command(given.env, places.find_configuration(given.config))
    while True:
        until = time.monotonic() + seconds(given.every)
        with Popen(command) as running:
            try:
                running.wait()
            except BaseException:
                running.terminate()
                raise
        time.sleep(max(0.0, until - time.monotonic()))


def _tell(line: str) -> None:
    outputs.tell(visible(line))


def _show(look: Look) -> None:
    """Print what is new, gone or changed in one environment, what else blocks, and its verdict in the last line."""
    from guardrails.watch.comparison import Difference
    from guardrails.watch.messages import difference_lines

    now = look.now
    for line in difference_lines(look.difference or Difference(), now, whole=True):
        print(line)
    word, code = _WORDS[now.standing.verdict]
    head = paint(word, code, colour=terminal.wants_colour(sys.stdout))
    print(
        f"{head}  {visible(now.environment)}, {_compared(look)}; {now.standing.verdict} since {utc(now.verdict_since)}"
    )
    sys.stdout.flush()


def _compared(look: Look) -> str:
    found, last = look.difference, look.history.last
    if found is None or last is None:
        return "no earlier check to compare with"
    counts = f"{len(found.new)} new, {len(found.gone)} gone, {len(found.changed)} changed"
    return f"{counts} since the check of {utc(last.at)}"


def _duration(text: str) -> str:
    try:
        if seconds(text) < 1:
            raise ValueError(f"{text!r} is less than a second")
    except ValueError as error:
        raise request_options.refusal(str(error)) from None
    return text
