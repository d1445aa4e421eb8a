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
    """
    whole: dict[str, Any] = ConfigurationTable.model_json_schema()
    whole["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    whole["title"] = "guardrails.toml"
    del whole["required"]  # what is extended may give it
    definitions = whole["$defs"]
    tables = {}
    for name, policy in sorted(policies.items()):
        table = table_for(policy).model_json_schema()
        definitions |= table.pop("$defs", {})
        table["properties"]["use"] = {"const": name}
        table["description"] = policy.title
        tables[name] = table
    instances = [{**table, "required": ["use"]} for table in tables.values()]
    whole["properties"]["policies"] = {
        "type": "object",
        "description": PolicyTable.__doc__,
        "properties": tables,
        "additionalProperties": {"anyOf": instances},
    }
    return whole
