"""Plugin packages made on the fly: a module and the metadata that an installer would write beside it."""

from __future__ import annotations

from pathlib import Path

PREAMBLE = """\
import ctypes, gc, json, os, re, signal, sys, time
from guardrails import CannotKnow, DoesNotApply, Fact, Finding, Note, Policy, ask, hookimpl
from guardrails.facts.processes import Command
"""


def install(folder: Path, name: str, source: str | None = None, *, entry: str | None = None) -> Path:
    """Put a distribution into a folder that is to be on PYTHONPATH, and give the folder.

    `source` is that of its one module; the entry point names that module unless `entry` is a line of its own.
    """
    module = name.replace("-", "_")
    metadata = folder / f"{module}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[guardrails]\n{entry or f'{name} = {module}'}\n")
    if source is not None:
        (folder / f"{module}.py").write_text(source, encoding="utf-8")
    return folder


def policy_class(identity: str, body: str) -> str:
    """The source of a policy without facts, whose `evaluate` is the given statements."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return f"""
class {class_name(identity)}(Policy):
    id = "{identity}"
    title = "The policy {identity}"
    source = "a test"

    def evaluate(self):
{lines}
        yield from ()
"""


def class_name(identity: str) -> str:
    """The name of a policy's class."""
    return "".join(part.capitalize() for part in identity.split("-"))


def provide(*classes: str) -> str:
    """The source of the hook that provides these classes."""
    return f"\n\n@hookimpl\ndef guardrails_policies():\n    return [{', '.join(classes)}]\n"
