"""The moment in question is what was asked."""

import pytest

from guardrails.facts.moment import MomentInQuestion
from guardrails.testing import gather, world


def test_at_all_times() -> None:
    assert gather(MomentInQuestion, world(at=5.0)) == MomentInQuestion("prod", None, after=False, at=5.0)


@pytest.mark.parametrize("after", [False, True])
def test_an_operation(after: bool) -> None:
    asked = world(operation="promote", after=after, moves_head_to="candidate", candidate="v2", at=5.0)

    assert gather(MomentInQuestion, asked) == MomentInQuestion("prod", "promote", after, 5.0, "candidate", "v2")
