"""One cron job as OpenClaw stores it, in a file or in a row, whichever version stored it.

A job that cannot be read spoils itself alone: it carries its problem, and the others are judged.
"""

from __future__ import annotations

from guardrails import CannotKnow, Record
from guardrails.facts.files import parse_json
from guardrails_policies.openclaw.cron.schedules import stored_schedule
from guardrails_policies.openclaw.versions import UNSAID_ENABLED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

# Jobs that OpenClaw or its memory plugin adds by itself: by their declaration keys, or, from before there were any, by
# how their descriptions begin. A key of another kind is a person's.
_MANAGED_KEYS = ("heartbeat:", "skill-collection-review:", "memory-core:")
_MANAGED_DESCRIPTION = "[managed-by="

# Columns of 2026.6 and 2026.7, which are read there instead of job_json and state_json, and what they stand for.
_SCHEDULE_COLUMNS = {
    "cron": {"expr": "schedule_expr", "tz": "schedule_tz", "staggerMs": "stagger_ms"},
    "every": {"everyMs": "every_ms", "anchorMs": "anchor_ms"},
    "at": {"at": "at"},
}
_STATE_COLUMNS = {
    "nextRunAtMs": "next_run_at_ms",
    "lastRunAtMs": "last_run_at_ms",
    "lastRunStatus": "last_run_status",
    "consecutiveErrors": "consecutive_errors",
    "scheduleErrorCount": "schedule_error_count",
    "lastError": "last_error",
}

PATIENCE = 3600  # seconds that a job may be late: a long run of it, or a machine that was just asleep


class CronJob(Record):
    """One stored job. `schedule` is a text of `schedules.py`; times are in seconds since the epoch.

    `enabled` is None when the job does not say it and OpenClaw's versions take that for either. `managed` marks a job
    that OpenClaw adds by itself, such as its heartbeat. `store_key` is the path under which a row is filed; a gateway
    reads only the rows of its own. `anchor` is when an interval was first counted from. `stagger` is the most seconds
    by which a gateway puts a cron expression off, for each job another; None when the job leaves that to OpenClaw.
    `problem` is why no gateway runs the job although it is enabled, empty when nothing speaks against it.
    """

    id: str
    name: str
    schedule: str
    zone: str = ""
    enabled: bool | None = True
    managed: bool = False
    next_run: float | None = None
    last_status: str = ""
    consecutive_errors: int = 0
    store_key: str = ""
    last_run: float | None = None
    anchor: float | None = None
    stagger: float | None = None
    problem: str = ""

    def is_late(self, at: float) -> bool:
        """Whether its next run was due so long before this time that nobody starts it."""
        return self.next_run is not None and self.next_run < at - PATIENCE

    @property
    def is_failing(self) -> bool:
        """Whether its last run failed, or failed runs are being counted."""
        return self.consecutive_errors > 0 or self.last_status == "error"


def stored_job(content: Any, otherwise: str, version: str, state: Any = None, store_key: str = "") -> CronJob:
    """A job from its JSON; what OpenClaw would refuse or mend is not guessed at. `otherwise` is what a job without a
    name is called, `state` what it did last, when that is kept elsewhere.
    """
    try:
        return _job(content, state, version, store_key)
    except KeyError as error:
        problem = f"it has no {error}"
    except (AttributeError, TypeError):
        problem = "it is not a job with a schedule and a state"
    except (OverflowError, ValueError) as error:
        problem = f"it has {error}"
    known = content if isinstance(content, dict) else {}
    identity, name = (value if isinstance(value, str) else "" for value in (known.get("id"), known.get("name")))
    enabled = False if known.get("enabled") is False else None
    return CronJob(identity or otherwise, name or otherwise, "", enabled=enabled, store_key=store_key, problem=problem)


def row_job(row: Mapping[str, Any], otherwise: str, version: str) -> CronJob:
    """A job from a row of `cron_jobs`, whose columns win over its JSON."""
    key = row["store_key"]
    try:
        content = parse_json(str(row["job_json"]), otherwise)
        state = parse_json(str(row["state_json"]), otherwise)
        if not isinstance(content, dict):
            raise CannotKnow(f"{otherwise} is not a job")
    except CannotKnow as error:
        return CronJob(str(row["job_id"]), str(row["name"]), "", enabled=None, store_key=key, problem=str(error))
    enabled = bool(row["enabled"]) if row["enabled"] in (0, 1) else row["enabled"]
    content = {**content, "id": row["job_id"], "name": row["name"], "enabled": enabled}
    if "schedule_kind" in row:
        content["schedule"] = _columns(row, _SCHEDULE_COLUMNS.get(row["schedule_kind"], {}), row["schedule_kind"])
    if isinstance(state, dict) and "schedule_kind" in row:
        state = {**state, **_columns(row, _STATE_COLUMNS)}
    return stored_job(content, otherwise, version, state, key)


def _columns(row: Mapping[str, Any], columns: Mapping[str, str], kind: str = "") -> dict[str, Any]:
    found = {name: row[column] for name, column in columns.items() if row.get(column) is not None}
    return {"kind": kind, **found} if kind else found


def _job(content: Any, state: Any, version: str, store_key: str) -> CronJob:
    identity, name, schedule = content["id"], content["name"], content["schedule"]
    if state is None:
        state = content.get("state") or {}
    enabled = content.get("enabled")
    status, errors = state.get("lastRunStatus") or state.get("lastStatus"), state.get("consecutiveErrors")
    if not (type(identity) is type(name) is str and identity and name):
        raise ValueError("no id or no name that is text")
    if type(enabled) not in (bool, type(None)):
        raise ValueError("an `enabled` that is neither true nor false")
    if type(status or "") is not str or type(errors or 0) is not int:
        raise ValueError("a state that makes no sense")
    text, zone = stored_schedule(schedule)
    anchor = schedule.get("anchorMs", content.get("createdAtMs")) if schedule["kind"] == "every" else None
    return CronJob(
        identity,
        name,
        text,
        zone,
        _unsaid(version) if enabled is None else enabled,
        managed=_is_managed(content),
        next_run=_seconds(state.get("nextRunAtMs")),
        last_status=status or "",
        consecutive_errors=errors or 0,
        store_key=store_key,
        last_run=_seconds(state.get("lastRunAtMs")),
        anchor=_seconds(anchor),
        stagger=_seconds(schedule.get("staggerMs")),
        problem=_schedule_error(state),
    )


def _unsaid(version: str) -> bool | None:
    """Whether a job that does not say it is enabled; None when that depends on the version and this is not known."""
    values = UNSAID_ENABLED.at(version)
    return bool(values[0]) if len(values) == 1 else None


def _is_managed(content: Mapping[str, Any]) -> bool:
    key, description = content.get("declarationKey"), content.get("description")
    return str(key or "").startswith(_MANAGED_KEYS) or str(description or "").startswith(_MANAGED_DESCRIPTION)


def _schedule_error(state: Mapping[str, Any]) -> str:
    """What the gateway itself recorded when it could not compute the next run."""
    if not state.get("scheduleErrorCount") or state.get("nextRunAtMs") is not None:
        return ""
    return f"the gateway could not compute its next run: {state.get('lastError') or 'no reason is recorded'}"


def _seconds(milliseconds: Any) -> float | None:
    if type(milliseconds) not in (type(None), int, float):
        raise ValueError("a state that makes no sense")
    return None if milliseconds is None else milliseconds / 1000
