"""The versions of what guardrails runs on."""

from __future__ import annotations

import platform
import re

from guardrails.doctor.lines import Line, State
from guardrails.errors import CannotKnow
from guardrails.facts.git.reader import find_git
from guardrails.facts.programs.side_by_side import Command, run_to_end
from guardrails.version import VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from guardrails.facts.programs.side_by_side import Completed

GIT_NEEDED = (2, 36)  # the first that can be asked whether it runs a hook (git-hook(1))


def examine_versions() -> Iterator[Line]:
    """guardrails, Python and git."""
    yield Line("version", "guardrails", State.OK, VERSION)
    yield Line("version", "Python", State.OK, platform.python_version())
    yield _git()


def _git() -> Line:
    try:
        done = run_to_end(_ask_git())
    except CannotKnow as error:
        return Line("version", "git", State.WRONG, str(error))
    said = done.stdout.decode("utf-8", "replace").strip()
    found = re.search(r"(\d+)\.(\d+)", said)
    if done.status != 0 or found is None:
        return Line("version", "git", State.UNKNOWN, f"git version said {said!r}")
    if (int(found[1]), int(found[2])) < GIT_NEEDED:
        return Line("version", "git", State.WRONG, f"{said} is older than {GIT_NEEDED[0]}.{GIT_NEEDED[1]}; upgrade it")
    return Line("version", "git", State.OK, said.removeprefix("git version "))


async def _ask_git() -> Completed:
    return await Command([find_git(), "version"], {"LC_ALL": "C"}, timeout=10.0)
