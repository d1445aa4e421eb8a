"""`guardrails config`: show the effective configuration, or its JSON Schema."""

from __future__ import annotations

import json
import sys

from guardrails import config
from guardrails.cli import request_options
from guardrails.config import places
from guardrails.config.written import toml, toml_key
from guardrails.safety.redaction import HIDDEN, clean
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping
    from typing import Any

    from guardrails.config.layers import Merged
    from guardrails.config.settings import Settings

    Key = tuple[str, ...]

_EXAMPLES = """examples:
  guardrails config show                                 every value, and the file and line it comes from
  guardrails config schema > guardrails.schema.json      for editors: #:schema guardrails.schema.json
"""
_ADDRESSES = [("watch", key) for key in ("webhook", "notify", "ping")]  # each a secret as a whole
_WIDEST = 90  # a longer value gets its origin behind it, out of line


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `config`."""
    parser.epilog = _EXAMPLES
    does = "show: print each effective value, and where it comes from; schema: print the JSON Schema of the file"
    parser.add_argument("what", choices=["show", "schema"], help=does)
    request_options.configure_configuration(parser)
    parser.add_argument("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print what was asked for."""
    if given.what == "schema":
        from guardrails.config.schema import schema
        from guardrails.plugins import loader

        sys.stdout.write(json.dumps(schema(loader.load().policies), indent=2) + "\n")
        return 0
    settings, merged, _ = config.read(places.find_configuration(given.config))
    rows = list(_rows(merged, settings))
    if given.format == "json":
        document = [{"key": _write_key(key), "value": value, "origin": origin} for key, value, origin in rows]
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(_table(rows))
    return 0


def _rows(merged: Merged, settings: Settings) -> Iterator[tuple[Key, Any, str]]:
    """Every effective value: its key, the value as written, and where it was written."""
    written = _leaves(clean(merged.table), ())
    values = {key: (HIDDEN if key in _ADDRESSES and value else value, merged.place(key)) for key, value in written}
    for key, value in _defaults(settings):
        if not any(written[: len(key)] == key for written in values):
            values[key] = (value, "default")
    for key in sorted(values):
        yield key, *values[key]


def _leaves(table: Mapping[str, Any], at: Key) -> Iterator[tuple[Key, Any]]:
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*at, name))
        else:
            yield (*at, name), value


def _defaults(settings: Settings) -> Iterator[tuple[Key, Any]]:
    """The values that hold when nothing is written."""
    yield ("audit", "path"), settings.audit.path
    if settings.watch:
        yield ("watch", "every"), settings.watch.every
    for policy in settings.policies:
        at = ("policies", policy.name)
        yield (*at, "title"), policy.title
        yield (*at, "environments"), [name for name in settings.environments if name in policy.when]
        yield (*at, "when"), next(iter(policy.when.values()), ())
        yield (*at, "enforcement"), next(iter(policy.enforcement.values()))
        for name, value in clean(policy.options).items():
            yield (*at, name), value


def _table(rows: list[tuple[Key, Any, str]]) -> str:
    left = [visible(f"{_write_key(key)} = {toml(value)}") for key, value, _ in rows]
    column = max((len(text) for text in left if len(text) <= _WIDEST), default=0)
    return "".join(f"{text:<{column}}  # {visible(row[2])}\n" for text, row in zip(left, rows, strict=True))


def _write_key(key: Key) -> str:
    return ".".join(map(toml_key, key))
