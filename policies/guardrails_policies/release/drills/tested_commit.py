"""How tested-commit is proven."""

from __future__ import annotations

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import set_option
from guardrails_policies.openclaw.demo.world import record_tests
from guardrails_policies.release.drills.required_signoffs import forget_refs, move_the_candidate
from guardrails_policies.stages import BOTH, OPENCLAW, dev

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "tested-commit"
_HOUR = 3600  # seconds


def forget_tests(folder: str) -> None:
    """Lose every record of a test."""
    forget_refs(folder, "refs/attestations")


def _fail(folder: str) -> None:
    forget_tests(folder)
    record_tests(dev(folder), passed=False)


def _test_before(folder: str) -> None:
    forget_tests(folder)
    record_tests(dev(folder), age=2 * _HOUR)


def _test_too_long_before(folder: str) -> None:
    _test_before(folder)
    set_option(folder, _POLICY, 'max_age = "1h"')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> tuple[Drill, Drill]:
    """One for a promotion, one for the end of the release itself."""
    promoted = Drill(_POLICY, ("promote",), name, title, play, harmless=harmless, stages=BOTH)
    released = promoted.replaced(operations=("after release",), environment="dev", stages=(OPENCLAW,))
    return promoted, released


DRILLS = (
    *_drill("a-later-commit", "One more thing is committed after the tests", move_the_candidate),
    *_drill("no-test", "Nobody recorded a test", forget_tests),
    *_drill("a-failure", "The tests failed", _fail),
    *_drill("an-old-test", "The tests passed too long ago", _test_too_long_before),
    *_drill("a-test", "The tests passed two hours ago", _test_before, harmless=True),
)
