"""Guardrails itself: `run` is the guarded way and no action; what takes a guard off, or speaks for a person, is one."""

from __future__ import annotations

import os

from guardrails.facts.tool_call.programs.arguments import Arguments, parse
from guardrails.facts.tool_call.programs.git_arguments import make_absolute
from guardrails.facts.tool_call.programs.program import Example, Given, Program, Touch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.calls import Place

_KINDS = {  # the commands and what they do to the guard of an environment
    "hook uninstall": "loosens",
    "watch uninstall": "loosens",
    "waive": "loosens",
    "signoff": "approves",
    "history accept": "approves",
    "rescue drop": "loosens",
}
_VALUES = ("env", "config", "config-ref", "op", "candidate", "format", "output", "timeout", "jobs", "role", "commit",
           "decision", "reason", "expires", "key", "to", "at", "policy", "skip", "remote", "since",
           "updates")  # fmt: skip


def _guardrails(given: Given) -> Iterator[Touch]:
    words = list(given.words)
    end = next((at for at, word in enumerate(words) if word.text == "--"), len(words))
    found = parse(words[:end], _VALUES)
    said = [word.text or "" for word in found.operands[:2]]
    command = " ".join(said) if " ".join(said) in _KINDS else said[0] if said else ""
    if found.has("help", "h") or (command == "hook uninstall" and found.has("dry-run")):
        return
    if kind := _KINDS.get(command):
        yield from (Touch(kind, place) for place in _environments(found, given))
    others = [word.text for word in found.values("config")]
    if "GUARDRAILS_CONFIG" in given.command.variables:
        others.append(given.command.variables["GUARDRAILS_CONFIG"])
    if command == "run" and any(_is_other(path, given) for path in others):
        yield from (Touch("loosens", place) for place in _environments(found, given))


def _environments(found: Arguments, given: Given) -> tuple[Place, ...]:
    """The repositories of the environment that is named, or in which this runs; of all, when neither says."""
    repos = tuple(place for place in given.places.all if place.kind == "repo")
    named = [word.text for word in found.values("env")]
    standing = given.places.touched(given.command.folder) if given.command.folder else ()
    chosen = [place for place in repos if (place.environment in named if named else place in standing)]
    return tuple(chosen) or repos


def _is_other(path: str | None, given: Given) -> bool:
    """Whether a configuration is another than the one in force."""
    known = {os.path.realpath(place.path) for place in given.places.all if place.kind == "configuration"}
    path = make_absolute(path, given.command.folder)
    return path is None or os.path.realpath(path) not in known


def _module(given: Given) -> Iterator[Touch]:
    """`python -m guardrails` is the same program, and `python -m pip` is pip."""
    modules = {"guardrails": _guardrails, "pip": _uninstalled}
    for at, word in enumerate(given.words[:-1]):
        read = modules.get(given.words[at + 1].text or "") if word.text == "-m" else None
        if read:
            yield from read(given.replaced(words=given.words[at + 2 :]))


def _is_read(given: Given) -> bool:
    """Whether a call of Python is one of guardrails or pip."""
    return any(
        word.text == "-m" and next_one.text in ("guardrails", "pip")
        for word, next_one in zip(given.words, given.words[1:], strict=False)
    )


def _uninstalled(given: Given) -> Iterator[Touch]:
    """What pip writes and removes. A guard whose program is gone refuses everything until it is taken off."""
    words = {word.known for word in given.words}
    targets = parse(given.words, ("t", "target", "prefix", "root")).values("t", "target", "prefix", "root")
    yield from (Touch("writes", word) for word in targets)
    if words & {"uninstall", "remove"} and "deploy-guardrails" in {word.lower().replace("_", "-") for word in words}:
        yield from (Touch("loosens", place) for place in given.places.all if place.kind == "repo")


ROWS = (
    Program(
        ("pip", "pip3", "pipx", "uv"),
        read=_uninstalled,
        examples=(
            Example("pip uninstall -y deploy-guardrails", ("loosens /srv/prod", "loosens /srv/dev")),
            Example("uv tool uninstall deploy_guardrails", ("loosens /srv/prod", "loosens /srv/dev")),
            Example("pip uninstall -y requests"),
            Example("pip install deploy-guardrails"),
            Example("pip install -t lib x", ("writes /srv/prod/lib",)),
            Example("pip install --target /tmp/lib x"),
        ),
    ),
    Program(
        ("python", "python3"),
        read=_module,
        tells=_is_read,
        examples=(
            Example("python3 -I -m guardrails hook uninstall pre-push --env dev", ("loosens /srv/dev",)),
            Example("python3 -m pip uninstall deploy-guardrails", ("loosens /srv/prod", "loosens /srv/dev")),
            Example("python3 -m pytest", ("?writes /srv/prod",)),
            Example("python3 script.py", folder="/srv/elsewhere"),
            Example("python3 --version"),
        ),
    ),
    Program(
        ("guardrails",),
        read=_guardrails,
        examples=(
            Example(
                "guardrails hook uninstall reference-transaction --env prod",
                ("loosens /srv/prod",),
                folder="/srv/elsewhere",
            ),
            Example("guardrails waive clean-worktree --env dev --reason x --expires 2026-12-01", ("loosens /srv/dev",)),
            Example("guardrails signoff --role architect-2 --env prod --decision approved", ("approves /srv/prod",)),
            Example("guardrails history accept abc --env prod --reason x", ("approves /srv/prod",)),
            Example("guardrails hook uninstall claude-code", ("loosens /srv/prod",)),
            Example("guardrails run promote --env prod --candidate v1 -- git merge v1"),
            Example("GUARDRAILS_CONFIG=/tmp/empty.toml guardrails run update --env prod", ("loosens /srv/prod",)),
            Example("guardrails rescue --env prod save"),
            Example("guardrails check --env prod"),
            Example("guardrails explain signoff"),
            Example("guardrails history --env prod --since accept"),
        ),
    ),
)
