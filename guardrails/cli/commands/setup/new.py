"""`guardrails new`: write a package with a policy of your own, its fact and its tests, ready to install."""

from __future__ import annotations

import os
import sys

from guardrails.errors import UsageError
from guardrails.plugins import loader, starter
from guardrails.wording.shown_text import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse

_EXAMPLES = """examples:
  guardrails new policy written-down --dir written-down
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `new`."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("what", choices=["policy"], help="policy: a package with a policy of your own, its fact and its tests")
    add("name", metavar="NEW-ID", help="the id of the policy, words with dashes between them")
    add("--dir", metavar="DIR", required=True, help="the folder of the package, which must be new or empty")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Write the package, and print the commands that come next."""
    starter.require_name(given.name)
    if given.name in loader.load().policies:
        raise UsageError(f"there is a policy {given.name} already: guardrails explain {given.name}")
    folder, files = os.path.abspath(given.dir), starter.files_of(given.name)
    starter.write(folder, files)
    print(visible(f"wrote {', '.join(files)} to {folder}"))
    print("next: test it, install it where guardrails is, look at it, and then write what it shall judge")
    for line in _next(folder, given.name):
        print(visible(f"  {line}"))
    return 0


def _next(folder: str, name: str) -> list[str]:
    from shlex import quote

    place, python = quote(folder), quote(sys.executable)
    return [
        f"{python} -m pytest {place}",
        f"{python} -m pip install --editable {place}",
        f"guardrails explain {name}",
    ]
