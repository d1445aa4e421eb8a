"""`guardrails explain`: say what a policy guards, why, and what to do instead; or what an operation asks for."""

from __future__ import annotations

import inspect
import sys
import textwrap

from guardrails import config
from guardrails.cli import request_options, terminal
from guardrails.config import places
from guardrails.config.empty_values import empty_values
from guardrails.config.settings import hint_at_known
from guardrails.config.written import toml, type_name
from guardrails.errors import UsageError
from guardrails.record import plain
from guardrails.safety.redaction import clean
from guardrails.wording.shown_text import redact, visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from guardrails.config.settings import PolicySetting, Settings
    from guardrails.policy import Policy

_EXAMPLES = """examples:
  guardrails explain clean-worktree
  guardrails explain promote             what must hold before it, and after it
"""
_COLUMN = 13  # where what follows a label begins


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `explain`."""
    parser.epilog = _EXAMPLES
    what = "the id of a policy, the name of a configured instance, or an operation"
    parser.add_argument("name", metavar="ID", help=what)
    request_options.configure_configuration(parser)
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Print one policy: its invariant, its reasons, its options, and where it applies; or one operation."""
    settings, _, plugins = config.read(places.find_configuration(given.config))
    instances = {setting.name: setting for setting in settings.policies}
    setting = instances.get(given.name)
    use = setting.use if setting else given.name
    if use in plugins.policies:
        lines = _policy(plugins.policies[use], setting, given.name)
    elif use in settings.operations:
        lines = operation_lines(use, settings)
    else:
        known = sorted({*plugins.policies, *instances, *settings.operations})
        raise UsageError(f"unknown policy or operation {use}; {hint_at_known(use, known)}")
    width = terminal.width(sys.stdout)
    for line in lines:
        sys.stdout.write("\n".join(_wrap(line, width)) + "\n")
    return 0


def operation_lines(name: str, settings: Settings) -> Iterator[str]:
    """Where an operation happens, what it moves, its steps, and the policies that are asked before and after it."""
    operation = settings.operations[name]
    yield name
    yield _label("where", operation.environment or "any environment")
    if operation.candidate_from:
        yield _label("candidate", f"a commit of {operation.candidate_from}")
    if operation.moves_head_to:
        yield _label("HEAD", f"must be at the {operation.moves_head_to} commit afterwards")
    if operation.rescue:
        yield _label("saves", "what its reset would lose, once all else allows it")
    if operation.carry_to:
        yield _label("carries", f"that to {operation.carry_to}, as the branch rescue/ID")
    for number, step in enumerate(operation.steps, 1):
        yield _label("steps" if number == 1 else "", f"{number}. {step}")
    for label, moment in (("before it", name), ("after it", f"after {name}")):
        asked = [
            f"{setting.name} in {environment} ({setting.enforcement[environment]})"
            for setting in settings.policies
            for environment, moments in setting.when.items()
            if moment in moments and operation.environment in (None, environment)
        ]
        for number, line in enumerate(asked or ["nothing is asked"]):
            yield _label(label if number == 0 else "", line)


def _policy(policy: type[Policy], setting: PolicySetting | None, name: str) -> Iterator[str]:
    yield name
    yield f"  {setting.title if setting else policy.title}."
    yield ""
    yield from textwrap.indent(inspect.getdoc(policy) or "", "  ").split("\n")
    yield ""
    if name != policy.id:
        yield _label("uses", policy.id)
    yield _label("source", policy.source)
    yield _label("severity", policy.severity)
    yield _label("facts", ", ".join(fact.__name__ for fact, _ in policy.needs().values()) or "none")
    yield from _options(policy, setting)
    yield from _places(setting)


def _options(policy: type[Policy], setting: PolicySetting | None) -> Iterator[str]:
    """Each option as one would write it, with its type, and its default when it has another value."""
    effective = clean(setting.options) if setting else {}
    rows = []
    for name, kind in policy.__fields__.items():
        default = plain(getattr(policy, name, None))
        value = effective.get(name, default)
        note = "" if value == default else f"; default {toml(default)}"
        rows.append((f"{name} = {toml(value)}", f"{type_name(kind)}{note}"))
    widest = max((len(written) for written, _ in rows if len(written) <= 50), default=0)
    for number, (written, note) in enumerate(rows):
        yield _label("options" if number == 0 else "", f"{written:<{widest}}  # {note}")
    said = [one for one in empty_values(policy) if one.meaning]
    widest = max((len(f"{one.path} = {one.written}") for one in said), default=0)
    for number, one in enumerate(said):
        yield _label("when empty" if number == 0 else "", f"{f'{one.path} = {one.written}':<{widest}}  # {one.meaning}")


def _places(setting: PolicySetting | None) -> Iterator[str]:
    where = {name: moments for name, moments in setting.when.items() if moments} if setting else {}
    if setting is None or not where:
        yield _label("applies", "nowhere" if setting else "nowhere: no configuration lists it")
        return
    for number, (environment, moments) in enumerate(where.items()):
        what = f"{environment}: {', '.join(moments)} ({setting.enforcement[environment]})"
        yield _label("applies" if number == 0 else "", what)


def _label(label: str, text: str) -> str:
    return f"  {label:<{_COLUMN - 2}}{text}"


def _wrap(line: str, width: int | None) -> list[str]:
    """The line as a terminal of that width shows it best; what follows goes under where the text began."""
    line = visible(redact(line))
    if not width or len(line) <= width:
        return [line]
    start = len(line) - len(line.lstrip())
    hanging = _COLUMN if start == 2 and line[_COLUMN - 2 : _COLUMN] == "  " else start
    return textwrap.wrap(
        line, max(width, 40), subsequent_indent=" " * hanging, break_long_words=False, break_on_hyphens=False
    )
