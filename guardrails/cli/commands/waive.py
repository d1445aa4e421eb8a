"""`guardrails waive`: let what a policy finds pass for a while, with an owner and a reason."""

from __future__ import annotations

import os
import re
import sys
import time

from guardrails import config
from guardrails.cli import outputs, request_options
from guardrails.config import places
from guardrails.config.settings import environment_named, hint_at_known
from guardrails.errors import UsageError
from guardrails.model import Enforcement, Waiver
from guardrails.waivers import LONGEST
from guardrails.wording.durations import relative, seconds
from guardrails.wording.shown_text import visible
from guardrails.wording.times import moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from guardrails.config.settings import Settings

_EXAMPLES = """examples:
  guardrails waive resolvable-doc-links --env prod --reason "the page moves on Friday" --expires 3d
  guardrails waive quiet-cron --env prod --owner peter@example.org --reason "see #12" --expires "friday 18:00"
  guardrails waive quiet-cron --env prod --finding FINGERPRINT --reason "see #12" --expires 2026-12-01 --print

WHEN is a time of RFC 3339, a duration such as 12h or 7d, or what people say: tomorrow (at this time), friday 18:00,
in 3 days, 2026-12-01 (when it begins). Where no zone is named, clocks are those of this machine. What it is taken for
is printed, and what may mean several times is refused.

It is appended to guardrails.waivers.toml beside the configuration. Only a soft-mandatory policy can be waived, for 30
days at most. What is waived stays in every report. A fingerprint is found in the JSON report.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `waive`. No variable says what may pass."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("policy", metavar="POLICY", help="the policy whose findings may pass")
    add("--env", metavar="NAME", required=True, help="the environment where they may")
    add("--reason", metavar="TEXT", type=_said, required=True, help="why they may")
    add("--owner", metavar="WHO", type=_said, help="who answers for it (default: your login name)")
    when = "until when: tomorrow, friday 18:00, 7d, 2026-12-01, 2026-12-01T18:00:00Z"
    add("--expires", metavar="WHEN", required=True, help=when)
    add("--finding", metavar="FINGERPRINT", help="the one finding that may pass (default: all of the policy)")
    request_options.configure_configuration(parser)
    add("--print", action="store_true", help="print the waiver and write nothing")
    parser.set_defaults(handler=run)


def run(given: argparse.Namespace) -> int:
    """Append the waiver, or print it."""
    from guardrails.operations.waive import append, entry

    configuration = places.find_configuration(given.config)
    path = places.find_waivers(configuration)
    if path is None:
        raise UsageError("there is no guardrails.toml for the waiver to stand beside; guardrails init writes one")
    settings = config.load(configuration)
    _refuse_what_cannot_be_waived(settings, given.policy, given.env)
    now = float(int(time.time()))
    expires = _expiry(given.expires, now)
    waiver = Waiver(
        policy=given.policy,
        environment=given.env,
        owner=_login() if given.owner is None else given.owner,
        reason=given.reason,
        expires=expires.timestamp(),
        place=path,
        created=now,
        finding=given.finding,
    )
    added = append(waiver, path, settings, write=not given.print)
    if given.print:
        sys.stdout.write(entry(waiver))
        outputs.say(f"guardrails: {_spell_out(expires, now)}")
    else:
        what = f"finding {given.finding} of {given.policy}" if given.finding else given.policy
        print(visible(f"waived {what} in {given.env}: {added.place}"))
        print(_spell_out(expires, now))
    return 0


def _refuse_what_cannot_be_waived(settings: Settings, name: str, environment: str) -> None:
    environment_named(settings, environment)
    policy = next((policy for policy in settings.policies if policy.name == name), None)
    if policy is None:
        raise UsageError(f"unknown policy {name}; {hint_at_known(name, [policy.name for policy in settings.policies])}")
    if not policy.when.get(environment):
        raise UsageError(f"{name} never applies in {environment}, so there is nothing to waive")
    level = policy.enforcement[environment]
    if level == Enforcement.HARD_MANDATORY:
        raise UsageError(f"{name} is hard-mandatory in {environment} and cannot be waived")
    if level == Enforcement.ADVISORY:
        raise UsageError(f"{name} is advisory in {environment} and blocks nothing, so there is nothing to waive")


def _expiry(text: str, now: float) -> datetime:
    """When the waiver ends, in the zone that the text names, or in that of this machine."""
    try:
        expires = _moment(text, now)
    except ValueError as error:
        raise UsageError(f"--expires {text}: {error}") from None
    if not now < expires.timestamp() <= now + LONGEST:
        problem = "is over already" if expires.timestamp() <= now else "is more than 30 days ahead"
        raise UsageError(f"--expires {text}: {expires.isoformat(timespec='seconds')} {problem}")
    return expires


def _moment(text: str, now: float) -> datetime:
    """The moment that a duration, a time of RFC 3339 or a person's words name. Raises ValueError for anything else."""
    if re.fullmatch(r"[0-9.]+(ms|[smhdw])", text):
        from datetime import datetime

        length = min(seconds(text), 2 * LONGEST)  # of which any is too long, and some would be beyond the calendar
        return datetime.fromtimestamp(now + length).astimezone()
    try:
        return moment(text)
    except ValueError:
        from guardrails.cli.said_times import read_time

        return read_time(text, now)


def _spell_out(expires: datetime, now: float) -> str:
    """When that is: in full, by the day of the week, and from now."""
    at = expires.isoformat(timespec="seconds")
    return f"expires {at} ({expires:%A}, {relative(expires.timestamp(), now)})"


def _said(text: str) -> str:
    if not text.strip():
        raise request_options.refusal("it is empty")
    return text


def _login() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise UsageError("your login name is not known; add --owner") from None
