"""Which plugins are installed, what each provides, and which products they find in the checkouts.

Each is loaded in a process of its own, so that one which hangs, exits or crashes does not hide the rest.
"""

from __future__ import annotations

import sys
import time
from functools import partial

from guardrails.config import LOADING_LIMIT, answer_quietly
from guardrails.doctor.lines import Line, State
from guardrails.errors import CannotKnow, PluginError
from guardrails.plugins import loader
from guardrails.record import Record
from guardrails.remedies import a_look
from guardrails.safety.supervisor import Worker
from guardrails.wording.shown_text import listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.metadata import EntryPoint
    from typing import Any

_ABOUT = "plugin"


class Found(Record):
    """The lines of the plugins, and those of the products that they find in checkouts."""

    plugins: tuple[Line, ...]
    products: tuple[Line, ...]


def examine(repos: Sequence[str]) -> Found:
    """Load each plugin apart, and then all of them together; the repositories are searched for products."""
    try:
        entries = loader.list_installed()
    except PluginError as error:
        return Found((Line(_ABOUT, "", State.WRONG, str(error)),), ())
    answers = [(entry, _ask(entry.name, partial(_load, entry, repos))) for entry in entries]
    lines = [_line(entry, said) for entry, said in answers]
    if all("error" not in said for _, said in answers):
        together = _ask("all", _together)
        if "error" in together:
            do = a_look("guardrails policies || true", "it says the same; uninstall one of the two")
            lines.append(Line(_ABOUT, "", State.WRONG, together["error"], do))
    products = [
        Line(**{**line, "state": State(line["state"])}) for _, said in answers for line in said.get("found", ())
    ]
    return Found(tuple(lines), tuple(products))


def _ask(name: str, answer: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What a process of its own answers, or `error` with what became of it."""
    worker = Worker(lambda say: say(answer_quietly(answer)))
    try:
        for message in worker.messages(lambda _: LOADING_LIMIT, time.monotonic() + LOADING_LIMIT):
            return message
    finally:
        worker.end()
    return {"error": f"plugin {name} {worker.ending} while it was loaded"}


def _load(entry: EntryPoint, repos: Sequence[str]) -> dict[str, Any]:
    found = loader.load_provided([entry])
    return {
        "policies": sorted(found.policies),
        "profiles": sorted(found.profiles),
        "found": [line for repo in repos for line in _products(found, repo)],
    }


def _together() -> dict[str, Any]:
    loader.load()
    return {}


def _products(found: loader.Plugins, repo: str) -> list[dict[str, Any]]:
    """The lines of the products in one checkout, as plain data."""
    told = []
    for product in found.products():
        about = {"about": "version", "name": product.name, "do": ""}
        try:
            seen = product.look(repo)
        except CannotKnow as error:
            told.append({**about, "state": "unknown", "text": f"in {repo}: {error}"})
            continue
        if seen:
            remark = f"; {seen.remark}" if seen.remark else ""
            text = f"{seen.version} in {repo}{remark}"
            told.append({**about, "state": "note" if remark else "ok", "text": text})
    return told


def _line(entry: EntryPoint, said: dict[str, Any]) -> Line:
    made = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "of no distribution"
    if "error" in said:
        return Line(_ABOUT, entry.name, State.WRONG, f"{said['error']} ({made})", _way_out(entry))
    policies, profiles = said["policies"], said["profiles"]
    parts = [f"{len(policies)} policies ({listed(policies)})" if policies else "no policy"]
    parts += [f"the profile {name}" for name in profiles]
    return Line(_ABOUT, entry.name, State.OK, f"{made}: {', '.join(parts)}")


def _way_out(entry: EntryPoint) -> str:
    """A look at what goes wrong, and how to do without the plugin."""
    from shlex import join

    load = join([sys.executable, "-P", "-c", f"import {entry.module}"])
    name = entry.dist.name if entry.dist else entry.name
    remove = join([sys.executable, "-m", "pip", "uninstall", name])
    return a_look(f"{load} || true", f"mend it or install it anew; to do without it: {remove}")
