"""Write what the documents list from what the code says: policy pages, the README's table, the help of each command.

python tools/generate_docs.py            write
python tools/generate_docs.py --check    say what is stale, and exit 1
"""

from __future__ import annotations

import argparse
import inspect
import io
import json
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import TypeVar

import guardrails
from guardrails import Fact, Policy, Record, config
from guardrails.cli.commands import COMMANDS
from guardrails.cli.commands.explain import operation_lines
from guardrails.cli.parser import parser_of, parser_of_all
from guardrails.config.empty_values import empty_values
from guardrails.config.settings import PolicySetting, Settings
from guardrails.config.written import toml, type_name
from guardrails.plugins import loader
from guardrails.record import plain
from guardrails.wording.shown_text import visible
from guardrails_policies.drills import DRILLS
from suite_counts import count_table

ROOT = Path(__file__).resolve().parent.parent
Kind = TypeVar("Kind", bound=Record)
CORPUS = ROOT / "tests" / "corpus" / "tool_calls"
SECTIONS = ("Why it matters", "Example", "Instead")


def generated() -> Iterator[tuple[Path, str]]:
    """Every generated file with its content."""
    policies = loader.load().policies
    settings, _, _ = config.read(None)
    instances = {setting.use: setting for setting in settings.policies}
    for name, policy in sorted(policies.items()):
        names = {name, *(setting.name for setting in settings.policies if setting.use == name)}
        yield ROOT / "docs" / "policies" / f"{name}.md", page(policy, instances.get(name), names)
    listing = table(policies, instances, link="")
    yield ROOT / "docs" / "policies" / "README.md", f"# Policies\n\n{listing}"
    readme, docs = ROOT / "README.md", ROOT / "docs"
    yield readme, filled(readme, commands=commands(), policies=table(policies, instances, link="docs/policies/"))
    yield docs / "empty.md", filled(docs / "empty.md", options=all_empty(policies))
    yield docs / "operations.md", filled(docs / "operations.md", operations=operations(settings))
    yield docs / "command-line.md", filled(docs / "command-line.md", help=helps())
    yield docs / "reliability.md", filled(docs / "reliability.md", counts=count_table())
    writing = docs / "writing-a-policy.md"
    yield writing, filled(writing, facts=facts(policies), records=records())


def page(policy: type[Policy], setting: PolicySetting | None, names: Collection[str]) -> str:
    """The page of one policy; `names` are its own and those of its instances."""
    summary, sections = documentation(policy)
    lines = [f"# {policy.id}", "", f"{policy.title}.", "", summary, ""]
    for title, text in sections.items():
        lines += [f"## {title}", "", f"```\n{text}\n```" if title == "Example" else text, ""]
    lines += tool_calls(policy.id)
    lines += ["## Options", "", *options(policy), ""]
    lines += ["In a `guardrails.toml`:", "", "```toml", *example(policy, setting), "```", ""]
    lines += ["## In the profile `openclaw`", "", *places(setting), "", *proofs(names)]
    lines += [f"Source: {policy.source}. Severity: {policy.severity}.", ""]
    return "\n".join(lines)


def proofs(names: Collection[str]) -> list[str]:
    """What the drills of a policy and of its instances do, in their order."""
    lines = ["## How it is proven", "", "`guardrails drill` sees that it refuses, in small worlds:", ""]
    for harmless in (False, True):
        titles = dict.fromkeys(one.title for one in DRILLS if one.policy in names and one.harmless is harmless)
        lines += [*(f"- {title}" for title in titles), ""]
        lines += [] if harmless else ["and that it lets through:", ""]
    return lines


