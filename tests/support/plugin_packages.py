"""Plugin packages made on the fly: a module and the metadata that an installer would write beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

PREAMBLE = """\
import ctypes, gc, json, os, re, signal, sys, time
from guardrails import CannotKnow, DoesNotApply, Fact, Finding, Note, Policy, ask, hookimpl
from guardrails.facts.programs.side_by_side import Command
"""


def install(folder: Path, name: str, source: str | None = None, *, entry: str | None = None) -> Path:
    """Put a distribution into a folder that is to be on the path of an `interpreter`, and give the folder.

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


def interpreter(folder: Path, path: Iterable[str]) -> str:
    """A Python that finds modules in these folders before the installed ones: a virtual environment that lists them.

    The folder is where it is made; when it is there already, its list is replaced.
    """
    program, site = folder / "bin/python", folder / "lib/python{}.{}/site-packages".format(*sys.version_info)
    if not program.is_symlink():
        base = Path(sys.executable).resolve()
        program.parent.mkdir(parents=True)
        site.mkdir(parents=True)
        (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
        program.symlink_to(base)
        (program.parent / "shfmt").symlink_to(Path(sys.executable).parent / "shfmt")  # as an installer puts it there
    installed = [one for one in sys.path if os.path.basename(one) == "site-packages"]
    listed = "".join(f"{one}\n" for one in (*path, *installed))
    known = site / "tests.pth"
    if not known.exists() or known.read_text() != listed:
        known.write_text(listed)
    return str(program)


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
