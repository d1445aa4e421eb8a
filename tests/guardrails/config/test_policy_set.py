"""The digest of the rules is one on every machine that has them, and another for every other set of rules."""

from __future__ import annotations

from typing import Any

import pytest

from guardrails.config.policy_set import portable_digest
from guardrails.config.settings import OperationSetting, PolicySetting, Settings
from guardrails.facts.approval.signatures import AllowedSigners
from guardrails.model import Audit, Environment, Trust, Waiver

PROD = Environment(name="prod", repo="/srv/prod", state_dir="/srv/state", branch="main", upstream="upstream/main")
POLICY = PolicySetting(
    name="tidy",
    use="tidy",
    location="tidy:Tidy",
    title="It is tidy",
    source="a test",
    severity="high",
    when={"prod": ("standing",), "dev": ("release",)},
    enforcement={"prod": "hard-mandatory", "dev": "advisory"},
    options={"allowed": ["a"]},
)
WAIVER = Waiver(
    policy="tidy", environment="prod", owner="grace", reason="a test", expires=2e9, place="waivers:1", created=1.0
)
SETTINGS = Settings(
    source="/etc/guardrails.toml",
    digest="sha256:0",
    environments={"prod": PROD, "dev": Environment(name="dev", repo="/srv/dev")},
    operations={"promote": OperationSetting(environment="prod", steps=("true",)), "release": OperationSetting("dev")},
    policies=(POLICY,),
    trust=Trust("/etc/signers", revoked="/etc/revoked"),
    waivers=(WAIVER,),
    audit=Audit("/var/log/audit.jsonl"),
)
SIGNERS = AllowedSigners("/etc/signers", b"a b c\n", revoked_path="/etc/revoked", revoked=b"d\n")
ONE = portable_digest(SETTINGS, "prod", SIGNERS)


def of(signers: AllowedSigners = SIGNERS, **changes: Any) -> str:
    return portable_digest(SETTINGS.replaced(**changes), "prod", signers)


def prod(**changes: Any) -> dict[str, Environment]:
    return {**SETTINGS.environments, "prod": PROD.replaced(**changes)}


def test_it_is_of_the_rules_and_not_of_the_machine() -> None:
    moved = {
        "source": "ref:abc",
        "digest": "sha256:1",
        "environments": prod(repo="/home/ci/work", state_dir=None),
        "trust": Trust("/home/ci/signers", content="a", revoked="x", verdict_max_age="1h", bind_host=True),
        "waivers": (WAIVER.replaced(place="elsewhere:9", created=None),),
        "audit": Audit("/home/ci/log"),
    }
    assert of(SIGNERS.replaced(path="/home/ci/signers", revoked_path="/home/ci/revoked"), **moved) == ONE


def test_it_is_of_one_environment() -> None:
    assert of(environments={"prod": PROD}) == ONE
    assert of(operations={"promote": SETTINGS.operations["promote"]}) == ONE
    other = POLICY.replaced(when={**POLICY.when, "dev": ()}, enforcement={"prod": "hard-mandatory", "dev": "x"})
    assert of(policies=(other,)) == ONE
    assert of(waivers=(WAIVER, WAIVER.replaced(environment="dev"))) == ONE
    assert portable_digest(SETTINGS, "dev", SIGNERS) != ONE


@pytest.mark.parametrize(
    "changes",
    [
        {"environments": prod(branch="next")},
        {"environments": prod(upstream=None)},
        {"environments": prod(service="gateway")},
        {"environments": prod(variables={"A": "b"})},
        {"operations": {}},
        {"operations": {"promote": OperationSetting(environment="prod", steps=("false",))}},
        {"operations": {**SETTINGS.operations, "start": OperationSetting()}},
        {"policies": ()},
        {"policies": (POLICY.replaced(options={"allowed": ["a", "b"]}),)},
        {"policies": (POLICY.replaced(enforcement={"prod": "advisory", "dev": "advisory"}),)},
        {"policies": (POLICY.replaced(when={"prod": ("standing", "promote")}),)},
        {"policies": (POLICY.replaced(location="mallory:Tidy"),)},
        {"policies": (POLICY, POLICY.replaced(name="other", when={}, enforcement={}))},
        {"waivers": ()},
        {"waivers": (WAIVER.replaced(expires=3e9),)},
        {"waivers": (WAIVER.replaced(finding="a" * 32),)},
        {"waivers": (WAIVER, WAIVER)},
        {"signers": SIGNERS.replaced(data=b"a b c\nd e f\n")},
        {"signers": SIGNERS.replaced(revoked=b"")},
        {"signers": SIGNERS.replaced(revoked_path=None, revoked=b"")},
        {"signers": AllowedSigners(None)},
    ],
)
def test_every_other_rule_makes_another(changes: dict[str, Any]) -> None:
    assert of(**changes) != ONE
