"""The demo of the deployment rules: accidents, refusals, tool calls, a recovery, and a release with its way back."""

from guardrails.plugins.demo_scenes import Demo
from guardrails_policies.openclaw.demo.accidents import ACCIDENTS
from guardrails_policies.openclaw.demo.picture import take_picture
from guardrails_policies.openclaw.demo.recovery import RECOVERY
from guardrails_policies.openclaw.demo.refusals import REFUSALS
from guardrails_policies.openclaw.demo.release import RELEASE_PLAN
from guardrails_policies.openclaw.demo.tool_calls import TOOL_CALLS
from guardrails_policies.stages import OPENCLAW

DEMO = Demo(
    stage=OPENCLAW,
    acts=(*ACCIDENTS, *REFUSALS, *TOOL_CALLS, RECOVERY, RELEASE_PLAN),
    kept=take_picture,
)
