"""How quiet-cron is proven."""

from __future__ import annotations

import time

from guardrails import Drill
from guardrails_policies.openclaw.demo.tools import set_option
from guardrails_policies.stages import OPENCLAW
from guardrails_policies.state.drills.expected_cron_jobs import change_jobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from guardrails.plugins.stages import Play

_POLICY = "quiet-cron"
_MOMENTS = ("promote", "update")
_MINUTES = 10  # until the job fires that is added


def _add(folder: str, name: str) -> None:
    """Add a job that fires in some minutes."""
    at = time.gmtime(time.time() + _MINUTES * 60)
    schedule = {"kind": "cron", "expr": f"{at.tm_min} {at.tm_hour} * * *", "tz": "UTC"}
    change_jobs(folder, {"id": "00000000-0000-4000-8000-000000000009", "name": name, "schedule": schedule})


def _add_job(folder: str) -> None:
    _add(folder, "hourly report")


def _add_allowed_job(folder: str) -> None:
    _add(folder, "heartbeat-main")


def wait_longer(folder: str) -> None:
    """Have a release take four hours."""
    set_option(folder, _POLICY, 'within = "4h"')


def _drill(name: str, title: str, play: Play, *, harmless: bool = False) -> Drill:
    return Drill(_POLICY, _MOMENTS, name, title, play, harmless=harmless, stages=(OPENCLAW,))


LONG_RELEASE = _drill("a-long-release", "A cron job fires before the release is over", wait_longer)
DRILLS = (
    LONG_RELEASE,
    _drill("a-job", "A cron job fires in ten minutes", _add_job),
    _drill("an-allowed-job", "A job fires in ten minutes that may", _add_allowed_job, harmless=True),
)
