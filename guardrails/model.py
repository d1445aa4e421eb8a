"""The values that cross layers: findings, results, decisions and the report.

All are frozen and hold plain data. The words are those of `docs/architecture.md`; the shapes are those of
the JSON report in `docs/contract.md` (JSON report).
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType

from guardrails.errors import NothingAsked
from guardrails.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardrails.calls import Action


class Severity(StrEnum):
    """How bad a finding is. It informs and decides nothing."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Enforcement(StrEnum):
    """Whether a policy blocks in an environment; the configuration chooses it, not the policy."""

    ADVISORY = "advisory"
    SOFT_MANDATORY = "soft-mandatory"
    HARD_MANDATORY = "hard-mandatory"


class Outcome(StrEnum):
    """What one policy concluded. `ERROR` means that it could not decide."""

    PASS = "pass"  # noqa: S105  # no password
    FAIL = "fail"
    ERROR = "error"
    SKIP = "skip"


class Verdict(StrEnum):
    """What the gate says of the whole run."""

    ALLOW = "allow"
    DENY = "deny"


class Environment(Record):
    """One configured environment; paths are absolute, with `~` already expanded."""

    name: str
    repo: str
    state_dir: str | None = None
    branch: str | None = None
    upstream: str | None = None
    service: str | None = None
    variables: Mapping[str, str] = MappingProxyType({})

    def require_state_dir(self) -> str:
        """The state directory. Raises NothingAsked when the environment has none, which a fact passes on."""
        return self.filled("{state_dir}", home="")

    def filled(self, text: str, home: str) -> str:
        """The text with `{repo}`, `{state_dir}`, `{branch}`, `{upstream}`, `{service}` and a leading `~` replaced.

        `home` is what `~` stands for. Braces around anything but such a word are left alone. Raises ValueError for a
        word that is unknown, NothingAsked when this environment has no value for it.
        """
        require_known_placeholders(text)
        if text == "~" or text.startswith("~/"):
            text = home + text[1:]
        return re.sub(_PLACEHOLDER, self._value, text)

    def _value(self, placeholder: re.Match[str]) -> str:
        value: str | None = getattr(self, placeholder[1])
        if value is None:
            raise NothingAsked(f"{self.name} has no {placeholder[1]}")
        return value


class Trust(Record):
    """Who may speak: `allowed_signers` is the absolute path of the file with their keys, None: nobody need sign.

    `revoked` is that of the keys that count no more. `content` and `revoked_content` are what the two files hold at a
    trusted ref, when the configuration was read from one; then these alone count. A carried verdict counts for
    `verdict_max_age`, a duration, and with `bind_host` only on the host that issued it.
    """

    allowed_signers: str | None = None
    content: str | None = None
    revoked: str | None = None
    revoked_content: str | None = None
    verdict_max_age: str = "15m"
    bind_host: bool = False


class Audit(Record):
    """Where verdicts are logged: an absolute path, in which `{environment}` stands for the environment's name."""

    path: str

    def log_of(self, environment: Environment) -> str:
        """The path of an environment's log. Raises ValueError for a name that no file can have."""
        name = environment.name
        if self.path != (filled := self.path.replace("{environment}", name)) and (
            "/" in name or name in ("", ".", "..")
        ):
            raise ValueError(f"{name!r} cannot be part of a path")
        return filled


PLACEHOLDERS = ("repo", "state_dir", "branch", "upstream", "service")
_PLACEHOLDER = r"\{([a-z_]+)\}"


def require_known_placeholders(text: str) -> None:
    """Raise ValueError when the text has a placeholder that stands for nothing, such as `{statedir}`."""
    for name in re.findall(_PLACEHOLDER, text):
        if name not in PLACEHOLDERS:
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            raise ValueError(f"{{{name}}} stands for nothing; known: {known}")


class RefUpdate(Record):
    """One ref that a push would move: from the `old` object id to the `new` one, all zeros for none.

    `old` is empty where it is not known what the other side has, since nobody has asked it.
    `local` is what the pusher calls the new object, as in githooks(5), pre-push; empty on the server's side.
    """

    ref: str
    old: str
    new: str
    local: str = ""


