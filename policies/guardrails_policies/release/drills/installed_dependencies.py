"""How installed-dependencies is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import set_option
from guardrails_policies.release.drills.current_build import MOMENTS, merge_a_dependency, merge_and_install
from guardrails_policies.stages import OPENCLAW

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "installed-dependencies"


def _ask_another_lock(folder: str) -> None:
    set_option(folder, _POLICY, 'lock = "npm-lock.yaml"')


def _ask_another_copy(folder: str) -> None:
    set_option(folder, _POLICY, 'installed = "node_modules/.lock.yaml"')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))


DRILLS = (
    _drill("a-merge", "Somebody merges by hand, and neither installs nor builds", merge_a_dependency),
    _drill("a-merge-and-a-build", "Somebody merges, installs and builds", merge_and_install, harmless=True),
    _drill("another-lock", "The lock file that is asked for is not there", _ask_another_lock),
    _drill("another-copy", "The copy of it that is asked for is not there", _ask_another_copy),
)
