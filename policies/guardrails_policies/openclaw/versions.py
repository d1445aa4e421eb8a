"""What differs between OpenClaw's versions, as they were run and read on 2026-11-28.

Each trait lists its values with the first and the last version that was seen to have them. A version in between two
values may have either. One that is older or newer than all that were seen is taken for the nearest of them; where the
version itself is unknown, every value may be right. Who reads by a trait asks `Trait.at`, and decides only when all
that it says leads to the same answer.
"""

from __future__ import annotations

import re

from guardrails import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SEEN_ON = "2026-11-28"
OLDEST, NEWEST = "2026.1.30", "2026.9.6"


class Span(Record):
    """One value of a trait, and the first and last version that was seen to have it."""

    value: Any
    first: str
    last: str


class Trait(Record):
    """Something that differs between versions: its values in the order of the versions."""

    spans: tuple[Span, ...]

    def at(self, version: str) -> tuple[Any, ...]:
        """Every value that a version may have, the newest first; all of them when the text names no version."""
        number = _number(version)
        likely = [
            span.value
            for place, span in enumerate(self.spans)
            if number is None
            or (
                all(_sure(earlier.last) < number for earlier in self.spans[:place])
                and all(_sure(later.first) > number for later in self.spans[place + 1 :])
            )
        ]
        return tuple(dict.fromkeys(reversed(likely)))


def trait(*spans: tuple[Any, str, str]) -> Trait:
    """A trait from its values, each with the first and the last version that was seen to have it."""
    return Trait(tuple(Span(*span) for span in spans))


def named_version(text: Any) -> str:
    """A text when it names a version such as 2026.7.1-2 or 2026.9.1-beta.1, else nothing."""
    return text if isinstance(text, str) and _number(text) else ""


def is_between(version: str, first: str, last: str) -> bool:
    """Whether a text names a version from the first to the last one."""
    number = _number(version)
    return number is not None and _sure(first) <= number <= _sure(last)


def _sure(version: str) -> tuple[int, ...]:
    number = _number(version)
    assert number is not None, version
    return number


def _number(version: str) -> tuple[int, ...] | None:
    """Year, month, patch and whether it was released, in which a version is compared; a beta is before its release."""
    found = re.match(r"v?(\d{4})\.(\d{1,2})\.(\d{1,4})(?:$|[-+](?P<more>\w*))", version.strip())
    if found is None:
        return None
    early = (found["more"] or "0")[0].isalpha() and "+" not in version
    return (*(int(part) for part in found.groups()[:3]), int(not early))


# What the gateway's process is called. Clients are called `openclaw` from 2026.4.29 on.
TITLE = trait(
    ("openclaw-gateway", "2026.1.30", "2026.4.15"),
    ("openclaw", "2026.4.29", "2026.6.35"),
    ("openclaw-gateway", "2026.7.1", NEWEST),
)
# Where the lock of a gateway is: `openclaw-<uid>` in the temporary folder or in `<state>/tmp`.
LOCK_PLACE = trait(("temporary", OLDEST, "2026.7.35"), ("state", "2026.8.2", NEWEST))
# What the path of the configuration is hashed with for the name of the lock, whose first eight digits are used.
LOCK_HASH = trait(("sha1", OLDEST, "2026.2.9"), ("sha256", "2026.3.13", NEWEST))
# Whether the lock says which state the gateway uses.
STATE_IN_LOCK = trait((False, OLDEST, "2026.7.35"), (True, "2026.8.2", NEWEST))
# Whether two gateways with different configuration files can run on one state.
SEVERAL_GATEWAYS = trait((True, OLDEST, "2026.7.1"), (False, "2026.8.2", NEWEST))

# Whether CLAWDBOT_STATE_DIR and CLAWDBOT_CONFIG_PATH are read.
LEGACY_VARIABLES = trait((True, OLDEST, "2026.3.13"), (False, "2026.3.31", NEWEST))
# Whether OPENCLAW_HOME takes the place of HOME.
HOME_VARIABLE = trait((False, OLDEST, OLDEST), (True, "2026.2.9", NEWEST))
# The state directories of the product's earlier names, which are used when there is no ~/.openclaw.
LEGACY_FOLDERS = trait(
    ((".clawdbot", ".moltbot", ".moldbot"), OLDEST, OLDEST),
    ((".clawdbot", ".moldbot", ".moltbot"), "2026.2.9", "2026.3.13"),
    ((".clawdbot",), "2026.3.31", NEWEST),
)
# Whether `--profile X` wins over an OPENCLAW_STATE_DIR that is the directory of the inherited profile.
PROFILE_WINS = trait((False, OLDEST, "2026.7.1"), (True, "2026.8.2", NEWEST))
# Whether `--profile X` counts after the command too, as in `gateway run --profile X`.
PROFILE_ANYWHERE = trait((False, OLDEST, "2026.3.13"), (True, "2026.3.31", NEWEST))
# Whether a `.env` in the folder where it is started may say where its state is.
FOLDER_VARIABLES = trait((True, OLDEST, "2026.3.13"), (False, "2026.3.31", NEWEST))
# Whether files are kept beside OPENCLAW_CONFIG_PATH when OPENCLAW_STATE_DIR is not set.
STATE_BESIDE_CONFIGURATION = trait((False, OLDEST, "2026.3.31"), (True, "2026.4.15", NEWEST))

# Where cron jobs and sessions are kept: in files, or in the stores of the state and of its agents.
CRON_STORE = trait(("files", OLDEST, "2026.5.12"), ("database", "2026.6.1", NEWEST))
SESSION_STORE = trait(("files", OLDEST, "2026.7.35"), ("database", "2026.8.2", NEWEST))
# Whether openclaw.json may say where cron jobs are (`cron.store`); where not, the setting makes the file invalid.
CRON_STORE_SETTING = trait((True, OLDEST, "2026.7.1"), (False, "2026.8.2", NEWEST))
# Whether openclaw.json may name the agents in a table (`agents.entries`) instead of a list (`agents.list`).
AGENT_ENTRIES = trait((False, OLDEST, "2026.7.1"), (True, "2026.8.2", NEWEST))

# The version of croner, which reads cron expressions.
CRONER = trait(("9.1", OLDEST, OLDEST), ("10.0", "2026.2.1", NEWEST))
# Whether a job runs that does not say whether it is enabled.
UNSAID_ENABLED = trait((False, OLDEST, "2026.2.1"), (True, "2026.2.9", NEWEST))
# Whether jobs are put off, each by an amount of its own: as `staggerMs` says, and without it by up to five minutes when
# they run on the hour.
STAGGER = trait((False, OLDEST, "2026.2.9"), (True, "2026.3.13", NEWEST))
# The schema of state/openclaw.sqlite (its user_version) in versions that keep sessions in files, or in stores. One in
# between may be of either.
FILES_UNTIL_SCHEMA, STORES_FROM_SCHEMA = 1, 15  # 2026.7.1 and 2026.8.2
