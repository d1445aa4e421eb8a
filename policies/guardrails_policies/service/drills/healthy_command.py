"""How healthy-command and its instances in the profile are proven."""

from __future__ import annotations

import os

from guardrails import Drill
from guardrails.plugins.stages import nothing
from guardrails_policies.openclaw.demo import gateway
from guardrails_policies.openclaw.demo.tools import set_option, write
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "healthy-command"
_VERIFY = ("verify",)


def _stop_waiting(folder: str) -> None:
    """What refuses need not be waited for as long as a gateway that starts."""
    for policy in ("facts-memory-row", "facts-memory-health"):
        set_option(folder, policy, 'within = "500ms"')


def _say(text: str) -> Play:
    """What has `openclaw` print this and succeed."""

    def play(folder: str) -> None:
        _stop_waiting(folder)
        write(os.path.join(folder, "bin/openclaw"), f"#!/bin/sh\necho '{text}'\n", mode=0o755)

    return play


def _answer_once(folder: str) -> None:
    """A command that succeeds when it is called first, and never again."""
    write(os.path.join(folder, "bin/ask"), '#!/bin/sh\nmkdir "$(dirname "$0")/../tmp/asked"\n', mode=0o755)


def _own(name: str, title: str, options: str, play: Play = nothing, *, harmless: bool = False) -> Drill:
    """A drill of the policy by its own id, with options of its own."""
    table = f'[policies.{_POLICY}]\nenvironments = ["prod"]\nwhen = ["standing"]\nenforcement = "hard-mandatory"\n'
    return Drill(
        _POLICY,
        ("standing",),
        name,
        title,
        play,
        harmless=harmless,
        configuration=f"{table}{options}\n",
    )


def _of(policy: str, name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(policy, _VERIFY, name, title, play, harmless=harmless, stages=(OPENCLAW,))


DRILLS = (
    _own("a-failure", "The command fails", 'command = "false"\nwithin = "1s"'),
    _own("a-success", "The command succeeds", 'command = "true"\nwithin = "5s"', harmless=True),
    _own("another-word", "It says something else", 'command = "echo ill"\ncontains = "well"\nwithin = "1s"'),
    _own("the-word", "It says the word", 'command = "echo well"\ncontains = "well"\nwithin = "5s"', harmless=True),
    _own(
        "another-value",
        "It says another value",
        """command = "echo '{\\\"ok\\\": false}'"\njson = { ok = true }\nwithin = "1s\"""",
    ),
    _own("a-late-answer", "It takes too long", 'command = "sleep 2"\nwithin = "500ms"'),
    _own("one-answer", "It succeeds once alone", 'command = "ask"\ntimes = 2\nwithin = "3s"', _answer_once),
    _of("facts-memory-row", "no-gateway", "No gateway runs", _stop_waiting),
    _of("facts-memory-row", "no-row", "The status says nothing of the facts memory", _say("Gateway  running")),
    _of("facts-memory-row", "a-gateway", "The gateway runs", gateway.start, harmless=True),
    _of("facts-memory-health", "no-gateway", "No gateway runs", _stop_waiting),
    _of("facts-memory-health", "ill", "The facts memory is not well", _say('{"ok": false}')),
    _of("facts-memory-health", "a-gateway", "The gateway runs", gateway.start, harmless=True),
)