class Operation(Record):
    """What is about to happen, or, with `after`, has just happened.

    `candidate` is the name of the commit that it brings, which the repository of `candidate_from` may know.
    `moves_head_to` says where HEAD must be afterwards: candidate, upstream or previous. `steps` are the commands of
    which it consists here, `configured` those of the configuration, even if others run in their place. `updates` are
    the refs of a push, `remote` the name and the address of where it goes (absolute on this machine), each None when
    nobody has said. `rescue`: a guarded run saves first what a reset would lose, once all else allows it, which
    `saving` says is yet to come; `carry_to`: it also puts that on a branch there. `arrived`: it goes on where it was
    interrupted, and HEAD is already where it leads. `actions` are those of a tool call, None when none is in question.
    """

    name: str
    after: bool = False
    candidate: str | None = None
    candidate_from: Environment | None = None
    moves_head_to: str | None = None
    steps: tuple[str, ...] = ()
    updates: tuple[RefUpdate, ...] | None = None
    rescue: bool = False
    saving: bool = False
    arrived: bool = False
    carry_to: Environment | None = None
    configured: tuple[str, ...] = ()
    remote: tuple[str, str] | None = None
    actions: tuple[Action, ...] | None = None


class Finding(Record):
    """One place where the facts break a policy.

    `remediation` is what a person types or does next. `path`, `line` and `ref` say where, when that is known. `remark`
    is what a report has to say of the remediation: what stood behind it as a comment of a shell.
    """

    observed: str
    expected: str
    remediation: str
    message: str = ""
    path: str | None = None
    line: int | None = None
    ref: str | None = None
    remark: str = ""


class Note(Record):
    """Something a reader should know although nothing is wrong, such as what a probe cannot see."""

    text: str


class Effect(Record):
    """One thing that the operation would do, whether or not it may: what `guardrails plan` shows.

    `kind` is arrives, drops or undeploys (`what` is a commit id, `detail` its subject), loses or overwrites (a path),
    fires (a cron job, and when) or allowed (when the operation is next allowed; `what` is an RFC 3339 time).
    """

    kind: str
    what: str
    detail: str = ""


FINDINGS_LIMIT = 1000  # kept of one policy; its result says how many there were


class PolicyResult(Record):
    """What one policy concluded. `reason` is set for `error` and `skip`, and carries the notes of the others."""

    policy: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    effects: tuple[Effect, ...] = ()
    reason: str | None = None
    duration_ms: int = 0


class Subject(Record):
    """What was judged: the environment's repository, and the commit that an operation would bring."""

    repo: str
    branch: str | None = None
    commit: str | None = None
    tree: str | None = None
    candidate: str | None = None


class Waiver(Record):
    """A recorded exemption: `owner` lets what `policy` finds in `environment` pass until `expires`, for a `reason`.

    Times are in seconds since the epoch; one whose `created` is not known counts at no time. With `finding`, a
    fingerprint, it covers that finding alone. `place` is where it stands, as `FILE:LINE`.
    """

    policy: str
    environment: str
    owner: str
    reason: str
    expires: float
    place: str
    created: float | None = None
    finding: str | None = None


class WaiverUse(Record):
    """The use of a waiver in a run: its state (the words of `guardrails.waivers`), and which findings it covers.

    `findings` are positions in the result. `soon` says that it is about to run out.
    """

    waiver: Waiver
    state: str
    findings: tuple[int, ...] = ()
    soon: bool = False


class Decision(Record):
    """A result weighed by the gate: what it says about its policy, whether it blocks, and whether it was waived.

    `environment` is where it was judged, since one report on a tool call may be about several.
    """

    result: PolicyResult
    title: str
    source: str
    severity: str
    enforcement: Enforcement
    blocks: bool
    waived: bool = False
    waivers: tuple[WaiverUse, ...] = ()
    environment: str | None = None


class Report(Record):
    """One run, whole: what was judged, each decision by policy id, and the verdict. Reporters only show it.

    `actions` are those of the tool call that was judged, if one was. `environment` is None when they touch several.
    """

    environment: str | None
    operation: str | None
    subject: Subject | None
    digest: str | None
    source: str | None
    started_at: float
    duration_ms: int
    verdict: Verdict
    exit_code: int
    decisions: tuple[Decision, ...]
    errors: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    actions: tuple[Action, ...] | None = None
