"""A package to start from: one policy with a fact of its own, its tests, its drills, and the metadata of a plugin.

Everything in it runs as it is, so that an author begins with something that works and changes it.
"""

from __future__ import annotations

import os
import re

from guardrails.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_KEBAB_CASE = r"[a-z][a-z0-9]*(-[a-z0-9]+)+"

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{id}-policy"
version = "0.1"
description = "The policy {id} for guardrails"
requires-python = ">=3.11"

[project.entry-points.guardrails]
{id} = "{module}"

[tool.hatch.build]
only-include = ["{module}.py"]
dev-mode-dirs = ["."]
"""

_MODULE = '''\
"""The policy {id}, and the fact that it judges."""

from guardrails import Drill, Fact, Finding, Policy, World, ask, hookimpl
from guardrails.facts.files import read_text


class Document(Fact):
    """The lines of a file of the repository; None when the file is not there."""

    path: str
    lines: tuple[str, ...] | None

    @classmethod
    async def gather(cls, world: World, file: str) -> "Document":
        """Read the file. Raises CannotKnow when it is there and cannot be read."""
        path = f"{{world.environment.repo}}/{{file}}"
        try:
            return cls(path, tuple(read_text(path).split("\\n")))
        except FileNotFoundError:
            return cls(path, None)


class {name}(Policy):
    """Say here what goes wrong without this policy; `guardrails explain {id}` prints it."""

    id = "{id}"
    title = "The file has the line"  # what holds when the policy passes
    source = "where the rule is written down"
    empty = {{"file": "refused", "line": "refused"}}  # what an empty value of each option means
    file: str = "OWNERS"
    line: str = "reviewed"

    def __post_init__(self):
        """Raise ValueError for options that cannot be meant."""
        if not self.file or not self.line:
            raise ValueError("file and line must not be empty")

    def evaluate(self, document: Document = ask("file")):
        """Yield a finding when the file or the line is missing."""
        if document.lines is None or self.line not in document.lines:
            yield Finding(
                observed=f"{{self.file}} is not there" if document.lines is None else f"{{self.file}} lacks the line",
                expected=self.line,
                remediation=f"add the line to {{document.path}}",
            )


@hookimpl
def guardrails_policies():
    """The policies that this package provides."""
    return [{name}]


@hookimpl
def guardrails_drills():
    """What the policy must refuse, and what beside it it must let through; `guardrails drill` plays them."""
    applies = '[policies.{id}]\\nenvironments = ["prod"]\\nwhen = ["standing"]\\nenforcement = "hard-mandatory"\\n'

    def write_line(folder):
        with open(f"{{folder}}/prod/OWNERS", "w", encoding="utf-8") as file:
            file.write("reviewed\\n")

    about = "{id}", ("standing",)
    return [
        Drill(*about, "no-file", "The file is not there", configuration=applies),
        Drill(*about, "the-line", "The file has the line", write_line, harmless=True, configuration=applies),
    ]
'''

_TESTS = '''\
"""The policy on facts as they are written here, and on what its fact reads from a real folder."""

import pytest
from guardrails.testing import gather, judge, world

from {module} import Document, {name}


def test_the_line_passes(tmp_path):
    (tmp_path / "OWNERS").write_text("reviewed\\n")
    assert judge({name}(), document=gather(Document, world(tmp_path), "OWNERS")).outcome == "pass"


def test_another_line_fails():
    result = judge({name}(), document=Document("/srv/app/OWNERS", ("by nobody",)))
    assert result.outcome == "fail"
    assert result.findings[0].observed == "OWNERS lacks the line"


def test_what_is_empty_is_refused():
    for options in ({{"file": ""}}, {{"line": ""}}):
        with pytest.raises(ValueError, match="must not be empty"):
            {name}(**options)


def test_a_missing_file_fails(tmp_path):
    assert judge({name}(), document=gather(Document, world(tmp_path), "OWNERS")).outcome == "fail"
'''

_README = """\
# {id}

A policy for guardrails. As it was written, it asks for a line in a file of the repository; `{module}.py` is where to
change that, and `test_{module}.py` where to prove it.

Test it and install it with the Python of guardrails, which needs pytest for the first line:

```sh
python -m pytest
python -m pip install --editable .
```

Then make it apply, in `guardrails.toml`:

```toml
[policies.{id}]
environments = ["prod"]
when = ["standing"]
enforcement = "hard-mandatory"
```

`guardrails policies` lists it, `guardrails explain {id}` explains it, and
`guardrails check --env prod --policy {id}` asks it alone. `guardrails drill --policy {id}` shows
that it refuses what it must, in a small world, and lets a harmless thing through.
"""


def require_name(name: str) -> None:
    """Raise UsageError unless this can be the id of a policy: lower-case words, two or more, joined by dashes."""
    if not re.fullmatch(_KEBAB_CASE, name):
        raise UsageError(f"{name} is no id of a policy; write words with dashes between them, such as written-down")


def files_of(name: str) -> dict[str, str]:
    """The files of the package for a policy of that id: names and texts."""
    module = f"{name.replace('-', '_')}_policy"
    words = {"id": name, "module": module, "name": "".join(word.capitalize() for word in name.split("-"))}
    templates = {
        "pyproject.toml": _PYPROJECT,
        f"{module}.py": _MODULE,
        f"test_{module}.py": _TESTS,
        "README.md": _README,
    }
    return {file: template.format(**words) for file, template in templates.items()}


def write(folder: str, files: Mapping[str, str]) -> None:
    """Write the files into a new or empty folder, all of them or none.

    Raises UsageError when the folder holds anything or is not a folder, and OSError when it cannot be written.
    """
    made = _make_folders(folder)
    written: list[str] = []
    try:
        for name, text in files.items():
            path = os.path.join(folder, name)
            with open(path, "x", encoding="utf-8", newline="") as file:  # never over what somebody has just written
                written.append(path)
                file.write(text)
    except BaseException:
        for path in written:
            os.unlink(path)
        for one in reversed(made):
            os.rmdir(one)
        raise


def _make_folders(folder: str) -> list[str]:
    """Make the folder and those above it that are missing, and give those that were made, the outermost first."""
    if os.path.lexists(folder):
        if not os.path.isdir(folder):
            raise UsageError(f"{folder} is no folder; give --dir a new or an empty one")
        if os.listdir(folder):
            raise UsageError(f"{folder} is not empty; give --dir a new or an empty folder")
        return []
    missing = [folder]
    while not os.path.lexists(above := os.path.dirname(missing[0])):
        missing.insert(0, above)
    made = []
    try:
        for one in missing:
            os.mkdir(one)
            made.append(one)
    except OSError:
        for one in reversed(made):
            os.rmdir(one)
        raise
    return made
