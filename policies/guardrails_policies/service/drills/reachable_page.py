"""How reachable-page and its instance in the profile are proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails_policies.openclaw.demo import gateway
from guardrails_policies.openclaw.demo.tools import configure, set_option, write
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "reachable-page"
_UI = "ui-answers"


def _ask(path: str, *options: str, late: float = 0.0) -> Play:
    """What starts the gateway and asks for a page of it; `late` is in seconds."""

    def play(folder: str) -> None:
        if late:
            gateway.start_late(folder, late)
        else:
            gateway.start(folder)
        configure(
            folder,
            f'[policies.{_POLICY}]\nenvironments = ["prod"]\nwhen = ["standing"]\nenforcement = "hard-mandatory"\n'
            f'url = "{gateway.address(folder)}{path}"\n' + "\n".join((*options, "")),
        )

    return play


def _stop_waiting(folder: str) -> None:
    """What refuses need not be waited for as long as a gateway that starts."""
    set_option(folder, _UI, 'within = "500ms"')


def _start_without_the_row(folder: str) -> None:
    _stop_waiting(folder)
    gateway.start(folder)
    write(os.path.join(folder, "page/index.html"), "<title>OpenClaw</title>\n")


def _drill(policy: str, operation: str, name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(policy, (operation,), name, title, play, harmless=harmless, stages=(OPENCLAW,))


def _own(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return _drill(_POLICY, "standing", name, title, play, harmless=harmless)


DRILLS = (
    _own("no-such-page", "The page is not there", _ask("none", 'within = "1s"')),
    _own("a-late-page", "The page answers too late", _ask("", 'within = "500ms"', late=4.0)),
    _own("a-page", "The page answers", _ask("", 'within = "5s"'), harmless=True),
    _own("another-status", "The page must have moved", _ask("", "status = 301", 'within = "1s"')),
    _own("another-word", "The page says something else", _ask("", 'contains = "Fiction"', 'within = "1s"')),
    _drill(_UI, "verify", "no-gateway", "No gateway runs", _stop_waiting),
    _drill(_UI, "verify", "no-row", "The page says nothing of the facts memory", _start_without_the_row),
    _drill(_UI, "verify", "a-gateway", "The gateway runs", gateway.start, harmless=True),
)
