"""`guardrails config`: show the effective configuration, or its JSON Schema."""

from __future__ import annotations

import json
import os
import sys

from guardrails import config
from guardrails.config import places
from guardrails.text import redacted, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from guardrails.config.layers import Merged
    from guardrails.config.settings import Settings

_EXAMPLES = """examples:
  guardrails config show                                 every value, and the file and line it comes from
  guardrails config schema > guardrails.schema.json      for editors: #:schema guardrails.schema.json
"""

_MISSING = object()


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `config`."""
    parser.epilog = _EXAMPLES
    parser.add_argument("what", choices=["show", "schema"], help="the effective values, or the schema of the file")
    parser.add_argument(
        "--config", metavar="PATH", help="the configuration file (default: the nearest guardrails.toml)"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print what was asked for."""
    if given.what == "schema":
        from guardrails import plugins
        from guardrails.config.schema import schema

        sys.stdout.write(json.dumps(schema(plugins.load().policies), indent=2) + "\n")
        return 0
    path = places.configuration(given.config or os.environ.get("GUARDRAILS_CONFIG"))
    settings, merged, _ = config.read(path)
    rows = list(_rows(merged, settings))
    if given.format == "json":
        document = [{"key": ".".join(key), "value": value, "origin": origin} for key, value, origin in rows]
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(_table(rows))
    return 0


def _rows(merged: Merged, settings: Settings) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Every effective value: its key, the value as written, and where it was written."""
    defaults = {("policies", policy.name): policy.options for policy in settings.policies}
    written = dict(_leaves(merged.table, ()))
    for table, options in defaults.items():
        for name, value in options.items():
            if not any(key[: len(table) + 1] == (*table, name) for key in written):
                written[*table, name] = value
    for key in sorted(written):
        origin = merged.place(key) if _is_written(merged, key) else "default"
        yield key, written[key], origin


def _leaves(table: dict[str, Any], at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, (*at, name))
        else:
            yield (*at, name), value


def _is_written(merged: Merged, key: tuple[str, ...]) -> bool:
    node: Any = merged.table
    for part in key:
        node = node.get(part, _MISSING) if isinstance(node, dict) else _MISSING
    return node is not _MISSING


def _table(rows: list[tuple[tuple[str, ...], Any, str]]) -> str:
    left = [f"{'.'.join(map(_key, key))} = {toml(value)}" for key, value, _ in rows]
    column = min(max(map(len, left)), 90)
    lines = (f"{text:<{column}}  # {origin}" for text, (_, _, origin) in zip(left, rows, strict=True))
    return "".join(visible(redacted(line)) + "\n" for line in lines)


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() and name.isascii() else json.dumps(name)


def toml(value: Any) -> str:
    """A value as TOML writes it, on one line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(name)} = {toml(one)}" for name, one in value.items()) + " }" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False, default=str)
