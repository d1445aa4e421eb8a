"""`guardrails policies`: list the policies that are installed, and where they apply."""

from __future__ import annotations

import json
import os
import sys

from guardrails import config
from guardrails.config import places
from guardrails.text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from guardrails.config.settings import PolicySetting
    from guardrails.policy import Policy

_EXAMPLES = """examples:
  guardrails policies
  guardrails policies --format json | jq -r '.[].policy'
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `policies`."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "--config", metavar="PATH", help="the configuration file (default: the nearest guardrails.toml)"
    )
    parser.add_argument("--format", choices=["text", "json"], default="text", help="what to print (default: text)")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print every instance that is configured, and every policy that is installed and not listed."""
    path = places.configuration(given.config or os.environ.get("GUARDRAILS_CONFIG"))
    settings, _, plugins = config.read(path)
    rows = [_instance(setting) for setting in settings.policies]
    listed = {setting.use for setting in settings.policies}
    rows += [_installed(policy) for name, policy in plugins.policies.items() if name not in listed]
    rows.sort(key=lambda row: str(row["policy"]))
    sys.stdout.write(json.dumps(rows, indent=2) + "\n" if given.format == "json" else _table(rows))
    return 0


def _instance(setting: PolicySetting) -> dict[str, Any]:
    return {
        "policy": setting.name,
        "use": setting.use,
        "title": setting.title,
        "listed": True,
        "when": {name: list(moments) for name, moments in setting.when.items() if moments},
        "enforcement": {name: setting.enforcement[name] for name, moments in setting.when.items() if moments},
    }


def _installed(policy: type[Policy]) -> dict[str, Any]:
    return {
        "policy": policy.id,
        "use": policy.id,
        "title": policy.title,
        "listed": False,
        "when": {},
        "enforcement": {},
    }


def _table(rows: list[dict[str, Any]]) -> str:
    """A line for each policy, and one below it for each environment where it applies."""
    column = max(len(row["policy"]) for row in rows)
    lines = []
    for row in rows:
        use = "" if row["use"] == row["policy"] else f"  (uses {row['use']})"
        lines.append(visible(f"{row['policy']:<{column}}  {row['title']}{use}"))
        for environment, moments in row["when"].items():
            what = f"{environment}: {', '.join(moments)}  ({row['enforcement'][environment]})"
            lines.append(visible(" " * (column + 2) + what))
        if not row["when"]:
            lines.append(" " * (column + 2) + ("applies nowhere" if row["listed"] else "installed, not listed"))
    return "\n".join(lines) + "\n"
