"""What is logged, and the anchor that shows when the end of a log was cut off.

Every verdict, guarded run, use of a waiver and refusal is one record of the environment's audit log. The anchor is
`refs/guardrails/audit` in the environment's repository: a blob that holds the number and the digest of a record that
was the newest. Only commands that act move it, and never backwards; a check leaves the repository as it was.
"""

from __future__ import annotations

import os

from guardrails.audit.chain import Head
from guardrails.audit.writer import append
from guardrails.config import places
from guardrails.config.settings import log_of
from guardrails.errors import AuditError, CannotKnow
from guardrails.version import VERSION
from guardrails.wording.shown_text import storable, utc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from guardrails.config.settings import Settings
    from guardrails.facts.git.reader import Repository
    from guardrails.model import Environment, Report
    from guardrails.policy import World

ANCHOR = "refs/guardrails/audit"
_TRIES = 3  # to move the anchor, while others do
_RUN = os.urandom(6).hex()  # of this process: what it logs belongs together
_WORDS = 2000  # characters of a step's command that are logged
_ERRORS, _LENGTH = 20, 400  # errors of a run that are logged, and characters of each


def log_report(
    report: Report,
    settings: Settings,
    environment: Environment,
    *,
    moment: str,
    at: float,
    kind: str = "check",
    **more: Any,
) -> Head:
    """Log a verdict of the gate, whose texts have no secrets any more, and give the log's new head.

    `moment` is as in `when`; `at` is the time that was judged, in seconds since the epoch. `more` is plain data that
    belongs to the record. Raises as `log`.
    """
    subject = report.subject
    said = {
        "operation": report.operation,
        "moment": moment,
        "judged_at": utc(at),
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "commit": subject.commit if subject else None,
        "candidate": subject.candidate if subject else None,
        "policy_set": report.digest,
        "blocking": [decision.result.policy for decision in report.decisions if decision.blocks],
        "waivers": [one.result.policy for one in report.decisions if one.waived],
        "left_out": list(report.left_out),
        "errors": [error[:_LENGTH] for error in report.errors[:_ERRORS]],
        **more,
    }
    return log(settings, environment, kind, said)


def log_step(
    settings: Settings,
    environment: Environment,
    operation: str,
    place: tuple[int, int],
    words: str,
    code: int,
    output: str,
) -> None:
    """Log a step of a guarded run that has ended: its place as number and total, its command and its exit code.

    `output` is the file that keeps what it wrote, empty without one. Raises as `log`.
    """
    number, total = place
    said = {
        "operation": operation,
        "step": number,
        "steps": total,
        "words": storable(words)[:_WORDS],
        "exit_code": code,
    }
    log(settings, environment, "step", {**said, **({"output": storable(output)} if output else {})})


def log(settings: Settings, environment: Environment, kind: str, said: dict[str, Any]) -> Head:
    """Log one record, wait until it is on the disk, and give the log's new head.

    `kind` is a word such as check, run, step or refusal; `said` is plain data without secrets and floats. What has
    not been logged is not allowed: raises AuditError when the log cannot be written, ConfigurationError when it would
    be inside of what is inspected.
    """
    path, home = log_of(settings.audit, environment, settings.environments), places.home()
    if path.startswith(f"{home}/") and not os.path.isdir(home):
        raise AuditError(f"the audit log {path} cannot be written: there is no {home}; set [audit] path")
    who = {"user": os.geteuid(), "host": os.uname().nodename, "version": VERSION, "run": _RUN}
    return append(path, {"kind": kind, "environment": environment.name, **who, **said})


def read_anchor(environment: Environment, *, timeout: float = 10.0) -> Head | None:
    """The record that was anchored last, None when none was. Raises CannotKnow when the ref holds something else."""
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.programs.side_by_side import run_to_end

    return run_to_end(_read_anchor(Repository(environment.repo, timeout=timeout)))[1]


def anchor(world: World, head: Head) -> None:
    """Anchor the head of the environment's log, as `log` gave it, in the environment's repository.

    An anchor of a later record stays, since somebody else was faster. Raises CannotKnow when it cannot be moved.
    """
    from guardrails.facts.git.reader import Repository
    from guardrails.facts.programs.side_by_side import run_to_end

    run_to_end(_require_not_moved(Repository(world.environment.repo, timeout=world.timeout), head))


async def _read_anchor(git: Repository) -> tuple[str, Head | None]:
    """The anchor's object id and what it says; an empty id when there is none."""
    from guardrails.facts.files import decode, parse_json
    from guardrails.facts.git.refs import read_ref

    oid = await read_ref(git, ANCHOR, bare=True)
    if oid is None:
        return "", None
    where = f"{ANCHOR} of {git.path}"
    try:
        said = parse_json(decode(await git.run("cat-file", "blob", oid, bare=True), where), where)
        head = Head(said["number"], said["digest"])
    except (KeyError, TypeError):
        head = Head()
    if type(head.number) is not int or head.number < 1 or not isinstance(head.digest, str):
        raise CannotKnow(f"{where} is no anchor of an audit log; it was moved by hand")
    return oid, head


async def _require_not_moved(git: Repository, head: Head) -> None:
    import json

    said = json.dumps({"number": head.number, "digest": head.digest}, sort_keys=True).encode()
    made = (await git.run("hash-object", "-w", "--stdin", stdin=said, bare=True)).decode().strip()
    for _ in range(_TRIES):
        oid, before = await _read_anchor(git)
        if before and before.number >= head.number:
            return
        done = await git.attempt("update-ref", "--no-deref", ANCHOR, made, oid or "0" * len(made), bare=True)
        if done.status == 0:
            return
    raise CannotKnow(f"{ANCHOR} of {git.path} cannot be moved; git update-ref says why")
