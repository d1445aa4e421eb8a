"""Who is told, and telling them: each alone, all at once, in processes that are killed after ten seconds."""

from __future__ import annotations

import json
import os
import sys
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit

from guardrails.errors import CannotKnow
from guardrails.facts.programs.side_by_side import Command, GivenUp, SideBySide
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from guardrails.config.settings import Watch

BOUND = 10.0  # seconds for one channel
_LIMIT = 65536  # bytes that a program may say
_PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR")  # no proxy among them
_HERE = os.path.dirname(os.path.abspath(__file__))


class Channel(Record):
    """Somebody who is told: `name` is the key of the configuration, `address` a secret."""

    name: str
    address: str

    @property
    def identity(self) -> str:
        """What it is kept under: nothing that tells the address."""
        return sha256(self.address.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Delivery(Record):
    """Something for a channel: the program that brings it there, with its options, and what it is given."""

    channel: Channel
    program: tuple[str, ...]
    given: Mapping[str, Any]


def channels(watch: Watch) -> list[Channel]:
    """Those who get messages, each once."""
    web = [Channel("webhook", watch.webhook)] if watch.webhook else []
    services = [Channel(f"notify[{number}]", one) for number, one in enumerate(watch.notify, start=1)]
    return list({one.identity: one for one in reversed([*web, *services])}.values())[::-1]


def message_for(channel: Channel, message: Mapping[str, Any]) -> Delivery:
    """A message as its channel takes it."""
    if channel.name == "webhook":
        return _web(channel, channel.address, "POST", json.dumps(message))
    text = message["text"]
    given = {"url": channel.address, "title": message["title"], "text": text.partition("\n")[2] or text}
    return Delivery(channel, ("-E", "-P", "-X", "utf8", os.path.join(_HERE, "apprise_sender.py")), given)


def ping_for(address: str, word: str) -> Delivery:
    """A ping of a check of healthchecks: `start`, or an exit code, goes behind its path."""
    parts = urlsplit(address)
    url = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{word}", fragment=""))
    return _web(Channel("ping", address), url, "GET", "")


def _web(channel: Channel, url: str, method: str, body: str) -> Delivery:
    program = ("-I", "-S", "-X", "utf8", os.path.join(_HERE, "web_sender.py"))
    return Delivery(channel, program, {"url": url, "method": method, "body": body})


def deliver(deliveries: Sequence[Delivery], *, bound: float = BOUND) -> list[str]:
    """Bring each where it belongs, and give what was wrong with each, empty for what arrived."""
    children = SideBySide()
    try:
        tasks = [children.start(_deliver(one, bound)) for one in deliveries]
        children.finish(tasks)
    finally:
        children.abandon()
    return [task.result if task.error is None else "could not be told" for task in tasks]


async def _deliver(one: Delivery, bound: float) -> str:
    """What was wrong with a delivery. Nothing that its program says beyond that is believed, or shown."""
    environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
    argv = [sys.executable, *one.program]
    try:
        done = await Command(argv, environment, stdin=json.dumps(one.given).encode(), timeout=bound, limit=_LIMIT)
    except GivenUp:
        return f"took longer than {bound:g} s"
    except CannotKnow:
        return "the program that tells it cannot be started"
    try:
        return str(json.loads(done.stdout)["problem"])
    except (ValueError, KeyError, TypeError):
        return f"the program that tells it ended with status {done.status}"
