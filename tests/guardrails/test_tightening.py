"""What became looser fails, each with its file; what is not known is no pass."""

from __future__ import annotations

import pytest

from guardrails.errors import CannotKnow, DoesNotApply
from guardrails.loosening import Loosening, Ratchet
from guardrails.testing import gather, judge, world
from guardrails.tightening import ChangeOfRules, TighteningOnly

ONE = Loosening("tidy is advisory in prod", "soft-mandatory, or stricter", "rules/my base.toml", 3)


def test_a_change_that_loosens_nothing() -> None:
    assert judge(TighteningOnly(), change=ChangeOfRules("c" * 40)).outcome == "pass"


def test_each_loosening_is_a_finding_that_names_the_file() -> None:
    result = judge(
        TighteningOnly(), change=ChangeOfRules("c" * 40, (ONE, ONE.replaced(path="guardrails.toml")), "/srv/dev")
    )

    assert result.outcome == "fail"
    first, second = result.findings
    assert (first.path, first.line, first.observed, first.expected) == (ONE.path, 3, ONE.observed, ONE.expected)
    assert first.remediation.startswith(f"git -C /srv/dev checkout {'c' * 40} -- 'rules/my base.toml' && ")
    assert second.path == "guardrails.toml"


def test_a_file_that_the_ref_does_not_have_goes() -> None:
    new = ONE.replaced(path="guardrails.waivers.toml", known=False)
    (finding,) = judge(TighteningOnly(), change=ChangeOfRules("c" * 40, (new,), "/srv/dev")).findings
    assert finding.remediation.startswith(
        "git -C /srv/dev rm --quiet --cached --ignore-unmatch -- guardrails.waivers.toml && rm -f "
    )


def test_without_a_ref_there_is_nothing_to_judge() -> None:
    with pytest.raises(DoesNotApply, match="no --config-ref"):
        gather(ChangeOfRules, world())


def test_what_cannot_be_read_is_not_known() -> None:
    with pytest.raises(CannotKnow, match="no TOML"):
        gather(ChangeOfRules, world(ratchet=Ratchet("c" * 40, (), "no TOML")))


def test_what_was_compared_is_the_fact() -> None:
    assert gather(ChangeOfRules, world(ratchet=Ratchet("c" * 40, (ONE,), repo="/srv/dev"))) == ChangeOfRules(
        "c" * 40, (ONE,), "/srv/dev"
    )
