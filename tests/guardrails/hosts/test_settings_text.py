"""Entries come into a settings file once and go out byte by byte, whatever else stands in it."""

from __future__ import annotations

import json

import pytest

from guardrails.errors import UsageError
from guardrails.facts.hooks.host_settings import ours_in, root_of
from guardrails.hosts.kinds import HOSTS
from guardrails.hosts.settings_text import new_text, with_entries, without_entries

SCRIPT = "/home/it's me/.local/share/guardrails/hosts/x-0123"
OTHER = '{"matcher": "Bash", "hooks": [{"type": "command", "command": "/theirs"}]}'
TEXTS = [
    "{}",
    "{\n}\n",
    '{"hooks": {}}',
    '{"hooks":{"PreToolUse":[ ]}}',
    '{ "hooks": { "PreToolUse": [  ] } }',
    '{\r\n\t"model": "x",\r\n\t"hooks": {\r\n\t\t"PreToolUse": [\r\n\t\t\t' + OTHER + "\r\n\t\t]\r\n\t}\r\n}",
    f'{{"hooks": {{"PreToolUse": [{OTHER}], "BeforeTool": [ {OTHER} ], "preToolUse": [], "Stop": []}}, "version": 1}}',
    '{"plugins": {"load": {"paths": ["/theirs"]}, "entries": { "x": {"enabled": false} }, "allow": []}}',
    '{ "plugins": { "entries": {} , "load": {"paths": [ ]}}}\n\n',
]
WITH_COMMENTS = [
    "{\n  // first\n  a: 1, /* last */\n}\n",
    "{ // nothing yet\n}",
    "{\n  plugins: { /* none */ },\n  hooks: { BeforeTool: [ // mine\n    {}, ], },\n}",
]


@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.parametrize("text", [*TEXTS, *WITH_COMMENTS])
def test_what_goes_in_comes_out_byte_by_byte(kind: str, text: str) -> None:
    entries = HOSTS[kind].entries(SCRIPT)
    there = with_entries(text, entries, SCRIPT, "f")
    root = root_of(there, "f")
    assert [[part.plain() for part in ours_in(root, one, SCRIPT)] for one in entries] == [
        [one.value] for one in entries
    ]
    assert with_entries(there, entries, SCRIPT, "f") == there
    assert without_entries(there, entries, SCRIPT, "f") == text
    assert without_entries(text, entries, SCRIPT, "f") == text
    if text in TEXTS:
        json.loads(there)


@pytest.mark.parametrize("kind", HOSTS)
@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize("text", TEXTS)
def test_it_goes_out_after_the_host_has_written_its_file_anew(kind: str, text: str, indent: int | str | None) -> None:
    entries = HOSTS[kind].entries(SCRIPT)
    there = json.dumps(json.loads(with_entries(text, entries, SCRIPT, "f")), indent=indent)
    left = json.loads(without_entries(there, entries, SCRIPT, "f"))
    assert SCRIPT not in json.dumps(left)
    assert _without_empty(left) == _without_empty(json.loads(text))


def _without_empty(value: object) -> object:
    """What is said: a host may drop empty tables and lists, and so may we once it wrote its file anew."""
    if isinstance(value, dict):
        kept = {key: _without_empty(one) for key, one in value.items()}
        return {key: one for key, one in kept.items() if one not in ({}, [])}
    return value


@pytest.mark.parametrize("kind", HOSTS)
def test_an_older_entry_is_replaced_where_it_stands(kind: str) -> None:
    entries = HOSTS[kind].entries(SCRIPT)
    now = with_entries(TEXTS[6], entries, SCRIPT, "f")
    older = now.replace('"timeout": 10', '"timeout": 1').replace('"enabled": true', '"enabled": false')
    assert with_entries(older, entries, SCRIPT, "f") == now


@pytest.mark.parametrize("text", ['{"hooks": []}', '{"hooks": {"PreToolUse": {}}}', '{"hooks": null}'])
def test_what_stands_in_the_way_is_named(text: str) -> None:
    with pytest.raises(UsageError, match=r"^f: hooks(\.PreToolUse)? is no (table|list)"):
        with_entries(text, HOSTS["codex"].entries(SCRIPT), SCRIPT, "f")


def test_a_new_file_is_json_and_nobodys_own() -> None:
    for host in HOSTS.values():
        text = with_entries(new_text(host.begins), host.entries(SCRIPT), SCRIPT, "f")
        assert dict(host.begins).items() <= json.loads(text).items()
        assert without_entries(text, host.entries(SCRIPT), SCRIPT, "f") == new_text(host.begins)
