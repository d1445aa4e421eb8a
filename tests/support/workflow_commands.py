"""How GitHub's runner reads a line of a job's log: `::name properties::data` at its start, or `##[name]data` in it."""

from __future__ import annotations

KNOWN = {"error", "warning", "notice", "debug", "add-mask", "stop-commands", "set-output", "group", "endgroup"}


def command(line: str) -> tuple[str, dict[str, str], str] | None:
    """Name, properties and data of the command that a line is; None when it is none."""
    return _first_kind(line) or _second_kind(line)


def _first_kind(line: str) -> tuple[str, dict[str, str], str] | None:
    line = line.lstrip()
    head, found, data = line[2:].partition("::")
    name, _, words = head.partition(" ")
    if not line.startswith("::") or not found or name.lower() not in KNOWN:
        return None
    properties = {}
    for word in filter(None, words.strip().split(",")):
        key, _, value = word.partition("=")
        properties[key] = _plain(value.replace("%3A", ":").replace("%2C", ","))
    return name, properties, _plain(data)


def _second_kind(line: str) -> tuple[str, dict[str, str], str] | None:
    head, found, data = line.partition("##[")[2].partition("]")
    name = head.partition(" ")[0]
    return (name, {}, data) if found and name.lower() in KNOWN else None


def _plain(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
