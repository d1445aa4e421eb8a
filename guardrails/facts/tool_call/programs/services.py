"""Programs that start and stop services and processes: systemctl, launchctl, and those that send signals."""

import os
import re
from fnmatch import fnmatchcase

from guardrails.facts.tool_call.commands import Word
from guardrails.facts.tool_call.programs.arguments import parse
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.calls import Place

_SYSTEMCTL = {
    **dict.fromkeys(("stop", "kill", "disable", "mask", "revert", "clean", "freeze"), "stops"),
    **dict.fromkeys(("start", "restart", "try-restart", "reload", "force-reload", "reload-or-restart"), "starts"),
    **dict.fromkeys(("enable", "reenable", "unmask", "thaw", "isolate"), "starts"),
    **dict.fromkeys(("edit", "set-property", "link", "add-wants", "add-requires"), "writes"),
}
_LAUNCHCTL = {
    **dict.fromkeys(("stop", "bootout", "unload", "remove", "disable", "kill"), "stops"),
    **dict.fromkeys(("start", "kickstart", "bootstrap", "load", "submit", "enable", "attach"), "starts"),
}


def _systemctl(given: Given) -> "Iterator[Touch]":
    found = parse(given.words, ("H", "M", "t", "p", "n", "o", "s", "host", "machine", "type", "property", "signal"))
    if found.has("H", "M", "host", "machine") or not found.operands:
        return
    kind = _SYSTEMCTL.get(found.operands[0].text or "")
    yield from _services(given, kind, [word.known for word in found.operands[1:]])


def _launchctl(given: Given) -> "Iterator[Touch]":
    words = [word.known for word in given.words]
    yield from _services(given, _LAUNCHCTL.get(words[0]) if words else None, words[1:])


def _service(given: Given) -> "Iterator[Touch]":
    words = [word.known for word in given.words if not word.known.startswith("-")]
    if len(words) > 1:
        yield from _services(given, _SYSTEMCTL.get(words[1]), words[:1])


def _services(given: Given, kind: str | None, names: list[str]) -> "Iterator[Touch]":
    """What happens to each guarded service that one of the names is, or could be."""
    for place in given.places.services if kind else ():
        if any(_is_called(place, name) for name in names):
            yield Touch(kind or "", place)
        elif given.command.more_words or any(name.strip("\0") == "" for name in names):
            yield Touch(kind or "", place, why="the service is computed")


def _is_called(place: "Place", name: str) -> bool:
    """Whether a unit, a label, a target such as `gui/501/LABEL` or the path of a definition is that of a service."""
    ends = (".plist", ".service")
    said = os.path.basename(name)
    for end in ends:
        said = said.removesuffix(end)
    return fnmatchcase(place.path.removesuffix(".service"), said)


def _signal(given: Given) -> "Iterator[Touch]":
    """A service or a place that the pattern of pkill or killall names is stopped."""
    found = parse(given.words, ("s", "signal", "u", "U", "g", "G", "P", "t"))
    if found.has("0", "l", "list"):
        return
    for word in found.operands:
        yield from (Touch("stops", place) for place in given.places.all if _matches(word.known, place))


def _matches(pattern: str, place: "Place") -> bool:
    """Whether a pattern of pkill names a service or a place, or finds it in a command line."""
    if place.kind not in ("repo", "state_dir", "service"):
        return False
    try:
        return place.path in pattern or bool(re.search(pattern.replace("\0", ".*"), place.path))
    except re.error:
        return False


def _kill(given: Given) -> "Iterator[Touch]":
    """A process that is computed may be one of any place that the text names."""
    if not any(word.text in ("-0", "-l", "-L") for word in given.words):
        for word in given.words:
            if word.text is None or word.text == "-1":
                yield Touch("stops", Word((None,)), folder="/", why="which processes it stops is computed")
    if given.command.more_words:
        yield Touch("stops", Word((None,)), folder="/", why="which processes it stops is computed")


ROWS = (
    Program(("kill",), read=_kill, examples=(Example("kill -9 $PID"), Example("kill -0 $PID"), Example("kill 12"))),
    Program(
        ("systemctl",),
        read=_systemctl,
        examples=(
            Example("systemctl --user restart gateway-prod", ("starts gateway-prod",)),
            Example("systemctl --user stop gateway-prod.service", ("stops gateway-prod",)),
            Example("systemctl --user stop 'gateway-*'", ("stops gateway-prod",)),
            Example("systemctl --user status gateway-prod"),
            Example("systemctl --user restart other"),
        ),
    ),
    Program(
        ("launchctl",),
        read=_launchctl,
        examples=(
            Example("launchctl kickstart -k gui/501/gateway-prod", ("starts gateway-prod",)),
            Example("launchctl bootout gui/501/gateway-prod", ("stops gateway-prod",)),
            Example("launchctl unload /home/ada/Library/LaunchAgents/gateway-prod.plist", ("stops gateway-prod",)),
            Example("launchctl print gui/501/gateway-prod"),
            Example("launchctl list"),
        ),
    ),
    Program(("service",), read=_service, examples=(Example("service gateway-prod stop", ("stops gateway-prod",)),)),
    Program(
        ("pkill", "killall"),
        read=_signal,
        examples=(
            Example("pkill -f gateway-prod", ("stops gateway-prod",), folder="/srv/elsewhere"),
            Example("pkill -9 -f /srv/prod/dist", ("stops /srv/prod",), folder="/srv/elsewhere"),
            Example("pkill -f vite", folder="/srv/elsewhere"),
        ),
    ),
)
