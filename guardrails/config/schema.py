"""The JSON Schema of `guardrails.toml`, for editors. Made from the tables that validation uses."""

from __future__ import annotations

from guardrails.config.tables import ConfigurationTable, PolicyTable, table_for

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from guardrails.policy import Policy


def schema(policies: Mapping[str, type[Policy]]) -> dict[str, Any]:
    """The schema (draft 2020-12) with the options of the installed policies.

    A table named after a policy takes that policy's options; any other needs `use`, and takes those of what it uses.
    Nothing else is required, since a file may extend another that has it.
    """
    whole: dict[str, Any] = ConfigurationTable.model_json_schema()
    definitions = whole["$defs"]
    tables, instances = {}, []
    for name, policy in sorted(policies.items()):
        table = table_for(policy).model_json_schema()
        inner = {f"{name}.{key}": value for key, value in table.pop("$defs", {}).items()}
        definitions.update(_renamed(inner, name))
        table = {**_renamed(table, name), "description": policy.title}
        table["properties"]["use"] = {"const": name}
        tables[name] = table
        instances.append({**table, "required": ["use"]})
    whole["properties"]["policies"] = {
        "type": "object",
        "description": PolicyTable.__doc__,
        "properties": tables,
        "additionalProperties": {"anyOf": instances},
    }
    del whole["required"]
    definitions["EnvironmentTable"].pop("required")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_tidy(whole), "title": "guardrails.toml"}


def _renamed(node: Any, policy: str) -> Any:
    """A part of a policy's schema whose references carry the policy's name, since two may call a record the same."""
    if isinstance(node, dict):
        return {
            key: f"#/$defs/{policy}.{value.removeprefix('#/$defs/')}" if key == "$ref" else _renamed(value, policy)
            for key, value in node.items()
        }
    return [_renamed(one, policy) for one in node] if isinstance(node, list) else node


def _tidy(node: Any) -> Any:
    """The schema without what TOML cannot say (null), and without titles that only repeat the key."""
    if isinstance(node, list):
        return [_tidy(one) for one in node]
    if not isinstance(node, dict):
        return node
    choices = [one for one in node.get("anyOf", ()) if one != {"type": "null"}]
    if choices:
        rest = {
            key: value for key, value in node.items() if key != "anyOf" and not (key == "default" and value is None)
        }
        node = {**rest, **choices[0]} if len(choices) == 1 else {**rest, "anyOf": choices}
    return {key: _tidy(value) for key, value in node.items() if key != "title" or isinstance(value, dict)}
