"""What an agent's command does, as the fact that its policies ask for, in the world of the examples."""

from __future__ import annotations

from guardrails import Table, ToolCall
from guardrails.facts.tool_call.actions import actions_of
from guardrails.model import Environment
from guardrails.policy import Policy
from guardrails.remedies import Guardrails
from guardrails.testing import judge
from guardrails_policies import plugin
from guardrails_policies.agents.guard_stays_on import GuardStaysOn
from guardrails_policies.agents.guarded_operations import GuardedOperations
from guardrails_policies.agents.own_state import OwnState
from guardrails_policies.agents.untouched_places import UntouchedPlaces
from shell_examples import HOME, example_places, reading

RULES = Guardrails(environment="prod", operations=(("clean", "recover"), ("upstream", "update")))
ENVIRONMENTS = {
    "prod": Environment("prod", "/srv/prod", "/srv/prod-state", service="gateway-prod"),
    "dev": Environment("dev", "/srv/dev", "/srv/dev-state"),
}
_OF = {  # the policies of each environment in the profile
    "prod": (GuardedOperations(), UntouchedPlaces(), OwnState(), GuardStaysOn()),
    "dev": (UntouchedPlaces(), OwnState(), GuardStaysOn()),
}


def call(text: str, folder: str = "/srv/prod", environment: str = "prod", rules: Guardrails = RULES) -> ToolCall:
    """The fact of a call in one environment."""
    actions = actions_of(reading(text, folder), example_places(), plugin.guardrails_programs())
    return ToolCall(
        ENVIRONMENTS[environment],
        tuple(one for one in actions if one.environment in (None, environment)),
        HOME,
        Table({name: Table({"OPENCLAW_STATE_DIR": one.state_dir}) for name, one in ENVIRONMENTS.items()}),
        "/srv/dev" if environment == "prod" else None,
        rules if environment == "prod" else rules.replaced(environment=environment, operations=()),
    )


def reads_again(remedy: str, environment: str = "prod", folder: str = "/srv/elsewhere") -> None:
    """Hold a printed remedy to what is never refused: nothing that is suggested is refused in turn."""
    facts = call(remedy.partition("   #")[0], folder, environment)
    policies: tuple[Policy, ...] = _OF[environment]
    assert [judge(policy, call=facts).outcome for policy in policies] == ["pass"] * len(policies), remedy
