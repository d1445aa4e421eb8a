"""`guardrails policies`: list the policies that are installed, and where they apply."""

from __future__ import annotations

import json
import os
import sys

from guardrails import config
from guardrails.cli import request_options, terminal
from guardrails.config import places
from guardrails.errors import UsageError
from guardrails.wording.shown_text import redact, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from typing import Any

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.plugins.loader import Plugins
    from guardrails.policy import Policy

_EXAMPLES = """examples:
  guardrails policies
  guardrails policies --format json | jq -r '.[].policy'
  guardrails policies --coverage docs/DEPLOYMENT.md      which of its lines are guarded, and which are not
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `policies`."""
    parser.epilog = _EXAMPLES
    request_options.configure_configuration(parser)
    parser.add_argument(
        "--coverage", metavar="DOCUMENT", help="list each line of a rules document with the policies that guard it"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print every instance that is configured, and every policy that is installed and not listed; or the coverage."""
    settings, _, plugins = config.read(places.find_configuration(given.config))
    if given.coverage is not None:
        sys.stdout.write(_coverage(given, settings, plugins))
        return 0
    rows = [_instance(setting) for setting in settings.policies]
    listed = {setting.use for setting in settings.policies}
    rows += [_installed(policy) for name, policy in plugins.policies.items() if name not in listed]
    rows.sort(key=lambda row: str(row["policy"]))
    sys.stdout.write(json.dumps(rows, indent=2) + "\n" if given.format == "json" else table(rows))
    return 0


def _coverage(given: argparse.Namespace, settings: Settings, plugins: Plugins) -> str:
    """The lines of the document, each with what guards it. Raises UsageError or CannotKnow without a document."""
    from guardrails.coverage import DOCUMENT_LIMIT, cover_lines
    from guardrails.facts.files import read_text
    from guardrails.reporters.coverage_report import as_json, as_text

    try:
        text = read_text(os.path.abspath(given.coverage), DOCUMENT_LIMIT)
    except FileNotFoundError:
        raise UsageError(f"{given.coverage}: there is no such document") from None
    lines = cover_lines(text, settings, plugins.policies, places.home())
    if given.format == "json":
        return as_json(given.coverage, lines)
    return as_text(lines, width=terminal.width(sys.stdout))


def _instance(setting: PolicySetting) -> dict[str, Any]:
    when = {environment: list(moments) for environment, moments in setting.when.items() if moments}
    return {
        "policy": setting.name,
        "use": setting.use,
        "title": setting.title,
        "source": setting.source,
        "severity": setting.severity,
        "listed": True,
        "when": when,
        "enforcement": {environment: setting.enforcement[environment] for environment in when},
    }


def _installed(policy: type[Policy]) -> dict[str, Any]:
    return {
        "policy": policy.id,
        "use": policy.id,
        "title": policy.title,
        "source": policy.source,
        "severity": policy.severity.value,
        "listed": False,
        "when": {},
        "enforcement": {},
    }


def table(rows: list[dict[str, Any]]) -> str:
    """A paragraph for each policy: its title, then a line for each environment where it applies."""
    applies = [list(_places(row)) for row in rows]
    widths = [max((len(line[column]) for lines in applies for line in lines), default=0) for column in (0, 1)]
    text = []
    for row, lines in zip(rows, applies, strict=True):
        use = "" if row["use"] == row["policy"] else f"  (uses {row['use']})"
        text.append(_show_value(f"{row['policy']}{use}"))
        text.append(_show_value(f"  {row['title']}"))
        text += [
            _show_value(f"  {environment:<{widths[0]}}  {level:<{widths[1]}}  {moments}".rstrip())
            for environment, level, moments in lines
        ]
        if not lines:
            text.append("  applies nowhere" if row["listed"] else "  not listed")
        text.append("")
    return "\n".join(text)


def _places(row: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for environment, moments in row["when"].items():
        yield environment, row["enforcement"][environment], ", ".join(moments)


def _show_value(text: str) -> str:
    return visible(redact(text))
