"""The demo of the deployment rules: accidents, refusals, tool calls, a recovery, and a release with its way back."""

from guardrails.plugins.demo_scenes import Demo
from guardrails_policies.openclaw.demo.accidents import ACCIDENTS
from guardrails_policies.openclaw.demo.gateway import stop
from guardrails_policies.openclaw.demo.picture import take_picture
from guardrails_policies.openclaw.demo.recovery import RECOVERY
from guardrails_policies.openclaw.demo.refusals import REFUSALS
from guardrails_policies.openclaw.demo.release import RELEASE_PLAN
from guardrails_policies.openclaw.demo.tool_calls import TOOL_CALLS
from guardrails_policies.openclaw.demo.world import build

DEMO = Demo(
    world="an upstream, a prod and a dev repository, two state directories, a service, documents, cron jobs",
    build=build,
    acts=(*ACCIDENTS, *REFUSALS, *TOOL_CALLS, RECOVERY, RELEASE_PLAN),
    leave=stop,
    kept=take_picture,
)