def tool_calls(policy: str) -> list[str]:
    """What a policy refuses and what it lets through, out of the corpus of tool calls; nothing without such cases."""
    families = [
        [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
        for path in sorted(CORPUS.glob("*.jsonl"))
    ]
    own = [family for family in families if any(case.get("policy") == policy for case in family)]
    number = max(1, 8 // (len(own) or 1))
    refused = [one for family in own for one in shown(family, number, policy=policy)]
    passed = [one for family in own for one in shown(family, number, expect="pass")]
    if not own:
        return []
    lines = ["## Tool calls", "", "Some of those that it refuses, out of the corpus in `tests/corpus/tool_calls`:", ""]
    return [*lines, "```", *refused, "```", "", "And some beside them that pass:", "", "```", *passed, "```", ""]


def shown(family: list[dict[str, str]], number: int, **wanted: str) -> list[str]:
    """So many cases of a family, from all over it, that a line shows as they are, with where they run."""
    found = [one for one in family if wanted.items() <= one.items() and "shell" in one]
    plain = [one for one in found if len(one["shell"]) < 80 and not {"\n", "@"} & {*one["shell"]}]
    chosen = plain[:: max(1, -(-len(plain) // number))]
    comments = [f"in {one['cwd']}" + (f", which is {one['dev']}" if "dev" in one else "") for one in chosen]
    return [f"{one['shell']}   # {comment}" for one, comment in zip(chosen, comments, strict=True)]


def documentation(policy: type[Policy]) -> tuple[str, dict[str, str]]:
    """The first line of a policy's docstring, and its sections by title; what follows them unindented is `Details`."""
    first, *rest = (inspect.getdoc(policy) or "").splitlines()
    sections: dict[str, list[str]] = {}
    title = ""
    for line in rest:
        if line in SECTIONS:
            title = line
            continue
        if title and line and not line.startswith(" "):
            title = "Details"
        if title:
            sections.setdefault(title, []).append(line.removeprefix("    "))
    return first, {name: "\n".join(lines).strip("\n") for name, lines in sections.items()}


def example(policy: type[Policy], setting: PolicySetting | None) -> list[str]:
    """A table that makes the policy apply, with every option at its value in the profile, or at its default."""
    given = setting.options if setting else {}
    lines = [f"[policies.{policy.id}]", 'when = ["standing"]', 'enforcement = "hard-mandatory"']
    return lines + [f"{name} = {toml(given.get(name, plain(getattr(policy, name))))}" for name in policy.__fields__]


def options(policy: type[Policy]) -> list[str]:
    """The table of a policy's own options."""
    if not policy.__fields__:
        return ["None of its own."]
    empty = {one.path: one.meaning for one in empty_values(policy)}
    rows = [
        f"| `{name}` | {type_name(kind)} | `{toml(plain(getattr(policy, name)))}` | {empty.get(name, '–')} |"
        for name, kind in policy.__fields__.items()
    ]
    return ["| option | type | default | when [empty](../empty.md) |", "|---|---|---|---|", *rows]


def all_empty(policies: dict[str, type[Policy]]) -> str:
    """One row for each option of each policy that can be empty: its empty value, and what that means."""
    lines = ["| policy | empty value | is | which means |", "|---|---|---|---|"]
    for name, policy in sorted(policies.items()):
        for one in empty_values(policy):
            means = one.meaning.partition(": ")[2]
            lines.append(f"| [{name}](policies/{name}.md) | `{one.path} = {one.written}` | {one.outcome} | {means} |")
    return "\n".join(lines) + "\n"


def places(setting: PolicySetting | None) -> list[str]:
    """Where the built-in profile applies a policy."""
    if setting is None:
        return ["Not listed."]
    rows = [
        f"| {environment} | {', '.join(moments)} | {setting.enforcement[environment]} |"
        for environment, moments in setting.when.items()
    ]
    return ["| environment | when | enforcement |", "|---|---|---|", *rows]


def table(policies: dict[str, type[Policy]], instances: dict[str, PolicySetting], link: str) -> str:
    """One row for each policy: what it guards, where the rule stands, and when the profile asks it."""
    lines = ["| policy | guards that | source | prod | dev |", "|---|---|---|---|---|"]
    for name, policy in sorted(policies.items()):
        when = instances[name].when if name in instances else {}
        moments = [", ".join(when.get(environment, ())) or "–" for environment in ("prod", "dev")]
        lines.append(
            f"| [{name}]({link}{name}.md) | {in_a_sentence(policy.title)} | {policy.source} | {' | '.join(moments)} |"
        )
    return "\n".join(lines) + "\n"


def in_a_sentence(title: str) -> str:
    """A title as it reads after other words: with a small letter, but for a name such as HEAD in its first place."""
    first = title.split()[0]
    return title if first[1:] != first[1:].lower() else title[0].lower() + title[1:]


def commands() -> str:
    """One row for each command."""
    rows = [f"| `{name}` | {does} |" for name, does in COMMANDS.items()]
    return "\n".join(["| `guardrails` | does |", "|---|---|", *rows]) + "\n"


def public(kind: type[Kind]) -> list[type[Kind]]:
    """The public records of a kind, by name."""
    named = (getattr(guardrails, name) for name in sorted(guardrails.__all__))
    return [one for one in named if isinstance(one, type) and issubclass(one, kind) and one not in (kind, Policy)]


def facts(policies: dict[str, type[Policy]]) -> str:
    """One row for each public fact: what it is, its attributes, and the options that `ask` names for it."""
    asked = {fact: names for policy in policies.values() for fact, names in policy.needs().values()}
    lines = ["| fact | is | attributes | options |", "|---|---|---|---|"]
    for fact in public(Fact):
        wanted = [f'"{name}"' for name in asked.get(fact) or own_options(fact)]
        options = f"`ask({', '.join(wanted)})`" if wanted else "none"
        lines.append(f"| `{fact.__name__}` | {first_sentence(fact)} | {attributes(fact)} | {options} |")
    return "\n".join(lines) + "\n"


def own_options(fact: type[Fact]) -> list[str]:
    """The values that the gathering of a fact must be given, but for the world; the others are facts' own."""
    parameters = list(inspect.signature(fact.gather).parameters.values())[1:]
    named = [one for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    return [one.name for one in named if one.default is one.empty]


def records() -> str:
    """One row for each public record that is neither a fact nor a policy."""
    lines = ["| record | is | attributes |", "|---|---|---|"]
    plain_ones = [one for one in public(Record) if not issubclass(one, (Fact, Policy))]
    lines += [f"| `{one.__name__}` | {first_sentence(one)} | {attributes(one)} |" for one in plain_ones]
    return "\n".join(lines) + "\n"


def attributes(record: type[Record]) -> str:
    """The fields of a record and its properties."""
    properties = [name for name, value in inspect.getmembers(record) if isinstance(value, property)]
    return ", ".join(f"`{name}`" for name in [*record.__fields__, *properties] if not name.startswith("_"))


def first_sentence(kind: type) -> str:
    """The first sentence of a docstring, in one line of a table."""
    text = " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".").replace("|", "\\|")


def operations(settings: Settings) -> str:
    """What each operation of the built-in profile asks for, before it and after it."""
    parts = []
    for name in settings.operations:
        lines = [visible(line) for line in operation_lines(name, settings)]
        parts.append(f"## {name}\n\n```\n" + "\n".join(lines[1:]) + "\n```\n")
    return "\n".join(parts)


def helps() -> str:
    """The help of the whole and of each command, as code blocks."""
    parts = [f"```\n{parser_of_all().format_help().strip()}\n```\n"]
    parts += [f"### {name}\n\n```\n{parser_of(name).format_help().strip()}\n```\n" for name in COMMANDS]
    return "\n".join(parts)


def filled(path: Path, **contents: str) -> str:
    """A file with what stands between the two markers of each name replaced."""
    text = path.read_text(encoding="utf-8")
    for marker, content in contents.items():
        begin, end = f"<!-- {marker}:begin -->\n", f"<!-- {marker}:end -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            sys.exit(f"{path.name} has no markers {begin.strip()} and {end}")
        text = f"{before}{begin}{content}{end}{after}"
    return text


def main() -> int:
    """Write or check."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    os.chdir("/")  # so that no guardrails.toml on the way changes the pages
    with redirect_stdout(io.StringIO()):  # help is as wide as the terminal, and there is to be none
        files = dict(generated())
    stale = [path for path, text in files.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    stale += [path for path in (ROOT / "docs" / "policies").glob("*.md") if path not in files]
    (ROOT / "docs" / "policies").mkdir(parents=True, exist_ok=True)
    for path in stale:
        print(f"{'stale' if check else 'wrote'}: {path.relative_to(ROOT)}")
        if check:
            continue
        if path in files:
            path.write_text(files[path], encoding="utf-8")
        else:
            path.unlink()
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
