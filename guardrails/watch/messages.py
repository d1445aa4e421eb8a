"""Whether somebody is to be told, and what: changes, not states, and what still blocks after a while.

Told are a verdict that changed, something new that blocks, a check that could not decide, and a waiver that runs out
within a day. What else is new, gone or changed since the last message is in the next one.
"""

from __future__ import annotations

import os

from guardrails.record import Record
from guardrails.version import VERSION
from guardrails.watch.comparison import ALLOWED, Difference, Standing, compare
from guardrails.watch.told import Told
from guardrails.wording.durations import relative
from guardrails.wording.shown_text import storable, utc, visible, without_secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from guardrails.model import Waiver
    from guardrails.watch.comparison import Key, Seen
    from guardrails.watch.history import History
    from guardrails.watch.told import State

SCHEMA_VERSION = "1"
DAY = 86_400.0  # seconds before a waiver runs out in which that is told
_SHOWN = 10  # findings of a kind in a text; the document has all that are kept
_SKEW = 60.0  # seconds that a clock may go back without anything being told anew
_SIGNS = {"new": "+", "gone": "-", "changed": "~", "blocks": "="}


class Now(Record):
    """What a check came to, and what else there is to tell: since when, and the waivers that run out soon.

    `since` is of each finding, also of those that have gone, `verdict_since` of the verdict, both since the epoch.
    """

    environment: str
    exit_code: int
    standing: Standing
    since: Mapping[Key, float]
    verdict_since: float
    waivers: tuple[Waiver, ...] = ()


def see_now(environment: str, exit_code: int, standing: Standing, history: History, waivers: Iterable[Waiver]) -> Now:
    """What a check came to, as the history before it and the waivers that are in force go on.

    Nothing is there since a time to come, which a clock that was put back would make of what is known.
    """
    ending = [one for one in waivers if one.environment == environment and 0 < one.expires - standing.at <= DAY]
    verdict_since = history.verdict_since if history.last and history.last.verdict == standing.verdict else None
    return Now(
        environment,
        exit_code,
        standing,
        {
            **history.since,
            **{one.key: min(standing.at, history.since.get(one.key, standing.at)) for one in standing.seen},
        },
        standing.at if verdict_since is None else min(standing.at, verdict_since),
        tuple(ending),
    )


def waiver_id(waiver: Waiver) -> str:
    """What makes a waiver the same one: another one of the same policy, or a longer one, is told again."""
    return "\0".join((waiver.policy, waiver.finding or "", utc(waiver.expires)))


def told_before(state: State, channel: str, history: History, at: float) -> Told:
    """What a channel knows; with an empty verdict where that was lost, so that it is told whatever stands.

    Nobody has told it anything yet: then it is as if it knew the last verdict, so that what is well is no news.
    """
    if channel in state.told:
        return state.told[channel]
    if state.lost:
        return Told(at, Standing("", at))
    if history.last and history.last.verdict == ALLOWED:
        return Told(at, history.last)
    return Told(at, Standing(history.last.verdict if history.last else ALLOWED, at))


def compose(now: Now, told: Told, *, remind: float | None) -> dict[str, Any] | None:
    """The message for somebody who knows what was told before; None when there is nothing to tell.

    `remind` is after how many seconds what still blocks is told again, None for never. What was not kept of the check
    that was told, since it found too much, was not told: it is new here.
    """
    found = compare(told.standing.replaced(cut=()), now.standing)
    waivers = [one for one in now.waivers if waiver_id(one) not in told.waivers]
    is_news = told.standing.verdict != now.standing.verdict or found.begins_to_block or bool(waivers)
    if not is_news and not _is_due(now, told, remind):
        return None
    return _document(now, told.standing, found, waivers, "change" if is_news else "reminder")


def _is_due(now: Now, told: Told, remind: float | None) -> bool:
    """Whether what still blocks is to be told again. A clock that was put back must not keep that from being told."""
    passed = now.standing.at - told.at
    return remind is not None and bool(now.standing.blocking) and (passed >= remind or passed < -_SKEW)


def _document(now: Now, before: Standing, found: Difference, waivers: list[Waiver], event: str) -> dict[str, Any]:
    """The message as a webhook gets it. All keys are there whatever is told."""
    standing = now.standing
    title = _title(now, before, event)
    document = {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "guardrails", "version": VERSION},
        "event": event,
        "environment": now.environment,
        "host": os.uname().nodename,
        "at": utc(standing.at),
        "verdict": standing.verdict,
        "exit_code": now.exit_code,
        "verdict_since": utc(now.verdict_since),
        "before": before.verdict or None,
        "findings_digest": standing.digest,
        "new": [_shown(one, now) for one in found.new],
        "gone": [_shown(one, now) for one in found.gone],
        "changed": [{**_shown(one, now), "was": _shown(was, now)} for was, one in found.changed],
        "blocking": [_shown(one, now) for one in standing.blocking],
        "waivers": [
            {"policy": one.policy, "finding": one.finding, "owner": storable(one.owner), "expires": utc(one.expires)}
            for one in waivers
        ],
        "title": title,
        "text": "\n".join(
            [title, *difference_lines(found, now, whole=event == "reminder"), *_waiver_lines(waivers, now)]
        ),
    }
    return without_secrets(document)


def _title(now: Now, before: Standing, event: str) -> str:
    said, standing = visible(now.environment), now.standing
    if event == "reminder":
        return f"{said}: still {standing.verdict}, since {utc(now.verdict_since)}"
    if before.verdict not in ("", standing.verdict):
        return f"{said}: {standing.verdict}, and was {before.verdict}"
    return f"{said}: {standing.verdict}, since {utc(now.verdict_since)}"


def difference_lines(found: Difference, now: Now, *, whole: bool = False) -> list[str]:
    """A difference for people, a line for each thing; the `whole` has what blocks as it did before, too."""
    told = {one.key for one in (*found.new, *(one for _, one in found.changed))}
    groups = {
        "new": [(one, "") for one in found.new],
        "changed": [(one, _was(was, one)) for was, one in found.changed],
        "gone": [(one, "") for one in found.gone],
        "blocks": [(one, "") for one in now.standing.blocking if whole and one.key not in told],
    }
    lines = []
    for kind, rows in groups.items():
        lines += [f"{_SIGNS[kind]} {kind:<7}  {_say(one, now)}{more}" for one, more in rows[:_SHOWN]]
        if len(rows) > _SHOWN:
            lines.append(f"{_SIGNS[kind]} {kind:<7}  {len(rows) - _SHOWN} more")
    return lines


def _was(was: Seen, one: Seen) -> str:
    if was.blocks != one.blocks:
        return "; it blocks now" if one.blocks else "; it does not block any more"
    return f"; it was: {visible(was.message)}"


def _waiver_lines(waivers: Iterable[Waiver], now: Now) -> list[str]:
    return [
        f"! waiver   {visible(one.policy)}: runs out {relative(one.expires, now.standing.at)}, at {utc(one.expires)}"
        for one in waivers
    ]


def _say(one: Seen, now: Now) -> str:
    since = now.since.get(one.key)
    known = f" (since {utc(since)})" if since is not None and since < now.standing.at else ""
    about = f"{visible(one.policy)}: " if one.policy else ""
    return f"{about}{visible(one.message)}{known}"


def _shown(one: Seen, now: Now) -> dict[str, Any]:
    since = now.since.get(one.key)
    return {
        "policy": one.policy or None,
        "fingerprint": one.mark or None,
        "place": storable(one.place) or None,
        "message": storable(one.message),
        "blocks": one.blocks,
        "since": None if since is None else utc(since),
    }
